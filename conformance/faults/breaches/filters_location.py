"""Servers with a wrong location filter or parameter order (FIL-07 to FIL-12, FIL-16)."""

# ruff: noqa: ARG002 - a hook need not use all of its arguments

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from conformance.faults.pieces import EVERYTHING, one_of
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.queries import Condition
from conformance.reference.refusals import Refusal
from conformance.reference.schema import MEMBERS
from conformance.reference.store import Row

_AT = "SELECT 1 FROM clinician_locations WHERE clinician = c.number AND location"


@fault("FIL-07", "`location_id` is ignored.")
class LocationIgnored(ClinicianApi):
    def where_location(self, location_id: str, organisation: str) -> Condition:
        return EVERYTHING


@fault(
    "FIL-07",
    "With `location_id`, a clinician at several locations is listed once for each of them.",
)
class LocationJoinRepeats(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.location_id is None:
            return super().fetch(query, organisation)
        condition = self.combine(self.conditions(query, organisation))
        columns = ", ".join(f"c.{member}" for member in MEMBERS)
        rows = self.store.rows(
            f"SELECT {columns} FROM clinicians AS c JOIN clinician_locations AS l"  # noqa: S608
            f" ON l.clinician = c.number WHERE {condition.sql}"
            f" ORDER BY {self.order(query)} LIMIT ? OFFSET ?",
            (*condition.values, query.limit + 1, query.offset),
        )
        return rows[: query.limit], len(rows) > query.limit


@fault("FIL-07", "`location_id` is ignored from the second page on.")
class LocationForgottenOnNextPage(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.offset:
            query = replace(query, location_id=None)
        return super().fetch(query, organisation)


@fault("FIL-07", "`location_id` without `is_active` leaves out inactive clinicians.")
class LocationDefaultsToActive(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if query.location_id is not None and query.is_active is None:
            query = replace(query, is_active=True)
        return super().conditions(query, organisation)


@fault("FIL-08", "Boolean filters are ignored if `location_id` is present.")
class LocationDropsBooleans(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if query.location_id is not None:
            query = replace(query, is_active=None, is_bookable_online=None)
        return super().conditions(query, organisation)


@fault("FIL-08", "`location_id` and `is_bookable_online` are combined with OR instead of AND.")
class LocationOrBookable(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        location, bookable = query.location_id, query.is_bookable_online
        if location is None or bookable is None:
            return super().conditions(query, organisation)
        either = one_of(self.where_location(location, organisation), self.where_bookable(bookable))
        rest = replace(query, location_id=None, is_bookable_online=None)
        return [*super().conditions(rest, organisation), either]


@fault("FIL-08", "`location_id` is ignored if `is_active=false` is present.")
class InactiveDropsLocation(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if query.is_active is False:
            query = replace(query, location_id=None)
        return super().conditions(query, organisation)


class _DependsOnOrder(ClinicianApi):
    """An API that ignores parameters depending on their order in the URL."""

    def parse(self, pairs: Sequence[tuple[str, str]], known: Sequence[str]) -> ListQuery:
        names = [name for name, _ in pairs]
        dropped = self.dropped(names)
        return super().parse([pair for pair in pairs if pair[0] not in dropped], known)

    def dropped(self, names: list[str]) -> set[str]:
        """Return which parameters are ignored; ``names`` has all of them in the order of the URL."""
        return set()


@fault("FIL-09", "`is_active` is ignored if it directly follows `is_bookable_online` in the URL.")
class ActiveLostBehindBookable(_DependsOnOrder):
    def dropped(self, names: list[str]) -> set[str]:
        follows = ("is_bookable_online", "is_active") in pairwise(names)
        return {"is_active"} if follows else set()


@fault("FIL-09", "Filters that follow `search` in the URL are ignored.")
class FiltersBehindSearchLost(_DependsOnOrder):
    def dropped(self, names: list[str]) -> set[str]:
        following = names[names.index("search") + 1 :] if "search" in names else []
        return {name for name in following if name not in ("limit", "offset")}


@fault("FIL-09", "`location_id` is ignored unless it is the first filter in the URL.")
class LocationMustComeFirst(_DependsOnOrder):
    def dropped(self, names: list[str]) -> set[str]:
        filters = [name for name in names if name not in ("limit", "offset")]
        return {"location_id"} if "location_id" in filters[1:] else set()


class _LooksLocationUp(ClinicianApi):
    """An API that first checks whether the organisation has the location."""

    def where_location(self, location_id: str, organisation: str) -> Condition:
        sql = "SELECT 1 FROM locations WHERE id = ? AND organisation_id = ?"
        if self.store.rows(sql, (location_id, organisation)):
            return super().where_location(location_id, organisation)
        return self.where_unknown(organisation)

    def where_unknown(self, organisation: str) -> Condition:
        """Return the condition for a location that the organisation does not have."""
        return EVERYTHING


@fault("FIL-10", "An unknown `location_id` is ignored and returns the full list.")
class UnknownLocationIgnored(_LooksLocationUp):
    pass


@fault("FIL-10", "An unknown `location_id` returns 404.")
class UnknownLocationNotFound(_LooksLocationUp):
    def where_unknown(self, organisation: str) -> Condition:
        raise Refusal(404, "NOT_FOUND", "There is no location with this id.")


@fault("FIL-07", "`location_id` is ignored if `offset` is more than 0.")
class LocationLostBehindTheFirstPage(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if query.offset:
            query = replace(query, location_id=None)
        return super().conditions(query, organisation)


@fault("FIL-10", "An unknown `location_id` lists the clinicians without a location.")
class UnknownLocationMeansNone(_LooksLocationUp):
    def where_unknown(self, organisation: str) -> Condition:
        return Condition(f"NOT EXISTS ({_AT} > 0)")


@fault("FIL-11", "A `location_id` that is not a UUID is ignored and returns the full list.")
class MalformedLocationIgnored(ClinicianApi):
    def malformed_location(self, text: str) -> str | None:
        return None


@fault("FIL-16", "An empty `location_id` is ignored and returns the full list.")
class EmptyLocationIgnored(ClinicianApi):
    def malformed_location(self, text: str) -> str | None:
        return super().malformed_location(text) if text else None


@fault("FIL-11", "The first eight characters of a location's id are accepted as `location_id`.")
class LocationByItsFirstGroup(ClinicianApi):
    def malformed_location(self, text: str) -> str | None:
        is_first_group = re.fullmatch("[0-9a-f]{8}", text)
        return text if is_first_group else super().malformed_location(text)

    def where_location(self, location_id: str, organisation: str) -> Condition:
        numbers = (
            "(SELECT number FROM locations WHERE substr(id, 1, ?) = ? AND organisation_id = ?)"
        )
        values = (len(location_id), location_id, organisation)
        return Condition(f"EXISTS ({_AT} IN {numbers})", values)


@fault("FIL-11", "Characters after the 36th of a `location_id` are ignored.")
class LocationCutToLength(ClinicianApi):
    def parse_location(self, text: str) -> str | None:
        return super().parse_location(text[:36])


@fault("FIL-12", "A `location_id` that is not a UUID returns an empty list.")
class MalformedLocationGivesNothing(ClinicianApi):
    def malformed_location(self, text: str) -> str | None:
        return text


@fault("FIL-12", "A `location_id` that is too long returns an empty list; shorter ones return 400.")
class LongLocationGivesNothing(ClinicianApi):
    def malformed_location(self, text: str) -> str | None:
        return text if len(text) > 36 else super().malformed_location(text)
