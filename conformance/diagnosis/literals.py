"""Literals: the simple statements about a request of which the *when* of a hypothesis is made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from urllib.parse import unquote

from conformance.http.request import BARE, WRITES, Request
from conformance.target.credentials import OTHER, OWN
from conformance.text.uuids import is_uuid

_KNOWN = frozenset({"limit", "offset", "is_active", "is_bookable_online", "location_id", "search"})
FILTERS = ("is_active", "is_bookable_online", "location_id", "search")
_TENANT = re.compile("organi[sz]ation|tenant|^org|-org|account|company", re.IGNORECASE)
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
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


_KEYS: Mapping[str, tuple[str, ...]] = {
    "key with a middle letter changed": ("the key differs behind its first letters",),
    "key with its last letter changed": (
        "the key differs behind its first letters",
        "the key's end differs",
    ),
    "key with a suffix": ("the key's end differs",),
    "key without its last letter": ("the key's end differs",),
}
_ELSEWHERE = re.compile("^key in (?!another)|Basic")
_NO_KEY = frozenset({"no key", "empty bearer"})


def literals(request: Request, operation: str, record: str) -> Iterator[str]:
    """Yield what is true of a request.

    :param record: the decoded segment of a retrieve.
    """
    yield f"the operation is {operation}"
    yield f"the method is {request.method}"
    if operation != "other":
        yield "the path is documented"
    yield from _credential(request.credential)
    if request.headers:
        yield "a header is sent"
    names = [name for name, _ in request.headers]
    if any(_TENANT.search(name) for name in names):
        yield "a header that names an organisation is sent"
    if any(_TENANT.search(name) for name, _ in request.query):
        yield "a parameter that names an organisation is given"
    for name in names:
        yield f"the header `{name.lower()}` is sent"
    yield from _path(request.path)
    if request.content:
        yield "the request has a body"
    if operation == "retrieve" and request.query:
        yield "an undocumented parameter is given"
    values: dict[str, list[str]] = {}
    for name, value in request.query:
        text = value if isinstance(value, str) else value.decode("utf-8", "replace")
        values.setdefault(name, []).append(text)
        if value == BARE:
            yield "a parameter has no `=`"
    for name, texts in values.items():
        yield f"`{name}` is given"
        if len(texts) > 1:
            yield "a parameter is repeated"
        if name.endswith("[]"):
            yield "a parameter is in array notation"
        elif name.endswith("]"):
            yield "a parameter is nested in brackets"
        if name not in _KNOWN and name.lower() in _KNOWN:
            yield "the name of a parameter has capital letters"
    if operation == "list":
        yield from _filters(values)
        yield from _numbers(values)
    if operation == "retrieve":
        yield from _segment(record)


_PATHS: Mapping[str, re.Pattern[str]] = {
    "the path ends with a slash": re.compile(r"./$"),
    "the path has a doubled slash": re.compile("//"),
    "the path has dot segments": re.compile(r"(^|/)(\.|%2e){1,2}(/|$)", re.IGNORECASE),
    "the path has a matrix parameter": re.compile(";"),
    "the path has a broken percent sign": re.compile("%(?![0-9a-f]{2})", re.IGNORECASE),
    "the path has an encoded slash": re.compile("%2f", re.IGNORECASE),
    "the path has an encoded character": re.compile("%[0-9a-f]{2}", re.IGNORECASE),
    "the path has a suffix such as `.json`": re.compile(r"\.[a-z]{2,5}$", re.IGNORECASE),
}


def _path(path: str) -> Iterator[str]:
    yield from (text for text, pattern in _PATHS.items() if pattern.search(path))


def _credential(credential: str) -> Iterator[str]:
    if credential in (OWN, OTHER):
        yield "the key is valid"
        yield "the key is " + ("yours" if credential == OWN else "the second organisation's")
    else:
        yield "the key is not valid"
        yield f"the credential is: {credential}"
        yield from _KEYS.get(credential, ())
        if (
            credential == "no key"
            or credential.startswith("key in ")
            and "another" not in credential
        ):
            yield "there is no `Authorization`"
        if credential not in _NO_KEY and not _ELSEWHERE.search(credential):
            yield "a wrong key is sent as a bearer"


def _filters(values: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if values.keys() - _KNOWN:
        yield "an undocumented parameter is given"
    spelled = {re.sub(r"\[.*\]$", "", unquote(name)).lower() for name in values}
    yield from (f"`{name}` is absent" for name in _KNOWN if name not in spelled)
    yield from (
        f"{count} or more documented parameters are given"
        for count in (3, 4, 5, 6)
        if len(values.keys() & _KNOWN) >= count
    )
    given = [name for name in FILTERS if name in values]
    order = [name for name in values if name in FILTERS]
    yield from (f"`{name}` is not the first filter" for name in order[1:])
    yield from (f"`{b}` directly follows `{a}`" for a, b in pairwise(order))
    yield from (f"a filter follows `{name}`" for name in order[:-1])
    yield "a filter or search is given" if given else "there is no filter and no search"
    yield f"the number of filters is {len(given)}"
    yield from (f"{count} or more filters are given" for count in (2, 3, 4) if len(given) >= count)
    booleans = [values[name][0] for name in FILTERS[:2] if name in values]
    for name in FILTERS[:2]:
        for text in values.get(name, ())[:1]:
            kind = text if text in ("true", "false") else "malformed" if text else "empty"
            yield f"`{name}` is {kind}"
            if kind == "malformed" and re.fullmatch(r"[\w.-]{1,12}", text, re.ASCII):
                yield f"`{name}` is `{text}`"
    if any(text not in ("true", "false") for text in booleans):
        yield "a boolean is neither `true` nor `false`"
    if len(booleans) == len(FILTERS[:2]):
        yield "both booleans are given"
    if booleans == ["false", "false"]:
        yield "both booleans are false"
    for text in values.get("search", ())[:1]:
        if any(char.isalnum() for char in text):
            yield "a word is searched for"
        elif text.strip():
            yield "the term has signs only"
        else:
            yield "the term is blank" if text else "the term is empty"
        yield from (f"the term holds {sign}" for sign, test in _SIGNS.items() if test(text))
    for text in values.get("location_id", ())[:1]:
        yield "`location_id` is " + (
            "a UUID" if is_uuid(text) else "malformed" if text else "empty"
        )
        if is_uuid(text) and text != text.lower():
            yield "`location_id` has capital letters"


def _numbers(values: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name, most in (("limit", 100), ("offset", 2**31 - 1)):
        for text in values.get(name, ())[:1]:
            yield from _number(name, text, most)
    if values.get("offset", ("0",))[0] == "0":
        yield "it is the first page"


def _number(name: str, text: str, most: int) -> Iterator[str]:
    valid = bool(_INTEGER.fullmatch(text)) and 0 <= int(text[:30]) <= most
    special = not valid or int(text) in (0, 1, most)
    if special and 0 < len(text) <= 6 and text.isascii() and text.isprintable():
        yield f"`{name}` is `{text}`"
    if not text or not (_INTEGER.fullmatch(text) and 0 <= int(text[:30]) <= most):
        yield f"`{name}` is not valid"
    if not text or not _INTEGER.fullmatch(text):
        yield f"`{name}` is empty or not an integer"
    if not text:
        yield f"`{name}` is empty"
    elif not _INTEGER.fullmatch(text) or len(text) > 4000:
        yield f"`{name}` is not an integer"
    else:
        number = int(text)
        if number > most:
            yield f"`{name}` is above {most}"
        if abs(number) >= 2**63:
            yield f"`{name}` is beyond 64 bits"
        elif number > most:
            yield f"`{name}` is above {most} and within 64 bits"
        if number > 10_000:
            yield f"`{name}` is above 10000"
        if number < 0:
            yield f"`{name}` is negative"
        elif number == 0:
            yield f"`{name}` is 0"
        elif number <= most:
            yield f"`{name}` is from 1 to {most}"
            yield from (f"`{name}` is above {size}" for size in (20, 50, 100) if size < number)
            if name == "limit" and number % 2:
                yield "`limit` is odd"


def _segment(record: str) -> Iterator[str]:
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


def operation_of(request: Request, collection: str) -> tuple[str, str]:
    """Return the operation of a request, and the decoded id of a retrieve."""
    if request.method in WRITES:
        return "write", ""
    if request.path == collection:
        return "list", ""
    prefix, found, segment = request.path.partition(f"{collection}/")
    if found and not prefix and segment and "/" not in segment:
        return "retrieve", unquote(segment, errors="replace")
    return "other", ""
