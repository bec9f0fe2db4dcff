"""The rate limit: a number of requests per hour for each key, reset at the top of the hour."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

HOUR: Final = 3600
REQUESTS_AN_HOUR: Final = 1000


@dataclass(frozen=True, slots=True)
class Allowance:
    """The state of a key's limit after a request.

    ``granted`` is False for a request past the limit. ``reset`` is the top of the next hour in seconds
    since 1970, ``retry_after`` the whole seconds until then, at least 1.
    """

    granted: bool
    limit: int
    remaining: int
    reset: int
    retry_after: int


class RateLimiter:
    """Counts requests by key. With ``limit`` 0, nothing is counted and no headers are sent.

    ``clock`` returns seconds since 1970.
    """

    def __init__(
        self, limit: int = REQUESTS_AN_HOUR, clock: Callable[[], float] = time.time
    ) -> None:
        self.limit = limit
        self.clock = clock
        self._hour = 0
        self._used: dict[str, int] = {}

    def take(self, key: str) -> Allowance | None:
        """Count one request of a key and return what is left; None if the limit is off."""
        if self.limit <= 0:
            return None
        now = self.clock()
        hour = int(now // HOUR)
        if hour != self._hour:
            self._hour = hour
            self._used.clear()
        used = self._used.get(key, 0)
        granted = used < self.limit
        if granted:
            used += 1
            self._used[key] = used
        reset = (hour + 1) * HOUR
        return Allowance(
            granted=granted,
            limit=self.limit,
            remaining=self.limit - used,
            reset=reset,
            retry_after=max(1, math.ceil(reset - now)),
        )
