"""The lawful model over the learned world, as a diagnosis uses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.model.manners import Manners
from conformance.model.rows import ModelDirectory, Row
from conformance.model.service import Service
from conformance.target.credentials import OTHER, OWN

NOTHING = "\0nothing"
"""A search term or location that finds no profile."""


class Lawful(Service):
    """The lawful model, with a choice in how a search combines the words of its term.

    :param combine: whether a search needs all words of its term (``all``) or one (``any``).
    """

    def __init__(
        self,
        directories: Mapping[str, ModelDirectory],
        manners: Manners,
        combine: str = "all",
    ) -> None:
        super().__init__(directories.get(OWN, ModelDirectory()), directories.get(OTHER), manners)
        self.combine = combine
        self._units: dict[tuple[int, str], list[str]] = {}

    def combine_units(self, found: Sequence[set[int]]) -> set[int]:
        """Return what a search finds, from what each word of its term finds."""
        if self.combine == "any":
            return set().union(*found)
        return super().combine_units(found)

    def search(self, directory: ModelDirectory, term: str) -> set[int]:
        """Return the positions of the profiles that a search finds."""
        return set() if term == NOTHING else super().search(directory, term)

    def units(self, row: Row, name: str) -> list[str]:
        """Return the parts of a member that a search compares; none if it is not a text."""
        key = id(row), name
        if key not in self._units:
            text = row.get(name)
            self._units[key] = self.search_units(text) if isinstance(text, str) else []
        return self._units[key]


def other_directory(service: Service, directory: ModelDirectory) -> Any:
    """Return the directory of the other organisation, None if it is not known."""
    others = [item for item in service.directories.values() if item is not directory]
    return others[0] if others else None
