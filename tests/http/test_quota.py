"""What a key has left, by the headers of its responses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from conformance.http.exchange import Exchange
from conformance.http.quota import Quota, exhausted
from conformance.http.request import Request

NOON = 1_800_000_000.0 // 3600 * 3600


def answer(**headers: object) -> Exchange:
    pairs = tuple((name.replace("_", "-"), str(value)) for name, value in headers.items())
    return Exchange(1, Request(), "http://t/v1/x", 200, pairs, b"{}", 0.0)


class Key:
    """The count of a key, as responses report it."""

    def __init__(self) -> None:
        self.now = NOON + 600
        self.quota = Quota(lambda: self.now)

    def left_after(self, *remaining: object, limit: object = 1000, **more: object) -> int | None:
        """Receive responses one after the other; return what is left then."""
        for value in remaining:
            position = self.quota.start()
            headers = {"x_ratelimit_limit": limit, "x_ratelimit_remaining": value} | more
            self.quota.end(position, answer(**headers))
        return self.quota.left()


def test_a_tenth_of_the_limit_is_reserved_for_other_users() -> None:
    key = Key()
    assert key.left_after(500) is None  # it has not dropped yet
    assert key.left_after(499) == 399
    assert key.left_after(101, 100, 99) == -1
    assert key.quota.trusted is not None
    assert exhausted("your key", key.quota.trusted) == (
        f"your key has 99 of 1,000 requests left until "
        f"{datetime.fromtimestamp(NOON + 3600, UTC):%H:%M} UTC, "
        "and 10% are reserved for its other users"
    )


def test_responses_arrive_in_any_order() -> None:
    key = Key()
    key.left_after(900, 899)
    positions = [key.quota.start() for _ in range(4)]
    assert key.quota.left() == 899 - 100 - 4
    for position, value in zip(reversed(positions), (896, 898, 895, 897), strict=True):
        key.quota.end(position, answer(x_ratelimit_limit=1000, x_ratelimit_remaining=value))
    assert key.quota.left() == 895 - 100
    lost = key.quota.start()
    key.quota.end(lost, None)
    assert key.quota.left() == 895 - 100


def test_the_count_resets_at_the_top_of_the_hour() -> None:
    key = Key()
    key.left_after(130, 120)
    late = key.quota.start()
    key.now = NOON + 3599
    assert key.left_after(999) == 999 - 100 - 1
    key.quota.end(late, answer(x_ratelimit_limit=1000, x_ratelimit_remaining=119))
    assert key.left_after(998) == 898  # counted before the reset
    key.now = NOON + 7205
    assert key.quota.left() is None  # the next hour is unknown


def test_the_reset_header_counts_before_the_top_of_the_hour() -> None:
    key = Key()
    assert key.left_after(12, 11, limit=100, x_ratelimit_reset=30) == 1
    assert key.quota.resets_in() == 31
    key.now += 32
    assert key.quota.left() is None
    assert key.left_after(60, limit=100, x_ratelimit_reset=30) == 50


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
    assert Key().left_after(*values) is None


@pytest.mark.parametrize("limit", ["", "none", 0, "0", -5])
def test_without_a_limit_nothing_is_known(limit: object) -> None:
    assert Key().left_after(5, 4, 3, limit=limit) is None


def test_the_count_is_forgotten_after_a_wait() -> None:
    key = Key()
    assert key.left_after(2, 1, 0) == -100
    key.quota.forget()
    assert key.quota.left() is None
    assert key.left_after(950, 949) == 849
