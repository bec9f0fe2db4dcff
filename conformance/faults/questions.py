"""What several faults ask of a query or a record before they go wrong."""

from __future__ import annotations

from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Context
from conformance.reference.parameters import ListQuery
from conformance.reference.store import Row


def total(api: ClinicianApi, query: ListQuery, organisation: str) -> int:
    """How many records a query lists on all of its pages together."""
    condition = api.combine(api.conditions(query, organisation))
    sql = f"SELECT count(*) AS total FROM clinicians AS c WHERE {condition.sql}"  # noqa: S608
    return int(api.store.rows(sql, condition.values)[0]["total"])


def whole(query: ListQuery) -> ListQuery:
    """The same page of the list without filters and search."""
    return ListQuery(query.limit, query.offset)


def filters(query: ListQuery) -> int:
    """How many filters are set. A search is none."""
    wanted = (query.is_active, query.is_bookable_online, query.location_id)
    return sum(value is not None for value in wanted)


def imported(row: Row) -> bool:
    """Whether a record came with the bulk import: records 143 to 171 of the own list."""
    return bool(row["created_at"] == "2017-03-10T10:43:00Z")


def authorization(context: Context) -> str | None:
    """Return the Authorization header of a request, or None if there is none."""
    return context.request.headers.get("authorization")
