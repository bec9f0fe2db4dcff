"""Lawful variants: other choices for requests with several parameters."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.faults.questions import filters
from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.refusals import Refusal


@lawful("A list with two or more filters is ordered by id, every other list by creation time.")
class CombinedInAnotherOrder(ClinicianApi):
    """A query planner may read another index; each list has one order for all its pages."""

    def order(self, query: ListQuery) -> str:
        """Return the order by id for several filters, otherwise the usual order."""
        several = filters(query) + (query.search is not None) > 1
        return "c.id" if several else super().order(query)


@lawful("A limit above 100 is bounded if there is a search, and refused if there is none.")
class BoundsOnlySearches(ClinicianApi):
    """The search has an endpoint of its own behind the gateway."""

    _searching = False

    def single_values(
        self, pairs: Sequence[tuple[str, str]], known: Sequence[str]
    ) -> dict[str, str]:
        """Return the values, and note whether there is a search."""
        texts = super().single_values(pairs, known)
        self._searching = "search" in texts
        return texts

    def limit_out_of_range(self, limit: int) -> int:
        """Return the largest limit for a search; refuse the limit otherwise."""
        if self._searching and limit > self.maximum_limit:
            return self.maximum_limit
        return super().limit_out_of_range(limit)


@lawful("A boolean filter whose value is neither true nor false matches no profile.")
class MalformedBooleanMatchesNobody(ClinicianApi):
    """The server compares the text with the stored value."""

    departs_from = frozenset({"FIL-14"})

    def malformed_boolean(self, name: str, text: str) -> bool | None:  # noqa: ARG002
        """Return a value that no flag has."""
        return 2  # type: ignore[return-value]  # compared in SQL as it is


@lawful("A location that does not exist returns an empty list, whatever the other parameters are.")
class UnknownLocationEndsEarly(ClinicianApi):
    """The server looks the location up before it reads the other parameters."""

    def parse(self, pairs: Sequence[tuple[str, str]], known: Sequence[str]) -> ListQuery:
        """Return a query that lists nothing if the location does not exist and another value is wrong."""
        try:
            return super().parse(pairs, known)
        except Refusal:
            location = dict(pairs).get("location_id", "")
            found = self.store.rows("SELECT 1 FROM locations WHERE id = ?", (location.lower(),))
            if not self.is_uuid(location) or found:
                raise
            return ListQuery(self._limit(pairs), location_id=location.lower())

    def _limit(self, pairs: Sequence[tuple[str, str]]) -> int:
        """Return the limit if it is valid, otherwise the default."""
        try:
            return self.parse_limit(dict(pairs)["limit"])
        except (KeyError, Refusal):
            return self.default_limit
