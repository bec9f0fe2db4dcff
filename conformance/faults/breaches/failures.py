"""Servers whose failures do not depend on what a request asks for (ROB-01)."""

from __future__ import annotations

from itertools import count

from starlette.responses import Response

from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Context
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.store import Store


class _Taken(ClinicianApi):
    """An API that takes instances, or connections to its database, by turns."""

    size = 1

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._requests = count()

    def answer(self, context: Context) -> Response:
        """Return the response of the next one."""
        return self.answer_by(next(self._requests) % self.size, context)

    def answer_by(self, number: int, context: Context) -> Response:
        """Return the response of one of them.

        :param number: its number, from 0.
        """
        raise NotImplementedError


@fault(
    "ROB-01",
    "A refused value leaves one of three connections in a broken transaction: its next request fails.",
)
class TransactionStaysBroken(_Taken):
    size = 3

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._broken: set[int] = set()

    def answer_by(self, number: int, context: Context) -> Response:
        if number in self._broken:
            self._broken.discard(number)
            raise RuntimeError("current transaction is aborted")
        try:
            return super(_Taken, self).answer(context)
        except Refusal as refusal:
            if refusal.status == 400:
                self._broken.add(number)
            raise


@fault("ROB-01", "One of twelve instances has no database: it returns 500 for each request.")
class OneInstanceHasNoDatabase(_Taken):
    size = 12

    def answer_by(self, number: int, context: Context) -> Response:
        if number == self.size - 1:
            raise RuntimeError("connection refused")
        return super(_Taken, self).answer(context)
