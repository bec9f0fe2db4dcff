"""What a client holds to have its requests answered: a live sender, a transcript, a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from conformance.http.failures import ExchangeOrError, Incident, Trace
from conformance.http.limits import Limits
from conformance.http.quota import KeyCount
from conformance.http.request import Request
from conformance.target.target import Target


@dataclass
class Tally:
    """Counts of what was sent, and the incidents.

    ``sent`` counts the requests of each identity, ``attempts`` those of each request. ``traces`` are keyed
    by ``epoch`` (how often the client has emptied its memory) and request. A tally that is ``closed`` takes
    no more incidents. Not thread-safe.
    """

    sent: Counter[str] = field(default_factory=Counter)
    attempts: Counter[Request] = field(default_factory=Counter)
    incidents: list[Incident] = field(default_factory=list)
    traces: dict[tuple[int, Request], Trace] = field(default_factory=dict)
    epoch: int = 0
    closed: bool = False

    @property
    def total_sent(self) -> int:
        """Requests sent, of all identities."""
        return sum(self.sent.values())

    def count(self, request: Request, attempts: int = 1) -> None:
        """Count attempts of a request."""
        self.sent[request.identity] += attempts
        self.attempts[request] += attempts

    def trace(self, request: Request) -> Trace:
        """Return the trace of a request in this epoch."""
        return self.traces.setdefault((self.epoch, request), Trace())

    def add_incident(self, request: Request, kind: str, text: str, *, counts: bool) -> None:
        """Record an incident of a request."""
        if not self.closed:
            self.trace(request).incidents.append(len(self.incidents))
            self.incidents.append(Incident(kind, text, counts=counts))


class Backend(Protocol):
    """Answers the batches of a client.

    ``on_wait`` is called with a sentence at the start of each wait of a second or more.
    """

    target: Target
    limits: Limits
    tally: Tally
    on_wait: Callable[[str], None] | None

    def answer(
        self, requests: Sequence[Request], epoch: int
    ) -> list[tuple[Request, ExchangeOrError]]:
        """Return each request of a batch with its exchange or error, in the order of the record.

        :param epoch: how often the client has emptied its memory.
        """

    def left(self, identity: str) -> int:
        """Return the number of requests that the identity may still send."""

    def key_count(self, identity: str) -> KeyCount | None:
        """Return the last count of the identity's key that the target sent, None if it sent none."""

    def stop(self) -> None:
        """Send nothing more, and keep the tally as it is."""

    def close(self) -> None:
        """Close the connections."""
