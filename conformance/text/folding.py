"""Texts without what a search may lawfully pass over: letter case, accents, endings, joining signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

STEM = 3
"""Letters at the start of a word that every reading of it keeps."""

_LETTERS = str.maketrans(
    dict(zip("øłđðħŧıæœþ", ("o", "l", "d", "d", "h", "t", "i", "ae", "oe", "th"), strict=True))
)
"""Letters that hold their accent within, so that nothing takes it off but a table."""

_UMLAUT = re.compile("(?<=[aou])e")
_JOINING = re.compile(r"['’ʼ`.\-‐‑]")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
    "|[\U00020000-\U0003ffff]"
)
"""Letters of scripts that put no blanks between words: what is a word there is for each server to say."""


def folded(text: str) -> str:
    """The text without letter case and accents, for the wide bound."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return plain.translate(_LETTERS)


def stems(term: str) -> set[str]:
    """Beginnings of words by which a server may know the term again; :func:`parts` has those of a text.

    A stemmer writes i for a y at the end, and some take ue for ü.
    """
    return {_loose(folded(term))[:STEM], *_UNSPACED.findall(folded(term))}


def parts(text: str) -> Iterator[str]:
    """All that may count as a word of a folded text, letter by letter where words are not set apart."""
    for spelling in {text, _JOINING.sub("", text)}:
        yield from re.split(r"[\W_]+", _loose(spelling))
    yield from _UNSPACED.findall(text)


def _loose(text: str) -> str:
    return _UMLAUT.sub("", text).replace("y", "i")
