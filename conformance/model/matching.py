"""Selects the rows of a list: filters, search, order and page, one method for each decision."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from conformance.model.manners import Manners, SearchReading
from conformance.model.parameters import Filters, ListQuery
from conformance.model.rows import ModelDirectory, Row, id_of

Positions = Sequence[int]
_Index = dict[str, set[int]]


class MatchingDecisions:
    """Which rows a list holds, and in which order."""

    manners: Manners

    def __init__(self) -> None:
        self._matching: dict[tuple[ModelDirectory, Filters], Positions] = {}
        self._indexes: dict[tuple[ModelDirectory, tuple[str, ...]], _Index] = {}

    # Filters

    def filters_in_force(self, query: ListQuery) -> Filters:
        """Return the filters that the list obeys."""
        return query.filters

    def matching(self, directory: ModelDirectory, filters: Filters) -> Positions:
        """Return the positions of the matching profiles, in the order of the list.

        The result is kept: it must follow from the arguments alone.
        """
        key = (directory, filters)
        if key not in self._matching:
            everyone: Positions = range(len(directory.rows))
            found = everyone if filters == Filters() else self._filtered(directory, filters)
            self._matching[key] = self.order(directory, found)
        return self._matching[key]

    def _filtered(self, directory: ModelDirectory, filters: Filters) -> Positions:
        found: Positions = range(len(directory.rows))
        if filters.search is not None:
            found = sorted(self.search(directory, filters.search))
        return [at for at in found if self.passes(directory, directory.rows[at], filters)]

    def passes(self, directory: ModelDirectory, row: Row, filters: Filters) -> bool:
        """Return whether a profile passes every filter except the search."""
        return (
            (filters.is_active is None or self.filter_active(row, filters.is_active))
            and (
                filters.is_bookable_online is None
                or self.filter_bookable(row, filters.is_bookable_online)
            )
            and (
                filters.location_id is None
                or self.filter_location(directory, row, filters.location_id)
            )
        )

    def filter_active(self, row: Row, wanted: bool) -> bool:
        """Return whether a profile passes ``is_active``."""
        return row.get("is_active") is wanted

    def filter_bookable(self, row: Row, wanted: bool) -> bool:
        """Return whether a profile passes ``is_bookable_online``."""
        return row.get("is_bookable_online") is wanted

    def filter_location(self, directory: ModelDirectory, row: Row, location: str) -> bool:
        """Return whether a profile is at a location."""
        return id_of(row) in directory.members.get(location, ())

    # Search

    def search(self, directory: ModelDirectory, term: str) -> set[int]:
        """Return the positions of the profiles that a search finds."""
        index = self._index(directory)
        wanted = self.search_units(term)
        return self.combine_units(
            [
                {
                    at
                    for held, found in index.items()
                    if self.term_matches(unit, held)
                    for at in found
                }
                for unit in wanted
            ]
        )

    def search_fields(self) -> tuple[str, ...]:
        """Return the members that a search looks at."""
        return ("name", "display_name", "email")

    def search_units(self, text: str) -> list[str]:
        """Return the parts into which a term or a field is divided, each once: its words, or all of it."""
        folded = self.fold(text)
        if self.manners.search_reading is SearchReading.SUBSTRING:
            return [folded]
        return list(dict.fromkeys(word for word in re.split(r"[\W_]+", folded) if word))

    def fold(self, text: str) -> str:
        """Return the text without the differences that a search passes over."""
        if text.isascii():
            return text.lower()
        if not self.manners.folds_accents:
            return unicodedata.normalize("NFC", text).casefold()
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        return "".join(char for char in decomposed if not unicodedata.combining(char))

    def term_matches(self, wanted: str, held: str) -> bool:
        """Return whether a part of the term matches a part of a field."""
        if self.manners.search_reading is SearchReading.WORDS:
            return wanted == held
        if self.manners.search_reading is SearchReading.PREFIXES:
            return held.startswith(wanted)
        return wanted in held

    def combine_units(self, found: Sequence[set[int]]) -> set[int]:
        """Return what a search finds, from what each part of its term finds: the profiles in all of them."""
        return set.intersection(*found) if found else set()

    def _index(self, directory: ModelDirectory) -> _Index:
        """Return part of a field → positions of the profiles that hold it."""
        fields = self.search_fields()
        if (directory, fields) not in self._indexes:
            index: _Index = {}
            for at, row in enumerate(directory.rows):
                for name in fields:
                    if isinstance(row.get(name), str):
                        for unit in self.search_units(row[name]):
                            index.setdefault(unit, set()).add(at)
            self._indexes[directory, fields] = index
        return self._indexes[directory, fields]

    # Order and pages

    def order(self, directory: ModelDirectory, found: Positions) -> Positions:  # noqa: ARG002
        """Return the positions in the order of the list."""
        return found

    def page(self, found: Positions, query: ListQuery) -> Positions:
        """Return the part of a list that a page holds."""
        return found[query.offset : query.offset + query.limit]

    def has_more(self, query: ListQuery, count: int, total: int) -> bool:
        """Return whether records follow a page.

        :param count: records of the page.
        :param total: records of the list.
        """
        return count > 0 and query.offset + count < total

    def next_offset(self, query: ListQuery, count: int, more: bool) -> int | None:
        """Return the offset of the next page, None after the last one."""
        return query.offset + count if more else None
