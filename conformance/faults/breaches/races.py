"""Servers that keep what is a request's where a request at the same time replaces it (ORG-15, LIM-02)."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request

from conformance.contract.bounds import DEFAULT_LIMIT, MAX_LIMIT
from conformance.faults.variant import fault
from conformance.faults.wire import Overlaps, overlapping
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.store import Identity


class RemembersTheLast(Overlaps):
    """An API that reads the organisation of the request whose key was checked last."""

    latest: str | None = None

    def checked(self, identity: Identity) -> None:
        """Keep the organisation where all requests find it."""
        self.latest = identity.organisation_id

    def is_affected(self, context: Context) -> bool:
        """Return whether the request reads the organisation from where all requests keep it."""
        raise NotImplementedError

    def organisation(self, context: Context, identity: Identity) -> str:
        """Return the organisation of the latest request, or that of the key."""
        own = super().organisation(context, identity)
        return self.latest or own if self.is_affected(context) else own


@fault(
    "ORG-15",
    "A list reads the organisation from a variable that a request at the same time replaces.",
    app=overlapping,
)
class ListsRaceForTheOrganisation(RemembersTheLast):
    def is_affected(self, context: Context) -> bool:
        return context.operation == "list" and not context.request.query_params.get("search")


@fault(
    "ORG-15",
    "A retrieve reads the organisation from a variable that a request at the same time replaces.",
    app=overlapping,
)
class RetrievesRaceForTheOrganisation(RemembersTheLast):
    def is_affected(self, context: Context) -> bool:
        return context.operation == "retrieve"


@fault(
    "ORG-15",
    "A search reads the organisation from a variable that a request at the same time replaces.",
    app=overlapping,
)
class SearchesRaceForTheOrganisation(RemembersTheLast):
    def is_affected(self, context: Context) -> bool:
        return "search" in context.request.query_params


@fault(
    "ORG-15",
    "A filtered list reads the organisation from a variable that a request at the same time replaces.",
    app=overlapping,
)
class FilteredListsRaceForTheOrganisation(RemembersTheLast):
    def is_affected(self, context: Context) -> bool:
        names = set(context.request.query_params)
        return bool(names & {"is_active", "is_bookable_online", "location_id"})


@fault(
    "LIM-02",
    "One paginator serves all requests: `meta` of a list has the limit of a request at the same time.",
    app=overlapping,
)
class PaginatorIsShared(Overlaps):
    limit = DEFAULT_LIMIT

    def began(self, request: Request) -> None:
        if request.scope["path"].endswith("/clinician-profiles"):
            text = request.query_params.get("limit", "")
            self.limit = int(text) if text.isdecimal() else DEFAULT_LIMIT

    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        shared = replace(query, limit=min(max(self.limit, 1), MAX_LIMIT))
        return super().list_meta(context, shared, count, has_more)
