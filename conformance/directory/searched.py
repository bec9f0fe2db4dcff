"""What a search looks at: the searched members of a profile, and which rows a term may find."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance.directory.directory import Row
from conformance.http.request import Id
from conformance.privacy.text_notes import Hidden, Notes
from conformance.text.folding import folded, parts, resembles, stems

SEARCHED = ("name", "display_name", "email")
TELLING = (
    "bio",
    "role",
    "qualifications",
    "registration_number",
    "professional_registration_body",
)
"""Members that a search must not look at."""


def holders(rows: Sequence[Row], term: str, notes: Notes) -> set[str]:
    """Return the ids of the rows that a lawful search may find: other accents, endings, parts of words."""
    about = ["holders", hidden(rows, SEARCHED), term]
    found = notes.recall(
        about, lambda: {record_of(row) for row in rows if _holds(searched(row), term)}
    )
    return set(found)


def holders_of_any(rows: Sequence[Row], term: str, others: Sequence[str], notes: Notes) -> set[str]:
    """Return the ids of the rows that a term, or a word that the suite adds, or a guess at it may find.

    :param others: the words that the suite adds: always the same for the same kind of term.
    """
    every = (term, *others)

    def may_be_found(row: Row) -> bool:
        text = searched(row)
        return any(_holds(text, word) or resembles(folded(word), text) for word in every)

    def find() -> set[str]:
        return {record_of(row) for row in rows if may_be_found(row)}

    return set(notes.recall(["holders of any", hidden(rows, SEARCHED), term], find))


def _holds(text: str, term: str) -> bool:
    """Return whether a folded text has a term in it, or a word that begins like it."""
    wanted, starts = folded(term), tuple(stems(term))
    return wanted in text or any(part.startswith(starts) for part in parts(text))


def guessed(rows: Sequence[Row], term: str, notes: Notes) -> set[str]:
    """Return the ids of the rows with a word that resembles the term, as if the term were misspelt."""
    wanted = folded(term)
    about = ["guessed", hidden(rows, SEARCHED), term]
    return set(
        notes.recall(
            about, lambda: {record_of(row) for row in rows if resembles(wanted, searched(row))}
        )
    )


def holding(rows: Sequence[Row], parts: Sequence[str], notes: Notes) -> set[str]:
    """Return the ids of the rows whose searched fields contain one of the parts."""

    def holds(row: Row) -> bool:
        text = searched(row)
        return any(part in text for part in parts)

    about = ["holding", hidden(rows, SEARCHED), parts]
    return set(notes.recall(about, lambda: {record_of(row) for row in rows if holds(row)}))


def record_of(row: Row) -> str:
    """Return the id of a row in lower case."""
    return Id.of(row)


def hidden(rows: Iterable[Row], names: Sequence[str]) -> Hidden:
    """Return the ids of rows and the texts of some members, as the key of a note."""
    rows = list(rows)
    values = [row.get(name) for row in rows for name in names]
    texts = [value if isinstance(value, str) else None for value in values]
    return Hidden([record_of(row) for row in rows], texts)


def searched(row: Row) -> str:
    """Return the folded text of all searched fields."""
    return "\n".join(haystack(row).values())


def haystack(row: Row) -> dict[str, str]:
    """Return searched field → its folded text."""
    return {name: folded(row[name]) if isinstance(row.get(name), str) else "" for name in SEARCHED}
