"""Servers with wrong isolation of lists between organisations (ORG-05 to ORG-08, ORG-12, PAG-12)."""

# ruff: noqa: ARG002 - a hook need not use all of its arguments

from __future__ import annotations

from dataclasses import replace

from conformance.faults.pieces import (
    AT_NO_LOCATION,
    EVERYTHING,
    RowsAfterwards,
    all_of,
    behind,
    one_of,
    words_in,
)
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.queries import Condition
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.store import Row, Store


class _WideScope(ClinicianApi):
    """An API that lists records that meet ``also`` as well, if ``is_wide`` returns true."""

    also: Condition = EVERYTHING
    wide: bool = False

    def is_wide(self, query: ListQuery) -> bool:
        """Return whether the list also contains records that meet ``also``."""
        return True

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        self.wide = self.is_wide(query)
        return super().fetch(query, organisation)

    def where_organisation(self, organisation: str) -> Condition:
        own = super().where_organisation(organisation)
        return one_of(own, self.also) if self.wide else own

    def find(self, clinician_id: str, organisation: str) -> Row | None:
        self.wide = False
        return super().find(clinician_id, organisation)


@fault("ORG-05", "The list without filters contains the records of every organisation.")
class ListOfEveryone(_WideScope):
    def is_wide(self, query: ListQuery) -> bool:
        return query == ListQuery(query.limit, query.offset)


@fault(
    "ORG-05", "The list without filters contains another organisation's records without a location."
)
class ListHoldsForeignWithoutLocation(_WideScope):
    also = AT_NO_LOCATION

    def is_wide(self, query: ListQuery) -> bool:
        return query == ListQuery(query.limit, query.offset)


@fault(
    "ORG-05", "The list without filters contains the last two records of the other organisation."
)
class ListHoldsTwoForeign(_WideScope):
    def is_wide(self, query: ListQuery) -> bool:
        return query == ListQuery(query.limit, query.offset)

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        count = "SELECT count(*) AS n FROM clinicians WHERE organisation_id <> ?"
        total = self.store.rows(count, (organisation,))[0]["n"]
        theirs = Condition("c.organisation_id <> ?", (organisation,))
        self.also = all_of(theirs, behind(max(total - 2, 0)))
        return super().fetch(query, organisation)


@fault("PAG-12", "From `offset` 200 on, pages contain the records of every organisation.")
class PagesPastTwoHundredHoldForeign(_WideScope):
    def is_wide(self, query: ListQuery) -> bool:
        return query.offset >= 200


@fault("ORG-06", "`is_active=false` lists the inactive clinicians of every organisation.")
class InactiveOfEveryone(_WideScope):
    def is_wide(self, query: ListQuery) -> bool:
        return query.is_active is False


@fault(
    "ORG-06", "The two boolean filters, used together, list the clinicians of every organisation."
)
class BothBooleansOfEveryone(_WideScope):
    def is_wide(self, query: ListQuery) -> bool:
        return None not in (query.is_active, query.is_bookable_online)


@fault(
    "ORG-06",
    "From the second page on, `is_bookable_online=false` lists every organisation's clinicians.",
)
class NotBookableOfEveryoneOnNextPage(_WideScope):
    def is_wide(self, query: ListQuery) -> bool:
        return query.is_bookable_online is False and query.offset > 0


@fault(
    "ORG-06", "`location_id` also lists another organisation's clinicians who work at the location."
)
class GuestsAtLocationListed(_WideScope):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        # Some clinicians of each organisation also work at the locations of the other one.
        self.store.connection.execute(
            "INSERT OR IGNORE INTO clinician_locations SELECT l.number, c.number"
            " FROM clinicians AS c JOIN locations AS l ON l.organisation_id <> c.organisation_id"
            " WHERE c.number % 10 = 1"
        )

    def is_wide(self, query: ListQuery) -> bool:
        return query.location_id is not None


@fault("ORG-07", "Search finds the clinicians of every organisation.")
class SearchFindsEveryone(_WideScope):
    def is_wide(self, query: ListQuery) -> bool:
        return query.search is not None


@fault("ORG-07", "A search for an e-mail address finds the clinicians of every organisation.")
class AddressFoundEverywhere(_WideScope):
    def is_wide(self, query: ListQuery) -> bool:
        return query.search is not None and "@" in query.search


@fault("ORG-07", "A search that finds nothing is repeated in every organisation.")
class SearchedEverywhereAtLast(_WideScope):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        self.wide = False
        page = ClinicianApi.fetch(self, query, organisation)
        return page if page[0] or not query.search else super().fetch(query, organisation)


@fault("ORG-07", "Search finds a word of `display_name` in every organisation.")
class DisplayNameFoundEverywhere(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        found = super().conditions(query, organisation)
        wanted = self.search_words(query.search or "")
        if not wanted:
            return found
        return [one_of(all_of(*found), words_in("display_name", wanted))]


@fault("ORG-07", "The second word of a term is searched for in every organisation, behind an OR.")
class SecondWordFoundEverywhere(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        first, *others = self.search_words(query.search or "") or [""]
        if not others or "@" in (query.search or ""):
            return super().conditions(query, organisation)
        found = super().conditions(replace(query, search=first), organisation)
        return [one_of(all_of(*found), *(self.where_search(word) for word in others))]


class _ForeignTerm(ClinicianApi):
    """An API that can tell a term of another organisation from a term that no profile has."""

    def is_foreign_term(self, query: ListQuery) -> bool:
        """Return whether a profile of any organisation has the search term."""
        return bool(query.search) and bool(
            self.select(self.where_search(query.search or ""), "c.id", 1, 0)
        )


@fault(
    "ORG-07",
    "A term that only another organisation has returns an empty page with `has_more` true.",
)
class ForeignWordHasMore(_ForeignTerm):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        return rows, has_more or (not rows and self.is_foreign_term(query))


@fault("ORG-07", "A term that only another organisation has returns 404 instead of an empty list.")
class ForeignWordNotFound(_ForeignTerm):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        page = super().fetch(query, organisation)
        plain = query == ListQuery(query.limit, search=query.search)
        if plain and not page[0] and self.is_foreign_term(query):
            raise Refusal(404, "NOT_FOUND", "There is no clinician profile with this id.")
        return page


@fault("ORG-08", "Another organisation's `location_id` lists that organisation's clinicians.")
class ForeignLocationLists(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if query.location_id is not None:
            sql = "SELECT organisation_id FROM locations WHERE id = ?"
            for row in self.store.rows(sql, (query.location_id,)):
                organisation = row["organisation_id"]
        return super().conditions(query, organisation)


class _ForeignLocation(ClinicianApi):
    """An API that can tell another organisation's location from an unknown location."""

    def is_foreign_location(self, query: ListQuery, organisation: str) -> bool:
        """Return whether the query names another organisation's location."""
        sql = "SELECT 1 FROM locations WHERE id = ? AND organisation_id <> ?"
        return bool(self.store.rows(sql, (query.location_id or "", organisation)))


@fault("ORG-08", "Another organisation's `location_id` returns 403, an unknown one an empty list.")
class ForeignLocationForbidden(_ForeignLocation):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if self.is_foreign_location(query, organisation):
            raise Refusal(403, "FORBIDDEN", "This location belongs to another organisation.")
        return super().fetch(query, organisation)


@fault("ORG-08", "Another organisation's `location_id` returns an empty page with `has_more` true.")
class ForeignLocationHasMore(_ForeignLocation):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        return rows, has_more or self.is_foreign_location(query, organisation)


@fault(
    "ORG-08",
    "With `is_active`, another organisation's `location_id` lists that organisation's clinicians.",
)
class ForeignLocationWithActive(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        location, active = query.location_id, query.is_active
        if location is None or active is None:
            return super().conditions(query, organisation)
        at_location = Condition(
            "EXISTS (SELECT 1 FROM clinician_locations WHERE clinician = c.number AND location ="
            " (SELECT number FROM locations WHERE id = ?))",
            (location,),
        )
        return [all_of(at_location, self.where_active(active))]


class _CountsEveryone(ClinicianApi):
    """An API that can count the records of all organisations."""

    def total(self, query: ListQuery, organisation: str) -> int:
        """Return how many records of all organisations meet the filters."""
        found = self.combine([EVERYTHING, *self.conditions(query, organisation)[1:]])
        count = f"SELECT count(*) AS n FROM clinicians AS c WHERE {found.sql}"  # noqa: S608
        total: int = self.store.rows(count, found.values)[0]["n"]
        return total


@fault("ORG-12", "`has_more` counts the records of all organisations.")
class HasMoreCountsEveryone(_CountsEveryone):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, _ = super().fetch(query, organisation)
        return rows, query.offset + len(rows) < self.total(query, organisation)


@fault(
    "ORG-12", "With a boolean filter, `has_more` counts the matching records of all organisations."
)
class FilteredHasMoreCountsEveryone(_CountsEveryone):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        if query.is_active is None and query.is_bookable_online is None:
            return rows, has_more
        return rows, query.offset + len(rows) < self.total(query, organisation)


@fault("ORG-12", "On a full last page, `has_more` counts the records of all organisations.")
class LooksAheadIntoForeign(_CountsEveryone):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        full = len(rows) == query.limit
        return rows, has_more or (
            full and self.total(query, organisation) > query.offset + len(rows)
        )


class _AppendsForeign(RowsAfterwards):
    """An API that can append other organisations' records to the end of the list."""

    def foreign_rows(self, organisation: str, count: int, offset: int = 0) -> list[Row]:
        """Return records of other organisations, in the order of the list."""
        theirs = Condition("c.organisation_id <> ?", (organisation,))
        return self.select(theirs, self.order_by, count, offset)


@fault("ORG-12", "Past its end, the list continues with another organisation's records.")
class ListRunsOnIntoForeign(_AppendsForeign):
    def revise(self, query: ListQuery, organisation: str, rows: list[Row]) -> list[Row]:
        if rows or query != ListQuery(query.limit, query.offset):
            return rows
        scope = self.where_organisation(organisation)
        own = len(self.select(scope, "c.id", -1, 0))
        return self.foreign_rows(organisation, query.limit, query.offset - own)


@fault("ORG-12", "A last page that is not full is filled up with another organisation's records.")
class LastPageFilledUpWithForeign(_AppendsForeign):
    def revise(self, query: ListQuery, organisation: str, rows: list[Row]) -> list[Row]:
        if not rows or query != ListQuery(query.limit, query.offset):
            return rows
        return rows + self.foreign_rows(organisation, query.limit - len(rows))
