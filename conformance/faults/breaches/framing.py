"""Servers whose responses do not end where they say (ROB-14), or that end the connection (ROB-01)."""

# ruff: noqa: ARG001 - a change need not use all of its arguments

from __future__ import annotations

import gzip

from starlette.requests import Request

from conformance.faults.variant import fault
from conformance.faults.wire import cut, framed
from conformance.reference.api import ClinicianApi

Sent = tuple[int | None, bytes] | None


def _is_retrieve(request: Request) -> bool:
    return bool(request.scope["path"].count("/") == 3)


# ROB-14: the length of a response


def _head_sends_body(request: Request, status: int, body: bytes) -> Sent:
    content = body or b'{"data":null,"meta":{}}'
    return (len(content), content) if request.method == "HEAD" else None


@fault("ROB-14", "HEAD returns the body of GET.", app=framed(_head_sends_body))
class HeadSendsTheBody(ClinicianApi):
    pass


def _head_error_sends_body(request: Request, status: int, body: bytes) -> Sent:
    return _head_sends_body(request, status, body) if status == 404 else None


@fault(
    "ROB-14",
    "HEAD of an unknown id returns the body of the error, in a packet of its own.",
    app=framed(_head_error_sends_body, wait=0.005),
)
class HeadSendsTheErrorLate(ClinicianApi):
    pass


def _counts_characters(request: Request, status: int, body: bytes) -> Sent:
    return len(body.decode()), body


@fault(
    "ROB-14",
    "Content-Length counts characters instead of bytes, so a body beyond ASCII is cut.",
    app=framed(_counts_characters),
)
class LengthCountsCharacters(ClinicianApi):
    pass


def _newline_follows(request: Request, status: int, body: bytes) -> Sent:
    is_profile = request.method == "GET" and _is_retrieve(request)
    return (len(body), body + b"\n") if is_profile else None


@fault(
    "ROB-14",
    "A line feed follows the body of a profile and is not part of its Content-Length.",
    app=framed(_newline_follows),
)
class LineFeedFollowsProfiles(ClinicianApi):
    pass


def _declares_more(request: Request, status: int, body: bytes) -> Sent:
    return (len(body) + 1, body) if status == 404 and body else None


@fault(
    "ROB-14",
    "The Content-Length of a 404 is one byte more than its body.",
    app=framed(_declares_more),
)
class NotFoundDeclaresMore(ClinicianApi):
    pass


def _always_declares_more(request: Request, status: int, body: bytes) -> Sent:
    return (len(body) + 20, body) if body else None


@fault(
    "ROB-14",
    "Content-Length is that of the body before it was compressed, on every response.",
    app=framed(_always_declares_more),
)
class LengthIsOfAnotherBody(ClinicianApi):
    pass


def _compresses(request: Request, status: int, body: bytes) -> Sent:
    accepts = "gzip" in request.headers.get("accept-encoding", "")
    return (len(body), gzip.compress(body)) if accepts and len(body) > 1_400 else None


@fault(
    "ROB-14",
    "A body of more than 1,400 bytes is compressed, and its Content-Length stays.",
    app=framed(_compresses, headers=((b"content-encoding", b"gzip"),)),
)
class CompressedBodyKeepsItsLength(ClinicianApi):
    pass


# ROB-01: no response at all


@fault(
    "ROB-01",
    "A percent sign in a search term ends the process, so the connection is cut.",
    app=cut(lambda request: "%" in request.query_params.get("search", "")),
)
class PercentSignEndsTheProcess(ClinicianApi):
    pass


@fault(
    "ROB-01",
    "A HEAD request for a profile gets no response: the connection is cut.",
    app=cut(lambda request: request.method == "HEAD" and _is_retrieve(request)),
)
class HeadOfProfileIsCut(ClinicianApi):
    pass


@fault(
    "ROB-01",
    "A negative limit ends the process, so the connection is cut.",
    app=cut(lambda request: request.query_params.get("limit", "").startswith("-")),
)
class NegativeLimitEndsTheProcess(ClinicianApi):
    pass
