"""Responses that are spoilt at random: status, headers, and the bytes of the body."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tests.hostile.values import (
    DISCLOSING,
    HEADER_VALUES,
    MARK,
    NAMES,
    NASTY,
    STATUSES,
    VALUES,
)
from tests.support.processes import OTHER_KEY, OWN_KEY


@dataclass(frozen=True)
class Answer:
    """A response: header names are in lower case, and the body has no coding."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


_MOST = 300
"""Brackets of a body beyond which it is not changed any further."""

_MOST_PLACES = 3_000
"""Values of a body beyond which none are added: each change may repeat what the one before has repeated."""

_LONG_NUMBER = 10**18
_MOST_ADDED = 1 << 20
"""Bytes that one change adds."""

_LONGEST = 1 << 24
"""Bytes of a body, which is more than the suite reads."""

Spoil = Callable[[Random, Answer], Answer]


def _text(random: Random) -> str:
    return random.choice(NASTY) if random.random() < 0.8 else random.choice(NASTY) * 3


def _any(random: Random) -> Any:
    if random.random() >= 0.5:
        return _text(random)
    value = deepcopy(random.choice(VALUES))
    # A long number is another one each time: a report masks a number that is personal data elsewhere, and
    # the transcript keeps the numbers of meta.
    return value + random.randrange(10**9) if value == _LONG_NUMBER else value


def _dumped(answer: Answer, value: Any, **options: Any) -> Answer:
    text = json.dumps(value, **options)
    return replace(answer, body=text.encode("utf-8", "surrogatepass"))


def _value(answer: Answer) -> Any:
    many = (
        max(answer.body.count(b"{"), answer.body.count(b"["), answer.body.count(b",") // 50) > _MOST
    )
    try:
        return {"data": None} if many else json.loads(answer.body)
    except ValueError:
        return {"data": None}


def _places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Return every container with one of its keys or indexes."""
    if isinstance(value, dict | list):
        keys = list(value) if isinstance(value, dict) else range(len(value))
        for key in keys:
            found.append((value, key))
            _places(value[key], found)
    return found


def member(random: Random, answer: Answer) -> Answer:
    """Replace, remove, rename, repeat or add members and elements of the body."""
    value = _value(answer)
    for _ in range(random.choice([1, 1, 2, 30])):
        places = _places(value, [])
        if not places:
            return _dumped(answer, _any(random))
        container, key = random.choice(places)
        change = random.randrange(5)
        if change <= 1:
            container[key] = _any(random)
        elif change == 2:
            container.pop(key)
        elif isinstance(container, dict):
            name = _text(random)[:300] if change == 3 else random.choice(["data", "meta", "error"])
            container[name] = container.pop(key) if change == 3 else _any(random)
        else:
            first = container[:2]
            fit = min(_MOST_PLACES // len(places), _MOST_ADDED // len(json.dumps(first)))
            container.extend(deepcopy(first * min(random.choice([1, 100]), fit)))
    escaped = {"ensure_ascii": random.random() < 0.5} if b"\\ud" not in answer.body else {}
    return _dumped(answer, value, **escaped)


def every(random: Random, answer: Answer) -> Answer:
    """Give one member of every record, or all members of one, the same kind of value."""
    value = _value(answer)
    data = value.get("data") if isinstance(value, dict) else None
    rows = [row for row in data if isinstance(row, dict)] if isinstance(data, list) else [data]
    rows = [row for row in rows if isinstance(row, dict) and row]
    if not rows:
        return member(random, answer)
    name, what = random.choice(list(rows[0])), _any(random)
    for row in rows:
        row[name] = deepcopy(what) if random.random() < 0.9 else _any(random)
    if random.random() < 0.2:
        for key in rows[0]:
            rows[0][key] = _any(random)
    return _dumped(answer, value)


def data(random: Random, answer: Answer) -> Answer:
    """Change the bytes of the body: flip, cut, insert, repeat."""
    body = bytearray(answer.body or b"{}")
    for _ in range(random.choice([1, 1, 5, 50])):
        place = random.randrange(len(body) + 1)
        change = random.randrange(5)
        if change == 0 and place < len(body):
            body[place] = random.randrange(256)
        elif change == 1:
            body[place:place] = bytes(random.randrange(256) for _ in range(random.choice([1, 9])))
        elif change == 2:
            body[place : place + random.choice([1, 20])] = b""
        elif change == 3:
            body[place:place] = random.choice(
                [b'"', b"\\", b"{", b"]", b"\\ud800", b"\xff", b",", b"e9"]
            )
        else:
            body[place:place] = body[: random.choice([10, 400])]
    if random.random() < 0.3:
        del body[random.randrange(len(body) + 1) :]
    return replace(answer, body=bytes(body))


def shape(random: Random, answer: Answer) -> Answer:
    """Return a body that is large, deep, repetitive, coded in another way, or no JSON."""
    body = answer.body
    depth = random.choice([50, 99, 100, 101, 450, 980, 5000])
    number = b"9" * random.choice([300, 401, 5000])
    count = random.choice([500, 2000, 120_000])
    made: list[Callable[[], bytes]] = [
        lambda: b'{"data":' * depth + b"1" + b"}" * depth,
        lambda: b'{"data": ' + b"[" * depth + b"]" * depth + b', "meta": {}}',
        lambda: b"[" * depth,
        lambda: b'{"data": [' + b",".join([number] * 50) + b'], "meta": {"limit": 20}}',
        lambda: b'{"data": {' + b",".join([b'"a": 1'] * count) + b'}, "meta": {}}',
        lambda: json.dumps({"data": {f"m{n}": n for n in range(count)}, "meta": {}}).encode(),
        lambda: b'{"data": [' + b",".join([b"{}"] * count) + b'], "meta": {}}',
        lambda: body.decode("utf-8", "replace").encode(
            random.choice(["utf-16", "utf-32", "utf-7"])
        ),
        lambda: body.decode("utf-8", "replace").encode("latin-1", "replace"),
        lambda: b"\xef\xbb\xbf" + body,
        lambda: body.replace(b"true", b"NaN").replace(b"null", b"-Infinity"),
        lambda: body.replace(b'"limit":', b'"limit": 1, "limit":'),
        lambda: body + body,
        lambda: b"" if random.random() < 0.5 else b" " * 5000,
        lambda: bytes(random.randrange(256) for _ in range(2000)),
        lambda: f"<html><script>{MARK}</script>{random.choice(NASTY)}".encode("utf-8", "replace"),
        lambda: json.dumps(_any(random)).encode(),
        lambda: gzip.compress(body, mtime=0),
        lambda: body.replace(b"@", b"\\ud800@").replace(b'"name": "', b'"name": "\\udc00'),
        body.upper,
    ]
    return replace(answer, body=random.choice(made)())


def status(random: Random, answer: Answer) -> Answer:
    """Return another status code."""
    return replace(answer, status=random.choice(STATUSES))


def headers(random: Random, answer: Answer) -> Answer:
    """Add, replace, remove and repeat headers."""
    found = list(answer.headers)
    for _ in range(random.choice([1, 2, 5])):
        change = random.randrange(4)
        name, value = random.choice(NAMES), random.choice(HEADER_VALUES)
        if change == 0 and found:
            found.pop(random.randrange(len(found)))
        elif change == 1:
            found = [pair for pair in found if pair[0] != name]
            found.append((name, value))
        elif change == 2:
            found.insert(0, (name, value))
        elif random.random() < 0.2:
            found += [(f"x-{number}", "y") for number in range(random.choice([50, 300]))]
        else:
            found.append((name, value))
    return replace(answer, headers=tuple(found))


def errors(random: Random, answer: Answer) -> Answer:
    """Return an error envelope whose texts are nasty."""
    texts = [_text(random), _text(random), random.choice(DISCLOSING)]
    body: dict[str, Any] = {
        "data": random.choice([None, None, {}, []]),
        "meta": {"request_id": random.choice([_text(random)[:2000], "r", None, 7])},
        "error": {"code": random.choice(["NOT_FOUND", *texts]), "message": random.choice(texts)},
    }
    return _dumped(replace(answer, status=random.choice([400, 401, 404, 422, 500])), body)


def echo(random: Random, answer: Answer) -> Answer:
    """Send a key back: in a member, in an error message, in a header, in a page."""
    key = random.choice([OWN_KEY, OTHER_KEY])
    text = random.choice(["{}", "Bearer {}", "https://x.example/?api_key={}", "a{}b", "'{}'"])
    shown = text.format(random.choice([key, key, key.upper(), key.lower()]))
    place = random.randrange(4)
    if place == 0:
        name = random.choice(["location", "x-odd", "www-authenticate", "set-cookie", "etag"])
        return replace(answer, headers=(*answer.headers, (name, shown)))
    if place == 1:
        return replace(answer, body=f"<p>{shown}</p>".encode())
    value = _value(answer)
    places = _places(value, [])
    if not places:
        return _dumped(answer, {shown: shown})
    for container, at in random.sample(places, min(len(places), 3)):
        container[at] = shown
    body = _dumped(answer, value)
    if place == 2:
        return body
    # JSON may write each letter as an escape.
    escaped = "".join(f"\\u{ord(char):04x}" for char in shown)
    return replace(body, body=body.body.replace(shown.encode(), escaped.encode()))


SPOILERS: tuple[Spoil, ...] = (
    *(member, member, every, every, data, shape, status, headers, errors, echo),
)


def spoilt(random: Random, answer: Answer, spoilers: tuple[Spoil, ...] = SPOILERS) -> Answer:
    """Return a response with one to three changes."""
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        spoil = random.choice(spoilers)
        answer = spoil(random, answer)
        # A key that is changed afterwards is no key any more, and is not redacted.
        if spoil is echo:
            break
    return replace(answer, body=answer.body[:_LONGEST])
