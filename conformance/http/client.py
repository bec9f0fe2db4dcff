"""The only module through which cases ask: memory, batches, record.

The client keeps what was asked; its backend answers. A request that was asked before is answered from
memory. The requests of a batch do not depend on each other, and are recorded in the order of the batch,
whichever response arrives first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from conformance.errors import Untestable
from conformance.http import bounds
from conformance.http.backend import Backend
from conformance.http.exchange import Exchange, Transcript
from conformance.http.failures import ATTEMPTS, SILENCE, ExchangeOrError, Incident, Trace
from conformance.http.limits import Limits
from conformance.http.quota import KeyCount
from conformance.http.request import Request
from conformance.target.target import Target

__all__ = ["Client", "ExchangeOrError", "Incident", "Trace"]

INCIDENT_SHARE = 0.05
INCIDENTS_ALLOWED = ATTEMPTS


class Client:
    """Asks a backend, and remembers every answer.

    :param backend: a live sender, a transcript, or a model of a target.
    :param on_sent: called after each batch with the number of requests sent so far.
    """

    def __init__(self, backend: Backend, *, on_sent: Callable[[int], None] | None = None) -> None:
        self.backend = backend
        self.transcript = Transcript()
        self.reused = 0
        self._epoch = 0
        self._memory: dict[tuple[int, Request], ExchangeOrError] = {}
        self._weight = 0
        self._on_sent = on_sent

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
        """Stop, and close the connections."""
        self.backend.stop()
        self.backend.close()

    def stop(self) -> None:
        """Send nothing more; the record and its counts stay as they are, though requests are pending."""
        self.backend.stop()

    def forget(self) -> None:
        """Answer nothing from memory that was asked until now."""
        self._epoch += 1

    @property
    def target(self) -> Target:
        """The target that is asked."""
        return self.backend.target

    @property
    def limits(self) -> Limits:
        """The limits of the run."""
        return self.backend.limits

    @property
    def sent(self) -> Counter[str]:
        """Requests sent, by identity."""
        return self.backend.tally.sent

    @property
    def total_sent(self) -> int:
        """Requests sent, of all identities."""
        return self.backend.tally.total_sent

    @property
    def attempts(self) -> Counter[Request]:
        """How often each request was sent."""
        return self.backend.tally.attempts

    @property
    def incidents(self) -> list[Incident]:
        """Everything that went wrong between this machine and the target."""
        return self.backend.tally.incidents

    @property
    def traces(self) -> Mapping[tuple[int, Request], Trace]:
        """What it took to send each request, by epoch and request."""
        return self.backend.tally.traces

    @property
    def answers(self) -> Mapping[tuple[int, Request], ExchangeOrError]:
        """Every answer, by epoch and request, in the order of the record."""
        return self._memory

    def left(self, identity: str) -> int:
        """Return the number of requests that the identity may still send, as of the last batch."""
        return self.backend.left(identity)

    def key_count(self, identity: str) -> KeyCount | None:
        """Return the last count of the identity's key that the target sent, None if it sent none."""
        return self.backend.key_count(identity)

    def bound(self, max_requests: int) -> None:
        """Change the bound on the requests of each identity."""
        self.backend.limits = replace(self.backend.limits, max_requests=max_requests)

    def ask(self, requests: Sequence[Request]) -> list[ExchangeOrError]:
        """Return the answers to a batch in its order: an exchange, or the exception in its place.

        :raises Untestable: if incidents exceed the share that a judgement can bear, the target falls silent,
            or its responses exceed a bound.
        """
        missing: list[Request] = []
        for request in dict.fromkeys(requests):
            if (self._epoch, request) in self._memory:
                self.reused += 1
            else:
                missing.append(request)
        if missing:
            self._fetch(missing)
        return [self._memory[self._epoch, request] for request in requests]

    def _fetch(self, requests: list[Request]) -> None:
        fresh: list[Exchange] = []
        for request, answer in self.backend.answer(requests, self._epoch):
            if isinstance(answer, Exchange):
                fresh.append(replace(answer, number=len(self.transcript) + len(fresh) + 1))
            self._memory[self._epoch, request] = (
                fresh[-1] if isinstance(answer, Exchange) else answer
            )
        self.transcript.add(fresh)
        self._weight += sum(bounds.weight(item.body) for item in fresh)
        if self._on_sent:
            self._on_sent(self.total_sent)
        # They are kept until the end, and are 20 MB as a rule.
        if self._weight > bounds.MAX_RUN:
            raise Untestable(
                f"{len(self.transcript)} responses take more than {bounds.MAX_RUN >> 20} MiB of memory: "
                "this is not the API of the contract"
            )
        silence = next((item for item in self.incidents if item.kind == SILENCE), None)
        if silence is not None:
            raise Untestable(silence.text)
        counted = [item for item in self.incidents if item.counts]
        if len(counted) > max(INCIDENTS_ALLOWED, INCIDENT_SHARE * self.total_sent):
            raise Untestable(
                f"{len(counted)} of {self.total_sent} requests failed in the network or at a gateway; "
                f"the last: {counted[-1].text}"
            )
