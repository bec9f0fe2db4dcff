"""Bodies as they came, cut into pieces: what is data in them, and what stands around it.

Nothing is parsed and written anew. A body that is no JSON, or not quite, is cut as well as it can be, and
all pieces together are the body again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

_FLAT = r'\{[^{}"]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^{}"]*+)*+\}'
# The last string of a body that was cut may be open.
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_SIMPLE = re.compile(rf"(?P<string>{_STRING})(?P<colon>\s*+:)?|[{{}}\[\]]", re.DOTALL)
_TOKEN = re.compile(
    rf"(?P<flat>{_FLAT})|(?P<string>{_STRING})(?P<colon>\s*+:)?|[{{}}\[\]]", re.DOTALL
)
_CONSTANTS = re.compile(r"\b(?:true|false|null|NaN|-?Infinity)\b")
_TELLING = re.compile(r"[^\W\d_]|\d{5}")
_NUMBER = re.compile(r"\s*[:,]?\s*-?\d[\d.]*(?:[eE][+-]?\d+)?\s*,?\s*")
_NAME = re.compile(r"[a-z_][A-Za-z0-9_]*")
_SHORT = 100
_JSON_STARTS = ("{", "[", '"')
_AROUND = ("meta", "error")
_CHAR = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")


class Kind(Enum):
    """What a piece is."""

    PLAIN = "structure, which tells nothing"
    OBJECT = "an object of the data that holds no other"
    DATA = "a string of the data"
    LOOSE = "what stands in the data outside of strings"
    AROUND = "what stands around the data"
    KEY = "a name of a member that is no identifier"


class Piece(NamedTuple):
    """A part of a body: strings and names come with their quotation marks.

    ``member`` is the name of the member that it is the value of, or an item in, as far as it has one.
    """

    kind: Kind
    text: str
    member: str | None = None


def decoded(body: bytes) -> tuple[str, str]:
    """The body as text, with the encoding that makes the same bytes of it, whatever they are."""
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
    """The pieces of a body.

    :param error: it answers with an error: then all but ``data`` stands around it. Else all but ``meta`` and
        ``error`` is data, whatever form it has.
    """
    if not text.lstrip("\ufeff \r\n\t").startswith(_JSON_STARTS):
        return [Piece(Kind.AROUND if error else Kind.LOOSE, text)] if text else []

    def is_data(root: str | None) -> bool:
        return root == "data" if error else root not in _AROUND

    return _Cutter(text, is_data).cut(_TOKEN)


def opened(flat: str) -> list[Piece]:
    """The pieces of an object of the data that holds no other."""
    return _Cutter(flat, lambda _: True).cut(_SIMPLE)


class _Cutter:
    """Cuts one text; what lies between two pieces that tell something is one piece too."""

    def __init__(self, text: str, is_data: Callable[[str | None], bool]) -> None:
        self._text = text
        self._is_data = is_data
        self._data = is_data(None)
        # Of each container that is open, the member that was named last.
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
        if _tells(self._text[start:end], self._data):
            self._take(self._kind(Kind.LOOSE), start, end)

    def _kind(self, kind: Kind) -> Kind:
        return kind if self._data else Kind.AROUND

    def _take(self, kind: Kind, start: int, end: int) -> None:
        self._plain(start)
        self._pieces.append(Piece(kind, self._text[start:end], self._members[-1]))
        self._done = end

    def _plain(self, end: int) -> None:
        if end > self._done:
            self._pieces.append(Piece(Kind.PLAIN, self._text[self._done : end]))
            self._done = end


def _tells(text: str, data: bool) -> bool:
    """Whether what stands between strings may tell anything: a number of the data, or what is no JSON."""
    return _looked_up(text, data) if len(text) <= _SHORT else _looked_at(text, data)


def _looked_at(text: str, data: bool) -> bool:
    if not _TELLING.search(text) or not _TELLING.search(_CONSTANTS.sub("", text)):
        return False
    return data or not _NUMBER.fullmatch(text)


_looked_up = lru_cache(maxsize=4096)(_looked_at)


def literal(string: str) -> str:
    """What a string says."""
    if "\\" not in string:
        return string.strip('"')
    return "".join(char for char, _ in chars(string[1:].removesuffix('"')))


def chars(string: str) -> Iterator[tuple[str, str]]:
    """The characters of a string without its quotation marks, each with how it is written there."""
    for match in _CHAR.finditer(string):
        written = match.group()
        if len(written) == 1:
            yield written, written
            continue
        try:
            yield str(json.loads(f'"{written}"')), written
        except ValueError:  # no escape that JSON knows
            yield from ((char, char) for char in written)


def rewritten(char: str, written: str) -> str:
    """Another character, written as the one whose place it takes."""
    if not written.startswith("\\u"):
        return char
    units = char.encode("utf-16-be").hex()
    if any(digit in written[2:6] for digit in "ABCDEF"):
        units = units.upper()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
