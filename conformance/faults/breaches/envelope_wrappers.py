"""Servers whose responses need unpacking: marks, prefixes and wrappers (ENV-01, ENV-12)."""

# ruff: noqa: ARG002 - a hook need not use all of its arguments

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response

from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi


class _Wrapped(ClinicianApi):
    """An API that sends the bodies of GET in a wrapper."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if request.method != "GET" or not self.is_wrapped(request):
            return response
        kept = {
            name: value
            for name, value in response.headers.items()
            if name.lower() != "content-length"
        }
        body = self.wrapped(bytes(response.body), response.status_code)
        return Response(body, response.status_code, kept)

    def is_wrapped(self, request: Request) -> bool:
        """Return whether the response to a request is wrapped."""
        return True

    def wrapped(self, body: bytes, status: int) -> bytes:
        """Return the body to send."""
        raise NotImplementedError


@fault("ENV-12", "Every body starts with a byte order mark.")
class ByteOrderMarkFirst(_Wrapped):
    def wrapped(self, body: bytes, status: int) -> bytes:
        return b"\xef\xbb\xbf" + body


@fault("ENV-12", "Every body starts with a prefix against inclusion as a script.")
class PrefixAgainstInclusion(_Wrapped):
    def wrapped(self, body: bytes, status: int) -> bytes:
        return b")]}',\n" + body


@fault("ENV-12", "The list follows a notice of the language that the server is written in.")
class NoticeBeforeTheList(_Wrapped):
    def is_wrapped(self, request: Request) -> bool:
        return request.url.path.endswith("/clinician-profiles")

    def wrapped(self, body: bytes, status: int) -> bytes:
        return b"Notice: Undefined offset: 4 in list on line 41\n" + body


@fault("ENV-12", "Bodies are in UTF-16, with a byte order mark.")
class BodiesInUtf16(_Wrapped):
    def wrapped(self, body: bytes, status: int) -> bytes:
        return body.decode().encode("utf-16")


@fault("ENV-01", "Every body is a JSON string that contains the JSON of the response.")
class BodyIsJsonWithinText(_Wrapped):
    def wrapped(self, body: bytes, status: int) -> bytes:
        return json.dumps(body.decode()).encode()


@fault(
    "ENV-01", "Every response is in the envelope of a function: a status code and a body as text."
)
class FunctionEnvelopeIsNotOpened(_Wrapped):
    def wrapped(self, body: bytes, status: int) -> bytes:
        envelope = {"statusCode": status, "isBase64Encoded": False, "body": body.decode()}
        return json.dumps(envelope).encode()


@fault("ENV-01", "The list is in the member `result` beside `success`.")
class ListIsUnderResult(_Wrapped):
    def is_wrapped(self, request: Request) -> bool:
        return request.url.path.endswith("/clinician-profiles")

    def wrapped(self, body: bytes, status: int) -> bytes:
        return json.dumps({"success": status < 400, "result": json.loads(body)}).encode()
