"""Terms of more than one word that stand in names: joined by a sign, or next to each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from conformance.directory.directory import Row
from conformance.directory.searched import SEARCHED, hidden, record_of
from conformance.directory.words import SHORT, words
from conformance.privacy.text_notes import Notes
from conformance.text.folding import folded

Pair = tuple[str, str]
"""A search term and the id of a profile that holds it."""

_JOINED = r"[^\W\d_]+(?:{0}[^\W\d_]+)+"


def joined_by(rows: Sequence[Row], sign: str, notes: Notes) -> list[Pair]:
    """Return the words of names whose parts are joined by a sign, such as ``O'Brien``, with their profile.

    At least one part is long enough for the index of any engine; words with only such parts come first, and
    of these those that an address does not have without the sign.
    """

    def find() -> list[Pair]:
        found: dict[Pair, tuple[int, bool, bool]] = {}
        pattern = re.compile(_JOINED.format(re.escape(sign)))
        for row in rows:
            for word in _blank_separated(row):
                if sign in word and pattern.fullmatch(word) and _longest(word, sign):
                    without = folded(word.replace(sign, ""))
                    in_address = without in folded(str(row.get("email") or ""))
                    reach = (_short_parts(word, sign), not word.isascii(), in_address)
                    found.setdefault((word, record_of(row)), reach)
        # Otherwise in the order of the list: an early profile is on the first page of a long result.
        return sorted(found, key=lambda pair: found[pair])

    about = ["joined", hidden(rows, SEARCHED), sign]
    return [(word, record) for word, record in notes.recall(about, find)]


def neighbours(rows: Sequence[Row], notes: Notes) -> list[Pair]:
    """Return pairs of words that follow each other in ``name``, with a blank between, with their profile.

    Each word can be a witness alone. Pairs of ASCII letters come first.
    """

    def find() -> list[Pair]:
        found: dict[str, str] = {}
        for row in rows:
            name = row.get("name")
            parts = name.split(" ") if isinstance(name, str) else []
            for one, two in pairwise(parts):
                if {one.lower()} == words(one) and {two.lower()} == words(two):
                    found.setdefault(f"{one} {two}", record_of(row))
        return sorted(found.items(), key=lambda pair: (not pair[0].isascii(), pair[1], pair[0]))

    about = ["neighbours", hidden(rows, SEARCHED)]
    return [(term, record) for term, record in notes.recall(about, find)]


def _blank_separated(row: Row) -> Iterator[str]:
    for name in SEARCHED[:2]:
        text = row.get(name)
        if isinstance(text, str):
            yield from text.split()


def _longest(word: str, sign: str) -> bool:
    """Return whether a part of the word can be a witness alone."""
    return any(words(part) and len(part) >= SHORT for part in word.split(sign))


def _short_parts(word: str, sign: str) -> int:
    return sum(not words(part) or len(part) < SHORT for part in word.split(sign))
