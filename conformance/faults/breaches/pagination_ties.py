"""Servers whose order of equal records depends on the page (PAG-12 to PAG-14).

A database that sorts by a value that several records share may order these in one way if it sorts the
complete result, and in another if it only selects the first records of it.
"""

from __future__ import annotations

from conformance.faults.questions import filters, total
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.store import Row

_PRIME = 7919


class TiesFollowThePage(ClinicianApi):
    """An API whose order of equal records depends on where a page of the first half ends."""

    sorted_by = "c.created_at"

    def is_affected(self, query: ListQuery) -> bool:
        """Return whether the list is ordered by ``sorted_by`` alone."""
        raise NotImplementedError

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        self._size = total(self, query, organisation)
        return super().fetch(query, organisation)

    def order(self, query: ListQuery) -> str:
        if not self.is_affected(query):
            return super().order(query)
        end = query.offset + query.limit + 1
        if 2 * end >= self._size:
            return f"{self.sorted_by}, c.number"
        return f"{self.sorted_by}, (c.number + {end}) * {_PRIME} % 1009"


@fault(
    "PAG-12",
    "The list is ordered by `role` alone; a page in its first half has equal records in another order.",
)
class RoleIsNoOrder(TiesFollowThePage):
    sorted_by = "c.role"

    def is_affected(self, query: ListQuery) -> bool:
        return not filters(query) and query.search is None


@fault(
    "PAG-13",
    "A filtered list is ordered by `is_active` alone; a page in its first half has another order.",
)
class FilteredListIsOrderedByItsFilter(TiesFollowThePage):
    sorted_by = "c.is_active"

    def is_affected(self, query: ListQuery) -> bool:
        return query.is_active is not None


@fault(
    "PAG-13",
    "The list of a location has no order; a page in its first half has another one than the whole.",
)
class LocationHasNoOrder(TiesFollowThePage):
    sorted_by = "''"

    def is_affected(self, query: ListQuery) -> bool:
        return query.location_id is not None and filters(query) == 1


@fault(
    "PAG-13",
    "With both booleans, only records with another `role` have an order that pages agree on.",
)
class TwoFiltersAreOrderedByRole(TiesFollowThePage):
    sorted_by = "c.role"

    def is_affected(self, query: ListQuery) -> bool:
        return query.is_active is not None and query.is_bookable_online is not None


@fault(
    "PAG-14",
    "A search is ordered by rank alone; a page in its first half has equal ranks in another order.",
)
class RankIsNoOrder(TiesFollowThePage):
    sorted_by = "c.display_name IS NULL"

    def is_affected(self, query: ListQuery) -> bool:
        return query.search is not None
