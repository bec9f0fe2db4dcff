"""Format-preserving pseudonyms.

A pseudonym has the same number of characters and of UTF-8 bytes as its original, the same letter case,
punctuation and script. Within one run equal words have equal pseudonyms, and different words different ones.
Pseudonyms depend on a key; without it, they cannot be computed from guessed names.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import shake_256
from itertools import islice, product
from unicodedata import decimal

from conformance.target.target import KEY_VARIABLE, OTHER_KEY_VARIABLE
from conformance.text.terms import ABSENT, DIRECTORIES, STOP_WORDS
from conformance.text.uuids import UUID

ADDRESS = frozenset(
    {
        *("dr", "mr", "mrs", "ms", "miss", "mx", "prof", "professor", "sir", "dame", "rev"),
        *("mister", "doctor", "nurse", "sister", "www", "com", "org", "net", "http", "https"),
    }
)
"""Forms of address and parts of internet addresses, which stay unchanged."""

TIMESTAMP = r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:[Zz]|[+-]\d\d:?\d\d)?"

KEYS = (
    rf"\$(?:{OTHER_KEY_VARIABLE}|{KEY_VARIABLE}|CONFORMANCE_HEADER_[A-Z0-9_]+|COOKIE_[0-9A-F]{{8}})"
)
"""The placeholders for keys, headers and cookies that a target has sent."""

MARKS = (
    rf"(?<![\w/])/(?:{DIRECTORIES})(?=/[\w.@-])|(?<=\w)\.(?:py|rb|go|js|ts|java|php):\d++"
    r"|(?<!\w)(?:SELECT|INSERT|INTO|UPDATE|SET|DELETE|FROM|WHERE|SQLSTATE)(?!\w)"
    r"|Traceback \(most recent(?: call last\))?"
)
"""What marks the path of a file (its first directory, its ending and a line number), SQL, a trace."""

_TRIES = 64
_LONG = {True: 6, False: 3}
"""The length from which no number (True) or word (False) of the data may be a pseudonym."""

_NEVER = STOP_WORDS | ADDRESS | {*ABSENT, "zqx", "or", "null", "true", "false", "nan", "infinity"}
_PARTS = re.compile(
    # Parts that stay: ids and times, percent-encoded bytes, the scheme of a URI, IP addresses, and the
    # marks of what a server must not disclose.
    rf"(?P<kept>(?<![\w-]){UUID}(?![\w-])|(?<![\w-]){TIMESTAMP}(?![\w-])|%[0-9A-Fa-f]{{2}}"
    r"|\A[A-Za-z][A-Za-z0-9+.-]*(?=://)|(?<=//)\[[0-9A-Fa-f:.]+\]|\bxn--[a-z0-9-]+"
    rf"|{MARKS}"
    rf"|{KEYS})"
    r"|(?P<letters>[^\W\d_]+)|(?P<digits>\d+)"
)


class Pseudonyms:
    """The pseudonyms of one run.

    :param key: the secret that they depend on.
    :param words: the words and numbers of the data, which are not used as pseudonyms.
    """

    def __init__(self, key: bytes, words: Iterable[str] = ()) -> None:
        self._key = key
        self._used: set[str] = set()
        self._others: dict[tuple[str, ...], Iterator[str]] = {}
        self._chosen: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        known = sorted({_folded(word) for word in words})
        self._real = {word for word in known if len(word) >= _LONG[word[:1].isdecimal()]}
        # In alphabetical order, so that the order of the data does not matter.
        for word in known:
            self._choose(word)

    def of(self, text: str) -> str:
        """Return the text with each word and number replaced."""
        found = self._texts.get(text)
        if found is None:
            found = self._texts[text] = _PARTS.sub(self._replaced, text)
        return found

    def _replaced(self, part: re.Match[str]) -> str:
        text = part.group()
        if part.lastgroup == "kept":
            return text
        low = _folded(text)
        other = self._chosen.get(low) or self._choose(low)
        if other == low:
            return text
        if part.lastgroup == "digits":
            return "".join(map(_like_digit, text, other))
        return other if text == low else "".join(map(_like_letter, text, other, low))

    def _choose(self, low: str) -> str:
        if low in self._chosen:
            return self._chosen[low]
        other = low
        if low in STOP_WORDS and low not in ADDRESS:
            other = self._stop_word(low)
        elif low not in ADDRESS:
            pools = [_DIGITS[low[0] != "0"], *["0123456789"] * (len(low) - 1)]
            if not low[0].isdecimal():
                pools = [_pool(char) for char in low]
            other = self._unused(low, pools)
            self._used.add(other)
        self._chosen[low] = other
        return other

    def _unused(self, low: str, pools: list[str]) -> str:
        """Return an unused word with one character from each pool."""
        if all(len(pool) == 1 for pool in pools):
            return low
        for attempt in range(_TRIES):
            draw = self._bytes(f"{attempt} {low}", 2 * len(low))
            found = "".join(
                pool[int.from_bytes(draw[2 * index : 2 * index + 2], "big") % len(pool)]
                for index, pool in enumerate(pools)
            )
            if found != low and self._is_available(found):
                return found
        # Nearly all words of one or two letters are used. In the last resort a word stays as it is.
        # A word that is not available never becomes so: each search goes on where the last one ended.
        words = self._others.setdefault(
            tuple(pools), islice(map("".join, product(*pools)), 100_000)
        )
        return next(filter(self._is_available, words), low)

    def _is_available(self, word: str) -> bool:
        return word not in self._used and word not in self._real and word not in _NEVER

    def _stop_word(self, low: str) -> str:
        """Return another stop word of the same length, since full-text engines drop both."""
        words = _stop_words(len(low))
        shuffled = sorted(words, key=lambda word: self._bytes(f"stop {word}", 8))
        return shuffled[words.index(low)]

    def _bytes(self, text: str, count: int) -> bytes:
        seed = hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256")
        return shake_256(seed).digest(count)


_DIGITS = ("0", "123456789")
"""Pools for the first digit: a zero stays, and no other digit becomes zero."""


@lru_cache(maxsize=32)
def _stop_words(length: int) -> list[str]:
    return sorted(word for word in STOP_WORDS - ADDRESS if len(word) == length)


def _folded(text: str) -> str:
    """Return the text in lower case, as far as that keeps its lengths, and with ASCII digits."""
    low = text.lower()
    if low.isascii() and text.isascii():
        return low
    return "".join(map(_folded_char, text))


@lru_cache(maxsize=4096)
def _folded_char(char: str) -> str:
    if char.isdecimal():
        return str(decimal(char))
    return char.lower() if _is_pair(char.lower(), char) else char


def _is_pair(low: str, high: str) -> bool:
    """Return whether two letters are the lower and upper case of each other, with equally many bytes."""
    return (
        len(low) == len(high) == 1
        and low != high
        and low.upper() == high
        and high.lower() == low
        and len(low.encode()) == len(high.encode())
    )


@lru_cache(maxsize=4096)
def _pool(char: str) -> str:
    """Return the letters that may replace one: the same script, byte length, and presence of letter case."""
    if char.isascii():
        return "abcdefghijklmnopqrstuvwxyz"
    cased = _is_pair(char, char.upper())
    if not char.isalpha() or (not cased and char.lower() != char.upper()):
        return char  # ß and similar letters, numerals: nothing can replace them
    code = ord(char)
    large = (bounds for bounds in _LARGE if code in bounds)
    return _letters(next(large, range(code & ~0x7F, (code & ~0x7F) + 0x80)), cased) or char


_LARGE = (
    *(range(0x3400, 0x4DC0), range(0x4E00, 0xA000)),
    *(range(0xAC00, 0xD7A4), range(0x20000, 0x2A6E0)),
)
"""Scripts with more characters than one block of 128."""


@lru_cache(maxsize=64)
def _letters(codes: range, cased: bool) -> str:
    letters = map(chr, codes)
    if cased:
        return "".join(char for char in letters if _is_pair(char, char.upper()))
    return "".join(char for char in letters if char.isalpha() and char.lower() == char.upper())


def _like_letter(char: str, other: str, low: str) -> str:
    return other if char == low else other.upper()


def _like_digit(char: str, other: str) -> str:
    return other if char.isascii() else chr(ord(char) - decimal(char) + int(other))
