"""Splits a body into pieces, and separates data from the envelope.

Bodies are not parsed and serialised, so a body that is not valid JSON is split as far as possible. All pieces
joined are the original body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from conformance.text.printable import well_formed

_FLAT = r'\{[^{}"]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^{}"]*+)*+\}'
# The last string of a truncated body may lack its end.
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_SIMPLE = re.compile(rf"(?P<string>{_STRING})(?P<colon>\s*+:)?|[{{}}\[\]]", re.DOTALL)
_TOKEN = re.compile(
    rf"(?P<flat>{_FLAT})|(?P<string>{_STRING})(?P<colon>\s*+:)?|[{{}}\[\]]", re.DOTALL
)
LITERALS = "true|false|null|NaN|-?Infinity"
CONSTANTS = re.compile(rf"(\b(?:{LITERALS})\b)")
_CONTENT = re.compile(r"[^\W\d_]|\d{5}")
_NUMBER = re.compile(r"\s*+(?:[:,]\s*+)?-?\d[\d.]*+(?:[eE][+-]?\d++)?\s*+(?:,\s*+)?")
_NAME = re.compile(r"[a-z_][A-Za-z0-9_]*")
_SHORT = 100
_JSON_STARTS = ("{", "[", '"')
_ENVELOPE = ("meta", "error")
_CHAR = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{0,4}|\\.|.",
    re.DOTALL,
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")


class Kind(Enum):
    """The kind of a piece."""

    PLAIN = "structure without content"
    OBJECT = "an object of the data without nested objects"
    DATA = "a string of the data"
    BARE = "text of the data outside of strings"
    ENVELOPE = "text outside of the data"
    KEY = "a member name that is not an identifier"


class Piece(NamedTuple):
    """A part of a body. Strings and names include their quotation marks.

    ``member`` is the name of the member whose value contains it, if any.
    """

    kind: Kind
    text: str
    member: str | None = None


def decoded(body: bytes) -> tuple[str, str]:
    """Return the body as text, and the encoding that converts it back into the same bytes."""
    if b"\0" in body[:8]:
        for encoding in _WIDE:
            try:
                text = body.decode(encoding)
            except UnicodeDecodeError:
                continue
            if text.lstrip("\ufeff \r\n\t")[:1].isascii() and "\0" not in text:
                return text, encoding
    return body.decode("utf-8", "surrogateescape"), "utf-8"


def cut(text: str, *, error: bool) -> list[Piece]:
    """Return the pieces of a body.

    :param error: whether it is the body of an error response. In it only the member ``data`` is data; in any
        other body everything except ``meta`` and ``error`` is data.
    """
    if not text.lstrip("\ufeff \r\n\t").startswith(_JSON_STARTS):
        return [Piece(Kind.ENVELOPE if error else Kind.BARE, text)] if text else []

    def is_data(root: str | None) -> bool:
        return root == "data" if error else root not in _ENVELOPE

    return _Cutter(text, is_data).cut(_TOKEN)


def cut_object(flat: str) -> list[Piece]:
    """Return the pieces of an object of the data without nested objects."""
    return _Cutter(flat, lambda _: True).cut(_SIMPLE)


class _Cutter:
    """Splits one text; the text between two pieces with content is a plain piece."""

    def __init__(self, text: str, is_data: Callable[[str | None], bool]) -> None:
        self._text = text
        self._is_data = is_data
        self._data = is_data(None)
        # For each open container, its latest member name.
        self._members: list[str | None] = [None]
        self._pieces: list[Piece] = []
        self._done = 0

    def cut(self, tokens: re.Pattern[str]) -> list[Piece]:
        end = 0
        for token in tokens.finditer(self._text):
            if token.start() > end:
                self._between(end, token.start())
            end = token.end()
            self._token(token)
        self._between(end, len(self._text))
        self._plain(len(self._text))
        return self._pieces

    def _token(self, token: re.Match[str]) -> None:
        kind = token.lastgroup
        if kind == "string":
            self._take(self._kind(Kind.DATA), token.start(), token.end())
        elif kind == "colon":
            self._members[-1] = name = literal(token["string"])
            self._enter()
            if not _NAME.fullmatch(name):
                self._take(Kind.KEY, token.start(), token.end("string"))
        elif kind == "flat":
            self._flat(token)
        else:
            self._container(token.group())

    def _container(self, sign: str) -> None:
        members = self._members
        if sign in "{[":
            members.append(members[-1] if sign == "[" and len(members) > 1 else None)
        elif len(members) > 1:
            members.pop()
        self._enter()

    def _enter(self) -> None:
        self._data = self._is_data(self._members[1] if len(self._members) > 1 else None)

    def _flat(self, token: re.Match[str]) -> None:
        if self._data:
            self._take(Kind.OBJECT, token.start(), token.end())
            return
        self._plain(token.start())
        self._pieces += _Cutter(token.group(), lambda _: False).cut(_SIMPLE)
        self._done = token.end()

    def _between(self, start: int, end: int) -> None:
        if _has_content(self._text[start:end], self._data):
            self._take(self._kind(Kind.BARE), start, end)

    def _kind(self, kind: Kind) -> Kind:
        return kind if self._data else Kind.ENVELOPE

    def _take(self, kind: Kind, start: int, end: int) -> None:
        self._plain(start)
        self._pieces.append(Piece(kind, self._text[start:end], self._members[-1]))
        self._done = end

    def _plain(self, end: int) -> None:
        if end > self._done:
            self._pieces.append(Piece(Kind.PLAIN, self._text[self._done : end]))
            self._done = end


def _has_content(text: str, data: bool) -> bool:
    """Return whether text between strings has content: a number of the data, or text that is not JSON."""
    return _cached(text, data) if len(text) <= _SHORT else _uncached(text, data)


def _uncached(text: str, data: bool) -> bool:
    if not _CONTENT.search(text) or not _CONTENT.search(CONSTANTS.sub("", text)):
        return False
    return data or not _NUMBER.fullmatch(text)


_cached = lru_cache(maxsize=4096)(_uncached)


def literal(string: str) -> str:
    """Return the value of a JSON string."""
    if "\\" not in string:
        return string.strip('"')
    return "".join(char for char, _ in chars(string[1:].removesuffix('"')))


def chars(string: str) -> Iterator[tuple[str, str]]:
    """Yield the characters of a JSON string without quotation marks, each with its spelling there."""
    for match in _CHAR.finditer(string):
        written = match.group()
        if len(written) == 1:
            yield written, written
            continue
        try:
            yield well_formed(str(json.loads(f'"{written}"'))), written
        except ValueError:  # not an escape of JSON; it stays, and so does the problem of the body
            yield "\ufffd", written


def rewritten(char: str, written: str) -> str:
    """Return a character in the spelling of the one that it replaces."""
    if not written.startswith("\\u"):
        return char
    units = char.encode("utf-16-be").hex()
    if any(digit in written[2:6] for digit in "ABCDEF"):
        units = units.upper()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
