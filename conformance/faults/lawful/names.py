"""Lawful variants: searches that pass over more than letter case, on names that show it."""

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


def _called(*names: str) -> Callable[[], SeedData]:
    """The usual seed data with these names alone, and no e-mail addresses."""

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
    "Search knows words by their stem, which turns a y at the end to an i.",
    data=_called("Kay", "Kai"),
)
class StemsEndInI(StemmingSearch):
    """Kay and Kai have one stem."""


@lawful(
    "Search reads ø as o and ü as ue, as dictionaries of accents have it.",
    data=_called("Sorensen", "Sørensen", "Muller", "Müller", "Mueller"),
)
class WritesAccentsOut(OwnSearch):
    """Accents that no decomposition takes off."""

    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        """Whether all words of the term are among those of the profile, with their accents written out."""
        return words(term, plain) <= words(f"{name}\n{display_name}\n{email}", plain)


def plain(text: str) -> str:
    """The text in ASCII letters."""
    for letter, written in (("ø", "o"), ("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        text = unicodedata.normalize("NFC", text).lower().replace(letter, written)
    return fold(text)


@lawful(
    "Search passes over apostrophes and hyphens.",
    data=_called("Obrien", "O'Brien", "Annmarie", "Ann-Marie"),
)
class JoinsNames(OwnSearch):
    """O'Brien is found as obrien."""

    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        """Whether all words of the term are among those of the profile, joined."""
        return words(term, joined) <= words(f"{name}\n{display_name}\n{email}", joined)


def joined(text: str) -> str:
    """The folded text without the signs that join."""
    return re.sub(r"['’-]", "", fold(text))


@lawful(
    "Each Chinese character is a word, and a search for several finds who has any of them.",
    data=_called("王小明", "李小明", "王伟", "张大文"),
)
class CharactersAreWords(OwnSearch):
    """As engines do that have no dictionary of the language."""

    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        """Whether one of the characters is in a name; what is in ASCII is a word as elsewhere."""
        if term.isascii():
            return super().matches(term, name, display_name, email)
        return bool(set(term) & set(f"{name}{display_name or ''}"))


def words(text: str, read: Callable[[str], str]) -> set[str]:
    """The words of a text as a search reads it; never none, which every profile would hold."""
    return set(re.findall(r"[^\W_]+", read(text))) or {text}
