"""Failures of a request: its incidents, and what it took to send it."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.http.exchange import Exchange, utc_now

ExchangeOrError = Exchange | Exception

ATTEMPTS = 4
"""How often a request is sent if a gateway or the connection fails."""


SILENCE = "silence"
"""Kind of the incident that ends a run: the target gives no response any more."""

STRAY = "stray bytes"
"""Kind of an incident: bytes followed a complete response on its connection."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A fault between this machine and the target, which breaks no requirement.

    ``counts`` is False for a wait for a rate limit. If one fault strikes several requests at once and all
    of them get a response in the end, one of their incidents counts.
    """

    kind: str
    text: str
    exchange: int | None = None
    counts: bool = True


@dataclass
class Trace:
    """What it took to send a request: when it was first sent, how often, its incidents.

    ``incidents`` are indices into the list of all. ``granted`` is how many requests in all the headers
    allowed to each identity after the batch of the request.
    """

    started_at: str = field(default_factory=utc_now)
    attempts: int = 0
    incidents: list[int] = field(default_factory=list)
    granted: dict[str, int] = field(default_factory=dict)
