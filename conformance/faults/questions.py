"""Helpers with which faults decide whether a query or a record triggers them."""

from __future__ import annotations

from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Context
from conformance.reference.parameters import ListQuery
from conformance.reference.store import Row


def total(api: ClinicianApi, query: ListQuery, organisation: str) -> int:
    """Return how many records a query lists on all pages."""
    condition = api.combine(api.conditions(query, organisation))
    sql = f"SELECT count(*) AS total FROM clinicians AS c WHERE {condition.sql}"  # noqa: S608
    return int(api.store.rows(sql, condition.values)[0]["total"])


def whole(query: ListQuery) -> ListQuery:
    """Return the query with the same limit and offset, without filters and search."""
    return ListQuery(query.limit, query.offset)


def filters(query: ListQuery) -> int:
    """Return how many filters are set. A search does not count as a filter."""
    wanted = (query.is_active, query.is_bookable_online, query.location_id)
    return sum(value is not None for value in wanted)


def imported(row: Row) -> bool:
    """Return whether a record belongs to the bulk import: records 143 to 171 of the own list."""
    return bool(row["created_at"] == "2017-03-10T10:43:00Z")


def authorization(context: Context) -> str | None:
    """Return the Authorization header of a request, or None if there is none."""
    return context.request.headers.get("authorization")
