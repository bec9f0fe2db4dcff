"""Notices a target that has gone: it is asked no more, instead of once for each request that is left."""

from __future__ import annotations

from conformance.http.request import Request
from conformance.text.wording import shorten

ATTEMPTS = 10
"""Attempts in a row without a response, after which a target may have fallen silent."""

PATIENCE = 3.0
"""Seconds that they take at least: a server that restarts refuses as many within a moment."""

NAMED = 8
"""Requests without a response that are named, as many as are pending: one may have ended the target."""

_LONGEST = 200


class Silence:
    """Counts attempts in a row that got no response. Not thread-safe.

    ``reason`` says after which request the target fell silent, None if it has not.
    """

    def __init__(self) -> None:
        self.reason: str | None = None
        self._last = "at once"
        self._missed = 0
        self._since = 0.0
        self._first: list[str] = []

    def heard(self, request: Request, sent: int) -> None:
        """Note a response.

        :param sent: requests sent so far.
        """
        self._last = f"after request {sent}, {_shown(request)}"
        self._missed = 0

    def missed(self, request: Request, sent_at: float, now: float, problem: str) -> bool:
        """Note an attempt without a response; return whether it is the one that shows the silence."""
        if self._missed == 0:
            self._since = sent_at
            self._first.clear()
        if len(self._first) < NAMED and _shown(request) not in self._first:
            self._first.append(_shown(request))
        self._missed += 1
        if self.reason or self._missed < ATTEMPTS or now - self._since < PATIENCE:
            return False
        self.reason = (
            f"it fell silent {self._last}: {self._missed} attempts in a row got no response; "
            f"the last: {problem.rstrip('.')}. The first requests without one: {'; '.join(self._first)}"
        )
        return True


def _shown(request: Request) -> str:
    return f"{request.method} {shorten(request.shown_target, _LONGEST)}"
