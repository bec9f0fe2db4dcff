"""Whether two answers can be told apart, as an outsider would try."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from conformance.http.exchange import Exchange

_VOLATILE_HEADERS = frozenset(
    {
        *("date", "age", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"),
        # A server that ends a connection after so many requests says so whatever was asked.
        *("connection", "keep-alive"),
    }
)
_ID = "{id}"
_LENGTH = "announced length"
_SLACK = 16

Facts = dict[str, Any]


def facts(exchange: Exchange) -> Facts:
    """What an answer shows: status, header names, the size of the body, and each member of it by its path.

    An id that the answer echoes counts as the same in all answers; request ids are left out.
    """
    found: Facts = {"status": exchange.status, "media type": exchange.header("content-type")}
    for name, value in exchange.headers:
        found[f"header {name}"] = True
        # A compressed length depends on what cannot be compared, such as the request id.
        plain = exchange.header("content-encoding") is None
        if name == "content-length" and exchange.request.method == "HEAD" and plain:
            found[_LENGTH] = int(value) if value.isdigit() else value
    body = exchange.json
    if body is None:
        found["body"] = _quoted(_without_ids(exchange.body.decode("utf-8", "replace"), exchange))
    else:
        _members(body, "body", exchange, found)
    return found


def _members(value: Any, path: str, exchange: Exchange, found: Facts) -> None:
    if isinstance(value, dict):
        found[path] = "object"
        for name, member in value.items():
            _members(member, f"{path}.{name}", exchange, found)
    elif isinstance(value, list):
        found[path] = f"array of {len(value)}"
        for place, member in enumerate(value):
            _members(member, f"{path}[{place}]", exchange, found)
    else:
        found[path] = _quoted(_without_ids(value, exchange) if isinstance(value, str) else value)


def _quoted(value: object) -> str:
    """The value as JSON has it, with letters as they are: in an escape, nobody sees a name to mask."""
    return json.dumps(value, ensure_ascii=False)


def _without_ids(text: str, exchange: Exchange) -> str:
    asked = unquote(exchange.request.path.rsplit("/", 1)[1])
    for echoed in (asked, asked.lower(), asked.upper()):
        text = text.replace(echoed, _ID)
    for name, value in exchange.request.query:
        if name in ("location_id", "search") and isinstance(value, str) and value:
            text = text.replace(value, "{value}")
    return text.replace(exchange.request_id, "{request_id}") if exchange.request_id else text


def differences(one: Facts, two: Facts, ignored: frozenset[str] = frozenset()) -> list[str]:
    """How two answers differ, as sentences; what is ignored or changes from answer to answer is left out."""
    found = []
    for name in sorted({*one, *two} - ignored):
        if _is_volatile(name):
            continue
        left, right = one.get(name), two.get(name)
        if left != right and not (name == _LENGTH and _about_equal(left, right)):
            found.append(_sentence(name, left, right))
    return found


def _about_equal(left: Any, right: Any) -> bool:
    """Lengths that differ by no more than request ids do."""
    return isinstance(left, int) and isinstance(right, int) and abs(left - right) <= _SLACK


def _sentence(name: str, left: Any, right: Any) -> str:
    if left is None or right is None:
        return f"{name} comes with {'only the second' if left is None else 'only the first'}"
    return f"{name} is {left} and {right}"


def standing(ones: Sequence[Facts], others: Sequence[Facts]) -> list[str]:
    """How two requests differ each time that they were answered, as sentences.

    A header of one node in ten, or how long a query took, differs between any two answers. What tells two
    requests apart comes with all answers to the one and with none to the other, or has a value of its own in
    all answers to each.
    """
    found = []
    for name in sorted({name for facts in (*ones, *others) for name in facts}):
        if _is_volatile(name):
            continue
        left, right = ([facts.get(name) for facts in answers] for answers in (ones, others))
        if _apart(name, left, right):
            found.append(_sentence(name, left[0], right[0]))
    return found


def _apart(name: str, left: list[Any], right: list[Any]) -> bool:
    if all(value is None for value in left) or all(value is None for value in right):
        return None not in left or None not in right
    if None in left or None in right:
        return False
    numbers = [value for value in (*left, *right) if isinstance(value, int)]
    if name == _LENGTH and len(numbers) == len(left) + len(right):
        return bool(max(left) + _SLACK < min(right) or max(right) + _SLACK < min(left))
    constant = all(len({repr(value) for value in values}) == 1 for values in (left, right))
    return constant and bool(left[0] != right[0])


def _is_volatile(name: str) -> bool:
    """Whether a fact changes from answer to answer, whatever is asked."""
    return name.removeprefix("header ") in _VOLATILE_HEADERS or name.endswith(".request_id")


def naturally_varying(samples: Sequence[Exchange]) -> frozenset[str]:
    """What differs between answers that must be alike, such as a timestamp or a header of a proxy's node."""
    all_facts = [facts(sample) for sample in samples]
    names = {name for found in all_facts for name in found}
    return frozenset(
        name for name in names if len({repr(found.get(name)) for found in all_facts}) > 1
    )
