"""Runs functions deterministically; their pending requests form one batch.

Each function runs in its own greenlet: it runs until it requests something, then the next one runs. Once all
wait, their requests are sent as one batch, in the order of the functions. The order of requests therefore
depends on the functions and the responses alone, and functions need not know of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from greenlet import getcurrent, greenlet

from conformance.http.api import Ask
from conformance.http.client import ExchangeOrError
from conformance.http.request import Request

Result = TypeVar("Result")
Work = Callable[[Ask], Result]


class _Runner(Generic[Result]):
    """A function that is suspended at each of its requests."""

    def __init__(self, work: Work[Result]) -> None:
        self._work = work
        self._greenlet = greenlet(self._run)
        self._caller = getcurrent()
        self.wanted: list[Request] = []
        self.result: Result | None = None
        self.error: Exception | None = None

    @property
    def done(self) -> bool:
        """Whether the function has ended."""
        return self._greenlet.dead

    def _run(self, _: list[ExchangeOrError]) -> None:
        try:
            self.result = self._work(self._ask)
        except Exception as problem:  # run_together raises it, once the other functions have ended
            self.error = problem

    def _ask(self, requests: Sequence[Request]) -> list[ExchangeOrError]:
        self.wanted = list(requests)
        responses: list[ExchangeOrError] = self._caller.switch()
        return responses

    def step(self, responses: list[ExchangeOrError]) -> None:
        """Run it until it requests something or ends."""
        self.wanted = []
        self._greenlet.switch(responses)

    def abandon(self) -> None:
        """End it without a result."""
        self._greenlet.throw()


def run_together(
    works: Sequence[Work[Result]],
    ask: Ask,
    finished: Callable[[int], None] | None = None,
) -> list[Result]:
    """Run functions that send their requests with the callable that they are given.

    :param ask: sends one batch.
    :param finished: called with the index of each function that has ended.
    :returns: their results, in the order of the functions.
    :raises Exception: of the first function in order that raised one. An exception of ``ask``, and an
        interruption, ends all functions.
    """
    runners = [_Runner(work) for work in works]
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
