"""Comparison of responses, as an outsider compares them who wants to know whether an id exists."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote

from conformance.http.api import Api
from conformance.http.exchange import Exchange

_VOLATILE_HEADERS = frozenset(
    {
        *("date", "age", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"),
        # A server that closes a connection after a number of requests does so whatever was requested.
        *("connection", "keep-alive"),
    }
)
_ID = "{id}"
_LENGTH = "announced length"
_TOLERANCE = 16
"""Bytes by which two lengths may differ, because request ids differ in length."""

_ORDER = "abbabaab"
"""The order in which two requests are repeated: with two nodes by turns, each node answers both requests."""

Facts = dict[str, Any]


def _all(_: str) -> bool:
    return True


def must_be_alike(
    api: Api,
    answers: Sequence[Exchange],
    others: Sequence[Exchange],
    expected: str,
    counts: Callable[[str], bool] = _all,
    *,
    certain: bool = False,
) -> None:
    """Expect that no response differs from the others in more than these differ among themselves.

    A request with a difference is repeated, alternating with one of the others. A header that only some
    nodes send, or a time in the body, differs between any two responses, and so reveals nothing.

    :param expected: what the others are, for the finding.
    :param counts: which facts are judged, by name.
    :param certain: a change of the data cannot explain a difference.
    """
    varying = naturally_varying(others)
    other = others[0]
    reference = facts(other)
    for answer in answers:
        found = facts(answer)
        ignored = varying | {name for name in {*found, *reference} if not counts(name)}
        if not differences(found, reference, ignored):
            continue
        repeated = _repeated(api, answer, other)
        ones, twos = ([_without(item, ignored) for item in responses] for responses in repeated)
        different = consistent_differences(
            [_without(found, ignored), *ones], [_without(reference, ignored), *twos]
        )
        if different:
            raise answer.breach(
                f"{expected} (exchange {other.number}: {other.summary()})",
                answer.summary(),
                "; ".join(different),
                certain=certain,
            )
        varying |= {name for name in {*found, *reference} if found.get(name) != reference.get(name)}


def _repeated(api: Api, answer: Exchange, other: Exchange) -> tuple[list[Facts], list[Facts]]:
    """Return the facts of further responses to both requests."""
    plan = [answer.request if which == "a" else other.request for which in _ORDER]
    answers = api.in_turn(plan, f"told apart: {answer.number} {other.number}")
    found = list(zip(_ORDER, map(facts, answers), strict=True))
    return [item for which, item in found if which == "a"], [
        item for which, item in found if which == "b"
    ]


def _without(found: Facts, ignored: frozenset[str]) -> Facts:
    return {name: value for name, value in found.items() if name not in ignored}


def facts(exchange: Exchange) -> Facts:
    """Return what a response shows: status, header names, and each member of the body by its path.

    For HEAD the length that Content-Length announces is a fact too. An id that the response echoes is
    replaced by the same text in all responses; request ids are left out.
    """
    found: Facts = {"status": exchange.status, "media type": exchange.header("content-type")}
    for name, value in exchange.headers:
        found[f"header {name}"] = True
        # The length of a compressed body depends on what cannot be compared, such as the request id.
        plain = exchange.header("content-encoding") is None
        if name == "content-length" and exchange.request.method == "HEAD" and plain:
            found[_LENGTH] = (
                int(value) if value.isascii() and value.isdigit() and len(value) < 20 else value
            )
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
        for index, member in enumerate(value):
            _members(member, f"{path}[{index}]", exchange, found)
    else:
        found[path] = _quoted(_without_ids(value, exchange) if isinstance(value, str) else value)


def _quoted(value: object) -> str:
    """Return the value as JSON with its letters unescaped: in an escape, a name would not be masked."""
    return json.dumps(value, ensure_ascii=False)


def _without_ids(text: str, exchange: Exchange) -> str:
    record = unquote(exchange.request.path.rsplit("/", 1)[1])
    for echoed in (record, record.lower(), record.upper()):
        text = text.replace(echoed, _ID)
    for name, value in exchange.request.query:
        if name in ("location_id", "search") and isinstance(value, str) and value:
            text = text.replace(value, "{value}")
    return text.replace(exchange.request_id, "{request_id}") if exchange.request_id else text


def differences(one: Facts, two: Facts, ignored: frozenset[str] = frozenset()) -> list[str]:
    """Return the differences of two responses as sentences.

    :param ignored: names of facts to leave out, beside those that change from response to response.
    """
    found = []
    for name in sorted({*one, *two} - ignored):
        if _is_volatile(name):
            continue
        left, right = one.get(name), two.get(name)
        if left != right and not (name == _LENGTH and _about_equal(left, right)):
            found.append(_sentence(name, left, right))
    return found


def _about_equal(left: Any, right: Any) -> bool:
    return isinstance(left, int) and isinstance(right, int) and abs(left - right) <= _TOLERANCE


def _sentence(name: str, left: Any, right: Any) -> str:
    if left is None or right is None:
        return f"{name} is only in the {'second' if left is None else 'first'}"
    return f"{name} is {left} and {right}"


def consistent_differences(ones: Sequence[Facts], others: Sequence[Facts]) -> list[str]:
    """Return the differences that hold between all responses to two requests, as sentences.

    A header of one node in ten, or the duration of a query, differs between any two responses. Two
    requests are told apart by a fact that all responses to the one have and no response to the other, or
    that has one value in all responses to the one and another in all responses to the other.
    """
    found = []
    for name in sorted({name for facts in (*ones, *others) for name in facts}):
        if _is_volatile(name):
            continue
        left, right = ([facts.get(name) for facts in answers] for answers in (ones, others))
        if _tells_apart(name, left, right):
            found.append(_sentence(name, left[0], right[0]))
    return found


def _tells_apart(name: str, left: list[Any], right: list[Any]) -> bool:
    if all(value is None for value in left) or all(value is None for value in right):
        return None not in left or None not in right
    if None in left or None in right:
        return False
    numbers = [value for value in (*left, *right) if isinstance(value, int)]
    if name == _LENGTH and len(numbers) == len(left) + len(right):
        return bool(max(left) + _TOLERANCE < min(right) or max(right) + _TOLERANCE < min(left))
    constant = all(len({repr(value) for value in values}) == 1 for values in (left, right))
    return constant and bool(left[0] != right[0])


def _is_volatile(name: str) -> bool:
    """Return whether a fact changes from response to response, whatever was requested."""
    return name.removeprefix("header ") in _VOLATILE_HEADERS or name.endswith(".request_id")


def naturally_varying(samples: Sequence[Exchange]) -> frozenset[str]:
    """Return the names of facts that differ between responses that must be alike, such as a timestamp."""
    all_facts = [facts(sample) for sample in samples]
    names = {name for found in all_facts for name in found}
    return frozenset(
        name for name in names if len({repr(found.get(name)) for found in all_facts}) > 1
    )
