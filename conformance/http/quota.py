"""What a key has left by the target's own headers, and whether these are to be believed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from conformance.http import rate_headers
from conformance.http.exchange import Exchange

RESERVE = 0.1
"""The share of a key's limit that is left to its other users."""

HOUR = 3600
CLOCKS_DIFFER = 60
"""Seconds by which the clocks of two machines may differ: one counts requests, another dates answers."""

_NEARLY_ALL = 0.9
_GRACE = 1.0
_PLAUSIBLE = 50
"""So many requests others may have sent with the key between two of ours."""


@dataclass(frozen=True, slots=True)
class KeyCount:
    """What one answer told: of how many requests how many are left, and when they are counted anew.

    ``place`` orders the ends of requests among their starts; ``at`` and ``reset`` are in seconds since
    1970.
    """

    limit: int
    remaining: int
    place: int
    at: float
    reset: float | None

    @property
    def reserve(self) -> int:
        """Requests that are left to the key's other users."""
        return math.ceil(self.limit * RESERVE)

    @property
    def opens_at(self) -> float:
        """When the key is counted anew: as the target says, else by the contract at the top of the hour."""
        return self.reset if self.reset is not None else (self.at // HOUR + 1) * HOUR


class Quota:
    """The count of one key, kept from its answers.

    Answers come in any order: the lowest number is the newest, and whatever is under way may be missing
    from it. A count is believed once it was seen to fall by what was asked, and no longer when it has
    risen without a reason: such a header counts something else, and is a matter for the requirements on
    it. Not for more threads than one at a time.

    :param clock: seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._place = 0
        self._under_way = 0
        self._last: KeyCount | None = None
        self._anew = 0
        self._falls = 0
        self._rises = 0

    def start(self) -> int:
        """A request goes out: its place, to be given back when it has ended."""
        self._place += 1
        self._under_way += 1
        return self._place

    def end(self, started: int, exchange: Exchange | None) -> None:
        """A request has ended, with an answer or without one."""
        self._place += 1
        self._under_way -= 1
        told = self._read(exchange) if exchange is not None else None
        if told is None or started < self._anew:
            return
        last = self._last
        if last is not None and told.remaining > last.remaining:
            if started < last.place:
                return  # counted earlier, and come in later
            if self._counted_anew(last, told):
                self._anew = started
            else:
                self._rises += 1
        elif last is not None and started > last.place:
            self._falls += 0 < last.remaining - told.remaining <= _PLAUSIBLE
        self._last = told

    def forget(self) -> None:
        """What was told counts no longer: the target itself said that it may be asked again."""
        self._last = None
        self._anew = self._place + 1

    @property
    def last(self) -> KeyCount | None:
        """What was told last, believed or not."""
        return self._last

    @property
    def trusted(self) -> KeyCount | None:
        """What is known and believed, None where nothing is."""
        if self._last is None or not self._falls or self._rises:
            return None
        return None if self._clock() >= self._last.opens_at + _GRACE else self._last

    def left(self) -> int | None:
        """Requests that may yet go out without touching what is others', below 0 where too many are
        under way; None where nothing is known.
        """
        told = self.trusted
        if told is None:
            return None
        return told.remaining - self._under_way - told.reserve

    def opens_in(self) -> float | None:
        """Seconds until the key is counted anew, None where nothing is known."""
        told = self.trusted
        return None if told is None else told.opens_at + _GRACE - self._clock()

    def _read(self, exchange: Exchange) -> KeyCount | None:
        limit = rate_headers.limit(exchange)
        remaining = rate_headers.remaining(exchange)
        if not limit or remaining is None or remaining > limit or exchange.status == 401:
            return None
        now = self._clock()
        reset = rate_headers.reset_at(exchange, now)
        if reset is not None and not now - CLOCKS_DIFFER <= reset <= now + 24 * HOUR:
            reset = None
        return KeyCount(limit, remaining, self._place, now, reset)

    def _counted_anew(self, last: KeyCount, now: KeyCount) -> bool:
        over = now.at + CLOCKS_DIFFER >= last.opens_at
        return over or now.remaining >= _NEARLY_ALL * now.limit


def refusal(name: str, told: KeyCount, planned: int = 0) -> str:
    """Why a key is asked for nothing more, in a sentence; ``planned`` requests will yet go out."""
    anew = datetime.fromtimestamp(told.opens_at, UTC).strftime("%H:%M UTC")
    return (
        f"{name} has {told.remaining - planned:,} of {told.limit:,} requests left until {anew}, "
        f"and {RESERVE:.0%} are left to its other users"
    )
