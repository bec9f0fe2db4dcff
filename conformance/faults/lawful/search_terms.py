"""Lawful variants: other readings of signs and blanks in a search term."""

from __future__ import annotations

import re

from conformance.faults.lawful.names import called
from conformance.faults.pieces import OwnSearch, RowsAfterwards, fold, words
from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body
from conformance.reference.parameters import ListQuery
from conformance.reference.store import Row


@lawful("A term has operators: OR, quotes, and `-` before a word that must not occur.")
class OperatorsInTerms(OwnSearch):
    """PostgreSQL reads terms in this way (websearch_to_tsquery); other signs separate words."""

    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        """Return whether one alternative of the term has all of its words and no excluded one."""
        present = {word for text in (name, display_name, email) for word in words(text)}
        for alternative in re.split(r"\s+or\s+", f" {fold(term)} "):
            parts = alternative.split()
            excluded = {word for part in parts if part[0] == "-" for word in words(part)}
            wanted = {word for part in parts if part[0] != "-" for word in words(part)}
            if (wanted or excluded) and wanted <= present and not excluded & present:
                return True
        return False


@lawful("Words are separated by blanks only, so that O'Brien and Smith-Jones are one word each.")
class WordsBetweenBlanks(OwnSearch):
    """Search engines have such an analyzer."""

    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        """Return whether the profile has each piece of the term as a piece between blanks."""
        present = {word for text in (name, display_name, email) for word in fold(text).split()}
        wanted = set(fold(term).split())
        return bool(wanted) and wanted <= present


@lawful("Hyphens and apostrophes are removed from names and terms: obrien finds O'Brien.")
class JoiningSignsAreRemoved(OwnSearch):
    """The profile is found by the whole name, with or without the sign."""

    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        """Return whether the profile has each word of the term."""
        present = {w for text in (name, display_name, email) for w in words(_joined(text))}
        wanted = set(words(_joined(term)))
        return bool(wanted) and wanted <= present


@lawful("A term with other signs than those of names and addresses returns 400.")
class RefusesSignsOfQueryLanguages(ClinicianApi):
    """The server protects the query language of its database."""

    def parse_search(self, text: str) -> str | None:
        """Return the term; refuse one with a sign that no name has."""
        if re.search(r"[^\w\s'’.@+%-]", text):
            raise self.invalid_parameter("search", "a name or an address")
        return super().parse_search(text)


@lawful("A search for blanks is an empty search, which returns 400.")
class RefusesBlankSearch(ClinicianApi):
    """Other terms lose the blanks around them."""

    def parse_search(self, text: str) -> str | None:
        """Return the term without blanks around it; refuse an empty one."""
        if not text.strip():
            raise self.invalid_parameter("search", "a text that is not empty")
        return text.strip()


@lawful("A term is one piece of text that one word has: a term of two words finds nothing.")
class OneWordOnly(OwnSearch):
    """The documents do not say that a search for several words finds anything."""

    departs_from = frozenset({"SRCH-19"})

    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        """Return whether a piece between blanks, or the address, contains the term."""
        pieces = [piece for text in (name, display_name) for piece in fold(text).split()]
        return bool(term) and any(fold(term) in piece for piece in (*pieces, fold(email)))


@lawful("A term that consists of `*` or `%` lists everything.")
class AsteriskListsEverything(ClinicianApi):
    """Some clients send it to say that there is no search; it is not recommended."""

    departs_from = frozenset({"SRCH-09", "SRCH-18"})

    def parse_search(self, text: str) -> str | None:
        """Return the term, or None for one that lists everything."""
        return None if text in ("*", "%") else super().parse_search(text)


@lawful("A term that ends with a backslash is refused with 400, as an escape of nothing.")
class EscapeOfNothingIsRefused(ClinicianApi):
    """Query parsers of search engines refuse such a term."""

    def parse_search(self, text: str) -> str | None:
        """Return the term.

        :raises Refusal: (400) for a backslash at its end.
        """
        if text.endswith("\\"):
            raise self.invalid_parameter("search", "a term that does not end with a backslash")
        return super().parse_search(text)


@lawful("Rows that a search finds have a further member with the marked name.")
class MarksBesideTheName(RowsAfterwards):
    """A search engine marks what it found; the 17 members stay as they are."""

    def revise(self, query: ListQuery, organisation: str, rows: list[Row]) -> list[Row]:  # noqa: ARG002
        """Return the rows, each with the marked name."""
        self.marks = {row["id"]: f"<em>{row['name']}</em>" for row in rows if query.search}
        return rows

    def list_profile(self, row: Row) -> Body:
        """Return a row with the further member."""
        marked = self.marks.get(row["id"])
        return super().list_profile(row) | ({"marked": marked} if marked else {})


@lawful(
    "Search reads the parts of a name, where many have a hyphen or an apostrophe.",
    data=called(
        *("Anne-Marie O'Hara", "Jean-Luc D'Arcy", "Smith-Jones", "Mary-Kate O'Neill", "Ó'Dálaigh"),
        *(
            "Lloyd-Webber",
            "N'Golo",
            "Al-Rashid",
            "Ng-Oh",
            "Mc'Ardle-Ho",
            "Sarah Johnson",
            "Amina Patel",
        ),
    ),
)
class NamesWithJoiningSigns(ClinicianApi):
    """Parts of names can be short, or begin with an accented letter."""


def _joined(text: str | None) -> str:
    return re.sub(r"(?<=\w)['’-](?=\w)", "", text or "")
