"""The queries of the API as SQL: organisation, filters, search, order, limit and offset."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

from conformance.reference.parameters import ListQuery
from conformance.reference.schema import MEMBERS
from conformance.reference.store import Row, Store

_WORD = re.compile(r"[^\W_]+")
# If a search matches more records than this, it is faster to read the list in order than to sort the matches.
_COMMON = 5_000


class Condition(NamedTuple):
    """An SQL condition over ``clinicians AS c``, and the values of its placeholders."""

    sql: str
    values: tuple[Any, ...] = ()


NOTHING = Condition("0")


class DirectoryQueries:
    """Reads clinicians and locations, always within one organisation."""

    store: Store

    # Many records share a timestamp: without the id, their order would be undefined.
    order_by: str = "c.created_at, c.id"
    search_columns: tuple[str, ...] = ("name", "display_name", "email")

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        """Return the records of a page in order, and whether more records follow."""
        condition = self.combine(self.conditions(query, organisation))
        # One extra record shows whether there is a next page, without a count.
        rows = self.select(condition, self.order(query), query.limit + 1, query.offset)
        return rows[: query.limit], len(rows) > query.limit

    def find(self, clinician_id: str, organisation: str) -> Row | None:
        """Return the clinician of the organisation with this id (in lower case), or None.

        The organisation is part of the query, not a check of its result: another organisation's id
        takes the same steps as an unknown id.
        """
        rows = self.select(self.where_retrieved(clinician_id, organisation), "c.id", 1, 0)
        return rows[0] if rows else None

    def fetch_locations(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        """Return the locations of a page in order, and whether more locations follow."""
        rows = self.store.rows(
            "SELECT id, name FROM locations WHERE organisation_id = ?"
            " ORDER BY name, id LIMIT ? OFFSET ?",
            (organisation, query.limit + 1, query.offset),
        )
        return rows[: query.limit], len(rows) > query.limit

    def select(self, condition: Condition, order: str, limit: int, offset: int) -> list[Row]:
        """Return at most ``limit`` clinicians that match the condition, after the first ``offset``."""
        columns = ", ".join(f"c.{member}" for member in MEMBERS)
        return self.store.rows(
            f"SELECT {columns} FROM clinicians AS c WHERE {condition.sql}"  # noqa: S608
            f" ORDER BY {order} LIMIT ? OFFSET ?",
            (*condition.values, limit, offset),
        )

    def order(self, query: ListQuery) -> str:  # noqa: ARG002
        """Return the ORDER BY of a list: the same for all filters, searches and pages."""
        return self.order_by

    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        """Return the conditions of a list: the organisation, and each filter that is set."""
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
        """Join several conditions with AND."""
        return Condition(
            " AND ".join(f"({condition.sql})" for condition in conditions),
            tuple(value for condition in conditions for value in condition.values),
        )

    def where_organisation(self, organisation: str) -> Condition:
        """Match the records of an organisation."""
        return Condition("c.organisation_id = ?", (organisation,))

    def where_retrieved(self, clinician_id: str, organisation: str) -> Condition:
        """Match the organisation and the id of a retrieve."""
        return Condition("c.organisation_id = ? AND c.id = ?", (organisation, clinician_id))

    def where_active(self, wanted: bool) -> Condition:
        """Match the active or the inactive clinicians."""
        return Condition("c.is_active = ?", (wanted,))

    def where_bookable(self, wanted: bool) -> Condition:
        """Match the clinicians that can, or cannot, be booked online."""
        return Condition("c.is_bookable_online = ?", (wanted,))

    def where_location(self, location_id: str, organisation: str) -> Condition:
        """Match the clinicians at a location of the organisation; none for any other location."""
        return Condition(
            "EXISTS (SELECT 1 FROM clinician_locations WHERE clinician = c.number AND location ="
            " (SELECT number FROM locations WHERE id = ? AND organisation_id = ?))",
            (location_id, organisation),
        )

    def where_search(self, text: str) -> Condition:
        """Match the clinicians that have every word of the text in the searched fields."""
        expression = self.search_expression(self.search_words(text))
        if expression is None:
            return NOTHING
        found = "SELECT rowid FROM clinicians_text WHERE clinicians_text MATCH ?"
        common = self.store.rows(f"{found} LIMIT 1 OFFSET {_COMMON}", (expression,))
        # The plus makes SQLite read the list in order instead of sorting all matches.
        return Condition(f"{'+' if common else ''}c.number IN ({found})", (expression,))

    def search_words(self, text: str) -> list[str]:
        """Return the unique words of a text in lower case: letters and digits of any script.

        The text is composed (NFC) first, because a letter and its accent can be two characters.
        """
        words = _WORD.findall(unicodedata.normalize("NFC", text))
        return list(dict.fromkeys(word.lower() for word in words))

    def search_expression(self, words: Sequence[str]) -> str | None:
        """Return the FTS5 expression that matches all words, or None without words.

        Each word is quoted, so that FTS5 reads OR, NEAR and NOT as words.
        """
        if not words:
            return None
        quoted = " ".join(f'"{word}"' for word in words)
        return f"{{{' '.join(self.search_columns)}}} : ({quoted})"
