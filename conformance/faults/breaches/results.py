"""Servers with wrong filtered lists and search results (LIM-01, PAG-08, RET-02, SRCH)."""

# ruff: noqa: ARG002 - a hook need not use all of its arguments

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote_plus

from conformance.faults.pieces import OwnSearch, RowsAfterwards, all_of, negated
from conformance.faults.questions import filters, total
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.queries import Condition
from conformance.reference.store import Row


@fault("LIM-01", "Without `limit`, a page of a search holds 50 records.")
class DefaultIsFiftyUnderSearch(ClinicianApi):
    def parse(self, pairs: Sequence[tuple[str, str]], known: Sequence[str]) -> ListQuery:
        query = super().parse(pairs, known)
        has_limit = any(name == "limit" for name, _ in pairs)
        return query if has_limit or query.search is None else replace(query, limit=50)


@fault("PAG-08", "With a filter, an `offset` exactly at the end returns the last record again.")
class FilteredEndRepeatsTheLastRecord(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if filters(query) and query.offset == total(self, query, organisation) > 0:
            query = replace(query, offset=query.offset - 1)
        return super().fetch(query, organisation)


@fault("RET-02", "Search results have the value of `created_at` in `updated_at`.")
class SearchRowsAreStale(RowsAfterwards):
    def revise(self, query: ListQuery, organisation: str, rows: list[Row]) -> list[Row]:
        if query.search is None:
            return rows
        return [{**row, "updated_at": row["created_at"]} for row in rows]


@fault("RET-02", "With `location_id`, list records have null for `qualifications`.")
class RowsAtLocationAreLeaner(RowsAfterwards):
    def revise(self, query: ListQuery, organisation: str, rows: list[Row]) -> list[Row]:
        if query.location_id is None:
            return rows
        return [{**row, "qualifications": None} for row in rows]


@fault("SRCH-12", "Search does not find the profile that was updated last.")
class LastChangedNotIndexed(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        not_last = Condition(
            "c.updated_at < (SELECT max(d.updated_at) FROM clinicians AS d"
            " WHERE d.organisation_id = c.organisation_id)"
        )
        return all_of(super().where_search(text), not_last)


@fault(
    "SRCH-03", "The search term is URL-decoded twice, which changes an address with a percent sign."
)
class TermIsDecodedTwice(ClinicianApi):
    def parse_search(self, text: str) -> str | None:
        return super().parse_search(unquote_plus(text))


@fault("SRCH-04", "Search ignores letter case only in ASCII letters.")
class OnlyAsciiIsFolded(OwnSearch):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        present = {_lower(word) for text in (name, display_name, email) for word in _words(text)}
        wanted = {_lower(word) for word in _words(term)}
        return bool(wanted) and wanted <= present


def _lower(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def _words(text: str | None) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in text or "").split()


# Profiles that lists lack; a run sees it by the ids that it is given

_LAURA = "5230ab4f-eaa9-424c-b88e-b9e033979fc8"
_SUNITA = "0f9df3fb-ba8b-4391-9860-b0a68ffbbaab"


class _Hides(ClinicianApi):
    """An API whose lists lack some profiles."""

    hidden: Condition

    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        return [*super().conditions(query, organisation), negated(self.hidden)]


@fault(
    "PAG-12",
    "A profile with an apostrophe or a hyphen in its name is on no list.",
    known=(_LAURA,),
)
class HyphenatedNamesAreNotListed(_Hides):
    hidden = Condition("c.name LIKE '%-%' OR c.name LIKE '%''%'")


@fault("PAG-12", "A profile without a display name is on no list.", known=(_LAURA, _SUNITA))
class ListsJoinDisplayNames(_Hides):
    hidden = Condition("c.display_name IS NULL")


@fault(
    "RET-01",
    "A profile without a display name is on no list, and its id returns 404.",
    known=(_SUNITA,),
)
class ProfilesWithoutDisplayNameAreGone(ListsJoinDisplayNames):
    def where_retrieved(self, clinician_id: str, organisation: str) -> Condition:
        return all_of(super().where_retrieved(clinician_id, organisation), negated(self.hidden))
