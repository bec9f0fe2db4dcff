"""Lawful variants: gateways that fail at single places or for a while; every request passes in the end."""

from __future__ import annotations

import itertools
import json
import time

from starlette.requests import Request
from starlette.responses import Response

from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.store import Store


class _Fails(ClinicianApi):
    """An API behind a gateway that fails for some requests, selected by their number."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._numbers = itertools.count(1)

    def handle(self, request: Request) -> Response:
        """Return the usual response, or the page of the gateway."""
        if self.is_subject(request) and self.fails(next(self._numbers)):
            return self.page()
        return super().handle(request)

    def is_subject(self, request: Request) -> bool:  # noqa: ARG002
        """Return whether the request has a number."""
        return True

    def fails(self, number: int) -> bool:
        """Return whether the gateway fails for the request with this number, counted from 1."""
        raise NotImplementedError

    def page(self) -> Response:
        """Return the page of the gateway."""
        raise NotImplementedError


@lawful("The server restarts during the run: for one second a gateway returns 502 without a body.")
class RestartsDuringTheRun(_Fails):
    """Every request of that second fails, whatever it is."""

    began: float | None = None

    def fails(self, number: int) -> bool:
        """Return whether the second has begun, with the 90th request, and has not ended."""
        if number == 90:
            self.began = time.monotonic()
        return self.began is not None and time.monotonic() < self.began + 1

    def page(self) -> Response:
        """Return the response of the gateway."""
        return Response(None, 502)


@lawful("A gateway times out for every 23rd retrieve, GET or HEAD: 504 as plain text.")
class RetrievesTimeOut(_Fails):
    """Single profiles come from another server than the list."""

    def is_subject(self, request: Request) -> bool:
        """Return whether a profile is requested."""
        return bool(request.scope["path"].startswith("/api-v1/clinician-profiles/"))

    def fails(self, number: int) -> bool:
        """Return whether the server takes too long."""
        return number % 23 == 0

    def page(self) -> Response:
        """Return the page of the gateway."""
        return Response("upstream request timeout", 504, media_type="text/plain")


@lawful("A gateway is busy twice in a row for every 60th search: 503, Retry-After, and JSON.")
class SearchIsBusy(_Fails):
    """The search engine has a limit of its own."""

    def is_subject(self, request: Request) -> bool:
        """Return whether something is searched for."""
        return "search" in request.query_params

    def fails(self, number: int) -> bool:
        """Return whether the search engine is busy."""
        return number % 60 in (0, 1) and number > 1

    def page(self) -> Response:
        """Return the response of the gateway."""
        body = json.dumps({"message": "The upstream server is busy."})
        headers = {"Retry-After": "1"}
        return Response(body, 503, headers, media_type="application/json")


@lawful("A gateway fails for the second to the fourth request that writes: 520 in HTML.")
class WritesReachNoOrigin(_Fails):
    """The requests pass when they are sent again."""

    def is_subject(self, request: Request) -> bool:
        """Return whether the method may write."""
        return request.method in ("POST", "PUT", "PATCH", "DELETE")

    def fails(self, number: int) -> bool:
        """Return whether the origin cannot be reached."""
        return 2 <= number <= 4

    def page(self) -> Response:
        """Return the page of the gateway."""
        page = "<!DOCTYPE html><title>520: Web server is returning an unknown error</title>"
        return Response(page, 520, media_type="text/html")
