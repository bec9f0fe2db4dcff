"""Servers that fail with several parameters only (FIL-17, FIL-18, LIM-02, LIM-17, ORG-07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from conformance.faults.pieces import EVERYTHING
from conformance.faults.questions import filters, total
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.queries import Condition
from conformance.reference.refusals import Refusal
from conformance.reference.store import Row


class _SeesParameters(ClinicianApi):
    """An API whose parsers can see all parameters of the request."""

    texts: Mapping[str, str] = {}

    def single_values(
        self, pairs: Sequence[tuple[str, str]], known: Sequence[str]
    ) -> dict[str, str]:
        self.texts = super().single_values(pairs, known)
        return dict(self.texts)

    def has(self, *names: str) -> bool:
        """Return whether the request has all of these parameters."""
        return all(name in self.texts for name in names)


# FIL-17: valid parameters


@fault(
    "FIL-17",
    "`is_bookable_online` is ignored as the third filter, beside `is_active` and `location_id`.",
)
class ThirdFilterForgotten(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if filters(query) == 3:
            query = replace(query, is_bookable_online=None)
        return super().conditions(query, organisation)


@fault("FIL-17", "`is_active` is ignored if `search` and `location_id` are both present.")
class SearchAtLocationDropsActive(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if query.search is not None and query.location_id is not None:
            query = replace(query, is_active=None)
        return super().conditions(query, organisation)


@fault("FIL-17", "`offset` is ignored if a search has a filter and a limit of 100.")
class OffsetIgnoredInFullSearchPages(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.search is not None and filters(query) and query.limit == self.maximum_limit:
            query = replace(query, offset=0)
        return super().fetch(query, organisation)


@fault("FIL-17", "With a search and two filters, `has_more` counts what the search alone finds.")
class HasMoreCountsTheSearchAlone(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        if rows and query.search is not None and filters(query) > 1:
            alone = ListQuery(query.limit, query.offset, search=query.search)
            has_more = total(self, alone, organisation) > query.offset + len(rows)
        return rows, has_more


@fault("FIL-17", "A search in capitals finds nothing if there are two filters.")
class CapitalsBesideFiltersFindNothing(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        found = super().conditions(query, organisation)
        if query.search is not None and query.search.isupper() and filters(query) > 1:
            found.append(Condition("0"))
        return found


@fault("FIL-17", "A `limit` of 100 is refused if there is a search and an `offset`.")
class HundredRefusedBesideSearchAndOffset(_SeesParameters):
    def parse_limit(self, text: str) -> int:
        limit = super().parse_limit(text)
        if limit == self.maximum_limit and self.has("search", "offset"):
            raise self.invalid_parameter("limit", "less than 100")
        return limit


@fault("LIM-02", "`limit` is ignored if `search` and `location_id` are both present.")
class LimitIgnoredInSearchAtLocation(ClinicianApi):
    def parse(self, pairs: Sequence[tuple[str, str]], known: Sequence[str]) -> ListQuery:
        query = super().parse(pairs, known)
        if query.search is not None and query.location_id is not None:
            query = replace(query, limit=self.default_limit)
        return query


# LIM-17: limits and offsets out of range or malformed


@fault("LIM-17", "A `limit` above 100 is in force if there is a search.")
class LimitUncappedBesideSearch(_SeesParameters):
    def limit_out_of_range(self, limit: int) -> int:
        if limit > self.maximum_limit and self.has("search"):
            return limit
        return super().limit_out_of_range(limit)


@fault("LIM-17", "A negative `offset` returns 500 if there is a filter.")
class NegativeOffsetCrashesBesideFilter(_SeesParameters):
    def offset_out_of_range(self, offset: int) -> int:
        if self.has("is_active") or self.has("is_bookable_online") or self.has("location_id"):
            raise RuntimeError("OFFSET must not be negative")
        return super().offset_out_of_range(offset)


@fault("LIM-17", "A negative `offset` counts from the end if there is a search.")
class NegativeOffsetFromTheEndOfSearch(ClinicianApi):
    def offset_out_of_range(self, offset: int) -> int:
        return offset if offset < 0 else super().offset_out_of_range(offset)

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.offset < 0 and query.search is None:
            raise self.invalid_parameter("offset", "0 or more")
        if query.offset < 0:
            start = max(total(self, query, organisation) + query.offset, 0)
            return super().fetch(replace(query, offset=start), organisation)
        return super().fetch(query, organisation)


@fault("LIM-17", "A `limit` of 0 returns 500 if there is a search and a `location_id`.")
class ZeroLimitCrashesInSearchAtLocation(_SeesParameters):
    def limit_out_of_range(self, limit: int) -> int:
        if limit == 0 and self.has("search", "location_id"):
            raise ZeroDivisionError("integer division or modulo by zero")
        return super().limit_out_of_range(limit)


@fault("LIM-17", "An `offset` that is no integer returns 404 if both boolean filters are present.")
class MalformedOffsetNotFoundBesideBooleans(_SeesParameters):
    def malformed_integer(self, name: str, text: str) -> int:
        if name == "offset" and self.has("is_active", "is_bookable_online"):
            raise Refusal(404, "NOT_FOUND", "There is no such page.")
        return super().malformed_integer(name, text)


# FIL-18: malformed filters


@fault("FIL-18", "A malformed boolean filter returns 500 if there is a search.")
class MalformedBooleanCrashesBesideSearch(_SeesParameters):
    def malformed_boolean(self, name: str, text: str) -> bool | None:
        if self.has("search"):
            raise ValueError(f"not a valid boolean: {text}")
        return super().malformed_boolean(name, text)


@fault("FIL-18", "A malformed `location_id` is ignored if there is a search.")
class MalformedLocationIgnoredBesideSearch(_SeesParameters):
    def malformed_location(self, text: str) -> str | None:
        return None if self.has("search") else super().malformed_location(text)


@fault("FIL-18", "A malformed `is_bookable_online` turns off `is_active` too.")
class MalformedBookableDropsActive(_SeesParameters):
    def malformed_boolean(self, name: str, text: str) -> bool | None:
        if name == "is_bookable_online" and self.has("is_active"):
            return None
        return super().malformed_boolean(name, text)

    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if self.has("is_active", "is_bookable_online") and query.is_bookable_online is None:
            query = replace(query, is_active=None)
        return super().conditions(query, organisation)


@fault("FIL-18", "A search for signs returns 500 if there is a `location_id`.")
class SignsCrashBesideLocation(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if query.location_id is not None and query.search and "&" in query.search:
            raise RuntimeError("syntax error in the text search")
        return super().conditions(query, organisation)


# ORG-07: isolation


@fault(
    "ORG-07",
    "A search with both boolean filters and a `limit` finds every organisation's profiles.",
)
class SearchWithBooleansOfEveryone(_SeesParameters):
    def where_organisation(self, organisation: str) -> Condition:
        wide = self.has("search", "is_active", "is_bookable_online", "limit")
        return EVERYTHING if wide else super().where_organisation(organisation)


@fault(
    "ORG-07", "A later page of a search with a boolean filter has every organisation's profiles."
)
class LaterSearchPagesOfEveryone(_SeesParameters):
    def where_organisation(self, organisation: str) -> Condition:
        wide = self.has("search", "is_bookable_online") and self.texts.get("offset", "0") != "0"
        return EVERYTHING if wide else super().where_organisation(organisation)
