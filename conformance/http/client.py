"""The only module that asks: memory, batches, record.

A request that has been asked is answered from memory; a batch of requests that do not depend on each
other goes out together, and is recorded in the order of the batch, whatever came first. What the budget
leaves out is settled in that order too, before the first of the batch goes out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import Self

from conformance.errors import (
    BudgetExhausted,
    RateLimited,
    TransportFailure,
    Untestable,
    WriteLeftOut,
)
from conformance.http.batches import in_record, phases
from conformance.http.exchange import Exchange, Transcript
from conformance.http.failures import ExchangeOrError, Incident, Trace
from conformance.http.rate import CONCURRENCY, MAX_WAIT, Rate
from conformance.http.request import Request
from conformance.http.sender import ATTEMPTS, Sender
from conformance.target.target import Target

__all__ = [
    "BudgetExhausted",
    "Client",
    "ExchangeOrError",
    "Incident",
    "RateLimited",
    "Trace",
    "TransportFailure",
    "WriteLeftOut",
]

INCIDENT_SHARE = 0.05
INCIDENTS_ALLOWED = ATTEMPTS
MAX_BODIES = 100 * 1024 * 1024
"""All bodies of a run, in bytes: they are kept to be judged at the end, and are some 5 MB as a rule."""


class Client(Sender):
    """Sends requests to a target, within a bound.

    :param max_requests: hard bound on the requests of each identity, retries included.
    :param concurrency: how many requests of a batch are under way at once.
    :param rate: how fast requests go out, those of all identities together; None for no bound.
    :param max_wait: seconds for which a rate limit is waited out, each time; 0 for never.
    :param no_writes: leave out every method that writes.
    :param on_sent: called after each batch with the number of requests sent so far.
    """

    def __init__(
        self,
        target: Target,
        *,
        max_requests: int = 300,
        concurrency: int = CONCURRENCY,
        rate: Rate | None = None,
        max_wait: float = MAX_WAIT,
        no_writes: bool = False,
        on_sent: Callable[[int], None] | None = None,
    ) -> None:
        super().__init__(
            target,
            max_requests=max_requests,
            concurrency=concurrency,
            rate=rate,
            max_wait=max_wait,
            no_writes=no_writes,
        )
        self.transcript = Transcript()
        self.reused = 0
        self._memory: dict[tuple[int, Request], ExchangeOrError] = {}
        self._bodies = 0
        self._on_sent = on_sent
        self._pool = ThreadPoolExecutor(
            max_workers=concurrency, thread_name_prefix="conformance-client"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self.stop()
        self._transport.close()

    def stop(self) -> None:
        """Send nothing more: the record and its counts stay as they are, whatever is still under way."""
        with self._lock:
            self._stopped.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def forget(self) -> None:
        """ExchangeOrError nothing from memory that was asked until now: what comes next is asked afresh."""
        self.epoch += 1

    @property
    def answers(self) -> Mapping[tuple[int, Request], ExchangeOrError]:
        """Everything that was asked, with its epoch, and what came of it, in the order of the record."""
        return self._memory

    def ask(self, requests: Sequence[Request]) -> list[ExchangeOrError]:
        """Answers to a batch, in its order: an exchange, or the exception that stands for it.

        :raises Untestable: where incidents pass the share that a judgement can bear.
        """
        missing: list[Request] = []
        for request in dict.fromkeys(requests):
            if (self.epoch, request) in self._memory:
                self.reused += 1
            else:
                missing.append(request)
        if missing:
            self._fetch(missing)
        return [self._memory[self.epoch, request] for request in requests]

    def _answered(self, requests: Sequence[Request]) -> list[tuple[Request, ExchangeOrError]]:
        """What came of a batch, in the order of the record."""
        planned = {request: self.plan(request) for request in requests}
        found: dict[Request, ExchangeOrError] = {
            item: no for item, no in planned.items() if no is not None
        }

        def lane(chosen: Sequence[Request]) -> None:
            for request in chosen:
                found[request] = self.attempt(request)

        for phase in phases([request for request in requests if request not in found]):
            # The long ones first: the others fill up what is left beside them.
            lanes = [*phase.lanes, *([request] for request in phase.at_once)]
            for under_way in [self._pool.submit(lane, chosen) for chosen in lanes]:
                under_way.result()
        answers = [(request, found[request]) for request in sorted(requests, key=in_record)]
        granted = self.grant()
        for request in requests:
            self._trace(request).granted = granted
        return answers

    def _fetch(self, requests: list[Request]) -> None:
        fresh: list[Exchange] = []
        for request, answer in self._answered(requests):
            if isinstance(answer, Exchange):
                fresh.append(replace(answer, number=len(self.transcript) + len(fresh) + 1))
            self._memory[self.epoch, request] = (
                fresh[-1] if isinstance(answer, Exchange) else answer
            )
        self.transcript.add(fresh)
        self._bodies += sum(len(item.body) for item in fresh)
        if self._on_sent:
            self._on_sent(self.total_sent)
        if self._bodies > MAX_BODIES:
            raise Untestable(
                f"the bodies of {len(self.transcript)} answers come to more than "
                f"{MAX_BODIES >> 20} MiB: no answer of this API is so long"
            )
        counted = [item for item in self.incidents if item.counts]
        if len(counted) > max(INCIDENTS_ALLOWED, INCIDENT_SHARE * self.total_sent):
            raise Untestable(
                f"{len(counted)} of {self.total_sent} requests failed on the way, "
                f"the last: {counted[-1].text}"
            )
