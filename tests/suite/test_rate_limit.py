"""Remaining requests: which counts are compared. When one may rise is tested with the case of ENV-14."""

from __future__ import annotations

from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.suite.rate_limit import counts_of, unlawful_rise


def answer(at: float, remaining: int, elapsed: float = 0.1) -> Exchange:
    headers = (("x-ratelimit-remaining", str(remaining)),)
    started_at = f"2026-01-02T12:30:{at:02.0f}+00:00"
    return Exchange(
        1, Request(), "http://t/v1", 200, headers, b"", elapsed, at=at, started_at=started_at
    )


def test_counts_are_sorted_by_the_time_of_the_request() -> None:
    counts = counts_of([answer(3, 7), answer(1, 9), answer(2, 8)], "own")
    assert [count.remaining for count in counts] == [9, 8, 7]
    assert counts_of([answer(1, 9)], "other") == []


def test_a_rise_is_returned_with_the_lowest_earlier_count() -> None:
    counts = counts_of([answer(1, 9), answer(2, 7), answer(3, 8)], "own")
    assert unlawful_rise(counts) == (2, (counts[1], counts[2]))


def test_pending_requests_are_not_compared() -> None:
    assert unlawful_rise(counts_of([answer(1, 9, 5), answer(2, 10, 5)], "own")) == (0, None)
