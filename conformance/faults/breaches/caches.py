"""Servers with a cache that does not tell requests of one key apart (FIL-04, PAG-12)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.store import Store


class _ForgetfulCache(ClinicianApi):
    """An API with a cache of each key, whose own key lacks one parameter."""

    forgotten = "is_bookable_online"

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._kept: dict[tuple[str, ...], Response] = {}

    def handle(self, request: Request) -> Response:
        query = [f"{name}={text}" for name, text in request.query_params.multi_items()]
        known = [pair for pair in query if not pair.startswith(f"{self.forgotten}=")]
        key = (request.headers.get("authorization", ""), request.scope["path"], *sorted(known))
        if request.method != "GET" or not request.scope["path"].endswith("/clinician-profiles"):
            return super().handle(request)
        kept = self._kept.get(key)
        if kept is not None:
            return Response(kept.body, 200, dict(kept.headers))
        response = super().handle(request)
        if response.status_code == 200:
            self._kept[key] = response
        return response


@fault("FIL-04", "The key of a cache of lists lacks `is_bookable_online`.")
class CacheForgetsOneFilter(_ForgetfulCache):
    pass


@fault(
    "PAG-12", "The key of a cache of lists lacks `offset`, so each page is the one that came first."
)
class CacheForgetsTheOffset(_ForgetfulCache):
    forgotten = "offset"
