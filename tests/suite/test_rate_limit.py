"""Remaining requests: which counts are compared. When one may rise is tested with the case of ENV-14."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.suite.rate_limit import counted_with_others, counts_of, unlawful_rise


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


@pytest.mark.parametrize(
    ("fall", "shared"),
    [
        (lambda own, _: own, False),
        (lambda own, other: own + other, True),
        (lambda own, _: own + own // 2, False),  # other users of the key
        (lambda own, other: own + min(other, 20), False),
        (lambda own, other: own + other - 15 * (30 <= own < 34), True),
        (lambda own, other: own + other - 15 * (30 <= own < 40), False),
    ],
    ids=["own", "both", "other users", "a limit that was raised", "some waited", "many waited"],
)
def test_requests_of_another_key_are_seen_in_each_count(fall: Any, shared: bool) -> None:
    """60 requests with the own key, and after the first 20 of them 40 with the other key."""
    exchanges, own, other = [], 0, 0
    for number in range(100):
        theirs = 20 <= number < 60
        own, other = own + (not theirs), other + theirs
        item = answer(number / 10, 1000 - fall(own, other), 0.0)
        request = Request(credential="other") if theirs else item.request
        exchanges.append(replace(item, request=request))
    number, found = counted_with_others(exchanges, counts_of(exchanges, "own"))
    assert (number, found is not None) == (40, shared)
    if found is not None:
        assert (found.mine, found.others, found.fall) == (59, 40, 99)
