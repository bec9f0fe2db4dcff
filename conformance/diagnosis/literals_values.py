"""Literals about values: what is true of a number, a term, a location, an id and a path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from conformance.text.uuids import is_uuid

_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_LONGEST_NUMBER = 4000
_SHOWN = 6
_SIGNS: Mapping[str, Callable[[str], bool]] = {
    "a quote": lambda text: "'" in text or '"' in text,
    "`%`": lambda text: "%" in text,
    "`_`": lambda text: "_" in text,
    "a NUL character": lambda text: "\0" in text,
    "a control character": lambda text: any(ord(char) < 32 and char != "\0" for char in text),
    "a bracket": lambda text: any(char in "()[]{}<>" for char in text),
    "a backslash": lambda text: "\\" in text,
    "a capital letter": lambda text: text != text.lower(),
    "a character beyond ASCII": lambda text: not text.isascii(),
    "a space": lambda text: " " in text.strip(),
    "`@`": lambda text: "@" in text,
    "a digit": lambda text: any(char.isdigit() for char in text),
    "a hyphen": lambda text: "-" in text,
    "`&` or `!`": lambda text: "&" in text or "!" in text,
    "`*`": lambda text: "*" in text,
    "an apostrophe": lambda text: "'" in text,
    "a double quote": lambda text: '"' in text,
    "a comma": lambda text: "," in text,
    "a full stop": lambda text: "." in text,
    "a character beyond Latin-1": lambda text: any(ord(char) > 255 for char in text),
    "a character of four bytes": lambda text: any(ord(char) > 65535 for char in text),
    "more than 20 characters": lambda text: len(text) > 20,
    "more than 100 characters": lambda text: len(text) > 100,
    "more than 255 characters": lambda text: len(text) > 255,
}

_PATHS: Mapping[str, re.Pattern[str]] = {
    "the path ends with a slash": re.compile(r"./$"),
    "the path has a doubled slash": re.compile("//"),
    "the path has dot segments": re.compile(r"(^|/)(\.|%2e){1,2}(/|$)", re.IGNORECASE),
    "the path has a matrix parameter": re.compile(";"),
    "the path has a broken percent sign": re.compile("%(?![0-9a-f]{2})", re.IGNORECASE),
    "the path has an encoded slash": re.compile("%2f", re.IGNORECASE),
    "the path has capital letters": re.compile("^/+[^/%]*[A-Z]"),
    "the path has an encoded character": re.compile("%[0-9a-f]{2}", re.IGNORECASE),
    "the path has a suffix such as `.json`": re.compile(r"\.[a-z]{2,5}$", re.IGNORECASE),
}


def of_path(path: str) -> Iterator[str]:
    """Yield what is odd in a path."""
    yield from (text for text, pattern in _PATHS.items() if pattern.search(path))


def of_numbers(values: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield what is true of ``limit`` and ``offset``."""
    for name, most in (("limit", 100), ("offset", 2**31 - 1)):
        for text in values.get(name, ())[:1]:
            yield from _number(name, text, most)
    if values.get("offset", ("0",))[0] == "0":
        yield "it is the first page"


def _number(name: str, text: str, most: int) -> Iterator[str]:
    integer = bool(_INTEGER.fullmatch(text)) and len(text) <= _LONGEST_NUMBER
    number = int(text) if integer else None
    valid = number is not None and 0 <= number <= most
    special = not valid or number in (0, 1, most)
    if special and 0 < len(text) <= _SHOWN and text.isascii() and text.isprintable():
        yield f"`{name}` is `{text}`"
    if not valid:
        yield f"`{name}` is not valid"
    if number is None:
        yield f"`{name}` is empty or not an integer"
        yield f"`{name}` is not an integer" if text else f"`{name}` is empty"
    else:
        yield from _size(name, number, most)


def _size(name: str, number: int, most: int) -> Iterator[str]:
    tests = (
        (number > most, f"`{name}` is above {most}"),
        (abs(number) >= 2**63, f"`{name}` is beyond 64 bits"),
        (most < number < 2**63, f"`{name}` is above {most} and within 64 bits"),
        (number > 10_000, f"`{name}` is above 10000"),
        (number < 0, f"`{name}` is negative"),
        (number == 0, f"`{name}` is 0"),
        (1 <= number <= most, f"`{name}` is from 1 to {most}"),
        (1 <= number <= most and number % 2 == 1 and name == "limit", "`limit` is odd"),
    )
    yield from (text for holds, text in tests if holds)
    if 1 <= number <= most:
        yield from (f"`{name}` is above {size}" for size in (20, 50, 100) if size < number)


def of_term(text: str) -> Iterator[str]:
    """Yield what is true of a search term."""
    if any(char.isalnum() for char in text):
        yield "a word is searched for"
    elif text.strip():
        yield "the term has signs only"
    else:
        yield "the term is blank" if text else "the term is empty"
    yield from (f"the term holds {sign}" for sign, test in _SIGNS.items() if test(text))


def of_location(text: str) -> Iterator[str]:
    """Yield what is true of a ``location_id``."""
    kind = "a UUID" if is_uuid(text) else "malformed" if text else "empty"
    yield f"`location_id` is {kind}"
    if is_uuid(text) and text != text.lower():
        yield "`location_id` has capital letters"


def of_segment(record: str) -> Iterator[str]:
    """Yield what is true of the id of a retrieve."""
    yield "the id is a UUID" if is_uuid(record) else "the id is not a UUID"
    if record != record.lower():
        yield "the id has capital letters"
    if len(record) > 255:
        yield "the id has more than 255 characters"
    if record.isdecimal():
        yield "the id is a number"
    if any(ord(char) < 32 for char in record):
        yield "the id holds a control character"
    if "/" in record:
        yield "the id holds a slash"
    if re.fullmatch(r"[0-9a-f]{32}", record, re.IGNORECASE):
        yield "the id has no hyphens"
    if is_uuid(record[:36]) and len(record) > 36:
        yield "the id is longer than a UUID"
