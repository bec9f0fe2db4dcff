"""Servers with wrong isolation: shared caches, organisations named by a client (ORG-09 to ORG-11)."""

from __future__ import annotations

from conformance.faults.pieces import SharedCache
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.queries import Condition
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.store import Identity, Row, Store


@fault("ORG-09", "Retrieved profiles are cached by URL and returned to any organisation.")
class RetrieveCachedByUrl(SharedCache):
    kept_operations = ("retrieve",)


@fault(
    "ORG-09", "Only the last retrieved profile is cached by URL and returned to any organisation."
)
class LastRetrieveCachedByUrl(SharedCache):
    kept_operations = ("retrieve",)

    def read(self, context: Context, identity: Identity) -> Body:
        url = str(context.request.url)
        self.bodies = {kept: body for kept, body in self.bodies.items() if kept == url}
        return super().read(context, identity)


@fault(
    "ORG-09", "HEAD of an id returns 200 to any organisation after one of them has retrieved it."
)
class HeadFromSharedCache(SharedCache):
    kept_operations = ("retrieve",)

    def read(self, context: Context, identity: Identity) -> Body:
        if context.request.method == "HEAD" or not self.is_cached(context):
            return super().read(context, identity)
        body = ClinicianApi.read(self, context, identity)
        self.bodies[str(context.request.url)] = body
        return body


@fault("ORG-09", "Retrieved active profiles are cached by URL and returned to any organisation.")
class ActiveRetrieveCachedByUrl(SharedCache):
    kept_operations = ("retrieve",)

    def read(self, context: Context, identity: Identity) -> Body:
        body = super().read(context, identity)
        if context.operation == "retrieve" and not body["data"]["is_active"]:
            self.bodies.pop(str(context.request.url), None)
        return body


@fault("ORG-10", "List pages are cached by URL and returned to any organisation.")
class ListCachedByUrl(SharedCache):
    kept_operations = ("list",)


@fault("ORG-10", "Search results are cached by URL and returned to any organisation.")
class SearchCachedByUrl(SharedCache):
    kept_operations = ("list",)

    def is_cached(self, context: Context) -> bool:
        return super().is_cached(context) and "search" in context.request.query_params


@fault("ORG-10", "Filtered list pages are cached by URL and returned to any organisation.")
class FilteredListCachedByUrl(SharedCache):
    kept_operations = ("list",)

    def is_cached(self, context: Context) -> bool:
        filters = {"is_active", "is_bookable_online", "location_id"}
        return super().is_cached(context) and not filters.isdisjoint(context.request.query_params)


@fault("ORG-07", "Filtered searches are cached by URL and returned to any organisation.")
class FilteredSearchCachedByUrl(FilteredListCachedByUrl):
    def is_cached(self, context: Context) -> bool:
        return super().is_cached(context) and "search" in context.request.query_params


@fault("ORG-10", "The list without query parameters is cached and returned to any organisation.")
class PlainListCached(SharedCache):
    kept_operations = ("list",)

    def is_cached(self, context: Context) -> bool:
        return super().is_cached(context) and not context.request.query_params


@fault("RET-01", "A 404 is kept by the id alone, and returned to the organisation of the profile.")
class NotFoundIsKept(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._missing: set[str] = set()

    def find(self, clinician_id: str, organisation: str) -> Row | None:
        row = None if clinician_id in self._missing else super().find(clinician_id, organisation)
        if row is None:
            self._missing.add(clinician_id)
        return row


@fault(
    "ORG-10", "What a term finds is kept for every organisation, and then filtered by the caller's."
)
class FoundIdsAreKeptByTerm(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._found: dict[str, list[str]] = {}

    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        conditions = super().conditions(query, organisation)
        if query.search is None:
            return conditions
        if query.search not in self._found:
            alone = ListQuery(limit=0, search=query.search)
            found = self.combine(super().conditions(alone, organisation))
            self._found[query.search] = [row["id"] for row in self.select(found, "c.id", 10_000, 0)]
        ids = tuple(self._found[query.search])
        return [*conditions, Condition(f"c.id IN ({', '.join('?' * len(ids))})", ids)]


class _ClientNamesOrganisation(ClinicianApi):
    """An API that lets the client name the organisation in a parameter or a header."""

    parameter: str = ""
    header: str = ""
    operations: tuple[str, ...] = ("list", "retrieve")

    def organisation(self, context: Context, identity: Identity) -> str:
        named: str | None = None
        if context.operation in self.operations:
            request = context.request
            named = request.query_params.get(self.parameter) or request.headers.get(self.header)
        return named or super().organisation(context, identity)


@fault("ORG-11", "The query parameter `organisation_id` selects the organisation.")
class ParameterNamesOrganisation(_ClientNamesOrganisation):
    parameter = "organisation_id"


@fault("ORG-11", "In a retrieve, the query parameter `organisation_id` selects the organisation.")
class ParameterNamesOrganisationOfRetrieve(_ClientNamesOrganisation):
    parameter = "organisation_id"
    operations = ("retrieve",)


@fault("ORG-11", "The header `X-Organisation-Id` selects the organisation.")
class HeaderNamesOrganisation(_ClientNamesOrganisation):
    header = "x-organisation-id"


@fault("ORG-11", "In the list, the header `X-Tenant-Id` selects the organisation.")
class HeaderNamesTenant(_ClientNamesOrganisation):
    header = "x-tenant-id"
    operations = ("list",)


@fault("ORG-11", "In the list, the query parameter `organization_id` selects the organisation.")
class ParameterNamesOrganization(_ClientNamesOrganisation):
    parameter = "organization_id"
    operations = ("list",)
