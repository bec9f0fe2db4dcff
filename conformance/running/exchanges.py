"""The exchanges of a run for its report: each request with its status and time, and what a finding rests on.

A response is cut to what matters: the first records of a list, the headers that the contract speaks of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from conformance.contract.document import load
from conformance.contract.verdict import RequirementResult, mentioned
from conformance.http.client import Client
from conformance.http.exchange import Exchange
from conformance.privacy.masking import Mask
from conformance.privacy.pseudonyms import TIMESTAMP
from conformance.text.printable import well_formed
from conformance.text.uuids import UUID
from conformance.text.wording import plural, whole_words

MOST_SHOWN = 200
"""Responses that a report shows."""

_ROWS = 2
_LONGEST = 1_500
_TEXT = 80
_DEEPEST = 6
_MEMBERS = 40
_NUMBER = 10_000
_NAMELESS = re.compile(rf"{UUID}|{TIMESTAMP}|")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,60}")
_KNOWN = frozenset(
    [
        *load().members,
        *("data", "meta", "error", "code", "message", "request_id", "limit", "has_more"),
        "next_offset",
    ]
)
_HEADERS = re.compile(
    r"content-(?:type|length|encoding)|date|age|allow|location|etag|vary|retry-after|cache-control"
    r"|x-request-id|www-authenticate|x-ratelimit-.*|x-total-count|content-range"
)


def of(
    client: Client, rows: Sequence[RequirementResult], mask: Mask | None
) -> list[dict[str, Any]]:
    """Return the exchanges of a client, see :func:`written`."""
    named = {item.exchange for item in client.incidents if item.exchange is not None}
    for row in rows:
        for finding in row.findings:
            texts = (finding.expected, finding.received, finding.detail)
            named |= numbers(finding.exchange, texts)
    return written(client.transcript.exchanges, named, mask)


def written(
    transcript: Sequence[Exchange], named: Collection[int], mask: Mask | None
) -> list[dict[str, Any]]:
    """Return the exchanges as JSON values.

    :param named: numbers of those that have headers and an excerpt.
    """
    shown = set(sorted(named)[:MOST_SHOWN])
    change: Callable[[str], str] = mask.field if mask is not None else str
    return [_exchange(item, item.number in shown, change, mask) for item in transcript]


def numbers(exchange: int | None, texts: Iterable[str | None]) -> set[int]:
    """Return the numbers of the exchanges that a finding names.

    :param exchange: the one that it rests on.
    :param texts: what it says.
    """
    found = set(mentioned(*texts))
    return found if exchange is None else found | {exchange}


def _exchange(
    item: Exchange, shown: bool, change: Callable[[str], str], mask: Mask | None
) -> dict[str, Any]:
    found = {
        "number": item.number,
        "method": item.request.method,
        "url": item.url if mask is None else mask.url(item.url),
        "identity": item.request.identity,
        "status": item.status or None,
        "milliseconds": round(item.elapsed * 1000, 1),
        "bytes": len(item.body),
    }
    if shown:
        found["headers"] = [
            [name, (value if mask is None else mask.header(name, value))[:_LONGEST]]
            for name, value in ((name, well_formed(value)) for name, value in item.headers)
            if _HEADERS.fullmatch(name)
        ]
        found["body"] = _excerpt(item, change, masked=change is not str)
    return found


def _excerpt(item: Exchange, change: Callable[[str], str], *, masked: bool) -> str:
    """Return the beginning of a body: as JSON with few records if it is JSON, otherwise its first words."""
    if item.json_problem is not None or item.json is None:
        if masked:
            return f"{plural(len(item.body), 'byte')} that are not JSON" if item.body else ""
        text = item.body[: 4 * _LONGEST].decode("utf-8", "replace")
        short = whole_words(text, _LONGEST // 3)
        left = len(item.body) - len(short.encode())
        return change(short) + (f"\n… {plural(left, 'more byte')}" if left > 0 else "")
    body = _without_texts(item.json, change) if masked else item.json
    text = json.dumps(_cut(body, str if masked else change, 0), ensure_ascii=False, indent=1)
    lines = well_formed(text).split("\n")
    size, kept = 0, 0
    while kept < len(lines) and size + len(lines[kept]) < _LONGEST:
        size += len(lines[kept]) + 1
        kept += 1
    if kept == len(lines):
        return "\n".join(lines)
    return "\n".join([*lines[:kept], f"… {plural(len(lines) - kept, 'more line')}"])


def _without_texts(
    value: Any, change: Callable[[str], str], depth: int = 0, *, in_error: bool = False
) -> Any:
    """Return a body with ids, times, codes and the length of each other text.

    A mask finds names, but not a name that is also a common word.
    """
    if isinstance(value, str):
        return value if _NAMELESS.fullmatch(value) else f"masked, {plural(len(value), 'character')}"
    if depth >= _DEEPEST and isinstance(value, dict | list):
        return "…"
    if isinstance(value, dict):
        found = {}
        for number, (name, member) in enumerate(list(value.items())[:_MEMBERS], 1):
            shown = name if name in _KNOWN else f"other member {number}"
            if name == "request_id" and isinstance(member, str):
                found[shown] = change(member)
            elif in_error and name == "code" and _CODE.fullmatch(str(member)):
                found[shown] = member
            else:
                is_error = depth == 0 and name == "error"
                found[shown] = _without_texts(member, change, depth + 1, in_error=is_error)
        return found
    if isinstance(value, list):
        left = len(value) - _ROWS
        rows = [_without_texts(member, change, depth + 1) for member in value[:_ROWS]]
        return [*rows, f"… {left:,} more"] if left > 0 else rows
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= _NUMBER:
        return "a number"
    return value


def _cut(value: Any, change: Callable[[str], str], depth: int) -> Any:
    if isinstance(value, str):
        text = change(value)
        if len(text) <= _TEXT:
            return text
        return f"{whole_words(text, _TEXT)}… ({len(value):,} characters)"
    if depth >= _DEEPEST and isinstance(value, dict | list):
        return "…"
    if isinstance(value, dict):
        pairs = list(value.items())[:_MEMBERS]
        cut = {change(name): _cut(member, change, depth + 1) for name, member in pairs}
        left = len(value) - len(pairs)
        return cut | ({"…": plural(left, "more member")} if left else {})
    if isinstance(value, list):
        left = len(value) - _ROWS
        if left == 1 and isinstance(value[_ROWS], str) and value[_ROWS].startswith("… "):
            return [_cut(member, change, depth + 1) for member in value]
        rows = [_cut(member, change, depth + 1) for member in value[:_ROWS]]
        return [*rows, f"… {left:,} more"] if left > 0 else rows
    if isinstance(value, int | float) and len(repr(value)) > _TEXT:
        return "a long number"
    return value
