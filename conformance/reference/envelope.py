"""The shape of every response: bodies, errors, headers and the bytes that are sent."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.parameters import ListQuery
from conformance.reference.refusals import Refusal
from conformance.reference.schema import MEMBERS
from conformance.reference.store import Identity, Row

Body = dict[str, Any]
Operation = Literal["list", "retrieve", "locations", "nothing"]


@dataclass(slots=True)
class Context:
    """The state of one request.

    ``operation`` is ``nothing`` if no resource has the path. ``clinician_id`` is the last path segment of
    a retrieve, percent-decoded but otherwise unchanged. ``identity`` stays None without a valid key.
    ``headers`` are added to the response, whatever its status.
    """

    request: Request
    request_id: str
    operation: Operation
    clinician_id: str = ""
    identity: Identity | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Envelope:
    """Turns records and refusals into responses. Each step is a separate method."""

    media_type: str = "application/json"

    def new_request_id(self) -> str:
        """Return a unique id: ``req_`` and 24 hexadecimal digits."""
        return f"req_{secrets.token_hex(12)}"

    def profile(self, row: Row) -> Body:
        """Return the 17 members of a clinician, the same in a list and in a retrieve."""
        profile = {member: row[member] for member in MEMBERS}
        profile["is_active"] = bool(row["is_active"])
        profile["is_bookable_online"] = bool(row["is_bookable_online"])
        return profile

    def list_profile(self, row: Row) -> Body:
        """Return a clinician as a row of the list."""
        return self.profile(row)

    def single_profile(self, row: Row) -> Body:
        """Return a clinician for a retrieve."""
        return self.profile(row)

    def location(self, row: Row) -> Body:
        """Return a location as a row of the list of locations: ``id`` and ``name``."""
        return {"id": row["id"], "name": row["name"]}

    def meta(self, context: Context) -> Body:
        """Return the members of every ``meta``: the request id."""
        return {"request_id": context.request_id}

    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        """Return the offset of the next page, or None on the last one. ``count``: records on this page."""
        return query.offset + count if has_more else None

    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        """Return the ``meta`` of a list, which deliberately has no total count."""
        return {
            **self.meta(context),
            "limit": query.limit,
            "has_more": has_more,
            "next_offset": self.next_offset(query, count, has_more),
        }

    def list_body(
        self, context: Context, query: ListQuery, data: Sequence[Body], has_more: bool
    ) -> Body:
        """Return the body of a page."""
        return {
            "data": list(data),
            "meta": self.list_meta(context, query, len(data), has_more),
        }

    def single_body(self, context: Context, data: Body) -> Body:
        """Return the body of one record."""
        return {"data": data, "meta": self.meta(context)}

    def error_body(self, context: Context, refusal: Refusal) -> Body:
        """Return the body of a refusal: a code for programs and a message for people."""
        return {
            "data": None,
            "meta": self.meta(context),
            "error": {"code": refusal.code, "message": refusal.message},
        }

    def encode(self, body: Body) -> bytes:
        """Return strict JSON in UTF-8.

        :raises ValueError: for NaN and infinity, which JSON does not have.
        """
        text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()

    def response_headers(self, context: Context, status: int) -> dict[str, str]:  # noqa: ARG002
        """Return the headers of every response, without those that its status requires."""
        return {
            "Content-Type": self.media_type,
            "X-Request-Id": context.request_id,
            **context.headers,
        }

    def respond(
        self, context: Context, status: int, body: Body, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Return the response to send. For HEAD, the HTTP server removes the body later."""
        return Response(
            content=self.encode(body),
            status_code=status,
            headers={**self.response_headers(context, status), **(headers or {})},
        )

    def finish(self, context: Context, response: Response) -> Response:  # noqa: ARG002
        """Return the response to send. Called last for every response, including errors."""
        return response
