"""Lawful variants: responses that speak of software, code or keys without showing the inside of a server."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Context
from conformance.reference.people import Clinician
from conformance.reference.refusals import Refusal
from conformance.reference.seed import SeedData, build

_FOUND = (
    "https://example.org/reset?token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0xxxxx.c2lnbmF0dXJlMTIz"
)


def _talks_of_code() -> SeedData:
    def alter(person: Clinician) -> Clinician:
        bio = (
            'Wrote "SELECT a FROM b" and DEBUG = True; Traceback (most recent call last) was next.'
        )
        return person._replace(bio=bio, photo_url=_FOUND if person.photo_url else None)

    return replace(build(), alter=alter)


@lawful(
    "Biographies quote SQL and stack traces, and photographs have signed addresses.",
    data=_talks_of_code,
)
class ProfilesQuoteCode(ClinicianApi):
    """What `data` has is data, whatever it looks like."""


@lawful("Headers name the software of the gateway and the database behind it.")
class HeadersNameSoftware(ClinicianApi):
    """PostgREST, Phusion Passenger and others do."""

    def handle(self, request: Request) -> Response:
        """Return the response with headers of the software in front."""
        response = super().handle(request)
        response.headers["Server"] = "postgrest/12.2.0"
        response.headers["X-Powered-By"] = "PHP/8.3, Phusion Passenger(R) 6.0.20"
        response.headers["Via"] = "1.1 ip-10-0-3-17.eu-west-2.compute.internal (gateway)"
        response.headers["Content-Security-Policy"] = "default-src 'none'; report-uri /app/csp.js"
        response.headers["X-Debug"] = "0"
        return response


@lawful("A refused key is repeated in part, and a refused method returns a page that names it.")
class RefusalsRepeatTheRequest(ClinicianApi):
    """The last four letters of a key help its owner to find it."""

    def refuse(self, context: Context, refusal: Refusal) -> Response:
        """Return the response, or a page for a method."""
        header = context.request.headers.get("authorization", "")
        if refusal.status == 401 and len(header) > 30:
            text = f"The API key pk_…{header[-4:]} is not valid."
            refusal = Refusal(401, refusal.code, text, refusal.headers)
        if refusal.status == 405:
            page = f"<!DOCTYPE html><pre>Cannot {context.request.method} {context.request.url.path}</pre>"
            return HTMLResponse(page, 405, {"Allow": "GET, HEAD"})
        return super().refuse(context, refusal)
