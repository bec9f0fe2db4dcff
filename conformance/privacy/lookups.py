"""Lookups in a text that take the same time, however much is known."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

_KEY = 200
"""Characters of a value by which it is looked up."""


class Values:
    """Values that begin with the same word. A look takes the same time, however many there are."""

    def __init__(self) -> None:
        # Length of a key → key → values; only keys of the full length can have several.
        self._by_length: dict[int, dict[str, list[str]]] = {}

    def add(self, value: str) -> None:
        """Add a value."""
        key = value[:_KEY]
        self._by_length.setdefault(len(key), {}).setdefault(key, []).append(value)

    def at(self, text: str, start: int) -> Iterator[str]:
        """Yield the values that a text has at a position, the longest first."""
        for length in sorted(self._by_length, reverse=True):
            values = self._by_length[length].get(text[start : start + length], ())
            for value in sorted(values, key=len, reverse=True) if len(values) > 1 else values:
                if length < _KEY or text.startswith(value, start):
                    yield value


class Within:
    """Ranges of a text, in order; positions are looked up in ascending order, each in constant time."""

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        self._ranges = deque(ranges)

    def __contains__(self, position: int) -> bool:
        while self._ranges and self._ranges[0][1] <= position:
            self._ranges.popleft()
        return bool(self._ranges) and self._ranges[0][0] <= position
