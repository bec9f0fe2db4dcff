"""Functions that ask side by side: the order of what they ask follows from them alone."""

from __future__ import annotations

import time
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
    """Answers what is asked with its own number, and keeps the batches."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.seen: list[list[int]] = []
        self.fails_at = fails_at

    def __call__(self, requests: Sequence[Request]) -> list[ExchangeOrError]:
        numbers = [int(str(item.query[0][1])) for item in requests]
        self.seen.append(numbers)
        if self.fails_at == len(self.seen):
            raise ConnectionError("the line is dead")
        return [Inconclusive(str(number)) for number in numbers]


def walking(*steps: list[int]) -> Any:
    """A function that asks for these, one step after the other, and gives what it was answered."""

    def work(ask: Ask) -> list[str]:
        return [str(answer) for step in steps for answer in ask([request(item) for item in step])]

    return work


def test_what_waits_goes_out_together_in_order() -> None:
    works = [walking([1], [2, 3], [4]), walking([10], [11]), walking(), walking([20, 21])]
    for _ in range(20):
        batches = Batches()
        ended: list[int] = []
        assert run_together(works, batches, ended.append) == [
            ["1", "2", "3", "4"],
            ["10", "11"],
            [],
            ["20", "21"],
        ]
        assert batches.seen == [[1, 10, 20, 21], [2, 3, 11], [4]]
        assert ended == [2, 1, 3, 0] or sorted(ended) == [0, 1, 2, 3]


def test_nothing_to_do_is_done() -> None:
    batches = Batches()
    assert run_together([], batches) == []
    assert run_together([walking(), walking([])], batches) == [[], []]
    assert batches.seen == []


def test_one_runs_at_a_time() -> None:
    """A case needs no locks."""
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


def test_the_first_error_in_order_is_raised_when_all_have_ended() -> None:
    ended = []

    def fails(name: str, steps: int) -> Any:
        def work(ask: Ask) -> None:
            for step in range(steps):
                ask([request(step)])
            ended.append(name)
            raise ValueError(name)

        return work

    with pytest.raises(ValueError, match="slow"):
        run_together([walking([1], [2]), fails("slow", 3), fails("fast", 1)], Batches())
    assert ended == ["fast", "slow"]


def test_a_line_that_breaks_ends_all_of_them() -> None:
    let_go = []

    def work(ask: Ask) -> None:
        try:
            while True:
                ask([request(1)])
        except Exception:
            let_go.append("caught")
        finally:
            let_go.append("ended")

    with pytest.raises(ConnectionError, match="the line is dead"):
        run_together([work, work], Batches(fails_at=3))
    patience = time.monotonic() + 5
    while len(let_go) < 2 and time.monotonic() < patience:
        time.sleep(0.01)
    assert let_go == ["ended", "ended"]
