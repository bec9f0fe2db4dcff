"""Servers that give away a total, name write methods, or fail for capital letters (ENV-15, FIL-19, RO-12)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery


class _KnowsTheTotal(ClinicianApi):
    """An API that counts the records of each list."""

    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        meta = super().list_meta(context, query, count, has_more)
        identity = context.identity
        if context.operation != "list" or identity is None:
            return meta
        condition = self.combine(self.conditions(query, identity.organisation_id))
        total = len(self.select(condition, "c.id", -1, 0))
        return {**meta, **self.about(query, count, total)}

    def about(self, query: ListQuery, count: int, total: int) -> Body:
        """Return the members of ``meta`` that the total leads to."""
        raise NotImplementedError


@fault(
    "ENV-15",
    "`meta.matches` is the number of records that the filters select.",
    shown_by="?limit=1",
)
class MatchesInMeta(_KnowsTheTotal):
    def about(self, query: ListQuery, count: int, total: int) -> Body:  # noqa: ARG002
        return {"matches": total}


@fault("ENV-15", "`meta.showing` is a text such as `1 to 20 of 263`.", shown_by="?limit=1")
class RangeAsTextInMeta(_KnowsTheTotal):
    def about(self, query: ListQuery, count: int, total: int) -> Body:
        return {"showing": f"{query.offset + 1} to {query.offset + count} of {total}"}


@fault("FIL-19", "A `location_id` in capital letters returns 500.")
class CapitalLocationBreaksTheServer(ClinicianApi):
    def parse_location(self, text: str) -> str | None:
        if text != text.lower():
            raise RuntimeError("invalid input syntax for type uuid")
        return super().parse_location(text)


@fault("FIL-19", "A `location_id` in capital letters is ignored.")
class CapitalLocationIsIgnored(ClinicianApi):
    def parse_location(self, text: str) -> str | None:
        return super().parse_location(text) if text == text.lower() else None


@fault("FIL-19", "A `location_id` in capital letters that no location has returns 404.")
class CapitalLocationIsNotFound(ClinicianApi):
    def parse_location(self, text: str) -> str | None:
        if text != text.lower():
            raise self.path_not_found()
        return super().parse_location(text)


@fault("RO-12", "`Allow` of a 405 names every method of the framework.")
class AllowNamesEveryMethod(ClinicianApi):
    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if response.status_code == 405:
            response.headers["Allow"] = "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"
        return response


@fault("RO-12", "`Allow` of a profile names DELETE, that of the list does not.")
class AllowOfAProfileNamesDelete(ClinicianApi):
    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if response.status_code == 405 and "/clinician-profiles/" in request.url.path:
            response.headers["Allow"] = "GET, HEAD, DELETE"
        return response


@fault("RO-12", "OPTIONS returns 204 with an `Allow` header that names write methods.")
class AllowOfOptionsNamesWrites(ClinicianApi):
    def handle(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": "GET, POST, PUT, DELETE"})
        return super().handle(request)
