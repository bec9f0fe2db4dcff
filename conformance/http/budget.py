"""The budget of each identity: how many requests it may still send.

The budget of a key is the least of three: the limit of the run; what the target says that the key has
left, without the share of its other users; nothing once the target has refused the key for longer than
the run waits.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from conformance.errors import BudgetExhausted, RateLimited, WriteLeftOut
from conformance.http.backend import Tally
from conformance.http.limits import Limits
from conformance.http.pace import Pace, Waits
from conformance.http.quota import Quota, exhausted
from conformance.http.request import Request
from conformance.target.credentials import ANONYMOUS, NAMES, OTHER, OWN

RATE_LIMIT = "rate limit"
"""Kind of the incidents that are waits for a rate limit."""


def limit_reached(limits: Limits) -> BudgetExhausted:
    """Return the error of an identity that has sent all that the run allows."""
    return BudgetExhausted(
        f"the limit of {limits.max_requests} requests per key is reached (--max-requests)"
    )


def skipped_write(request: Request) -> WriteLeftOut:
    """Return the error of a request that ``--no-writes`` skips."""
    return WriteLeftOut(f"{request.method} is not sent: --no-writes skips requests that may write")


class Budget:
    """Plans the requests of a batch, then takes them as they are sent. Not thread-safe.

    ``quotas`` are the counts of the keys; ``blocked`` holds why an identity may send nothing more.
    """

    def __init__(self, limits: Limits, tally: Tally, pace: Pace, waits: Waits) -> None:
        self.limits = limits
        self.quotas: defaultdict[str, Quota] = defaultdict(Quota)
        self.blocked: dict[str, str] = {}
        self._tally = tally
        self._pace = pace
        self._waits = waits
        self._planned: Counter[str] = Counter()
        self._granted: dict[str, int] = {}

    def left(self, identity: str) -> int:
        """Return the number of requests that the identity may still send, as of the last batch."""
        granted = self._granted.get(identity, self.limits.max_requests)
        return max(0, min(self.limits.max_requests, granted) - self._tally.sent[identity])

    def plan(self, request: Request) -> Exception | None:
        """Count a request before its batch is sent, or return why it is not sent."""
        identity = request.identity
        if self.limits.no_writes and request.writes:
            return skipped_write(request)
        refused = self._refused(request, self._planned[identity])
        if refused is None:
            self._planned[identity] += 1
        return refused

    def grant(self) -> dict[str, int]:
        """Record what the keys have left once a batch is complete: identity → requests in all.

        Between two batches nothing else counts: what a run asks must follow from the responses.
        """
        self._planned.clear()
        self._granted.clear()
        for identity in (OWN, OTHER):
            left = self.quotas[identity].left()
            if left is not None:
                self._granted[identity] = self._tally.sent[identity] + max(0, left)
        return dict(self._granted)

    def take(self, request: Request, *, first: bool) -> Exception | None:
        """Count an attempt as it is sent, or return why it is not sent.

        :param first: this is the planned attempt of the request, and no retry.
        """
        identity = request.identity
        if self._tally.closed:
            return BudgetExhausted("the run was stopped")
        if first:
            # A planned request is sent, unless others have used up the key meanwhile.
            self._planned[identity] -= 1
            count = self.quotas[identity].trusted if identity != ANONYMOUS else None
            if identity in self.blocked:
                return RateLimited(self.blocked[identity])
            if count is not None and count.remaining <= count.reserve:
                return BudgetExhausted(exhausted(NAMES[identity], count))
        elif refused := self._refused(request, self._planned[identity]):
            return refused
        self._tally.count(request)
        self._tally.trace(request).attempts += 1
        return None

    def _refused(self, request: Request, planned: int) -> Exception | None:
        """Return why the identity may not send one more, beside ``planned`` requests not yet sent."""
        identity = request.identity
        if identity in self.blocked:
            return RateLimited(self.blocked[identity])
        if self._tally.sent[identity] + planned >= self.limits.max_requests:
            return limit_reached(self.limits)
        if identity == ANONYMOUS:
            return None
        quota = self.quotas[identity]
        count, left, resets_in = quota.trusted, quota.left(), quota.resets_in()
        if count is None or left is None or resets_in is None or left - planned > 0:
            return None
        why = exhausted(NAMES[identity], count, planned)
        if self._pace.held(identity) >= resets_in - 1:
            return None
        if self._waits.allowed(identity, resets_in):
            text = f"{why}: waited {resets_in:.0f} s"
            self._tally.add_incident(request, RATE_LIMIT, text, counts=False)
            self._waits.hold(identity, resets_in)
            return None
        return BudgetExhausted(why)
