"""Runs functions that ask side by side, so that what does not depend on each other goes out together.

Each function runs in a thread of its own, but never two at once: one runs until it asks, then the next.
When all wait, their requests go out as one batch, in the order of the functions. So the order of requests
follows from the functions and the answers alone, however the threads are scheduled, and no function has
to know of the others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from conformance.http.api import Ask
from conformance.http.client import ExchangeOrError
from conformance.http.request import Request

Result = TypeVar("Result")
Work = Callable[[Ask], Result]


class _Abandoned(BaseException):
    """Ends a function whose run was given up; no ``except Exception`` holds it."""


class _Runner(threading.Thread, Generic[Result]):
    def __init__(self, work: Work[Result]) -> None:
        super().__init__(daemon=True, name="conformance-case")
        self._work = work
        self._go = threading.Semaphore(0)
        self._paused = threading.Semaphore(0)
        self._answers: list[ExchangeOrError] = []
        self._abandoned = False
        self.wanted: list[Request] = []
        self.done = False
        self.result: Result | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        self._go.acquire()
        try:
            if not self._abandoned:
                self.result = self._work(self._ask)
        except BaseException as problem:  # handed to the caller of run_together, which raises it
            self.error = problem
        finally:
            self.done = True
            self._paused.release()

    def _ask(self, requests: Sequence[Request]) -> list[ExchangeOrError]:
        self.wanted = list(requests)
        self._paused.release()
        self._go.acquire()
        if self._abandoned:
            raise _Abandoned
        return self._answers

    def step(self, answers: list[ExchangeOrError]) -> None:
        """Let it run until it asks or ends."""
        self._answers = answers
        self.wanted = []
        self._go.release()
        self._paused.acquire()

    def abandon(self) -> None:
        """Let it end without a result."""
        self._abandoned = True
        self._go.release()


def run_together(
    works: Sequence[Work[Result]],
    ask: Ask,
    finished: Callable[[int], None] | None = None,
) -> list[Result]:
    """The results of functions that ask through what they are given, in their order.

    :param ask: sends one batch.
    :param finished: called with the place of each function that has ended.
    :raises BaseException: what a function raised, the first in order; what ``ask`` raises ends all of them.
    """
    runners = [_Runner(work) for work in works]
    for runner in runners:
        runner.start()
    try:
        answers: dict[int, list[ExchangeOrError]] = {}
        while live := [place for place, runner in enumerate(runners) if not runner.done]:
            for place in live:
                runners[place].step(answers.get(place, []))
                if runners[place].done and finished:
                    finished(place)
            asking = [place for place in live if not runners[place].done]
            batch = [request for place in asking for request in runners[place].wanted]
            got = iter(ask(batch) if batch else [])
            answers = {place: [next(got) for _ in runners[place].wanted] for place in asking}
    finally:
        for runner in runners:
            if not runner.done:
                runner.abandon()
    for runner in runners:
        if runner.error is not None:
            raise runner.error
    return [runner.result for runner in runners]  # type: ignore[misc]  # done without an error: a result
