"""How fast requests go out, and how long is waited where a target asks for it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from conformance.http.exchange import Exchange
from conformance.http.rate import Rate

EVERYBODY = ""
"""In the place of an identity: all of them are held back."""

SLOWED = 0.05
SLOWEST = 1.0
_EPOCH = 1_000_000_000
"""A reset that is at least so much is a moment in seconds since 1970, and no number of seconds to wait."""


class Pace:
    """Lets requests out one after the other, evenly spaced, over all threads.

    :param clock: seconds that never go back.
    :param wait: waits so many seconds, and says whether the run was stopped meanwhile.
    """

    def __init__(
        self,
        rate: Rate | None,
        wait: Callable[[float], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interval = rate.interval if rate else 0.0
        self._wait = wait
        self._clock = clock
        self._lock = threading.Lock()
        self._next = 0.0
        self._held: dict[str, float] = {}
        self._slowed_at = float("-inf")

    @property
    def interval(self) -> float:
        """Seconds from one request to the next, 0 where nothing is spaced."""
        return self._interval

    def turn(self, identity: str) -> bool:
        """Wait until a request of the identity may go out; False where the run was stopped."""
        while True:
            with self._lock:
                now = self._clock()
                held = max(self._held.get(identity, 0.0), self._held.get(EVERYBODY, 0.0))
                at = max(held, self._next)
                if at <= now:
                    # What is late by less than one place is made up for, so that the pace is kept.
                    late = now - self._next < self._interval
                    self._next = (self._next if late else now) + self._interval
                    return not self._wait(0)
            if self._wait(at - now):
                return False

    def held(self, identity: str) -> float:
        """Seconds for which the identity is held back yet."""
        with self._lock:
            return max(0.0, self._held.get(identity, 0.0) - self._clock())

    def hold(self, identity: str, seconds: float) -> None:
        """Let nothing of the identity out for so long."""
        with self._lock:
            until = self._clock() + seconds
            self._held[identity] = max(until, self._held.get(identity, 0.0))

    def slow(self, sent_at: float) -> None:
        """Go slower from now on, down to a request a second.

        :param sent_at: when the request went out that was refused, by :attr:`clock`. What was under way
            when the pace was last lowered says nothing of the new one.
        """
        with self._lock:
            if sent_at < self._slowed_at:
                return
            self._slowed_at = self._clock()
            self._interval = max(self._interval, min(max(2 * self._interval, SLOWED), SLOWEST))

    def now(self) -> float:
        """The time by the clock of the pace."""
        return self._clock()


def asked_wait(exchange: Exchange, now: float) -> float | None:
    """Seconds after which a target wants to be asked again, None where it does not say.

    By ``Retry-After`` (seconds, or a date), else by ``X-RateLimit-Reset`` (seconds, or seconds since 1970).

    :param now: seconds since 1970, where the answer does not tell the time itself.
    """
    wait = retry_after(exchange, now)
    if wait is not None:
        return wait
    until = reset_at(exchange, now)
    return None if until is None else max(0.0, until - now)


def retry_after(exchange: Exchange, now: float) -> float | None:
    """Seconds that ``Retry-After`` asks for, None where it is not there or says nothing."""
    text = (exchange.header("retry-after") or "").strip()
    if _is_number(text):
        return float(text)
    until = _date(text)
    now = _date(exchange.header("date")) or now
    return None if until is None else max(0.0, until - now)


def reset_at(exchange: Exchange, now: float) -> float | None:
    """When a target says that a key's requests are counted anew, in seconds since 1970 by our clock."""
    text = (exchange.header("x-ratelimit-reset") or "").strip()
    if not _is_number(text):
        return None
    value = float(text)
    if value < _EPOCH:
        return now + value
    moment = value / 1000 if value >= _EPOCH * 1000 else value
    return now + moment - (_date(exchange.header("date")) or now)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,9})?", text) is not None


def _date(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, OverflowError):
        return None
