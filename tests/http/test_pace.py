"""The pace of requests, and what a key has left."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from conformance.http.exchange import Exchange
from conformance.http.limits import Rate
from conformance.http.pace import EVERYBODY, Pace
from conformance.http.quota import Quota, exhausted
from conformance.http.request import Request

NOON = 1_800_000_000.0 // 3600 * 3600


def answer(**headers: object) -> Exchange:
    pairs = tuple((name.replace("_", "-"), str(value)) for name, value in headers.items())
    return Exchange(1, Request(), "http://t/v1/x", 200, pairs, b"{}", 0.0)


# Rates


@pytest.mark.parametrize(
    ("text", "interval"),
    [("5/s", 0.2), ("100/m", 0.6), ("900/h", 4), (" 0.5 / S ", 2), ("1/m", 60)],
)
def test_a_rate_is_a_number_of_requests_in_a_unit_of_time(text: str, interval: float) -> None:
    rate = Rate.parse(text)
    assert rate is not None
    assert rate.interval == pytest.approx(interval)
    assert Rate.parse(str(rate)) == rate


@pytest.mark.parametrize(
    "text", ["", "5", "5/", "/s", "5/d", "-5/s", "0/s", "0.0/m", "five/s", "5/s/s"]
)
def test_any_other_text_is_not_a_rate(text: str) -> None:
    assert Rate.parse(text) is None


class Clock:
    """Time that passes only during a wait."""

    def __init__(self) -> None:
        self.now = 100.0
        self.stopped = False

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        return self.stopped


def paced(rate: str | None = None) -> tuple[Pace, Clock]:
    clock = Clock()
    return Pace(Rate.parse(rate) if rate else None, clock.wait, clock), clock


def moments(pace: Pace, clock: Clock, count: int, identity: str = "own") -> list[float]:
    """Return when a number of requests are sent, in seconds from now."""
    began, out = clock.now, []
    for _ in range(count):
        assert pace.turn(identity)
        out.append(clock.now - began)
    return out


def test_requests_are_evenly_spaced_over_all_identities() -> None:
    pace, clock = paced("5/s")
    out = [moments(pace, clock, 1, name)[0] for name in ("own", "other", "anonymous")]
    assert clock.now - 100 == pytest.approx(0.4)
    assert out == pytest.approx([0, 0.2, 0.2])
    clock.now += 10  # a pause is not made up for by a crowd
    assert moments(pace, clock, 4)[-1] >= 0.39


def test_without_a_rate_nothing_waits() -> None:
    pace, clock = paced()
    assert moments(pace, clock, 1000)[-1] == 0


def test_only_the_identity_that_is_held_back_waits() -> None:
    pace, clock = paced()
    pace.hold("own", 7)
    assert pace.held("own") == 7
    assert moments(pace, clock, 1, "other") == [0]
    assert moments(pace, clock, 2) == [7, 7]
    pace.hold(EVERYBODY, 3)
    pace.hold(EVERYBODY, 1)  # the longer one counts
    assert moments(pace, clock, 1, "other") == [3]


def test_pending_requests_lower_the_pace_once() -> None:
    pace, clock = paced()
    sent = clock.now
    clock.now += 0.05
    for _ in range(8):
        pace.slow(sent)
    assert pace.interval == 0.05
    for _ in range(9):
        clock.now += 1
        pace.slow(clock.now)
    assert pace.interval == 1
    slow, _ = paced("1/m")
    slow.slow(200)
    assert slow.interval == 60


def test_nothing_is_sent_once_the_run_is_stopped() -> None:
    pace, clock = paced("1/m")
    assert pace.turn("own")
    clock.stopped = True
    assert not pace.turn("own")


# What a key has left


class Key:
    """The count of a key, as responses report it."""

    def __init__(self) -> None:
        self.now = NOON + 600
        self.quota = Quota(lambda: self.now)

    def told(self, *remaining: object, limit: object = 1000, **more: object) -> int | None:
        """Receive responses one after the other; return what is left then."""
        for value in remaining:
            place = self.quota.start()
            headers = {"x_ratelimit_limit": limit, "x_ratelimit_remaining": value} | more
            self.quota.end(place, answer(**headers))
        return self.quota.left()


def test_a_tenth_of_the_limit_is_reserved_for_other_users() -> None:
    key = Key()
    assert key.told(500) is None  # not seen to fall yet
    assert key.told(499) == 399
    assert key.told(101, 100, 99) == -1
    assert key.quota.trusted is not None
    assert exhausted("your key", key.quota.trusted) == (
        f"your key has 99 of 1,000 requests left until "
        f"{datetime.fromtimestamp(NOON + 3600, UTC):%H:%M} UTC, "
        "and 10% are reserved for its other users"
    )


def test_responses_arrive_in_any_order() -> None:
    key = Key()
    key.told(900, 899)
    places = [key.quota.start() for _ in range(4)]
    assert key.quota.left() == 899 - 100 - 4
    for place, value in zip(reversed(places), (896, 898, 895, 897), strict=True):
        key.quota.end(place, answer(x_ratelimit_limit=1000, x_ratelimit_remaining=value))
    assert key.quota.left() == 895 - 100
    lost = key.quota.start()
    key.quota.end(lost, None)
    assert key.quota.left() == 895 - 100


def test_the_count_resets_at_the_top_of_the_hour() -> None:
    key = Key()
    key.told(130, 120)
    late = key.quota.start()
    key.now = NOON + 3599
    assert key.told(999) == 999 - 100 - 1
    key.quota.end(late, answer(x_ratelimit_limit=1000, x_ratelimit_remaining=119))
    assert key.told(998) == 898  # what was counted before the hour says nothing of it
    key.now = NOON + 7205
    assert key.quota.left() is None  # nothing is known of the next one


def test_the_reset_header_counts_before_the_top_of_the_hour() -> None:
    key = Key()
    assert key.told(12, 11, limit=100, x_ratelimit_reset=30) == 1
    assert key.quota.resets_in() == 31
    key.now += 32
    assert key.quota.left() is None
    assert key.told(60, limit=100, x_ratelimit_reset=30) == 50


NOT_ITS_COUNT = {
    "counts up": (1, 2, 3, 4, 5),
    "stands still": (3, 3, 3, 3),
    "jumps up and down": (90, 80, 400, 60, 30),
    "no number": ("none", "", "lots", "12.5"),
    "negative": (-1, -2, -3),
    "above the limit": (99999, 99998, 99997),
    "falls from anywhere": (900, 30),
}


@pytest.mark.parametrize("values", NOT_ITS_COUNT.values(), ids=list(NOT_ITS_COUNT))
def test_a_header_that_counts_something_else_is_not_trusted(values: tuple[object, ...]) -> None:
    assert Key().told(*values) is None


@pytest.mark.parametrize("limit", ["", "none", 0, "0", -5])
def test_without_a_limit_nothing_is_known(limit: object) -> None:
    assert Key().told(5, 4, 3, limit=limit) is None


def test_the_count_is_forgotten_after_a_wait() -> None:
    key = Key()
    assert key.told(2, 1, 0) == -100
    key.quota.forget()
    assert key.quota.left() is None
    assert key.told(950, 949) == 849
