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
    """What is known of one request while it is answered.

    ``operation`` is ``nothing`` where no resource has the path; ``clinician_id`` is the last segment
    of a retrieve as it came, percent-decoded. ``identity`` stays None without a valid key.
    ``headers`` go out with the response, whatever its status.
    """

    request: Request
    request_id: str
    operation: Operation
    clinician_id: str = ""
    identity: Identity | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Envelope:
    """How records and refusals become a response. Each step is a method of its own."""

    media_type: str = "application/json"

    def new_request_id(self) -> str:
        """``req_`` and 24 hexadecimal digits, different on every response."""
        return f"req_{secrets.token_hex(12)}"

    def profile(self, row: Row) -> Body:
        """The 17 members of a clinician, the same in a list and on its own."""
        profile = {member: row[member] for member in MEMBERS}
        profile["is_active"] = bool(row["is_active"])
        profile["is_bookable_online"] = bool(row["is_bookable_online"])
        return profile

    def list_profile(self, row: Row) -> Body:
        """A clinician as a row of the list."""
        return self.profile(row)

    def single_profile(self, row: Row) -> Body:
        """A clinician as it is retrieved by id."""
        return self.profile(row)

    def location(self, row: Row) -> Body:
        """A location as a row of the list of locations: ``id`` and ``name``."""
        return {"id": row["id"], "name": row["name"]}

    def meta(self, context: Context) -> Body:
        """What every ``meta`` holds: the request id."""
        return {"request_id": context.request_id}

    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        """Where the next page starts, or None after the last one. ``count``: records in this page."""
        return query.offset + count if has_more else None

    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        """The ``meta`` of a list: what a client pages by. There is no total count, on purpose."""
        return {
            **self.meta(context),
            "limit": query.limit,
            "has_more": has_more,
            "next_offset": self.next_offset(query, count, has_more),
        }

    def list_body(
        self, context: Context, query: ListQuery, data: Sequence[Body], has_more: bool
    ) -> Body:
        """The body of a page."""
        return {
            "data": list(data),
            "meta": self.list_meta(context, query, len(data), has_more),
        }

    def single_body(self, context: Context, data: Body) -> Body:
        """The body of one record."""
        return {"data": data, "meta": self.meta(context)}

    def error_body(self, context: Context, refusal: Refusal) -> Body:
        """The body of a refusal: a code in upper case to branch on, a message to read."""
        return {
            "data": None,
            "meta": self.meta(context),
            "error": {"code": refusal.code, "message": refusal.message},
        }

    def encode(self, body: Body) -> bytes:
        """Strict JSON in UTF-8: NaN raises ValueError rather than going out."""
        text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()

    def response_headers(self, context: Context, status: int) -> dict[str, str]:  # noqa: ARG002
        """The headers of every response, besides those that its own status asks for."""
        return {
            "Content-Type": self.media_type,
            "X-Request-Id": context.request_id,
            **context.headers,
        }

    def respond(
        self, context: Context, status: int, body: Body, headers: Mapping[str, str] | None = None
    ) -> Response:
        """The response to send. To HEAD too it has a body here: the server keeps that back."""
        return Response(
            content=self.encode(body),
            status_code=status,
            headers={**self.response_headers(context, status), **(headers or {})},
        )

    def finish(self, context: Context, response: Response) -> Response:  # noqa: ARG002
        """The last look at every response, refusals and errors included, before it is sent."""
        return response
