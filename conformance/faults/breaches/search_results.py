"""Servers with a wrong search: injection, wildcards, filters and lost results (SRCH-08 to SRCH-12)."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace

from conformance.faults.pieces import EVERYTHING, INACTIVE, all_of, behind, negated, one_of
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.queries import NOTHING, Condition
from conformance.reference.store import Row


@fault(
    "SRCH-08",
    "The search term is inserted into the SQL, so a quote and OR '1'='1 match every profile.",
)
class TermWrittenIntoSql(ClinicianApi):
    quote = "'"

    def where_search(self, text: str) -> Condition:
        columns = (
            f"c.{column} LIKE {self.quote}%{text}%{self.quote}" for column in self.search_columns
        )
        # The line feed ends a comment in the term, which would hide the rest of the statement.
        injected = Condition(" OR ".join(columns) + "\n")
        try:
            self.select(injected, "c.id", 1, 0)
        except (sqlite3.Error, sqlite3.Warning, ValueError):
            return super().where_search(text)
        extra = injected if self.quote in text else NOTHING
        return one_of(super().where_search(text), extra)


@fault("SRCH-08", "A search term with `OR 1=1` matches every profile.")
class OrOneIsOneFindsAll(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        is_tautology = re.search(r"""\bor\b\W*(\w+)\W*=\W*\1\b""", text, re.IGNORECASE)
        return EVERYTHING if is_tautology else super().where_search(text)


@fault("SRCH-09", "`%` and `_` are wildcards in a search term that has no other characters.")
class MarksAreWildcards(ClinicianApi):
    marks: str = "%_"

    def where_search(self, text: str) -> Condition:
        if not set(text) <= set(self.marks):
            return super().where_search(text)
        return one_of(
            *(Condition(f"c.{name} LIKE ?", (f"%{text}%",)) for name in self.search_columns)
        )


@fault("SRCH-09", "`_` is a wildcard in a search term that has no other characters.")
class UnderscoreIsWildcard(MarksAreWildcards):
    marks = "_"


@fault("SRCH-09", "A search term without letters and digits is ignored and returns the full list.")
class TermWithoutWordsIgnored(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        return super().where_search(text) if self.search_words(text) else EVERYTHING


@fault("SRCH-10", "All filters are ignored if `search` is present.")
class SearchDropsFilters(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if query.search is not None:
            query = ListQuery(query.limit, query.offset, search=query.search)
        return super().conditions(query, organisation)


@fault("SRCH-10", "`location_id` is ignored if `search` is present.")
class SearchDropsLocation(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if query.search is not None:
            query = replace(query, location_id=None)
        return super().conditions(query, organisation)


@fault("SRCH-10", "`search` is ignored if `is_bookable_online=false` is present.")
class NotBookableDropsSearch(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if query.is_bookable_online is False:
            query = replace(query, search=None)
        return super().conditions(query, organisation)


@fault("SRCH-10", "`search` and `is_active` are combined with OR instead of AND.")
class SearchOrActive(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if query.search is None or query.is_active is None:
            return super().conditions(query, organisation)
        either = one_of(self.where_search(query.search), self.where_active(query.is_active))
        return [
            *super().conditions(replace(query, search=None, is_active=None), organisation),
            either,
        ]


@fault("SRCH-11", "Search finds only active clinicians.")
class SearchFindsActiveOnly(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        return all_of(super().where_search(text), Condition("c.is_active"))


@fault("SRCH-11", "Without `is_active`, a search finds only active clinicians.")
class SearchActiveByDefault(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if query.search is not None and query.is_active is None:
            query = replace(query, is_active=True)
        return super().conditions(query, organisation)


@fault(
    "SRCH-11", "Search finds inactive clinicians by their e-mail address but not by their names."
)
class InactiveFoundByEmailOnly(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        found = super().where_search(text)
        return found if "@" in text else all_of(found, negated(INACTIVE))


@fault("SRCH-12", "A search finds at most five profiles.")
class SearchFindsFive(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        found = super().conditions(query, organisation)
        if query.search is None:
            return found
        rows = self.select(self.combine(found), self.order(query), 5, 0)
        return [one_of(NOTHING, *(Condition("c.id = ?", (row["id"],)) for row in rows))]


@fault("SRCH-12", "Search does not find the newest 40 profiles.")
class NewestNotIndexed(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        found = super().conditions(query, organisation)
        if query.search is not None:
            count = "SELECT count(*) AS n FROM clinicians WHERE organisation_id = ?"
            total = self.store.rows(count, (organisation,))[0]["n"]
            found.append(negated(behind(max(total - 40, 0))))
        return found


@fault(
    "SRCH-12",
    "Search does not find profiles that were created at the same time as another one.",
    shown_by="?search=Sister&limit=100",
)
class ImportIsNotIndexed(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        alone = (
            "(SELECT count(*) FROM clinicians AS o WHERE o.organisation_id = c.organisation_id"
            " AND o.created_at = c.created_at) = 1"
        )
        return all_of(super().where_search(text), Condition(alone))


@fault(
    "SRCH-12",
    "Search does not find the 30 profiles that were changed last.",
    shown_by="?search=Sister&limit=100",
)
class IndexIsBehind(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        latest = (
            "(SELECT count(*) FROM clinicians AS o WHERE o.organisation_id = c.organisation_id"
            " AND o.updated_at >= c.updated_at) <= 30"
        )
        return all_of(super().where_search(text), negated(Condition(latest)))


@fault("SRCH-12", "Search finds only the first of several clinicians with the same `last_name`.")
class OneFoundPerFamilyName(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        found = super().conditions(query, organisation)
        if query.search is not None:
            combined = self.combine(found)
            first = (
                f"SELECT min(c.number) FROM clinicians AS c WHERE {combined.sql}"  # noqa: S608
                " GROUP BY coalesce(c.last_name, c.id)"
            )
            found = [Condition(f"c.number IN ({first})", combined.values)]
        return found


@fault("SRCH-12", "Search looks only at the page that the list without `search` would return.")
class SearchesThePageOnly(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.search is None:
            return super().fetch(query, organisation)
        page, _ = super().fetch(replace(query, search=None), organisation)
        ids = [row["id"] for row in page]
        marks = ", ".join("?" * len(ids))
        on_page = Condition(f"c.id IN ({marks})", tuple(ids))
        found = self.select(
            all_of(on_page, self.where_search(query.search)), self.order(query), 100, 0
        )
        return found, False


@fault(
    "SRCH-10",
    "`is_bookable_online=false` is ignored if `search` is present.",
    shown_by="?search=Sister&is_bookable_online=false",
)
class FalseIsLostInSearch(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if query.search is not None and query.is_bookable_online is False:
            query = replace(query, is_bookable_online=None)
        return super().conditions(query, organisation)


@fault("SRCH-10", "A profile whose `email` holds the term is found whatever `is_active` is.")
class AddressesEscapeTheFilter(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        found = super().conditions(query, organisation)
        if query.search is None or query.is_active is None:
            return found
        words = " ".join(f'"{word}"' for word in self.search_words(query.search))
        term = "SELECT rowid FROM clinicians_text WHERE clinicians_text MATCH ?"
        by_address = Condition(f"c.number IN ({term})", (f"{{email}} : ({words})",))
        rest = super().conditions(replace(query, is_active=None), organisation)
        return [one_of(all_of(*found), all_of(*rest, by_address)) if words else all_of(*found)]


@fault(
    "FIL-18",
    "All filters are ignored if `search` is blank.",
    shown_by="?search=%20&is_active=false",
)
class BlankSearchForgetsTheFilters(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if query.search is not None and not query.search.strip():
            query = ListQuery(limit=query.limit, offset=query.offset)
        return super().conditions(query, organisation)


@fault("SRCH-03", "A search for an e-mail address of more than 30 characters finds nothing.")
class LongAddressesAreNotIndexed(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        return NOTHING if "@" in text and len(text) > 30 else super().where_search(text)
