"""Lawful variants: other ways to search, other orders of the list, other pages."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.queries import NOTHING, Condition
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.store import Row, Store


@lawful("Search finds words by their beginning.")
class PrefixSearch(ClinicianApi):
    """Type three letters, see who it may be."""

    def search_expression(self, words: Sequence[str]) -> str | None:
        """Every word of the term, as the beginning of a word."""
        if not words:
            return None
        quoted = " ".join(f'"{word}" *' for word in words)
        return f"{{{' '.join(self.search_columns)}}} : ({quoted})"


@lawful("Search finds the term as any part of one of the three fields, in any letter case.")
class SubstringSearch(ClinicianApi):
    """LIKE, with the wildcards of the term escaped."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        # SQLite's own LIKE knows the letter case of ASCII alone.
        self.store.connection.create_function("folded", 1, _folded, deterministic=True)

    def parse_search(self, text: str) -> str | None:
        """The term; NUL, which would end the pattern, is refused."""
        if "\0" in text:
            raise self.invalid_parameter("search", "text without NUL")
        return super().parse_search(text)

    def where_search(self, text: str) -> Condition:
        """Those that hold the whole term in one field."""
        escaped = _folded(text) or ""
        for sign in "\\%_":
            escaped = escaped.replace(sign, f"\\{sign}")
        columns = [f"folded(c.{name}) LIKE ? ESCAPE '\\'" for name in self.search_columns]
        return Condition(" OR ".join(columns), (f"%{escaped}%",) * len(columns))


@lawful("Search wants the words of the term side by side in one field.")
class PhraseSearch(ClinicianApi):
    """Two words are a phrase."""

    def search_expression(self, words: Sequence[str]) -> str | None:
        """All the words as one phrase."""
        return super().search_expression([" ".join(words)] if words else [])


@lawful("Search for several words finds the profiles that hold any of them.")
class AnyWordSearch(ClinicianApi):
    """The wide reading of several words; an address stays one term."""

    def where_search(self, text: str) -> Condition:
        """Those that hold one of the words."""
        words = self.search_words(text)
        terms = [" ".join(words)] if "@" in text else words
        found = [self.search_expression([term]) for term in terms if term]
        if not found:
            return NOTHING
        return Condition(
            "c.number IN (SELECT rowid FROM clinicians_text WHERE clinicians_text MATCH ?)",
            (" OR ".join(f"({expression})" for expression in found),),
        )


class _OwnIndex(ClinicianApi):
    """A search on an index with another tokenizer."""

    tokenizer = "unicode61"

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self.store.connection.execute(
            "CREATE VIRTUAL TABLE other_text USING fts5 (name, display_name, email,"
            f" content='clinicians', content_rowid='number', tokenize=\"{self.tokenizer}\")"
        )
        self.store.connection.execute("INSERT INTO other_text (other_text) VALUES ('rebuild')")

    def where_search(self, text: str) -> Condition:
        """Those that hold every word of the text, as the tokenizer sees words."""
        expression = self.search_expression(self.search_words(text))
        if expression is None:
            return NOTHING
        return Condition(
            "c.number IN (SELECT rowid FROM other_text WHERE other_text MATCH ?)", (expression,)
        )


@lawful("Search finds English words by their stem: walking finds walk and walked.")
class StemmingSearch(_OwnIndex):
    """As a database with a dictionary of English does."""

    tokenizer = "porter unicode61 remove_diacritics 2"


@lawful("Search holds accents to be part of the letter: jose does not find José.")
class AccentSensitiveSearch(_OwnIndex):
    """Letter case is folded, accents are not."""

    tokenizer = "unicode61 remove_diacritics 0"


@lawful("Search finds any three letters or more within a word, and nothing for fewer.")
class TrigramSearch(_OwnIndex):
    """An index of groups of three letters."""

    tokenizer = "trigram"


@lawful("A search term of fewer than three letters is refused with 400.")
class RefusesShortSearch(ClinicianApi):
    """A term that would find too many is asked to be longer."""

    def parse_search(self, text: str) -> str | None:
        """A term of three letters at least."""
        if len(text.strip()) < 3:
            raise self.invalid_parameter("search", "at least 3 characters")
        return text


@lawful("A search for nothing but signs, quotes, % or _ is refused with 400.")
class RefusesSearchWithoutWords(ClinicianApi):
    """A term without a word asks for nothing that could be looked up."""

    def parse_search(self, text: str) -> str | None:
        """A term that holds a word."""
        if not self.search_words(text):
            raise self.invalid_parameter("search", "a text that holds a word")
        return text


@lawful("An empty search finds nothing.")
class EmptySearchFindsNothing(ClinicianApi):
    """No profile holds no word."""

    def parse_search(self, text: str) -> str | None:
        """The term, also an empty one."""
        return text


@lawful("What is found is listed by relevance: short names, which the term fills most, come first.")
class FoundByRelevance(ClinicianApi):
    """Search results have an order of their own; it holds still."""

    def order(self, query: ListQuery) -> str:
        """The usual order, or the other one for a search."""
        return super().order(query) if query.search is None else "length(c.name), c.name, c.id"


@lawful("A filtered list is ordered by name, the whole list by age.")
class FilteredByName(ClinicianApi):
    """Each question its own order; each holds still."""

    def order(self, query: ListQuery) -> str:
        """By name where a filter is set."""
        filters = (query.is_active, query.is_bookable_online, query.location_id)
        return "c.name, c.id" if any(one is not None for one in filters) else super().order(query)


@lawful("The list is ordered by name, then by id.")
class OrderedByName(ClinicianApi):
    """As a directory is."""

    order_by = "c.name, c.id"


@lawful("The list is ordered by surname in any letter case, those without one at the end.")
class OrderedBySurname(ClinicianApi):
    """With nulls in the order."""

    order_by = "c.last_name IS NULL, c.last_name COLLATE NOCASE, c.first_name, c.id"


@lawful("The list is ordered by id.")
class OrderedById(ClinicianApi):
    """No order that anyone would read, and a safe one."""

    order_by = "c.id"


@lawful("The list is ordered from the newest profile to the oldest.")
class NewestFirst(ClinicianApi):
    """As a feed is."""

    order_by = "c.created_at DESC, c.id DESC"


@lawful("The list has an order that looks like chance, and is always the same.")
class ShuffledOnce(ClinicianApi):
    """By some digits from the middle of the id."""

    order_by = "substr(c.id, 29), c.id"


@lawful("A page never holds more than 60 records, and next_offset says where the next one starts.")
class ShortPages(ClinicianApi):
    """A limit is the most that a page may hold, not what it must."""

    departs_from = frozenset({"PAG-07"})

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        """The records of a page, and whether there are more behind it."""
        return super().fetch(replace(query, limit=min(query.limit, 60)), organisation)


def _folded(text: str | None) -> str | None:
    return None if text is None else unicodedata.normalize("NFC", text).casefold()
