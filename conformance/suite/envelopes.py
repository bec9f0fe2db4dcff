"""What each part of an envelope must be, for one response."""

from __future__ import annotations

import re
from collections.abc import Callable

from conformance.contract.bounds import MAX_LIMIT
from conformance.http.exchange import Exchange
from conformance.suite.universal import is_integer, is_list

_CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")


def has_list_envelope(item: Exchange) -> bool:
    """Return whether ``data`` is an array and ``meta`` an object."""
    return item.is_page


def has_list_meta(item: Exchange) -> bool:
    """Return whether the ``meta`` of a list has its four members, each of its type."""
    meta = item.member("meta")
    return (
        isinstance(meta, dict)
        and is_integer(meta.get("limit"))
        and isinstance(meta.get("has_more"), bool)
        and "next_offset" in meta
        and (meta["next_offset"] is None or is_integer(meta["next_offset"]))
        and "request_id" in meta
    )


def has_single_envelope(item: Exchange) -> bool:
    """Return whether ``data`` and ``meta`` are objects."""
    return item.is_record and isinstance(item.member("meta"), dict)


def has_error_envelope(item: Exchange) -> bool:
    """Return whether ``data`` is null and present, and ``meta`` and ``error`` are objects."""
    return item.is_error and isinstance(item.member("meta"), dict)


def has_error_code(item: Exchange) -> bool:
    """Return whether ``error.code`` is in UPPER_SNAKE case."""
    code = item.member("error", "code")
    return isinstance(code, str) and _CODE.fullmatch(code) is not None


def has_error_message(item: Exchange) -> bool:
    """Return whether ``error.message`` is a non-empty string."""
    message = item.member("error", "message")
    return isinstance(message, str) and bool(message.strip())


def has_request_id(item: Exchange) -> bool:
    """Return whether ``meta.request_id`` is a non-empty string."""
    found = item.member("meta", "request_id")
    return isinstance(found, str) and bool(found.strip())


def is_small_enough(item: Exchange) -> bool:
    """Return whether a list has no more records than any page may have."""
    return len(item.rows) <= MAX_LIMIT


def is_judged_elsewhere(item: Exchange) -> bool:
    """Return whether a requirement of its own covers what is wrong with the envelope of a response."""
    if item.json_problem is not None:
        return True
    parts: tuple[Callable[[Exchange], bool], ...]
    if item.status != 200:
        parts = (has_error_envelope, has_error_code, has_error_message, has_request_id)
    elif is_list(item):
        parts = (has_list_envelope, has_list_meta, has_request_id, is_small_enough)
    else:
        parts = (has_single_envelope, has_request_id)
    return not all(part(item) for part in parts)
