"""A rehearsal: the suite judges a lawful model of a target, so that it is known beforehand what comes of it.

The model holds the profiles that the target has shown and answers as the contract wants. A case that is
inconclusive there lacks a record, and a case that ends otherwise does not. Nothing is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.errors import BudgetExhausted, WriteLeftOut
from conformance.http.batches import in_record
from conformance.http.client import Client, ExchangeOrError
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.model.organisation import Organisation, Refusal
from conformance.model.service import Manner, Service
from conformance.target.target import Target
from conformance.text.stamps import now, rfc3339

__all__ = ["Manner", "Organisation", "Refusal", "Rehearsal", "Service"]

_STEP = 0.001


class Rehearsal(Client):
    """Answers from a model and counts what a run would send.

    :param bounds: identity → requests that it has, where that is less than ``max_requests``.
    """

    def __init__(
        self,
        target: Target,
        service: Service,
        *,
        max_requests: int,
        bounds: Mapping[str, int] | None = None,
        no_writes: bool = False,
    ) -> None:
        super().__init__(target, max_requests=max_requests, concurrency=1, no_writes=no_writes)
        self._service = service
        self._bounds = dict(bounds or {})
        self._moment = rfc3339(now())

    def left(self, identity: str) -> int:
        """Requests that the identity may still send."""
        bound = min(self.max_requests, self._bounds.get(identity, self.max_requests))
        return bound - self.sent[identity]

    def _answered(self, requests: Sequence[Request]) -> list[tuple[Request, ExchangeOrError]]:
        in_order = sorted(requests, key=in_record)
        return [(request, self._answer(request)) for request in in_order]

    def _answer(self, request: Request) -> ExchangeOrError:
        if self.no_writes and request.writes:
            return WriteLeftOut(
                f"{request.method} is not sent: --no-writes leaves out what may write"
            )
        if self.left(request.identity) <= 0:
            quota = self._bounds.get(request.identity, self.max_requests)
            if quota < self.max_requests:
                return BudgetExhausted(
                    f"the quota of the key is used up: requests that were left: {quota}"
                )
            return BudgetExhausted(
                f"the bound of {self.max_requests} requests for a key is reached (--max-requests)"
            )
        self.sent[request.identity] += 1
        self.attempts[request] += 1
        answer = self._service.answer(request)
        return Exchange(
            0,
            request,
            self.target.base_url + request.target,
            answer.status,
            answer.headers,
            answer.body,
            # No time passes, and each answer was there before the next request.
            elapsed=0.0,
            at=self.total_sent * _STEP,
            started_at=self._moment,
        )
