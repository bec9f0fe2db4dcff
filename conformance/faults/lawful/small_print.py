"""Lawful variants: numbers in ``meta`` that are no totals, and other readings of capital letters."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.seed import build


@lawful("`meta` has the number of records on the page, and a text that says which they are.")
class SaysWhatIsOnThePage(ClinicianApi):
    """Neither is a total."""

    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        """Return the usual members and those of the page."""
        meta = super().list_meta(context, query, count, has_more)
        text = f"{query.offset + 1} to {query.offset + count} of many"
        return {**meta, "returned": count, "end": query.offset + count, "showing": text}


@lawful(
    "`meta.returned` is the number of records on the page, in an organisation with few profiles.",
    data=partial(build, 15, 12),
)
class SaysWhatIsOnTheOnlyPage(SaysWhatIsOnThePage):
    """Lists that fit on one page have as many records as the page."""


@lawful("A `location_id` is compared letter by letter: in capital letters it is no location's.")
class LocationsByLetter(ClinicianApi):
    """The ids of the sibling resource are strings."""

    def parse_location(self, text: str) -> str | None:
        """Return the id as it was sent."""
        lower = super().parse_location(text)
        return text if lower is not None else None


@lawful("OPTIONS returns 200 with `Allow` and the methods that browsers may send.")
class AnswersOptions(ClinicianApi):
    """The methods of a preflight are those of the gateway, which serves other APIs too."""

    def handle(self, request: Request) -> Response:
        """Return the methods for OPTIONS."""
        if request.method != "OPTIONS":
            return super().handle(request)
        methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
        headers = {"Allow": "GET, HEAD, OPTIONS", "Access-Control-Allow-Methods": methods}
        return Response(status_code=200, headers=headers)
