"""Lawful variants: other members, other bytes for the same JSON, other headers and ways to send."""

from __future__ import annotations

import hashlib
import itertools
import json
import uuid
from datetime import datetime, timedelta, timezone
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


@lawful("Rows, meta, envelope and errors have further members.")
class FurtherMembers(ClinicianApi):
    """Members that a client of today does not know. None counts the records."""

    def profile(self, row: Row) -> Body:
        """The 17 members among others, of every JSON type."""
        return {
            "object": "clinician_profile",
            **super().profile(row),
            "pronouns": None,
            "languages": ["en", "cy"],
            "secretary": None,  # begins like a secret, and is none
            "working_pattern": {"days": 4.5, "remote": False},
        }

    def meta(self, context: Context) -> Body:
        """The request id among others."""
        return {"api_version": "2025-01", **super().meta(context), "warnings": []}

    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        """The members that a client pages by, and where this page starts."""
        return {**super().list_meta(context, query, count, has_more), "offset": query.offset}

    def encode(self, body: Body) -> bytes:
        """The body with a member of its own."""
        return super().encode({**body, "links": {"documentation": "https://example.com/docs"}})


@lawful("A retrieved profile has members that list rows lack.")
class RetrieveHasMore(ClinicianApi):
    """The list is lean, beyond the 17 members."""

    def single_profile(self, row: Row) -> Body:
        """The profile with what a list leaves out."""
        return {**self.profile(row), "languages": ["en"], "specialties": [], "gender": None}


@lawful("List rows have members that a retrieved profile lacks.")
class ListHasMore(ClinicianApi):
    """A list row says where it belongs."""

    def list_profile(self, row: Row) -> Body:
        """The profile with a link to itself."""
        return {**self.profile(row), "href": f"/api-v1/clinician-profiles/{row['id']}"}


class _OtherTimes(ClinicianApi):
    """The same moments, written in another way."""

    def profile(self, row: Row) -> Body:
        """The profile with both timestamps rewritten."""
        profile = super().profile(row)
        for name in ("created_at", "updated_at"):
            profile[name] = self.written(datetime.fromisoformat(profile[name]))
        return profile

    def written(self, moment: datetime) -> str:
        """A moment, as this server writes it."""
        raise NotImplementedError


@lawful("Timestamps have microseconds and the zone +00:00.")
class TimesInMicroseconds(_OtherTimes):
    """As Python writes them."""

    def written(self, moment: datetime) -> str:
        """Six digits behind the second."""
        return moment.isoformat(timespec="microseconds")


@lawful("Timestamps have milliseconds and the zone +01:00.")
class TimesInAnotherZone(_OtherTimes):
    """The same moments on another clock."""

    def written(self, moment: datetime) -> str:
        """One hour east."""
        east = moment.astimezone(timezone(timedelta(hours=1)))
        return east.isoformat(timespec="milliseconds")


@lawful("Timestamps have their T and Z in lower case, as RFC 3339 allows.")
class TimesInLowerCase(_OtherTimes):
    """Rare, and right."""

    def written(self, moment: datetime) -> str:
        """Small letters."""
        return moment.isoformat().replace("T", "t").replace("+00:00", "z")


@lawful("Ids are written in upper case, and read in any.")
class UpperCaseIds(ClinicianApi):
    """A UUID is a number; its letters have no case."""

    def profile(self, row: Row) -> Body:
        """The profile with its id in capitals."""
        return {**super().profile(row), "id": row["id"].upper()}


@lawful("JSON is indented, its members sorted, with a line end behind.")
class PrettyJson(ClinicianApi):
    """JSON for people."""

    def encode(self, body: Body) -> bytes:
        """The same body over many lines."""
        return (json.dumps(body, ensure_ascii=False, indent=4, sort_keys=True) + "\n").encode()


@lawful("JSON is ASCII alone: other characters, and slashes, are escaped.")
class EscapedJson(ClinicianApi):
    """Surrogate pairs and all."""

    def encode(self, body: Body) -> bytes:
        """The same body in ASCII."""
        return json.dumps(body).replace("/", "\\/").encode("ascii")


@lawful("The media type comes with charset=utf-8.")
class NamesCharset(ClinicianApi):
    """Superfluous, and common."""

    media_type = "application/json; charset=utf-8"


@lawful("Errors have details and a link to the documentation.")
class ErrorDetails(ClinicianApi):
    """More to branch on."""

    def error_body(self, context: Context, refusal: Refusal) -> Body:
        """The error with further members."""
        body = super().error_body(context, refusal)
        details: list[dict[str, Any]] = [{"field": None, "issue": refusal.code.lower()}]
        body["error"].update(
            details=details, type="https://example.com/errors", status=refusal.status
        )
        return body


@lawful("Request ids are UUIDs.")
class UuidRequestIds(ClinicianApi):
    """As tracing systems make them."""

    def new_request_id(self) -> str:
        """A random UUID."""
        return str(uuid.uuid4())


@lawful("Request ids are of different lengths.")
class UnequalRequestIds(ClinicianApi):
    """So are all bodies, and their lengths tell nothing."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._numbers = itertools.count(1)

    def new_request_id(self) -> str:
        """A number, and as many letters as it likes."""
        number = next(self._numbers)
        return f"{number}{'x' * (number * 7 % 13)}"


@lawful("Responses carry the headers that gateways and frameworks add.")
class ManyHeaders(ClinicianApi):
    """None of them means anything to the contract."""

    def response_headers(self, context: Context, status: int) -> dict[str, str]:
        """The usual ones among others."""
        return {
            **super().response_headers(context, status),
            "Server": "gateway",
            "Vary": "Authorization, Accept-Encoding",
            "Strict-Transport-Security": "max-age=63072000",
            "X-Content-Type-Options": "nosniff",
            "Access-Control-Allow-Origin": "*",
            "Via": "1.1 gateway",
        }


@lawful("What is found has an ETag, and everything says how it may be cached.")
class CacheHeaders(ClinicianApi):
    """Kept by the caller alone, and only after asking."""

    def respond(self, context: Context, status: int, body: Body, headers: Any = None) -> Response:
        """The response with both headers; the tag is that of the data, without the request id."""
        response = super().respond(context, status, body, headers)
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["Vary"] = "Authorization"
        if status == 200:
            tag = hashlib.sha256(self.encode({**body, "meta": {}})).hexdigest()[:32]
            response.headers["ETag"] = f'W/"{tag}"'
        return response


@lawful("Each response takes 10 milliseconds.")
class SlowServer(ClinicianApi):
    """As far away as a server may be."""

    def delay(self, request: Request, response: Response) -> float:  # noqa: ARG002
        """Seconds."""
        return 0.01


@lawful("A key may send 400 requests an hour.")
class LowerRateLimit(ClinicianApi):
    """A tenant on a smaller plan."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        clock = (limiter or RateLimiter()).clock
        super().__init__(store, RateLimiter(400, clock))


def _gzip(api: ClinicianApi) -> ASGIApp:
    return GZipMiddleware(build_app(api), minimum_size=100)


@lawful("Bodies are compressed where the client takes gzip.", app=_gzip)
class Gzip(ClinicianApi):
    """As most servers behind a gateway do."""


class _Chunked:
    """Sends bodies in pieces and without their length."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def pieces(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [pair for pair in message["headers"] if pair[0] != b"content-length"]
                await send({**message, "headers": headers})
                return
            body: bytes = message.get("body", b"")
            for start in range(0, len(body), 997):
                piece = body[start : start + 997]
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self.app(scope, receive, pieces)


@lawful("Bodies come in chunks, without a length.", app=lambda api: _Chunked(build_app(api)))
class Chunked(ClinicianApi):
    """As servers do that write while they read."""


@lawful("The connection is closed after each response.")
class ClosesConnections(ClinicianApi):
    """As HTTP/1.0 does."""

    def response_headers(self, context: Context, status: int) -> dict[str, str]:
        """The usual ones, and the end."""
        return {**super().response_headers(context, status), "Connection": "close"}
