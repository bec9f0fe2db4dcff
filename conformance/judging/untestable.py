"""Targets that cannot be tested, recognised by their response to the plain list."""

from __future__ import annotations

import json
import re
from itertools import islice

from conformance.contract.document import Contract
from conformance.errors import NotHeld, Untestable
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION
from conformance.privacy.text_notes import Notes

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""Byte order marks, with the encoding that each shows."""

_START = re.compile(r'[\[{]\s{0,20}["{]|"[\[{]')
"""Where JSON may begin in a text."""

_STARTS = 50
"""Places at which JSON is searched for."""

_DEPTH = 5
"""Levels of a body that are searched."""

_MEMBERS = 10
"""Members of the contract that make an object a profile, not a user or a product of another API."""

_DECODER = json.JSONDecoder()


def refuse_untestable(exchange: Exchange, contract: Contract, notes: Notes) -> None:
    """Check that the response to the plain list is that of a target that can be tested.

    A server error passes, since it is a finding, and so does a list of this API after a byte order mark, a
    prefix or in another wrapper. A refused key, an HTML page or the JSON of another API does not.

    :raises Untestable: with what was received, and what to do.
    """
    kind = (exchange.header("content-type") or "no media type").split(";")[0].strip()
    request = f"GET {COLLECTION}"
    if exchange.status == 401:
        raise Untestable(f"{request} returned 401: the key in CONFORMANCE_API_KEY is not accepted")
    if exchange.status == 403:
        raise Untestable(f"{request} returned 403: the key lacks the scope for clinician profiles")
    if exchange.status == 429:
        raise Untestable(
            f"{request} returned 429: the key's rate limit is used up; try again after the top of the hour"
        )
    if exchange.status == 404:
        raise Untestable(
            f"{request} returned 404: the base URL must end just before /clinician-profiles"
        )
    if 300 <= exchange.status < 400:
        to = exchange.redirect or "an unnamed location"
        raise Untestable(
            f"{request} returned {exchange.status}, a redirect to {to}: give the final base URL"
        )
    if exchange.status >= 500 or (exchange.broken and "json" in kind):
        return
    start = exchange.body.lstrip()[:1]
    only_space = exchange.cut and not start  # the body was cut within white space
    problem = None
    if exchange.json_problem and start not in (b"{", b"[") and not only_space:
        problem = f"{exchange.status} with {kind}, not JSON"
    elif exchange.status == 200 and not _looks_like_this_api(exchange.json, contract):
        problem = "200 with JSON that has neither data nor meta"
    # A list of this API in whatever wrapper is a finding.
    if problem and not (exchange.status == 200 and _wrapped(exchange, contract, notes)):
        raise Untestable(f"{request} returned {problem}: not this API")


def _wrapped(exchange: Exchange, contract: Contract, notes: Notes) -> bool:
    """Return whether the first response has a list of this API; a transcript hides what is not JSON."""
    try:
        found = notes.recall(["wrapped list"], lambda: holds_profiles(exchange.body, contract))
    except NotHeld:
        return False
    return bool(found)


def holds_profiles(body: bytes, contract: Contract) -> bool:
    """Return whether a body has a list of this API somewhere in it, also in JSON within a text."""
    encoding = next((name for mark, name in _MARKS.items() if body.startswith(mark)), "utf-8")
    return _in_text(body.decode(encoding, "replace"), contract, _DEPTH)


def _in_text(text: str, contract: Contract, depth: int) -> bool:
    end = 0
    for start in islice(_START.finditer(text), _STARTS):
        if start.start() < end:
            continue
        try:
            value, end = _DECODER.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            continue
        if _in_value(value, contract, depth):
            return True
    return False


def _in_value(value: object, contract: Contract, depth: int) -> bool:
    if depth == 0:
        return False
    if isinstance(value, str):
        return _in_text(value, contract, depth - 1)
    if isinstance(value, list):
        members = set(contract.members)
        return any(isinstance(row, dict) and len(members & set(row)) >= _MEMBERS for row in value)
    if not isinstance(value, dict):
        return False
    meta = value.get("meta")
    if isinstance(value.get("data"), list) and isinstance(meta, dict) and "has_more" in meta:
        return True
    return any(_in_value(item, contract, depth - 1) for item in value.values())


def _looks_like_this_api(body: object, contract: Contract) -> bool:
    """Return whether a body has a part of the envelope or a profile; a broken envelope is a finding."""
    if isinstance(body, dict):
        if {"data", "meta"} & set(body):
            return True
        return any(_looks_like_this_api(value, contract) for value in body.values())
    if isinstance(body, list):
        return any(
            isinstance(row, dict) and len(set(row) & set(contract.members)) >= 3 for row in body
        )
    return body is None  # the body starts like JSON but cannot be parsed, which is a finding
