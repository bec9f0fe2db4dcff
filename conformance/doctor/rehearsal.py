"""A backend that answers from a model of a target, to learn beforehand what a run would come to.

The model holds the profiles that the target has shown, and returns what the contract demands. A case that
is inconclusive there lacks a record; any other case does not. Nothing is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from conformance.errors import BudgetExhausted
from conformance.http.backend import Tally
from conformance.http.batches import in_record
from conformance.http.budget import limit_reached, skipped_write
from conformance.http.exchange import Exchange, utc_now
from conformance.http.failures import ExchangeOrError
from conformance.http.limits import Limits
from conformance.http.quota import KeyCount
from conformance.http.request import Request
from conformance.model.service import Service
from conformance.target.target import Target

_STEP = 0.001


class Rehearsal:
    """Answers from a model, and counts what a run would send.

    :param granted: identity → requests that its key has left, if that is less than ``max_requests``.
    """

    def __init__(
        self,
        target: Target,
        service: Service,
        limits: Limits,
        granted: Mapping[str, int] | None = None,
    ) -> None:
        self.target = target
        self.limits = limits
        self.tally = Tally()
        self.on_wait: Callable[[str], None] | None = None
        self._service = service
        self._granted = dict(granted or {})
        self._started_at = utc_now()

    def answer(
        self,
        requests: Sequence[Request],
        epoch: int,  # noqa: ARG002
    ) -> list[tuple[Request, ExchangeOrError]]:
        """Return each request with its answer, in the order of the record."""
        return [(request, self._answer(request)) for request in sorted(requests, key=in_record)]

    def left(self, identity: str) -> int:
        """Return the number of requests that the identity may still send."""
        bound = min(self.limits.max_requests, self._granted.get(identity, self.limits.max_requests))
        return bound - self.tally.sent[identity]

    def key_count(self, identity: str) -> KeyCount | None:  # noqa: ARG002
        """Return None: a model knows no count of its own."""
        return None

    def stop(self) -> None:
        """Do nothing: nothing is pending."""

    def close(self) -> None:
        """Do nothing: there are no connections."""

    def _answer(self, request: Request) -> ExchangeOrError:
        identity = request.identity
        if self.limits.no_writes and request.writes:
            return skipped_write(request)
        if self.left(identity) <= 0:
            granted = self._granted.get(identity, self.limits.max_requests)
            if granted < self.limits.max_requests:
                return BudgetExhausted(
                    f"the quota of the key is used up: requests that were left: {granted}"
                )
            return limit_reached(self.limits)
        self.tally.count(request)
        answer = self._service.answer(request)
        return Exchange(
            0,
            request,
            self.target.base_url + request.shown_target,
            answer.status,
            answer.headers,
            answer.body,
            # No time passes, and each response arrives before the next request is sent.
            elapsed=0.0,
            at=self.tally.total_sent * _STEP,
            started_at=self._started_at,
        )
