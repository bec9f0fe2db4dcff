"""The words of a text that a search must find, whatever the engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from conformance.text.terms import STOP_WORDS, engine_stop_words

SHORTEST = 3
"""Letters of the shortest word that a case searches for."""

SHORT = 4
"""Letters from which on a word is in the index of any known engine; MySQL has a setting for fewer."""

LONG = 6
"""Letters from which on a part of an address is a word that any known engine has in its index."""

SIGNS = "%+_'"
"""Signs in an address that decoding or a query language changes."""

_TEXTS, _LONG = 10_000, 200
"""Texts whose words are remembered, and their length: many cases ask for those of the same profiles."""

_WORD = re.compile(r"[^\W\d_]+")
_BLANKS = " \t\r\n"


def words(text: object) -> set[str]:
    """Return the words of a text that can be witnesses: in lower case, three or more letters, no stop words.

    A word next to a digit, an apostrophe, a hyphen or another joining character is left out: servers differ
    in where such a word ends. So is a word whose lower case does not follow from each letter alone.
    """
    return set(in_order(text))


def is_short(word: str) -> bool:
    """Return whether an engine may leave the word out of its index because of its length."""
    return len(word) < SHORT


def in_order(text: object) -> tuple[str, ...]:
    """Return the words of :func:`words` in the order of the text."""
    if not isinstance(text, str):
        return ()
    return _remembered(text) if len(text) <= _LONG else tuple(_in_order(text))


@lru_cache(_TEXTS)
def _remembered(text: str) -> tuple[str, ...]:
    return tuple(_in_order(text))


def _in_order(text: str) -> Iterator[str]:
    # Servers differ in whether a no-break space, or a sign without a blank beside it, separates words.
    for piece in re.split(f"[{_BLANKS}]+", text):
        letters = piece.lstrip('(,;"').rstrip('),;."')
        word = letters.lower()
        if not _WORD.fullmatch(letters) or [letter.lower() for letter in letters] != list(word):
            continue
        if len(word) >= SHORTEST and word not in STOP_WORDS and word not in engine_stop_words():
            yield word
