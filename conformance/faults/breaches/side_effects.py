"""Servers with side effects of reading, or with a wrong HEAD (RO-07 to RO-09, PAG-10)."""

# ruff: noqa: ARG002 - a hook need not use all of its arguments

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response

from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.store import Identity, Row, Store


@fault("RO-07", "A retrieve changes the profile's `updated_at`.")
class RetrieveTouches(ClinicianApi):
    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        body = super().retrieve_profile(context, identity)
        sql = "UPDATE clinicians SET updated_at = ? WHERE id = ?"
        self.store.connection.execute(sql, ("2024-06-15T11:30:00Z", body["data"]["id"]))
        return body


@fault("RO-07", "The list starts with the profile that was retrieved last.")
class LastReadComesFirst(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self.last_id = ""

    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        body = super().retrieve_profile(context, identity)
        self.last_id = body["data"]["id"]
        return body

    def order(self, query: ListQuery) -> str:
        return f"c.id <> '{self.last_id}', {super().order(query)}"


@fault("PAG-10", "Profiles that a search finds move to the end of the list.")
class FoundGoesLast(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self.store.connection.execute("CREATE TEMP TABLE found (id TEXT PRIMARY KEY)")

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        page = super().fetch(query, organisation)
        if query.search:
            ids = [(row["id"],) for row in page[0]]
            self.store.connection.executemany("INSERT OR IGNORE INTO found VALUES (?)", ids)
        return page

    def order(self, query: ListQuery) -> str:
        return ", ".join(("c.id IN (SELECT id FROM found)", super().order(query)))


@fault(
    "PAG-10", "`is_active` also applies to the organisation's next list request without filters."
)
class FilterSticks(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self.remembered: dict[str, bool] = {}

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.is_active is not None:
            self.remembered[organisation] = query.is_active
        elif query == ListQuery(query.limit, query.offset):
            query = replace(query, is_active=self.remembered.pop(organisation, None))
        return super().fetch(query, organisation)


class _Head(ClinicianApi):
    """An API that changes the response to HEAD for a valid key."""

    def answer(self, context: Context) -> Response:
        if context.request.method != "HEAD":
            return super().answer(context)
        try:
            response = super().answer(context)
        except Refusal as refusal:
            if context.identity is None:
                raise
            response = self.refuse(context, refusal)
        return self.head(context, response)

    def head(self, context: Context, response: Response) -> Response:
        """Return the response to send instead of the correct one."""
        return response


@fault("RO-08", "HEAD returns 500.")
class HeadCrashes(_Head):
    def head(self, context: Context, response: Response) -> Response:
        raise NotImplementedError("HEAD")


@fault("RO-08", "HEAD of an unknown id returns 500.")
class HeadOfUnknownCrashes(_Head):
    def head(self, context: Context, response: Response) -> Response:
        if response.status_code == 404:
            raise LookupError("no profile")
        return response


@fault("RO-08", "HEAD of the list returns 500, while HEAD of a profile works.")
class HeadOfListCrashes(_Head):
    def head(self, context: Context, response: Response) -> Response:
        if context.operation == "list":
            raise TypeError("a page has no length")
        return response


@fault("RO-09", "HEAD returns 405.")
class HeadRefused(ClinicianApi):
    allowed_methods = ("GET",)


@fault("RO-09", "HEAD of a profile returns 404.")
class HeadOfProfileNotFound(_Head):
    def head(self, context: Context, response: Response) -> Response:
        if context.operation == "retrieve":
            raise self.path_not_found()
        return response


@fault("RO-09", "HEAD of an unknown id returns 200.")
class HeadOfUnknownFound(_Head):
    def head(self, context: Context, response: Response) -> Response:
        response.status_code = 200 if response.status_code == 404 else response.status_code
        return response


@fault("RO-09", "HEAD of the list returns 204.")
class HeadHasNoContent(_Head):
    def head(self, context: Context, response: Response) -> Response:
        if context.operation == "list":
            return Response(status_code=204, headers=self.response_headers(context, 204))
        return response
