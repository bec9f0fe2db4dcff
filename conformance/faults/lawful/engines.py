"""Lawful variants: search engines that drop words, stem them or guess at misspellings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from conformance.faults.lawful.names import called
from conformance.faults.pieces import OwnSearch, words
from conformance.faults.variant import lawful

_MYSQL = frozenset(
    # Words of the list that MySQL's MyISAM engine drops, as far as they are names or parts of names.
    ["able", "away", "brief", "hello", "may", "novel", "plus", "second", "welcome", "will", "young"]
)
_SQL_SERVER = frozenset(
    # Words of the system list of SQL Server, as far as they are names or parts of names.
    ["come", "back", "good", "may", "might", "say", "still", "will", "way", "ward", "well"]
)


class _Engine(OwnSearch):
    """An engine with an index of whole words, which leaves some of them out."""

    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        """Return whether the index has all words of the term that it keeps, and at least one."""
        wanted = set(self.kept(words(term)))
        present = set(
            self.kept(word for text in (name, display_name, email) for word in words(text))
        )
        return bool(wanted) and wanted <= present

    def kept(self, found: Iterable[str]) -> Iterable[str]:
        """Return the words that the index keeps, in its spelling."""
        raise NotImplementedError


@lawful("The index has words of four letters or more, as MySQL's MyISAM has by default.")
class WordsOfFourLetters(_Engine):
    """A search for Mei or Ruth's nickname Bee finds nothing."""

    def kept(self, found: Iterable[str]) -> Iterable[str]:
        """Return the words of four letters or more."""
        return (word for word in found if len(word) >= 4)


@lawful(
    "The index has words of four letters or more, on names of which most are shorter.",
    data=called("Mei Chan", "Kim Lee", "Roy Morgan", "Amy Hughes", "Sam Ellis", "Bee Okafor"),
)
class ShortNamesAreNotIndexed(WordsOfFourLetters):
    """The longer part of each name finds its profiles."""


@lawful(
    "MySQL's stop words are dropped, on names that are such words.",
    data=called("Will Young", "May Brief", "Able Welcome", "Novel Osborne", "Owen Second"),
)
class DropsWordsOfMysql(_Engine):
    """Half of the names cannot be searched for."""

    def kept(self, found: Iterable[str]) -> Iterable[str]:
        """Return the words that are no stop words."""
        return (word for word in found if word not in _MYSQL)


@lawful(
    "SQL Server's stop words are dropped, on names that are such words.",
    data=called("Will Still", "May Ward", "Grace Good", "Bronwen Wells", "Hugh Back"),
)
class DropsWordsOfSqlServer(_Engine):
    """Half of the names cannot be searched for."""

    def kept(self, found: Iterable[str]) -> Iterable[str]:
        """Return the words that are no stop words."""
        return (word for word in found if word not in _SQL_SERVER)


@lawful(
    "Words of a list of its own are dropped, on names of one word.",
    data=called("Ambrose", "Desmond", "Bronwen", "Gallagher", "Katarzyna", "Oluwaseun", "Matteo"),
)
class DropsNamesOfOneWord(_Engine):
    """No other word of the profile finds it; other profiles are found."""

    def kept(self, found: Iterable[str]) -> Iterable[str]:
        """Return the words that are no stop words."""
        return (word for word in found if word not in ("ambrose", "oluwaseun"))


@lawful("Words are compared without a plural ending: Hughes finds Hugh.")
class IgnoresPlurals(_Engine):
    """A small stemmer, as search engines have one for each language."""

    def kept(self, found: Iterable[str]) -> Iterable[str]:
        """Return the words without their ending."""
        return (re.sub(r"(?<=[a-z]{3})(ies|es|s)$", "", word) for word in found)


@lawful("Words are compared by their first five letters.")
class ComparesFiveLetters(_Engine):
    """A filter that truncates words is the simplest stemmer."""

    def kept(self, found: Iterable[str]) -> Iterable[str]:
        """Return the beginnings of the words."""
        return (word[:5] for word in found)


@lawful(
    "A search also finds words that differ from the term in one letter or two.",
    data=called(
        "Johnson", "Johnston", "Jonson", "Hohnson", "Partner", "Pardner", "Wilson", "Milson"
    ),
)
class GuessesAtMisspellings(OwnSearch):
    """Fuzzy search is not recommended, and no request with a misspelt name is sent."""

    departs_from = frozenset({"SRCH-13"})

    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        """Return whether the profile has a word close to each word of the term."""
        present = [word for text in (name, display_name, email) for word in words(text)]
        wanted = words(term)
        return bool(wanted) and all(get_close_matches(word, present, 1, 0.7) for word in wanted)
