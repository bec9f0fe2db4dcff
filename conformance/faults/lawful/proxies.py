"""Lawful variants: what a gateway, a firewall, a proxy or a cache in front of the server does."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass
from time import time
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app
from conformance.reference.envelope import Context
from conformance.reference.ratelimit import Allowance, RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.store import Store

_ATTACK = re.compile(rb"[\x00-\x1f\"<>;()\[\]{}|\\^*]|--")
_LONGEST_TARGET = 1000


def _page(status: int, text: str) -> Response:
    return Response(f"<html><h1>{status} {text}</h1></html>", status, media_type="text/html")


class _HostedGateway:
    """A gateway that fails at every ``every``-th request, each time with another of its statuses."""

    statuses = (520, 521, 522, 523, 524, 525, 526, 527, 530, 546)

    def __init__(self, app: ASGIApp, *, every: int, as_json: bool) -> None:
        self.app = app
        self.every = every
        self.as_json = as_json
        self.number = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        number = next(self.number)
        if number % self.every:
            await self.app(scope, receive, send)
            return
        status = self.statuses[number // self.every % len(self.statuses)]
        response = _page(status, "The origin cannot be reached")
        if self.as_json:
            body = json.dumps({"code": "WORKER_LIMIT", "message": "Out of compute resources"})
            response = Response(body, status, media_type="application/json")
        await response(scope, receive, send)


@lawful(
    "A hosted gateway fails for every 43rd request: HTML with a status from 520 to 546.",
    app=lambda api: _HostedGateway(build_app(api), every=43, as_json=False),
)
class HostedGatewayStumbles(ClinicianApi):
    """The gateway fails, not the server."""


@lawful(
    "A gateway of edge functions fails for every 47th request: JSON without an envelope.",
    app=lambda api: _HostedGateway(build_app(api), every=47, as_json=True),
)
class EdgeFunctionStumbles(ClinicianApi):
    """The gateway stops a function that takes too many resources."""


@lawful("Methods that write return 501 with an error envelope.")
class WritesNotImplemented(ClinicianApi):
    """The server does not know these methods."""

    departs_from = frozenset({"RO-06"})

    def method_not_allowed(self) -> Refusal:
        """501: the method is not implemented."""
        return Refusal(501, "NOT_IMPLEMENTED", "This method is not implemented.")


@lawful("The web server returns 501 as an HTML page for PUT, PATCH and DELETE.")
class WebServerKnowsNoWrites(ClinicianApi):
    """The web server refuses methods that it does not know, before the API sees them."""

    departs_from = frozenset({"RO-06"})

    def handle(self, request: Request) -> Response:
        """Return the page, or the usual response."""
        if request.method in ("PUT", "PATCH", "DELETE"):
            return _page(501, "Not Implemented")
        return super().handle(request)


class _TooLong(ClinicianApi):
    """Refuses requests whose path and query are long."""

    def handle(self, request: Request) -> Response:
        """Return the refusal for a long request."""
        raw = request.scope["raw_path"] + b"?" + request.scope["query_string"]
        return self.too_long() if len(raw) > _LONGEST_TARGET else super().handle(request)

    def too_long(self) -> Response:
        """Return the refusal."""
        return _page(414, "URI Too Long")


@lawful("A path with its query of more than 1,000 characters returns 414 as an HTML page.")
class LongTargetsAreTooLong(_TooLong):
    """Web servers limit the request line."""


@lawful("A path with its query of more than 1,000 characters returns 431 without a body.")
class LongTargetsGetAnotherStatus(_TooLong):
    """Node.js counts the request line as a part of the headers."""

    def too_long(self) -> Response:
        """Return the refusal."""
        return Response(None, 431)


@lawful("A path with its query of more than 1,000 characters returns 414 with an error envelope.")
class LongTargetsHaveAnEnvelope(_TooLong):
    """The API itself refuses them."""

    def too_long(self) -> Response:
        """Return the refusal."""
        error = {"code": "URI_TOO_LONG", "message": "The URI is too long."}
        body = {"data": None, "meta": {"request_id": self.new_request_id()}, "error": error}
        return Response(json.dumps(body), 414, media_type="application/json")


@lawful("A path with its query of more than 1,000 characters returns 414 as JSON of a proxy.")
class LongTargetsAreRefusedInJson(_TooLong):
    """API gateways have an error format of their own."""

    def too_long(self) -> Response:
        """Return the refusal."""
        body = json.dumps({"message": "URI too long"})
        return Response(body, 414, media_type="application/json")


class _Firewall(ClinicianApi):
    """Refuses requests whose query or path looks like an attack."""

    def handle(self, request: Request) -> Response:
        """Return the page of the firewall, or the usual response."""
        scope = request.scope
        if _ATTACK.search(unquote_to_bytes(scope["query_string"].replace(b"[]=", b"="))):
            return self.blocked()
        return super().handle(request)

    def blocked(self) -> Response:
        """Return the page of the firewall."""
        return _page(403, "Request blocked")


@lawful("A firewall refuses search terms with special characters: 403 and an HTML page.")
class FirewallInFront(_Firewall):
    """Its rules take the terms for an attack."""


@lawful("A firewall refuses search terms with special characters: 406 and JSON of its own.")
class FirewallNotAcceptable(_Firewall):
    """Its rules take the terms for an attack."""

    def blocked(self) -> Response:
        """Return the JSON of the firewall."""
        body = json.dumps({"error": "Not acceptable", "incident": "5f1b0c2e"})
        return Response(body, 406, media_type="application/json")


@lawful("X-RateLimit-Limit names its window: 1000, 1000;w=3600.")
class LimitNamesItsWindow(ClinicianApi):
    """Gateways follow drafts of the standard for rate limit headers."""

    def rate_headers(self, allowance: Allowance) -> dict[str, str]:
        """Return the limit as a list."""
        limit = f"{allowance.limit}, {allowance.limit};w=3600"
        return super().rate_headers(allowance) | {"X-RateLimit-Limit": limit}


@lawful("X-RateLimit-Limit and X-RateLimit-Remaining name their window: 997;w=3600.")
class CountsNameTheirWindow(ClinicianApi):
    """Both headers are items with a parameter."""

    def rate_headers(self, allowance: Allowance) -> dict[str, str]:
        """Return both counts with their window."""
        return super().rate_headers(allowance) | {
            "X-RateLimit-Limit": f"{allowance.limit};w=3600",
            "X-RateLimit-Remaining": f"{allowance.remaining};w=3600",
        }


@lawful("The rate limit headers hold the limits of a second and of an hour.")
class SeveralRateLimits(ClinicianApi):
    """A client cannot tell which number is which, but that harms no one."""

    departs_from = frozenset({"ENV-13"})

    def rate_headers(self, allowance: Allowance) -> dict[str, str]:
        """Return the counts of both windows."""
        return super().rate_headers(allowance) | {
            "X-RateLimit-Limit": f"100, 100;w=1, {allowance.limit};w=3600",
            "X-RateLimit-Remaining": f"99, {allowance.remaining}",
        }


@dataclass(frozen=True)
class _Kept:
    response: Response
    at: float


@lawful("A cache of each key repeats responses for five seconds, with Vary and Age.")
class CacheOfEachKey(ClinicianApi):
    """A repeat has the request_id and the rate limit headers of the response that it repeats."""

    departs_from = frozenset({"ENV-14", "ENV-16"})
    seconds = 5.0
    varies = True

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self.kept: dict[tuple[str, str, str], _Kept] = {}

    def handle(self, request: Request) -> Response:
        """Return the response that was kept, or a new one."""
        key = (request.method, str(request.url), request.headers.get("authorization", ""))
        kept = self.kept.get(key)
        if kept is not None and time() - kept.at < self.seconds:
            return self.repeated(kept)
        response = super().handle(request)
        if self.varies:
            response.headers["Vary"] = "Authorization"
        if response.status_code == 200:
            self.kept[key] = _Kept(response, time())
        return response

    def repeated(self, kept: _Kept) -> Response:
        """Return a response once more."""
        response = Response(kept.response.body, 200, dict(kept.response.headers))
        response.headers["Age"] = str(int(time() - kept.at))
        return response


@lawful("A cache of each key repeats responses for five seconds: X-Cache-Status, and no Age.")
class CacheWithoutAge(CacheOfEachKey):
    """As nginx caches: with a Date of its own. The same count of requests left shows the repeat."""

    def handle(self, request: Request) -> Response:
        """Return the response that was kept, or a new one, and say which."""
        response = super().handle(request)
        if "x-cache-status" not in response.headers:
            response.headers["X-Cache-Status"] = "MISS"
        return response

    def repeated(self, kept: _Kept) -> Response:
        """Return a response once more."""
        response = Response(kept.response.body, 200, dict(kept.response.headers))
        response.headers["X-Cache-Status"] = "HIT"
        return response


@lawful("A cache of each key repeats responses for five seconds: Cache-Control private, and Age.")
class PrivateCacheWithoutVary(CacheOfEachKey):
    """The cache is a part of the server, which knows the key, so that no header names it."""

    varies = False

    def response_headers(self, context: Context, status: int) -> dict[str, str]:
        """Return the usual headers, and those of the cache."""
        return {**super().response_headers(context, status), "Cache-Control": "private, max-age=5"}
