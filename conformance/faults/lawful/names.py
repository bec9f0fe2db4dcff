"""Lawful variants: searches that ignore more than letter case, on names that show the difference."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from conformance.faults.lawful.data import altered, choice
from conformance.faults.lawful.search import StemmingSearch
from conformance.faults.pieces import OwnSearch, fold
from conformance.faults.variant import lawful
from conformance.reference.people import Clinician
from conformance.reference.seed import SeedData


def called(*names: str) -> Callable[[], SeedData]:
    """Return a function that builds the seed data with only these names, without e-mail addresses."""

    def alter(person: Clinician) -> Clinician:
        name = names[choice(person, len(names))]
        return person._replace(
            name=name,
            display_name=None,
            first_name=name,
            last_name=None,
            title=None,
            email=None,
            bio=None,
        )

    return altered(alter)


@lawful(
    "Search compares words by their stem, which turns a final y into an i.",
    data=called("Kay", "Kai"),
)
class StemsEndInI(StemmingSearch):
    """A search for Kay also finds Kai: both words have the stem kai."""


@lawful(
    "Search treats ø as o and ü as ue.",
    data=called("Sorensen", "Sørensen", "Muller", "Müller", "Mueller"),
)
class WritesAccentsOut(OwnSearch):
    """Unicode decomposition does not turn ø into o; search engines use a table for it."""

    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        """Return whether the profile has all words of the term, all with accents written out."""
        return words(term, plain) <= words(f"{name}\n{display_name}\n{email}", plain)


def plain(text: str) -> str:
    """Return the folded text with accents written out."""
    for letter, written in (("ø", "o"), ("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        text = unicodedata.normalize("NFC", text).lower().replace(letter, written)
    return fold(text)


@lawful(
    "Search ignores apostrophes and hyphens.",
    data=called("Obrien", "O'Brien", "Annmarie", "Ann-Marie"),
)
class JoinsNames(OwnSearch):
    """A search for obrien finds O'Brien."""

    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        """Return whether the profile has all words of the term, all without joining signs."""
        return words(term, joined) <= words(f"{name}\n{display_name}\n{email}", joined)


def joined(text: str) -> str:
    """Return the folded text without apostrophes and hyphens."""
    return re.sub(r"['’-]", "", fold(text))


@lawful(
    "Each Chinese character is a word, and a search for several matches any of them.",
    data=called("王小明", "李小明", "王伟", "张大文"),
)
class CharactersAreWords(OwnSearch):
    """Search engines without a dictionary of the language work in this way."""

    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        """Return whether a name has one of the characters; match a term in ASCII as usual."""
        if term.isascii():
            return super().matches(term, name, display_name, email)
        return bool(set(term) & set(f"{name}{display_name or ''}"))


def words(text: str, read: Callable[[str], str]) -> set[str]:
    """Return the words of a text after ``read``; the text itself if it has none.

    An empty set would match every profile.
    """
    return set(re.findall(r"[^\W_]+", read(text))) or {text}
