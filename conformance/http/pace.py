"""The pace of requests, and the waits that a target asks for."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable

from conformance.http.limits import Rate
from conformance.target.credentials import NAMES

EVERYBODY = ""
"""Stands for all identities."""

PATIENCE = 5
"""All waits of an identity may add up to this multiple of the longest one."""

SLOWED = 0.05
SLOWEST = 1.0


class Pace:
    """Spaces requests evenly over all threads.

    :param wait: waits a number of seconds; returns whether the run was stopped meanwhile.
    :param clock: seconds that never go back.
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
        """Seconds from one request to the next, 0 for no spacing."""
        return self._interval

    def turn(self, identity: str) -> bool:
        """Wait until the identity may send a request; return False if the run was stopped."""
        while True:
            with self._lock:
                now = self._clock()
                held = max(self._held.get(identity, 0.0), self._held.get(EVERYBODY, 0.0))
                at = max(held, self._next)
                if at <= now:
                    # A delay below one interval is made up for, to keep the rate.
                    late = now - self._next < self._interval
                    self._next = (self._next if late else now) + self._interval
                    return not self._wait(0)
            if self._wait(at - now):
                return False

    def held(self, identity: str) -> float:
        """Return the seconds for which the identity is still held back."""
        with self._lock:
            return max(0.0, self._held.get(identity, 0.0) - self._clock())

    def hold(self, identity: str, seconds: float) -> None:
        """Hold the identity back for a number of seconds."""
        with self._lock:
            until = self._clock() + seconds
            self._held[identity] = max(until, self._held.get(identity, 0.0))

    def slow(self, sent_at: float) -> None:
        """Send more slowly from now on, down to one request a second.

        :param sent_at: when the refused request was sent, by :meth:`now`. Requests that were pending when the
            pace was last lowered say nothing about the new pace, and are ignored.
        """
        with self._lock:
            if sent_at < self._slowed_at:
                return
            self._slowed_at = self._clock()
            self._interval = max(self._interval, min(max(2 * self._interval, SLOWED), SLOWEST))

    def recover(self, interval: float) -> None:
        """Send as fast as at this interval again: what slowed the pace since was no limit on bursts."""
        with self._lock:
            self._interval = min(self._interval, interval)

    def now(self) -> float:
        """Return the time by the clock of the pace."""
        return self._clock()


class Waits:
    """Holds identities back at a target's request, for no longer than a run may wait.

    :param max_wait: longest wait in seconds, 0 for none.
    """

    def __init__(self, pace: Pace, max_wait: float) -> None:
        self.on_wait: Callable[[str], None] | None = None
        self._pace = pace
        self._max_wait = max_wait
        self._lock = threading.Lock()
        self._waited: defaultdict[str, float] = defaultdict(float)

    def allowed(self, identity: str, seconds: float) -> bool:
        """Return whether the identity may be held back for a number of seconds."""
        with self._lock:
            total = self._waited[identity] + self._added(identity, seconds)
        return 0 < self._max_wait >= seconds and total <= PATIENCE * self._max_wait

    def hold(self, identity: str, seconds: float) -> None:
        """Hold the identity back for a number of seconds."""
        with self._lock:
            self._waited[identity] += self._added(identity, seconds)
            self._pace.hold(identity, seconds)
        if self.on_wait and seconds >= 1:
            name = NAMES.get(identity)
            reason = "the target" if name is None else f"the rate limit of {name}"
            self.on_wait(f"waiting {seconds:.0f} s for {reason}")

    def _added(self, identity: str, seconds: float) -> float:
        return max(0.0, seconds - self._pace.held(identity))
