"""Track what a key has left by the target's own headers, and whether these can be trusted."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from conformance.http import rate_headers
from conformance.http.exchange import Exchange

RESERVE = 0.1
"""Share of a key's limit that a run reserves for its other users."""

HOUR = 3600
CLOCKS_DIFFER = 60
"""Seconds by which the clocks of two machines may differ: one counts requests, another dates responses."""

_NEARLY_ALL = 0.9
_GRACE = 1.0
_PLAUSIBLE = 50
"""Requests that others may have sent with the key between two of ours."""


@dataclass(frozen=True, slots=True)
class KeyCount:
    """The count of a key in one response: its limit, the requests that remain, and when both reset.

    ``position`` orders the ends of requests among their starts; ``at`` and ``reset`` are in seconds since
    1970.
    """

    limit: int
    remaining: int
    position: int
    at: float
    reset: float | None

    @property
    def reserve(self) -> int:
        """Requests that are reserved for the key's other users."""
        return math.ceil(self.limit * RESERVE)

    @property
    def resets_at(self) -> float:
        """When the count resets: as the target says, else by the contract at the top of the hour."""
        return self.reset if self.reset is not None else (self.at // HOUR + 1) * HOUR


class Quota:
    """The count of one key, kept from its responses. Not thread-safe.

    Responses arrive in any order: the lowest number is the newest, and requests that are pending may be
    missing from it. The count is trusted once it has dropped in step with our requests, and no longer once
    it has risen without a reason: such a header counts something else, which the requirements on it judge.

    :param clock: seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._position = 0
        self._pending = 0
        self._last: KeyCount | None = None
        self._valid_from = 0
        self._drops = 0
        self._rises = 0

    def start(self) -> int:
        """Note that a request is sent; return its position, which :meth:`end` takes."""
        self._position += 1
        self._pending += 1
        return self._position

    def end(self, started: int, exchange: Exchange | None) -> None:
        """Note that a request has ended, with a response or without one."""
        self._position += 1
        self._pending -= 1
        count = self._read(exchange) if exchange is not None else None
        if count is None or started < self._valid_from:
            return
        last = self._last
        if last is not None and count.remaining > last.remaining:
            if started < last.position:
                return  # counted before the last one, and received after it
            if self._was_reset(last, count):
                self._valid_from = started
            else:
                self._rises += 1
        elif last is not None and started > last.position:
            self._drops += 0 < last.remaining - count.remaining <= _PLAUSIBLE
        self._last = count

    def forget(self) -> None:
        """Forget the count: the target itself said when the next request may be sent."""
        self._last = None
        self._valid_from = self._position + 1

    @property
    def last(self) -> KeyCount | None:
        """The last count, trusted or not."""
        return self._last

    @property
    def trusted(self) -> KeyCount | None:
        """The last count, None if there is none that can be trusted."""
        if self._last is None or not self._drops or self._rises:
            return None
        return None if self._clock() >= self._last.resets_at + _GRACE else self._last

    def left(self) -> int | None:
        """Return the requests that may be sent without touching the reserve, None if that is unknown.

        The number is negative if too many requests are pending.
        """
        count = self.trusted
        if count is None:
            return None
        return count.remaining - self._pending - count.reserve

    def resets_in(self) -> float | None:
        """Return the seconds until the count resets, None if that is unknown."""
        count = self.trusted
        return None if count is None else count.resets_at + _GRACE - self._clock()

    def _read(self, exchange: Exchange) -> KeyCount | None:
        limit = rate_headers.limit(exchange)
        remaining = rate_headers.remaining(exchange)
        if not limit or remaining is None or remaining > limit or exchange.status == 401:
            return None
        now = self._clock()
        reset = rate_headers.reset_at(exchange, now)
        if reset is not None and not now - CLOCKS_DIFFER <= reset <= now + 24 * HOUR:
            reset = None
        return KeyCount(limit, remaining, self._position, now, reset)

    def _was_reset(self, last: KeyCount, count: KeyCount) -> bool:
        due = count.at + CLOCKS_DIFFER >= last.resets_at
        return due or count.remaining >= _NEARLY_ALL * count.limit


def exhausted(name: str, count: KeyCount, planned: int = 0) -> str:
    """Return why no more requests are sent with a key.

    :param name: the key in a message.
    :param planned: requests that are still to be sent.
    """
    reset = datetime.fromtimestamp(count.resets_at, UTC).strftime("%H:%M UTC")
    return (
        f"{name} has {count.remaining - planned:,} of {count.limit:,} requests left until {reset}, "
        f"and {RESERVE:.0%} are reserved for its other users"
    )
