"""Runs functions deterministically; their pending requests form one batch.

Each function runs in its own thread, but only one runs at any time: it runs until it requests something, then
the next one runs. Once all wait, their requests are sent as one batch, in the order of the functions. The
order of requests therefore depends on the functions and the responses alone, not on thread scheduling, and
functions need not know of each other.
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
    """Ends an abandoned function; a BaseException, so that no ``except Exception`` catches it."""


class _Runner(threading.Thread, Generic[Result]):
    def __init__(self, work: Work[Result]) -> None:
        super().__init__(daemon=True, name="conformance-case")
        self._work = work
        self._resume = threading.Semaphore(0)
        self._paused = threading.Semaphore(0)
        self._responses: list[ExchangeOrError] = []
        self._abandoned = False
        self.wanted: list[Request] = []
        self.done = False
        self.result: Result | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        self._resume.acquire()
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
        self._resume.acquire()
        if self._abandoned:
            raise _Abandoned
        return self._responses

    def step(self, responses: list[ExchangeOrError]) -> None:
        """Run it until it requests something or ends."""
        self._responses = responses
        self.wanted = []
        self._resume.release()
        self._paused.acquire()

    def abandon(self) -> None:
        """End it without a result."""
        self._abandoned = True
        self._resume.release()


def run_together(
    works: Sequence[Work[Result]],
    ask: Ask,
    finished: Callable[[int], None] | None = None,
) -> list[Result]:
    """Run functions that send their requests with the callable that they are given.

    :param ask: sends one batch.
    :param finished: called with the index of each function that has ended.
    :returns: their results, in the order of the functions.
    :raises BaseException: the exception of the first function in order that raised one; an exception of
        ``ask`` ends all functions.
    """
    runners = [_Runner(work) for work in works]
    for runner in runners:
        runner.start()
    try:
        responses: dict[int, list[ExchangeOrError]] = {}
        while live := [index for index, runner in enumerate(runners) if not runner.done]:
            for index in live:
                runners[index].step(responses.get(index, []))
                if runners[index].done and finished:
                    finished(index)
            waiting = [index for index in live if not runners[index].done]
            batch = [request for index in waiting for request in runners[index].wanted]
            received = iter(ask(batch) if batch else [])
            responses = {
                index: [next(received) for _ in runners[index].wanted] for index in waiting
            }
    finally:
        for runner in runners:
            if not runner.done:
                runner.abandon()
    for runner in runners:
        if runner.error is not None:
            raise runner.error
    return [runner.result for runner in runners]  # type: ignore[misc]  # done without an error: a result
