"""How fast requests go out, and for how long they are held back."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable

from conformance.http.limits import Rate
from conformance.target.credentials import NAMES

EVERYBODY = ""
"""In the place of an identity: all of them are held back."""

PATIENCE = 5
"""All waits of an identity may add up to this multiple of the longest one."""

SLOWED = 0.05
SLOWEST = 1.0


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


class Waits:
    """Holds identities back if a target asks for it, and no longer than a run may wait.

    :param max_wait: longest wait in seconds, 0 for none.
    """

    def __init__(self, pace: Pace, max_wait: float) -> None:
        self.on_wait: Callable[[str], None] | None = None
        self._pace = pace
        self._max_wait = max_wait
        self._lock = threading.Lock()
        self._waited: defaultdict[str, float] = defaultdict(float)

    def allowed(self, identity: str, seconds: float) -> bool:
        """Return whether the identity may be held back for so long."""
        with self._lock:
            total = self._waited[identity] + self._added(identity, seconds)
        return 0 < self._max_wait >= seconds and total <= PATIENCE * self._max_wait

    def hold(self, identity: str, seconds: float) -> None:
        """Hold the identity back for so long."""
        with self._lock:
            self._waited[identity] += self._added(identity, seconds)
            self._pace.hold(identity, seconds)
        if self.on_wait and seconds >= 1:
            self.on_wait(f"waiting {seconds:.0f} s for {NAMES.get(identity, 'the target')}")

    def _added(self, identity: str, seconds: float) -> float:
        return max(0.0, seconds - self._pace.held(identity))
