"""Limits on what a run sends: how many requests, how fast, how many at once."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_REQUESTS = 300
CONCURRENCY = 10
MAX_WAIT = 60.0

_UNITS = {"s": 1, "m": 60, "h": 3600}
RATE = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*/\s*([smh])"
"""The pattern of a rate."""

_RATE = re.compile(RATE)


@dataclass(frozen=True, slots=True)
class Rate:
    """A number of requests in a second, a minute or an hour: ``5/s``, ``100/m``."""

    count: float
    unit: str

    @classmethod
    def parse(cls, text: str) -> Rate | None:
        """Return the rate that a text names, None if it names none above zero."""
        found = _RATE.fullmatch(text.strip().lower())
        if found is None or float(found.group(1)) <= 0:
            return None
        return cls(float(found.group(1)), found.group(2))

    @property
    def interval(self) -> float:
        """Seconds from one request to the next."""
        return _UNITS[self.unit] / self.count

    def __str__(self) -> str:
        return f"{self.count:g}/{self.unit}"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one run.

    ``max_requests`` is a hard bound on the requests of each identity, retries included; ``concurrency`` the
    number of requests of a batch that are sent at the same time; ``rate`` the speed of all identities
    together, None for no bound; ``max_wait`` the longest wait for a rate limit in seconds, 0 for none;
    ``no_writes`` leaves out every method that writes.
    """

    max_requests: int = MAX_REQUESTS
    concurrency: int = CONCURRENCY
    rate: Rate | None = None
    max_wait: float = MAX_WAIT
    no_writes: bool = False
