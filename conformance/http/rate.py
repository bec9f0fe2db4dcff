"""How fast and how many at once: what is said of it, and what holds where nothing is said."""

from __future__ import annotations

import re
from dataclasses import dataclass

CONCURRENCY = 8
MAX_WAIT = 60.0
"""Seconds for which a rate limit is waited out."""

_UNITS = {"s": 1, "m": 60, "h": 3600}
_RATE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*/\s*([smh])")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in a second, a minute or an hour: ``5/s``, ``100/m``."""

    count: float
    unit: str

    @classmethod
    def parse(cls, text: str) -> Rate | None:
        """The rate that a text says, None where it says none above zero."""
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
