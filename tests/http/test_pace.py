"""The pace of requests, with time that passes only during a wait."""

from __future__ import annotations

import pytest

from conformance.http.limits import Rate
from conformance.http.pace import EVERYBODY, Pace


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
