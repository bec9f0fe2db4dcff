"""Segments of a path: the characters of one that are replaced, and the spelling of the others kept."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, unquote


def decoded(segment: str) -> str:
    """Return the text of a segment; a byte that is no UTF-8 becomes a lone surrogate."""
    return unquote(segment, errors="surrogateescape")


def respelled(segment: str, text: str) -> str:
    """Return a segment with another text of the same length: what is equal keeps its spelling."""
    pairs = zip(_characters(segment), text, strict=True)
    return "".join(
        spelling if char == new else quote(new, safe="", errors="surrogateescape")
        for (char, spelling), new in pairs
    )


def _characters(segment: str) -> Iterator[tuple[str, str]]:
    """Yield each character of a segment with its spelling."""
    start = 0
    for char in decoded(segment):
        length = 3 * len(char.encode("utf-8", "surrogateescape"))
        spelling = segment[start : start + length]
        if not spelling.startswith("%") or decoded(spelling) != char:
            spelling = segment[start]
        yield char, spelling
        start += len(spelling)
