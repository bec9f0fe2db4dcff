"""Servers with a search that is wrong for certain words, or for several of them (PAG, ROB, SRCH)."""

# ruff: noqa: ARG002 - a decision need not use all of its arguments

from __future__ import annotations

import re
from dataclasses import replace
from itertools import count

from conformance.faults.pieces import OwnSearch, RowsAfterwards, fold, words
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.people import Clinician
from conformance.reference.queries import Condition
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.seed import SeedData, build
from conformance.reference.store import Row, Store


@fault(
    "SRCH-01",
    "Accents are folded in the index and not in the term: `José` finds no profile.",
    shown_by="?search=Jos%C3%A9",
)
class OnlyTheIndexFoldsAccents(OwnSearch):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        present = {word for text in (name, display_name, email) for word in words(text)}
        wanted = set(re.findall(r"[^\W_]+", term.lower()))
        return bool(wanted) and wanted <= present


def _some_with_capitals() -> SeedData:
    def alter(one: Clinician) -> Clinician:
        if one.email is None or len(one.email) % 11:
            return one
        return one._replace(email=one.email.title())

    return replace(build(), alter=alter)


@fault(
    "SRCH-03",
    "An address is stored as it was entered, and the term is in lower case.",
    data=_some_with_capitals,
    shown_by="?search=gareth.castellanos%40example.nhs.uk",
)
class AddressesWithCapitalsAreNotFound(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if "@" in text:
            return Condition("c.email = ?", (text.lower(),))
        return super().where_search(text)


@fault(
    "ROB-05",
    "A search for more than 64 different words returns 500.",
    shown_by=f"?search={'+'.join(f'w{number}' for number in range(65))}",
)
class ManyWordsBreakTheServer(ClinicianApi):
    def search_words(self, text: str) -> list[str]:
        found = super().search_words(text)
        if len(found) > 64:
            raise RuntimeError("maxClauseCount is set to 64")
        return found


@fault(
    "PAG-06",
    "The database finds parts of words, and those that are no whole words are dropped from its page.",
    shown_by="?search=ali&limit=5",
)
class PartsOfWordsAreDroppedFromThePage(OwnSearch, RowsAfterwards):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        return any(fold(term) in fold(text) for text in (name, display_name, email))

    def revise(self, query: ListQuery, organisation: str, rows: list[Row]) -> list[Row]:
        if query.search is None:
            return rows
        wanted = set(words(query.search))
        return [
            row
            for row in rows
            if wanted
            and wanted <= {word for name in self.search_columns for word in words(row[name])}
        ]


@fault(
    "PAG-10",
    "The results of two words are joined in an order that changes from one request to the next.",
    shown_by="?search=sister+wood",
)
class TwoWordsInAnyOrder(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._searches = count()

    def order(self, query: ListQuery) -> str:
        two = query.search is not None and len(self.search_words(query.search)) > 1
        is_reversed = two and next(self._searches) % 2 == 0
        return "c.created_at DESC, c.id DESC" if is_reversed else super().order(query)
