"""The questions that the API asks the store: filters, scope, order and slice, as SQL."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

from conformance.reference.parameters import ListQuery
from conformance.reference.schema import MEMBERS
from conformance.reference.store import Row, Store

_WORD = re.compile(r"[^\W_]+")
# A word that so many records share is looked up from the side of the list, not of the text index.
_COMMON = 5_000


class Condition(NamedTuple):
    """A condition in SQL over ``clinicians AS c``, and the values for its question marks."""

    sql: str
    values: tuple[Any, ...] = ()


NOTHING = Condition("0")


class DirectoryQueries:
    """Finds clinicians and locations, always within one organisation."""

    store: Store

    # Timestamps are shared by many records: without the id the order within a second is anyone's.
    order_by: str = "c.created_at, c.id"
    search_columns: tuple[str, ...] = ("name", "display_name", "email")

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        """The records of a page in order, and whether there are more behind it."""
        condition = self.combine(self.conditions(query, organisation))
        # One record more than asked for tells whether there is a next page, without counting.
        rows = self.select(condition, self.order(query), query.limit + 1, query.offset)
        return rows[: query.limit], len(rows) > query.limit

    def find(self, clinician_id: str, organisation: str) -> Row | None:
        """The clinician of the organisation with this id (in lower case), or None.

        The scope is part of the question, and not a check of the answer: another organisation's id
        takes the same steps as an id that nobody has.
        """
        rows = self.select(self.where_retrieved(clinician_id, organisation), "c.id", 1, 0)
        return rows[0] if rows else None

    def fetch_locations(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        """The locations of a page in order, and whether there are more behind it."""
        rows = self.store.rows(
            "SELECT id, name FROM locations WHERE organisation_id = ?"
            " ORDER BY name, id LIMIT ? OFFSET ?",
            (organisation, query.limit + 1, query.offset),
        )
        return rows[: query.limit], len(rows) > query.limit

    def select(self, condition: Condition, order: str, limit: int, offset: int) -> list[Row]:
        """At most ``limit`` clinicians that meet the condition, after the first ``offset``."""
        columns = ", ".join(f"c.{member}" for member in MEMBERS)
        return self.store.rows(
            f"SELECT {columns} FROM clinicians AS c WHERE {condition.sql}"  # noqa: S608
            f" ORDER BY {order} LIMIT ? OFFSET ?",
            (*condition.values, limit, offset),
        )

    def order(self, query: ListQuery) -> str:  # noqa: ARG002
        """What a list is ordered by: the same whatever is filtered, searched or paged."""
        return self.order_by

    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        """What a record must meet to be listed: the scope, and each filter that is set."""
        conditions = [self.where_organisation(organisation)]
        if query.is_active is not None:
            conditions.append(self.where_active(query.is_active))
        if query.is_bookable_online is not None:
            conditions.append(self.where_bookable(query.is_bookable_online))
        if query.location_id is not None:
            conditions.append(self.where_location(query.location_id, organisation))
        if query.search is not None:
            conditions.append(self.where_search(query.search))
        return conditions

    def combine(self, conditions: Sequence[Condition]) -> Condition:
        """One condition out of several: all of them."""
        return Condition(
            " AND ".join(f"({condition.sql})" for condition in conditions),
            tuple(value for condition in conditions for value in condition.values),
        )

    def where_organisation(self, organisation: str) -> Condition:
        """The scope of every list."""
        return Condition("c.organisation_id = ?", (organisation,))

    def where_retrieved(self, clinician_id: str, organisation: str) -> Condition:
        """The scope and the id of a retrieve."""
        return Condition("c.organisation_id = ? AND c.id = ?", (organisation, clinician_id))

    def where_active(self, wanted: bool) -> Condition:
        """Exactly the active, or exactly the inactive."""
        return Condition("c.is_active = ?", (wanted,))

    def where_bookable(self, wanted: bool) -> Condition:
        """Exactly those that can be booked online, or exactly those that cannot."""
        return Condition("c.is_bookable_online = ?", (wanted,))

    def where_location(self, location_id: str, organisation: str) -> Condition:
        """Those at a location of the organisation. Another's location is as good as none."""
        return Condition(
            "EXISTS (SELECT 1 FROM clinician_locations WHERE clinician = c.number AND location ="
            " (SELECT number FROM locations WHERE id = ? AND organisation_id = ?))",
            (location_id, organisation),
        )

    def where_search(self, text: str) -> Condition:
        """Those that hold every word of the text in the fields that are searched."""
        expression = self.search_expression(self.search_words(text))
        if expression is None:
            return NOTHING
        found = "SELECT rowid FROM clinicians_text WHERE clinicians_text MATCH ?"
        common = self.store.rows(f"{found} LIMIT 1 OFFSET {_COMMON}", (expression,))
        # The plus keeps SQLite from sorting all that is found: it walks the list in order instead.
        return Condition(f"{'+' if common else ''}c.number IN ({found})", (expression,))

    def search_words(self, text: str) -> list[str]:
        """The words of a text, each once: letters and digits of any script, and nothing else.

        Composed first, since a letter and its accent may come as two characters.
        """
        words = _WORD.findall(unicodedata.normalize("NFC", text))
        return list(dict.fromkeys(word.lower() for word in words))

    def search_expression(self, words: Sequence[str]) -> str | None:
        """The FTS5 expression that wants all the words, or None where there are none to look for.

        Each word stands in quotes: FTS5 then takes OR, NEAR or NOT for the words that they are.
        """
        if not words:
            return None
        quoted = " ".join(f'"{word}"' for word in words)
        return f"{{{' '.join(self.search_columns)}}} : ({quoted})"
