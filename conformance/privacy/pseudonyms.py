"""Other letters for letters: what a value tells of a person goes, what it is built like stays.

A pseudonym has as many characters and as many bytes in UTF-8 as what it stands for, the same letter case,
the same punctuation, and letters of the same script. Within one run equal words have equal pseudonyms,
and different words different ones. They follow from a key, so that nobody who lacks it can try out names.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import shake_256
from itertools import islice, product
from unicodedata import decimal

from conformance.target.target import KEY_VARIABLE, OTHER_KEY_VARIABLE
from conformance.text.terms import ABSENT, STOP_WORDS
from conformance.text.uuids import UUID

ADDRESS = frozenset(
    {
        *("dr", "mr", "mrs", "ms", "miss", "mx", "prof", "professor", "sir", "dame", "rev"),
        *("mister", "doctor", "nurse", "sister", "www", "com", "org", "net", "http", "https"),
    }
)
"""Forms of address and parts of addresses, which are nobody's: they stay as they are."""

TIMESTAMP = r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:[Zz]|[+-]\d\d:?\d\d)?"

KEYS = rf"\$(?:{OTHER_KEY_VARIABLE}|{KEY_VARIABLE}|CONFORMANCE_HEADER_[A-Z0-9_]+)"
"""What stands where a target had echoed a key, or a header that was to be sent."""

_TRIES = 64
_WHOLE = {True: 6, False: 3}
"""Numbers and words of so many characters are enough for no pseudonym to be somebody's."""

_NEVER = STOP_WORDS | ADDRESS | {*ABSENT, "zqx", "or", "null", "true", "false", "nan", "infinity"}
_PARTS = re.compile(
    # What stays: an id or a moment within a text, an encoded byte, the scheme of a URI, a host of digits.
    rf"(?P<kept>(?<![\w-]){UUID}(?![\w-])|(?<![\w-]){TIMESTAMP}(?![\w-])|%[0-9A-Fa-f]{{2}}"
    r"|\A[A-Za-z][A-Za-z0-9+.-]*(?=://)|(?<=//)\[[0-9A-Fa-f:.]+\]|\bxn--[a-z0-9-]+"
    rf"|{KEYS})"
    r"|(?P<letters>[^\W\d_]+)|(?P<digits>\d+)"
)


class Pseudonyms:
    """The pseudonyms of one run.

    :param key: what they follow from.
    :param words: the words and numbers of the data, which no pseudonym may happen to be.
    """

    def __init__(self, key: bytes, words: Iterable[str] = ()) -> None:
        self._key = key
        self._used: set[str] = set()
        self._other: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        known = sorted({_folded(word) for word in words})
        self._real = {word for word in known if len(word) >= _WHOLE[word[:1].isdecimal()]}
        # In the order of the alphabet, so that what comes first in the data does not matter.
        for word in known:
            self._choose(word)

    def of(self, text: str) -> str:
        """The text with each word and each number replaced."""
        found = self._texts.get(text)
        if found is None:
            found = self._texts[text] = _PARTS.sub(self._replaced, text)
        return found

    def _replaced(self, part: re.Match[str]) -> str:
        text = part.group()
        if part.lastgroup == "kept":
            return text
        low = _folded(text)
        other = self._other.get(low) or self._choose(low)
        if other == low:
            return text
        if part.lastgroup == "digits":
            return "".join(map(_like_digit, text, other))
        return other if text == low else "".join(map(_like_letter, text, other, low))

    def _choose(self, low: str) -> str:
        if low in self._other:
            return self._other[low]
        other = low
        if low in STOP_WORDS and low not in ADDRESS:
            other = self._stop_word(low)
        elif low not in ADDRESS:
            pools = [_DIGITS[low[0] != "0"], *["0123456789"] * (len(low) - 1)]
            if not low[0].isdecimal():
                pools = [_pool(char) for char in low]
            other = self._free(low, pools)
            self._used.add(other)
        self._other[low] = other
        return other

    def _free(self, low: str, pools: list[str]) -> str:
        """A word from pools of characters that stands for nothing yet."""
        for turn in range(_TRIES):
            draw = self._bytes(f"{turn} {low}", 2 * len(low))
            found = "".join(
                pool[int.from_bytes(draw[2 * place : 2 * place + 2], "big") % len(pool)]
                for place, pool in enumerate(pools)
            )
            if found != low and self._may_be(found):
                return found
        # Words of a letter or two: nearly all are taken. There is one for each, if but itself.
        words = ("".join(letters) for letters in islice(product(*pools), 100_000))
        return next((word for word in words if self._may_be(word)), low)

    def _may_be(self, word: str) -> bool:
        return word not in self._used and word not in self._real and word not in _NEVER

    def _stop_word(self, low: str) -> str:
        """Another stop word of the same length: full-text engines drop the one as they drop the other."""
        alike = _stop_words(len(low))
        turned = sorted(alike, key=lambda word: self._bytes(f"stop {word}", 8))
        return turned[alike.index(low)]

    def _bytes(self, text: str, count: int) -> bytes:
        seed = hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256")
        return shake_256(seed).digest(count)


_DIGITS = ("0", "123456789")
"""What the first digit may become: a number must not begin with a zero."""


@lru_cache(maxsize=32)
def _stop_words(length: int) -> list[str]:
    return sorted(word for word in STOP_WORDS - ADDRESS if len(word) == length)


def _folded(text: str) -> str:
    """The text in lower case as far as that keeps length and bytes, with the digits of ASCII."""
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
    """Whether two letters are each other's only other case, and as long as each other."""
    return (
        len(low) == len(high) == 1
        and low != high
        and low.upper() == high
        and high.lower() == low
        and len(low.encode()) == len(high.encode())
    )


@lru_cache(maxsize=4096)
def _pool(char: str) -> str:
    """The letters that may stand for one: of its script, length in bytes, and with letter case or without."""
    if char.isascii():
        return "abcdefghijklmnopqrstuvwxyz"
    cased = _is_pair(char, char.upper())
    if not char.isalpha() or (not cased and char.lower() != char.upper()):
        return char  # ß and its like, numerals: they have no like to stand for them
    code = ord(char)
    large = (bounds for bounds in _LARGE if code in bounds)
    return _letters(next(large, range(code & ~0x7F, (code & ~0x7F) + 0x80)), cased) or char


_LARGE = (
    *(range(0x3400, 0x4DC0), range(0x4E00, 0xA000)),
    *(range(0xAC00, 0xD7A4), range(0x20000, 0x2A6E0)),
)
"""Scripts that are no alphabets: their characters lie in more than one block of 128."""


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
