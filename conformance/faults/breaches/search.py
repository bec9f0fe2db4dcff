"""Servers with a wrong search: fields, letter case and words (SRCH-01 to SRCH-07)."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches

from conformance.faults.pieces import OwnSearch, RowsAfterwards, all_of, one_of, words, words_in
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.queries import NOTHING, Condition
from conformance.reference.store import Row


@fault("SRCH-01", "Search ignores `name`.")
class NameNotSearched(ClinicianApi):
    search_columns = ("display_name", "email")


@fault("SRCH-01", "Search compares the term only with the start of `name`, not with each word.")
class NameFromItsStart(OwnSearch):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        is_start = words(name)[: len(words(term))] == words(term)
        return (is_start and bool(words(term))) or super().matches(term, "", display_name, email)


@fault("SRCH-01", "Search ignores `name` after its first two words.")
class ThirdWordOfNameLost(OwnSearch):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        return super().matches(term, " ".join(words(name)[:2]), display_name, email)


@fault("SRCH-01", "Search does not find words of more than six letters in `name`.")
class LongWordsOfNameLost(OwnSearch):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        indexed = " ".join(word for word in words(name) if len(word) <= 6)
        return super().matches(term, indexed, display_name, email)


@fault("SRCH-02", "Search does not find a `display_name` of two words.")
class TwoWordDisplayNameLost(OwnSearch):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        indexed = display_name if len(words(display_name)) != 2 else None
        return super().matches(term, name, indexed, email)


@fault("SRCH-01", "Search does not find profiles whose `display_name` or `email` is null.")
class NullHidesFromSearch(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        no_null = Condition("c.name || ' ' || c.display_name || ' ' || c.email IS NOT NULL")
        return all_of(super().where_search(text), no_null)


@fault("SRCH-02", "Search ignores `display_name`.")
class DisplayNameNotSearched(ClinicianApi):
    search_columns = ("name", "email")


@fault("SRCH-02", "Search finds a `display_name` only by its full text, not by one word.")
class DisplayNameWholeOnly(OwnSearch):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        is_full_text = words(term) == words(display_name) != []
        return is_full_text or super().matches(term, name, None, email)


@fault("SRCH-02", "Search ignores the `display_name` of clinicians who cannot be booked online.")
class DisplayNameOfBookableOnly(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        everywhere = super().where_search(text)
        wanted = self.search_words(text)
        if not wanted:
            return everywhere
        bookable = Condition("c.is_bookable_online")
        return one_of(all_of(bookable, everywhere), words_in("name email", wanted))


@fault("SRCH-03", "Search ignores `email`.")
class EmailNotSearched(ClinicianApi):
    search_columns = ("name", "display_name")


@fault("SRCH-03", "A search for an e-mail address finds nothing.")
class AddressIsOneWord(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        return NOTHING if re.fullmatch(r"\S+@\S+", text) else super().where_search(text)


@fault("SRCH-03", "A search for an e-mail address that contains `%` or `_` finds nothing.")
class AddressEscapedTwice(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        is_escaped = "@" in text and bool(set(text) & set("%_"))
        return NOTHING if is_escaped else super().where_search(text)


@fault("SRCH-03", "A search for an address with a full stop before the at sign finds nothing.")
class AddressesWithStopLost(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        return NOTHING if re.fullmatch(r"\w+\.\w+@\S+", text) else super().where_search(text)


@fault("SRCH-04", "Search is case-sensitive.")
class LetterCaseCounts(OwnSearch):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        present = re.findall(r"[^\W_]+", f"{name} {display_name or ''} {email or ''}")
        wanted = re.findall(r"[^\W_]+", term)
        return bool(wanted) and set(wanted) <= set(present)


@fault("SRCH-04", "Search is case-sensitive in `display_name`.")
class LetterCaseCountsInDisplayName(OwnSearch):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        present = set(re.findall(r"[^\W_]+", display_name or ""))
        return bool(present & set(term.split())) or super().matches(term, name, None, email)


@fault("SRCH-04", "A search for an e-mail address is case-sensitive.")
class LetterCaseCountsInEmail(OwnSearch):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        if "@" in term:
            return term == email
        return super().matches(term, name, display_name, email)


@fault("SRCH-04", "A search term with a capital letter finds nothing.")
class CapitalsFindNothing(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        return super().where_search(text) if text == text.lower() else NOTHING


@fault("SRCH-05", "A search that finds nothing returns the full list.")
class NothingFoundGivesAll(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.search and not super().fetch(replace(query, offset=0), organisation)[0]:
            query = replace(query, search=None)
        return super().fetch(query, organisation)


@fault("SRCH-05", "A search term of more than 40 characters is ignored and returns the full list.")
class LongTermIgnored(ClinicianApi):
    def parse_search(self, text: str) -> str | None:
        return super().parse_search(text) if len(text) <= 40 else None


@fault(
    "SRCH-05", "Digits are removed from the search term, so a term of digits returns the full list."
)
class DigitsStripped(ClinicianApi):
    def parse_search(self, text: str) -> str | None:
        return super().parse_search(re.sub("[0-9]", "", text))


class _SearchesMore(ClinicianApi):
    """An API that also searches ``member``."""

    member: str = "bio"

    def where_search(self, text: str) -> Condition:
        def holds(value: str | None) -> bool:
            wanted = set(words(text))
            return bool(wanted) and wanted <= set(words(value))

        self.store.connection.create_function("holds", 1, holds)
        return one_of(super().where_search(text), Condition(f"holds(c.{self.member})"))


@fault("SRCH-06", "Search also looks in `bio`.")
class BioSearched(_SearchesMore):
    member = "bio"


@fault("SRCH-06", "Search also looks in `role`.")
class RoleSearched(_SearchesMore):
    member = "role"


@fault("SRCH-06", "Search also looks in `registration_number`.")
class RegistrationNumberSearched(_SearchesMore):
    member = "registration_number"


@fault("SRCH-06", "Search also looks in `qualifications`.")
class QualificationsSearched(_SearchesMore):
    member = "qualifications"


@fault("SRCH-06", "Search also looks in `professional_registration_body`.")
class RegistrationBodySearched(_SearchesMore):
    member = "professional_registration_body"


@fault("SRCH-06", "A search that finds nothing also looks in `bio`.")
class BioSearchedAtLast(_SearchesMore):
    member = "bio"

    def where_search(self, text: str) -> Condition:
        usual = ClinicianApi.where_search(self, text)
        return usual if self.select(usual, "c.id", 1, 0) else super().where_search(text)


@fault("SRCH-07", "A page of search results that is not full is filled up with other records.")
class FoundPageFilledUp(RowsAfterwards):
    def revise(self, query: ListQuery, organisation: str, rows: list[Row]) -> list[Row]:
        if not query.search or not rows or len(rows) == query.limit:
            return rows
        unsearched = self.combine(self.conditions(replace(query, search=None), organisation))
        more = self.select(unsearched, self.order(query), query.limit, 0)
        return (rows + [row for row in more if row not in rows])[: query.limit]


@fault("SRCH-07", "Search also finds words that are only similar to the term.")
class SimilarWordsFound(OwnSearch):
    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        present = [word for text in (name, display_name, email) for word in words(text)]
        wanted = words(term)
        return bool(wanted) and all(get_close_matches(word, present, 1, 0.5) for word in wanted)
