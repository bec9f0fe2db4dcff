"""Servers with a wrong search for signs and for several words (SRCH-06, SRCH-14 to SRCH-20)."""

# ruff: noqa: ARG002 - a decision need not use all of its arguments

from __future__ import annotations

import re

from conformance.faults.pieces import (
    EVERYTHING,
    OwnSearch,
    RowsAfterwards,
    fold,
    negated,
    one_of,
    words,
)
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.people import uuid_of
from conformance.reference.queries import NOTHING, Condition
from conformance.reference.store import Row

# SRCH-06: only three members are searched


@fault("SRCH-06", "A search for an id finds the profile with that id.")
class IdIsSearched(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        return one_of(super().where_search(text), Condition("c.id = ?", (text.lower(),)))


@fault("SRCH-06", "A search for a UUID returns 500: it is looked up in a column of another type.")
class UuidAsTermBreaksTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if self.is_uuid(text):
            raise RuntimeError("operator does not exist: uuid ~~* unknown")
        return super().where_search(text)


# SRCH-14 and SRCH-15: words with a sign


@fault("SRCH-14", "A hyphen within a word excludes what follows it: `smith-jones` finds no Jones.")
class HyphenExcludes(OwnSearch):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        wanted, *excluded = term.split("-")
        if not super().matches(wanted, name, display_name, email):
            return False
        return not any(
            super(HyphenExcludes, self).matches(part, name, display_name, email)
            for part in excluded
        )


@fault("SRCH-14", "The index has the parts of words with a hyphen, and a term is not parted.")
class HyphenatedTermIsNotParted(OwnSearch):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        present = {word for text in (name, display_name) for word in words(text)}
        return fold(term) == fold(email) or set(fold(term).split()) <= present


@fault("SRCH-14", "Hyphens are removed from the term, but not from the names.")
class HyphenIsRemovedFromTheTerm(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        return super().where_search(text if "@" in text else text.replace("-", ""))


@fault("SRCH-15", "An apostrophe in the term is escaped twice, so the term has a backslash.")
class ApostropheIsEscapedTwice(OwnSearch):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        if "'" in term:
            return any(
                fold(term.replace("'", "\\'")) in fold(text) for text in (name, display_name, email)
            )
        return super().matches(term, name, display_name, email)


@fault("SRCH-15", "The term is cut at an apostrophe, and a term of one letter finds nothing.")
class ApostropheEndsTheTerm(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        term = text.split("'", maxsplit=1)[0]
        return super().where_search(term) if len(term) > 1 else NOTHING


# SRCH-16: signs of query languages around a word


@fault(
    "SRCH-16",
    "The term is a regular expression, unless it is no valid one.",
    shown_by="?search=%7Cjohnson",
)
class TermIsRegularExpression(OwnSearch):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        try:
            pattern = re.compile(fold(term)[:100])
        except re.error:
            return super().matches(term, name, display_name, email)
        return any(pattern.search(fold(text)) for text in (name, display_name, email) if text)


@fault(
    "SRCH-16",
    "The term is inserted into a filter, so that a comma adds a condition.",
    shown_by="?search=johnson%2Cname.neq.zqx",
)
class CommaAddsACondition(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        term, *conditions = text.split(",")
        found = super().where_search(term)
        for condition in conditions:
            if match := re.fullmatch(r"(name|email|display_name)\.(eq|neq)\.(.*)", condition):
                column, operator, value = match.groups()
                sign = "=" if operator == "eq" else "<>"
                found = one_of(found, Condition(f"c.{column} {sign} ?", (value,)))
        return found


@fault(
    "SRCH-16",
    "The term is in the query syntax of a search engine, in which `*:*` matches everything.",
    shown_by="?search=johnson+OR+%2A%3A%2A",
)
class TermIsInQuerySyntax(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        parts = re.split(r"\s+(?:OR|\|\|)\s+", text)
        if len(parts) == 1:
            return super().where_search(text)
        return one_of(
            *(
                EVERYTHING if part == "*:*" else super(TermIsInQuerySyntax, self).where_search(part)
                for part in parts
            )
        )


@fault(
    "SRCH-16",
    "If the index finds nothing, the term is tried as a regular expression.",
    shown_by="?search=%7Cjohnson%7Czqx",
)
class RegularExpressionIfNothingIsFound(TermIsRegularExpression):
    def where_search(self, text: str) -> Condition:
        found = ClinicianApi.where_search(self, text)
        return found if self.select(found, "c.id", 1, 0) else super().where_search(text)


# SRCH-17: found profiles are listed


_DELETED = Condition("c.number % 9 = 0")


@fault("SRCH-17", "Search still finds deleted profiles: its index is never cleaned.")
class DeletedProfilesAreFound(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        found = super().conditions(query, organisation)
        return found if query.search is not None else [*found, negated(_DELETED)]

    def where_retrieved(self, clinician_id: str, organisation: str) -> Condition:
        found = super().where_retrieved(clinician_id, organisation)
        return self.combine([found, negated(_DELETED)])


@fault("SRCH-17", "A search without filters finds deleted profiles that can still be retrieved.")
class DeletedProfilesAreFoundAndRetrieved(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        found = super().conditions(query, organisation)
        filters = (query.is_active, query.is_bookable_online, query.location_id)
        plain = query.search is not None and all(value is None for value in filters)
        return found if plain else [*found, negated(_DELETED)]


@fault("SRCH-17", "Search also finds profiles under the id that they had before an import.")
class FormerIdsAreFound(RowsAfterwards):
    def revise(self, query: ListQuery, organisation: str, rows: list[Row]) -> list[Row]:
        if query.search is None or len(rows) >= query.limit:
            return rows
        return [*rows, *({**row, "id": uuid_of(row["id"])} for row in rows[:1])]


# SRCH-18: signs alone


@fault("SRCH-18", "`*` matches any text, as in a file name.", shown_by="?search=%2A")
class AsteriskMatchesAnyText(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if "*" not in text:
            return super().where_search(text)
        pattern = re.sub(r"[\[\]?]", "", text.lower())
        return one_of(
            *(Condition(f"lower(c.{name}) GLOB ?", (pattern,)) for name in self.search_columns)
        )


@fault("SRCH-18", "The characters of other languages are removed, and the empty term finds all.")
class SignsAreRemoved(ClinicianApi):
    def parse_search(self, text: str) -> str | None:
        return super().parse_search(re.sub(r"[*?\[\]^$|]", "", text))


# SRCH-19 and SRCH-20: several words, and none


@fault("SRCH-19", "Each name is searched by itself, so that first and last name find nothing.")
class FullNameIsNotFound(OwnSearch):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        present = [word for text in (name, display_name) for word in re.split(r"\s+", fold(text))]
        return fold(term) == fold(email) or any(fold(term) in word for word in present)


@fault("SRCH-19", "The words of the term must stand in the order last name, first name.")
class LastNameFirst(OwnSearch):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        if not super().matches(term, name, display_name, email):
            return False
        pieces, wanted = fold(name).split(), fold(term).split()
        order = [pieces.index(piece) for piece in wanted if piece in pieces]
        return order == sorted(order, reverse=True)


@fault("SRCH-20", "A search for blanks returns 500: the term has no first word.")
class BlanksBreakTheServer(ClinicianApi):
    def parse_search(self, text: str) -> str | None:
        if text:
            _ = text.split(maxsplit=1)[0]
        return super().parse_search(text)


@fault("SRCH-20", "A search for blanks returns 404, as one that finds nothing.")
class BlanksAreNotFound(ClinicianApi):
    def parse_search(self, text: str) -> str | None:
        if text and not text.strip():
            raise self.profile_not_found()
        return super().parse_search(text)
