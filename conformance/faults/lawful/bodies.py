"""Lawful variants: bodies of JSON that are written in an unusual way."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response

from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi


@lawful("Bodies begin and end with blank lines, are indented, and escape all that is not ASCII.")
class IndentedBodies(ClinicianApi):
    """White space around JSON is a part of JSON."""

    def handle(self, request: Request) -> Response:
        """Return the response with its body written in another way."""
        response = super().handle(request)
        if not response.body:
            return response
        text = json.dumps(json.loads(bytes(response.body)), indent=2, sort_keys=True)
        kept = {
            name: value
            for name, value in response.headers.items()
            if name.lower() != "content-length"
        }
        return Response(f"\r\n\n{text}\n".encode(), response.status_code, kept)
