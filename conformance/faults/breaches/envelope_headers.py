"""Servers with wrong request ids, media types or rate limits (ENV-07 to ENV-11, ENV-13, ENV-14, ENV-16)."""

from __future__ import annotations

import hashlib
import random
import time

from starlette.requests import Request
from starlette.responses import Response

from conformance.faults.lawful.proxies import CacheOfEachKey
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.ratelimit import Allowance, RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.store import Identity, Store

# ENV-07: the request id is present


@fault("ENV-07", "`meta` of a 404 has no `request_id`.")
class NotFoundHasNoRequestId(ClinicianApi):
    def error_body(self, context: Context, refusal: Refusal) -> Body:
        body = super().error_body(context, refusal)
        return {**body, "meta": {}} if refusal.status == 404 else body


@fault("ENV-07", "`request_id` is a number instead of a string.")
class RequestIdIsNumeric(ClinicianApi):
    def meta(self, context: Context) -> Body:
        return {"request_id": int(context.request_id[-12:], 16)}


@fault("ENV-07", "The `request_id` of a retrieved profile is an empty string.")
class RetrieveHasAnEmptyRequestId(ClinicianApi):
    def single_body(self, context: Context, data: Body) -> Body:
        return {**super().single_body(context, data), "meta": {"request_id": ""}}


# ENV-08: the request id is unique


@fault("ENV-08", "All responses within one second have the same `request_id`.")
class RequestIdOfTheSecond(ClinicianApi):
    def new_request_id(self) -> str:
        return f"req_{int(time.time()):x}"


@fault(
    "ENV-08", "`request_id` is a hash of method and URL, so a repeated request has the same one."
)
class RequestIdOfTheUrl(ClinicianApi):
    def open(self, request: Request) -> Context:
        context = super().open(request)
        url = f"{request.method} {request.url.path}?{request.url.query}"
        context.request_id = f"req_{hashlib.sha256(url.encode()).hexdigest()[:24]}"
        return context


@fault("ENV-08", "Every second response repeats the `request_id` of the response before it.")
class RequestIdsInPairs(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._spare: str | None = None

    def new_request_id(self) -> str:
        if self._spare is None:
            self._spare = super().new_request_id()
            return self._spare
        spare, self._spare = self._spare, None
        return spare


@fault("ENV-08", "All error responses have the same `request_id`.")
class RefusalsShareRequestId(ClinicianApi):
    def refuse(self, context: Context, refusal: Refusal) -> Response:
        context.request_id = "req_000000000000000000000000"
        return super().refuse(context, refusal)


@fault("ENV-08", "`request_id` is chosen from only 200 values.")
class RequestIdsRunOut(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._random = random.Random(7)

    def new_request_id(self) -> str:
        return f"req_{self._random.randrange(200):024x}"


@fault("ENV-08", "A shared cache repeats refusals of keys, with `Age` and their `request_id`.")
class CacheIsShared(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._kept: dict[tuple[str, str], Response] = {}

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if response.status_code != 401:
            return response
        kept = self._kept.setdefault((request.method, str(request.url)), response)
        if kept is not response:
            kept.headers["Age"] = "1"
        return kept


# ENV-16: the request id of a cache


@fault("ENV-16", "A cache private to the key repeats the `request_id` of a response.")
class CacheRepeatsRequestIds(CacheOfEachKey):
    pass


# ENV-09 and ENV-10: X-Request-Id


@fault("ENV-09", "`X-Request-Id` of an error differs from its `meta.request_id`.")
class ErrorHeaderHasAnotherRequestId(ClinicianApi):
    def response_headers(self, context: Context, status: int) -> dict[str, str]:
        headers = super().response_headers(context, status)
        if status >= 400:
            headers["X-Request-Id"] = self.new_request_id()
        return headers


@fault("ENV-10", "Errors have no `X-Request-Id` header.")
class ErrorsHaveNoRequestIdHeader(ClinicianApi):
    def response_headers(self, context: Context, status: int) -> dict[str, str]:
        headers = super().response_headers(context, status)
        if status >= 400:
            del headers["X-Request-Id"]
        return headers


# ENV-11: the media type


@fault("ENV-11", "Errors have the content type text/html.")
class ErrorsAreHtml(ClinicianApi):
    def response_headers(self, context: Context, status: int) -> dict[str, str]:
        headers = super().response_headers(context, status)
        if status >= 400:
            headers["Content-Type"] = "text/html; charset=utf-8"
        return headers


@fault("ENV-11", "A 400 has the content type application/problem+json.")
class BadRequestIsProblemJson(ClinicianApi):
    def response_headers(self, context: Context, status: int) -> dict[str, str]:
        headers = super().response_headers(context, status)
        if status == 400:
            headers["Content-Type"] = "application/problem+json"
        return headers


# ENV-13 and ENV-14: the rate limit


@fault("ENV-13", "A 404 has no `X-RateLimit-Remaining` header.")
class NotFoundHasNoRemaining(ClinicianApi):
    def response_headers(self, context: Context, status: int) -> dict[str, str]:
        headers = super().response_headers(context, status)
        if status == 404:
            headers.pop("X-RateLimit-Remaining", None)
        return headers


@fault("ENV-14", "`X-RateLimit-Remaining` goes up: it counts the requests that were made.")
class RemainingCountsUp(ClinicianApi):
    def rate_headers(self, allowance: Allowance) -> dict[str, str]:
        headers = super().rate_headers(allowance)
        return {**headers, "X-RateLimit-Remaining": str(allowance.limit - allowance.remaining)}


@fault("ENV-14", "`X-RateLimit-Remaining` names its window, and goes up.")
class RemainingOfWindowCountsUp(ClinicianApi):
    def rate_headers(self, allowance: Allowance) -> dict[str, str]:
        used = allowance.limit - allowance.remaining
        return super().rate_headers(allowance) | {"X-RateLimit-Remaining": f"{used};w=3600"}


@fault(
    "ENV-14", "List and retrieve count separately, so `X-RateLimit-Remaining` jumps between them."
)
class OperationsCountApart(ClinicianApi):
    def count(self, context: Context, identity: Identity) -> None:
        per_operation = identity._replace(key_hash=f"{context.operation} {identity.key_hash}")
        super().count(context, per_operation)
