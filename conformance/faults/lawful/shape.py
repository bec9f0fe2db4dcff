"""Lawful variants: more members, other bytes for the same JSON, other headers, other transfers."""

from __future__ import annotations

import hashlib
import itertools
import json
import uuid
from typing import Any

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.store import Row, Store


@lawful("Profiles, meta and the envelope have additional members.")
class FurtherMembers(ClinicianApi):
    """The contract allows additional members. None of these counts records."""

    def profile(self, row: Row) -> Body:
        """Return the 17 members and others, of every JSON type."""
        return {
            "object": "clinician_profile",
            **super().profile(row),
            "pronouns": None,
            "languages": ["en", "cy"],
            "secretary": None,  # starts like "secret", but is not one
            "working_pattern": {"days": 4.5, "remote": False},
        }

    def meta(self, context: Context) -> Body:
        """Return the request id and other members."""
        return {"api_version": "2025-01", **super().meta(context), "warnings": []}

    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        """Return the usual members, and the offset of the page."""
        return {**super().list_meta(context, query, count, has_more), "offset": query.offset}

    def encode(self, body: Body) -> bytes:
        """Encode the body with an additional member."""
        return super().encode({**body, "links": {"documentation": "https://example.com/docs"}})


@lawful("A retrieved profile has members that list rows lack.")
class RetrieveHasMore(ClinicianApi):
    """The list returns only the 17 members, which are the same in both."""

    def single_profile(self, row: Row) -> Body:
        """Return the profile with additional members."""
        return {**self.profile(row), "languages": ["en"], "specialties": [], "gender": None}


@lawful("List rows have members that a retrieved profile lacks.")
class ListHasMore(ClinicianApi):
    """A list row links to its profile. The 17 members are the same in both."""

    def list_profile(self, row: Row) -> Body:
        """Return the profile with a link to itself."""
        return {**self.profile(row), "href": f"/api-v1/clinician-profiles/{row['id']}"}


@lawful(
    "Further members nest 90 levels deep, have 300 digits, half of a surrogate pair or 900 members."
)
class FurtherMembersNearTheBounds(ClinicianApi):
    """Unusual, but a client can read it, and the contract allows it."""

    def single_profile(self, row: Row) -> Body:
        """Return the profile with members that are large of their kind."""
        nested: Any = "\ud83d"  # as a text that was cut within an emoji
        for _ in range(90):
            nested = [nested]
        many = {f"day_{number}": None for number in range(900)}
        return {**self.profile(row), "rota": nested, "serial": 10**299, "days": many}

    def encode(self, body: Body) -> bytes:
        """Return JSON in ASCII, which has half of a pair as an escape."""
        return json.dumps(body, separators=(",", ":")).encode()


@lawful("Ids are in upper case in responses, and in any letter case in requests.")
class UpperCaseIds(ClinicianApi):
    """The letter case of a UUID has no meaning."""

    def profile(self, row: Row) -> Body:
        """Return the profile with its id in upper case."""
        return {**super().profile(row), "id": row["id"].upper()}


@lawful("JSON is indented, its members are sorted, and it ends with a line feed.")
class PrettyJson(ClinicianApi):
    """Whitespace and the order of members have no meaning in JSON."""

    def encode(self, body: Body) -> bytes:
        """Encode the body on several lines."""
        return (json.dumps(body, ensure_ascii=False, indent=4, sort_keys=True) + "\n").encode()


@lawful("JSON is pure ASCII: slashes and all other characters are escaped.")
class EscapedJson(ClinicianApi):
    """An escaped character and the character itself are the same in JSON."""

    def encode(self, body: Body) -> bytes:
        """Encode the body in ASCII."""
        return json.dumps(body).replace("/", "\\/").encode("ascii")


@lawful("The media type has the parameter charset=utf-8.")
class NamesCharset(ClinicianApi):
    """The parameter is redundant, but common."""

    media_type = "application/json; charset=utf-8"


@lawful("Errors have details and a link to the documentation.")
class ErrorDetails(ClinicianApi):
    """The contract allows additional members in errors."""

    def error_body(self, context: Context, refusal: Refusal) -> Body:
        """Return the error with additional members."""
        body = super().error_body(context, refusal)
        details: list[dict[str, Any]] = [{"field": None, "issue": refusal.code.lower()}]
        body["error"].update(
            details=details, type="https://example.com/errors", status=refusal.status
        )
        return body


@lawful("Request ids are UUIDs.")
class UuidRequestIds(ClinicianApi):
    """Tracing systems often use UUIDs. The contract leaves the format open."""

    def new_request_id(self) -> str:
        """Return a random UUID."""
        return str(uuid.uuid4())


@lawful("Request ids have different lengths.")
class UnequalRequestIds(ClinicianApi):
    """The lengths of bodies therefore differ too, and reveal nothing."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._numbers = itertools.count(1)

    def new_request_id(self) -> str:
        """Return a number, and up to 12 letters that depend on it."""
        number = next(self._numbers)
        return f"{number}{'x' * (number * 7 % 13)}"


@lawful("Responses carry the headers that gateways and frameworks add.")
class ManyHeaders(ClinicianApi):
    """The contract says nothing about these headers."""

    def response_headers(self, context: Context, status: int) -> dict[str, str]:
        """Return the usual headers and others."""
        return {
            **super().response_headers(context, status),
            "Server": "gateway",
            "Vary": "Authorization, Accept-Encoding",
            "Strict-Transport-Security": "max-age=63072000",
            "X-Content-Type-Options": "nosniff",
            "Access-Control-Allow-Origin": "*",
            "Via": "1.1 gateway",
        }


@lawful("A list has a `Content-Range` without a total, and headers that count other things.")
class RangeWithoutTotal(ClinicianApi):
    """Only a total of records is forbidden."""

    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        """Return the meta, and set the headers."""
        if count:
            last = query.offset + count - 1
            context.headers["Content-Range"] = f"profiles {query.offset}-{last}/*"
        context.headers["X-Total-Queries"] = "3"
        context.headers["X-Total-Time-Ms"] = "12"
        context.headers["X-Record-Count"] = str(count)
        return super().list_meta(context, query, count, has_more)


@lawful("Responses with status 200 have an ETag, and every response has Cache-Control.")
class CacheHeaders(ClinicianApi):
    """Only the caller's own cache may store a response, and must revalidate it."""

    def respond(self, context: Context, status: int, body: Body, headers: Any = None) -> Response:
        """Return the response with the headers. The tag depends on the body without its meta."""
        response = super().respond(context, status, body, headers)
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["Vary"] = "Authorization"
        if status == 200:
            tag = hashlib.sha256(self.encode({**body, "meta": {}})).hexdigest()[:32]
            response.headers["ETag"] = f'W/"{tag}"'
        return response


@lawful("Each response takes 10 milliseconds.")
class SlowServer(ClinicianApi):
    """The contract sets no response time."""

    def delay(self, request: Request, response: Response) -> float:  # noqa: ARG002
        """Return the delay in seconds."""
        return 0.01


@lawful("A key may send 400 requests an hour.")
class LowerRateLimit(ClinicianApi):
    """The limit may depend on the plan of the customer."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        clock = (limiter or RateLimiter()).clock
        super().__init__(store, RateLimiter(400, clock))


def _gzip(api: ClinicianApi) -> ASGIApp:
    return GZipMiddleware(build_app(api), minimum_size=100)


@lawful("Bodies are compressed if the client accepts gzip.", app=_gzip)
class Gzip(ClinicianApi):
    """Gateways often compress responses."""


class _Chunked:
    """An application that sends bodies in chunks, without Content-Length."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def chunks(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [pair for pair in message["headers"] if pair[0] != b"content-length"]
                await send({**message, "headers": headers})
                return
            body: bytes = message.get("body", b"")
            for start in range(0, len(body), 997):
                chunk = body[start : start + 997]
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self.app(scope, receive, chunks)


@lawful(
    "Bodies are sent in chunks, without Content-Length.",
    app=lambda api: _Chunked(build_app(api)),
)
class Chunked(ClinicianApi):
    """Servers that stream their responses use chunked transfer coding."""


@lawful("The connection is closed after each response.")
class ClosesConnections(ClinicianApi):
    """HTTP does not require persistent connections."""

    def response_headers(self, context: Context, status: int) -> dict[str, str]:
        """Return the usual headers, and ``Connection: close``."""
        return {**super().response_headers(context, status), "Connection": "close"}
