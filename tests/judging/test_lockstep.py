"""Lockstep: functions run one at a time, and their requests form batches in a fixed order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from conformance.errors import Inconclusive
from conformance.http.api import Ask
from conformance.http.client import ExchangeOrError
from conformance.http.request import Request
from conformance.judging.lockstep import run_together


def request(number: int) -> Request:
    return Request(query=(("offset", str(number)),))


class Batches:
    """Answers each request with its number, and keeps the batches."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.sent: list[list[int]] = []
        self.fails_at = fails_at

    def __call__(self, requests: Sequence[Request]) -> list[ExchangeOrError]:
        numbers = [int(str(item.query[0][1])) for item in requests]
        self.sent.append(numbers)
        if self.fails_at == len(self.sent):
            raise ConnectionError("the connection is lost")
        return [Inconclusive(str(number)) for number in numbers]


def sending(*steps: list[int]) -> Any:
    """Return a function that sends these requests one after another and returns the responses."""

    def work(ask: Ask) -> list[str]:
        return [str(answer) for step in steps for answer in ask([request(item) for item in step])]

    return work


def test_pending_requests_form_one_batch_in_order() -> None:
    works = [sending([1], [2, 3], [4]), sending([10], [11]), sending(), sending([20, 21])]
    for _ in range(20):
        batches = Batches()
        ended: list[int] = []
        assert run_together(works, batches, ended.append) == [
            ["1", "2", "3", "4"],
            ["10", "11"],
            [],
            ["20", "21"],
        ]
        assert batches.sent == [[1, 10, 20, 21], [2, 3, 11], [4]]
        assert ended == [2, 1, 3, 0] or sorted(ended) == [0, 1, 2, 3]


def test_functions_without_requests_send_no_batch() -> None:
    batches = Batches()
    assert run_together([], batches) == []
    assert run_together([sending(), sending([])], batches) == [[], []]
    assert batches.sent == []


def test_only_one_function_runs_at_a_time() -> None:
    """So a case needs no locks."""
    running = 0
    most = 0

    def work(ask: Ask) -> None:
        nonlocal running, most
        for number in range(30):
            running += 1
            most = max(most, running)
            sum(range(2000))
            running -= 1
            ask([request(number)])

    run_together([work] * 8, Batches())
    assert most == 1


def test_the_first_error_in_order_is_raised_after_all_have_ended() -> None:
    ended = []

    def fails(name: str, steps: int) -> Any:
        def work(ask: Ask) -> None:
            for step in range(steps):
                ask([request(step)])
            ended.append(name)
            raise ValueError(name)

        return work

    with pytest.raises(ValueError, match="slow"):
        run_together([sending([1], [2]), fails("slow", 3), fails("fast", 1)], Batches())
    assert ended == ["fast", "slow"]


def test_interruption_ends_all_functions() -> None:
    """A case that catches every exception, too: an interruption is none of them."""
    events = []

    def work(ask: Ask) -> None:
        try:
            ask([request(1)])
        finally:
            events.append("ended")

    def interrupted(ask: Ask) -> None:
        ask([request(2)])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_together([work, interrupted, work], Batches())
    assert events == ["ended", "ended"]


def test_error_of_the_sender_ends_all_functions() -> None:
    events = []

    def work(ask: Ask) -> None:
        try:
            while True:
                ask([request(1)])
        except Exception:
            events.append("caught")
        finally:
            events.append("ended")

    with pytest.raises(ConnectionError, match="the connection is lost"):
        run_together([work, work], Batches(fails_at=3))
    assert events == ["ended", "ended"]
