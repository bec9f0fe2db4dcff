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
from conformance.text.terms import engine_stop_words


@lawful("Search matches the beginning of words.")
class PrefixSearch(ClinicianApi):
    """A search box with suggestions works in this way."""

    def search_expression(self, words: Sequence[str]) -> str | None:
        """Return an expression that matches each word of the term as a prefix."""
        if not words:
            return None
        quoted = " ".join(f'"{word}" *' for word in words)
        return f"{{{' '.join(self.search_columns)}}} : ({quoted})"


@lawful("Search finds the term anywhere in one of the three fields, in any letter case.")
class SubstringSearch(ClinicianApi):
    """The server uses SQL LIKE and escapes the wildcards of the term."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        # SQLite's LIKE ignores letter case only in ASCII.
        self.store.connection.create_function("folded", 1, _folded, deterministic=True)

    def parse_search(self, text: str) -> str | None:
        """Return the term; refuse NUL, which would end the pattern."""
        if "\0" in text:
            raise self.invalid_parameter("search", "text without NUL")
        return super().parse_search(text)

    def where_search(self, text: str) -> Condition:
        """Match profiles that have the whole term in one field."""
        escaped = _folded(text) or ""
        for wildcard in "\\%_":
            escaped = escaped.replace(wildcard, f"\\{wildcard}")
        columns = [f"folded(c.{name}) LIKE ? ESCAPE '\\'" for name in self.search_columns]
        return Condition(" OR ".join(columns), (f"%{escaped}%",) * len(columns))


@lawful("Search matches the words of the term as a phrase in one field.")
class PhraseSearch(ClinicianApi):
    """The words must follow each other in the given order."""

    def search_expression(self, words: Sequence[str]) -> str | None:
        """Return an expression that matches all words as one phrase."""
        return super().search_expression([" ".join(words)] if words else [])


@lawful("A search for several words finds profiles that have any of them.")
class AnyWordSearch(ClinicianApi):
    """The contract does not say how words are combined. An e-mail address stays one term."""

    def where_search(self, text: str) -> Condition:
        """Match profiles that have one of the words."""
        words = self.search_words(text)
        terms = [" ".join(words)] if "@" in text else words
        expressions = [self.search_expression([term]) for term in terms if term]
        if not expressions:
            return NOTHING
        return Condition(
            "c.number IN (SELECT rowid FROM clinicians_text WHERE clinicians_text MATCH ?)",
            (" OR ".join(f"({expression})" for expression in expressions),),
        )


class _OwnIndex(ClinicianApi):
    """An API that searches a text index with another ``tokenizer``."""

    tokenizer = "unicode61"

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self.store.connection.execute(
            "CREATE VIRTUAL TABLE other_text USING fts5 (name, display_name, email,"
            f" content='clinicians', content_rowid='number', tokenize=\"{self.tokenizer}\")"
        )
        self.store.connection.execute("INSERT INTO other_text (other_text) VALUES ('rebuild')")

    def where_search(self, text: str) -> Condition:
        """Match profiles that have every word of the text, as the tokenizer reads words."""
        expression = self.search_expression(self.search_words(text))
        if expression is None:
            return NOTHING
        return Condition(
            "c.number IN (SELECT rowid FROM other_text WHERE other_text MATCH ?)", (expression,)
        )


@lawful("Search compares English words by their stem: walking finds walk and walked.")
class StemmingSearch(_OwnIndex):
    """Text search in databases stems English words."""

    tokenizer = "porter unicode61 remove_diacritics 2"


@lawful("Search does not ignore accents: jose does not find José.")
class AccentSensitiveSearch(_OwnIndex):
    """The contract requires search to ignore letter case, not accents."""

    tokenizer = "unicode61 remove_diacritics 0"


@lawful("Search finds any three or more letters inside a word, and nothing for fewer.")
class TrigramSearch(_OwnIndex):
    """The text index consists of groups of three letters (trigrams). The O of O'Brien is a word too short."""

    departs_from = frozenset({"SRCH-15"})

    tokenizer = "trigram"


@lawful("A search term of fewer than three characters returns 400.")
class RefusesShortSearch(ClinicianApi):
    """A short term would match too many profiles."""

    def parse_search(self, text: str) -> str | None:
        """Return the term; refuse one of fewer than three characters."""
        if len(text.strip()) < 3:
            raise self.invalid_parameter("search", "at least 3 characters")
        return text


@lawful("A search term that consists only of signs, quotes, % or _ returns 400.")
class RefusesSearchWithoutWords(ClinicianApi):
    """A term without a word cannot be looked up in a text index."""

    def parse_search(self, text: str) -> str | None:
        """Return the term; refuse one without a word."""
        if not self.search_words(text):
            raise self.invalid_parameter("search", "a text that contains a word")
        return text


@lawful("An empty search finds nothing.")
class EmptySearchFindsNothing(ClinicianApi):
    """The contract does not say whether an empty search lists all profiles or none."""

    def parse_search(self, text: str) -> str | None:
        """Return the term, even if it is empty."""
        return text


@lawful("Search results are ordered by relevance: profiles with shorter names come first.")
class FoundByRelevance(ClinicianApi):
    """Search results have their own order, and it is stable."""

    def order(self, query: ListQuery) -> str:
        """Return the usual order, or the order of search results for a search."""
        return super().order(query) if query.search is None else "length(c.name), c.name, c.id"


class _Drops(ClinicianApi):
    """Drops some words of a search term, as full-text engines do with stop words."""

    dropped: frozenset[str] = frozenset()

    def search_words(self, text: str) -> list[str]:
        """Return the words of the term that are no stop words."""
        return [word for word in super().search_words(text) if word not in self.dropped]


@lawful("Search drops ambrose, renée and bazza, which an administrator has made stop words.")
class DropsWordsOfItsOwn(_Drops):
    """Engines can have lists of their own; every other word finds its profiles."""

    dropped = frozenset({"ambrose", "renée", "bazza"})


@lawful("Search drops sister, the most frequent word of the names.")
class DropsFrequentWord(_Drops):
    """Some engines drop words that occur in many records."""

    dropped = frozenset({"sister"})


@lawful("Search drops the stop words of several engines, on names that are such words.")
class DropsStopWords(_Drops):
    """The union of all lists is dropped, so that no name in them is found by itself."""

    dropped = engine_stop_words()


@lawful("A filtered list is ordered by name, the full list by creation time.")
class FilteredByName(ClinicianApi):
    """Each kind of list has its own order, and each order is stable."""

    def order(self, query: ListQuery) -> str:
        """Return the order by name if a filter is set, otherwise the usual order."""
        filters = (query.is_active, query.is_bookable_online, query.location_id)
        return "c.name, c.id" if any(one is not None for one in filters) else super().order(query)


@lawful("The list is ordered by name, then by id.")
class OrderedByName(ClinicianApi):
    """A printed directory has this order."""

    order_by = "c.name, c.id"


@lawful("The list is ordered by surname, without regard to letter case and with nulls last.")
class OrderedBySurname(ClinicianApi):
    """The order uses a nullable member."""

    order_by = "c.last_name IS NULL, c.last_name COLLATE NOCASE, c.first_name, c.id"


@lawful("The list is ordered by id.")
class OrderedById(ClinicianApi):
    """The order means nothing to a reader, but it is stable and unique."""

    order_by = "c.id"


@lawful("The list is ordered from the newest profile to the oldest.")
class NewestFirst(ClinicianApi):
    """A news feed has this order."""

    order_by = "c.created_at DESC, c.id DESC"


@lawful("The order of the list looks random, but never changes.")
class ShuffledOnce(ClinicianApi):
    """The list is ordered by the last digits of the id."""

    order_by = "substr(c.id, 29), c.id"


@lawful("A page has at most 60 records, and next_offset points to the next page.")
class ShortPages(ClinicianApi):
    """The limit is a maximum; a page may have fewer records."""

    departs_from = frozenset({"PAG-07"})

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        """Return the records of a page, and whether more records follow."""
        return super().fetch(replace(query, limit=min(query.limit, 60)), organisation)


def _folded(text: str | None) -> str | None:
    return None if text is None else unicodedata.normalize("NFC", text).casefold()
