"""Texts without the differences that a search may ignore: letter case, accents, endings, joining marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache

RESEMBLANCE = 0.65
"""Least similarity of two words of which an engine may take one for a misspelling of the other.

One other letter in a word of three letters, or two in a word of six, make 0.67.
"""

_TEXTS = 20_000
"""Texts, and pairs of term and text, whose results are remembered: many cases ask about the same profiles."""

STEM = 3
"""Letters at the start of a word that every stemmer keeps."""

_LETTERS = str.maketrans(
    dict(zip("øłđðħŧıæœþ", ("o", "l", "d", "d", "h", "t", "i", "ae", "oe", "th"), strict=True))
)
"""Letters whose mark Unicode does not decompose."""

_UMLAUT = re.compile("(?<=[aou])e")
_JOINING = re.compile(r"['’ʼ`.\-‐‑]")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
    "|[\U00020000-\U0003ffff]"
)
"""Letters of scripts without spaces between words, in which each server segments words in its own way."""


def folded(text: str) -> str:
    """Return the text without letter case and accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return plain.translate(_LETTERS)


def stems(term: str) -> set[str]:
    """Return word beginnings by which a stemming server may match the term; see :func:`parts` for a text.

    Stemmers replace a final y by i, and some treat ue as ü.
    """
    return {_loose(folded(term))[:STEM], *_UNSPACED.findall(folded(term))}


@lru_cache(_TEXTS)
def parts(text: str) -> tuple[str, ...]:
    """Return all that may count as a word of a folded text; single letters in scripts without spaces."""
    return tuple(_parts(text))


def _parts(text: str) -> Iterator[str]:
    for spelling in {text, _JOINING.sub("", text)}:
        yield from re.split(r"[\W_]+", _loose(spelling))
    yield from _UNSPACED.findall(text)


@lru_cache(_TEXTS)
def resembles(term: str, text: str) -> bool:
    """Return whether a folded text has a word that differs from a folded term in one or two letters."""
    matcher = SequenceMatcher(b=term, autojunk=False)
    for word in set(re.split(r"[\W_]+", text)):
        matcher.set_seq1(word)
        if matcher.quick_ratio() >= RESEMBLANCE and matcher.ratio() >= RESEMBLANCE:
            return True
    return False


def _loose(text: str) -> str:
    return _UMLAUT.sub("", text).replace("y", "i")


def digit(char: str) -> int:
    """Return the value of a digit of any script, also of a superscript.

    :raises ValueError: if it is no digit.
    """
    return unicodedata.digit(char)
