"""Literals: the simple statements about a request of which the *when* of a hypothesis is made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from urllib.parse import unquote

from conformance.diagnosis.literals_values import (
    of_location,
    of_numbers,
    of_path,
    of_segment,
    of_term,
)
from conformance.http.request import BARE, WRITES, Request
from conformance.target.credentials import OTHER, OWN

_KNOWN = frozenset({"limit", "offset", "is_active", "is_bookable_online", "location_id", "search"})
FILTERS = ("is_active", "is_bookable_online", "location_id", "search")
_TENANT = re.compile("organi[sz]ation|tenant|^org|-org|account|company", re.IGNORECASE)
_KEYS: Mapping[str, tuple[str, ...]] = {
    "key with a middle letter changed": ("the key differs behind its first letters",),
    "key with its last letter changed": (
        "the key differs behind its first letters",
        "the key's end differs",
    ),
    "key with a suffix": ("the key's end differs",),
    "key with letters of its scheme as a suffix": ("the key's end differs",),
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
    yield from _headers([name for name, _ in request.headers])
    yield from of_path(request.path)
    if request.content:
        yield "the request has a body"
    if any(value == BARE for _, value in request.query):
        yield "a parameter has no `=`"
    values: dict[str, list[str]] = {}
    for name, value in request.query:
        text = value if isinstance(value, str) else value.decode("utf-8", "replace")
        values.setdefault(name, []).append(text)
    if operation == "retrieve" and values:
        yield "an undocumented parameter is given"
    yield from _names(values)
    if operation == "list":
        yield from _filters(values)
        yield from of_numbers(values)
    if operation == "retrieve":
        yield from of_segment(record)


def _headers(names: Sequence[str]) -> Iterator[str]:
    if names:
        yield "a header is sent"
    if any(_TENANT.search(name) for name in names):
        yield "a header that names an organisation is sent"
    yield from (f"the header `{name.lower()}` is sent" for name in names)


def _names(values: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if any(_TENANT.search(name) for name in values):
        yield "a parameter that names an organisation is given"
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


def _credential(credential: str) -> Iterator[str]:
    if credential in (OWN, OTHER):
        yield "the key is valid"
        yield "the key is " + ("yours" if credential == OWN else "the second organisation's")
    else:
        yield "the key is not valid"
        yield f"the credential is: {credential}"
        yield from _KEYS.get(credential, ())
        elsewhere = credential.startswith("key in ") and "another" not in credential
        if credential == "no key" or elsewhere:
            yield "no `Authorization` is sent"
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
    yield "a filter or search is given" if given else "there is no filter and no search"
    yield f"the number of filters is {len(given)}"
    yield from (f"{count} or more filters are given" for count in (2, 3, 4) if len(given) >= count)
    yield from _order([name for name in values if name in FILTERS])
    yield from _booleans(values)
    for text in values.get("search", ())[:1]:
        yield from of_term(text)
    for text in values.get("location_id", ())[:1]:
        yield from of_location(text)


def _order(names: Sequence[str]) -> Iterator[str]:
    yield from (f"`{name}` is not the first filter" for name in names[1:])
    yield from (f"`{second}` directly follows `{first}`" for first, second in pairwise(names))
    yield from (f"a filter follows `{name}`" for name in names[:-1])


def _booleans(values: Mapping[str, Sequence[str]]) -> Iterator[str]:
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
