"""What comes of a request beside an answer: why there is none, and what went wrong on the way."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.http.exchange import Exchange, utc_now

ExchangeOrError = Exchange | Exception

ATTEMPTS = 4
"""How often a request is sent if a gateway or the connection fails."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A fault of the way to the target, not of the contract.

    ``counts`` says whether it is held against the way: a rate limit that was waited out is not, and what
    strikes several requests at once counts once, where all of them were answered in the end.
    """

    kind: str
    text: str
    exchange: int | None = None
    counts: bool = True


@dataclass
class Trace:
    """What it took to have a request answered: when it first went out, how often, what failed on the way.

    Incidents are named by their places in the list of all. ``granted`` is how many requests the keys' own
    headers allowed to each identity in all, as they stood after the request's batch.
    """

    started_at: str = field(default_factory=utc_now)
    attempts: int = 0
    incidents: list[int] = field(default_factory=list)
    granted: dict[str, int] = field(default_factory=dict)
