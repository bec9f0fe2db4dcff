"""Probes: what a command prints of a response, and how the same is read from an exchange of the transcript.

A probe prints one line that names no person: a status code, a count, true or false, the type of a member.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.http.exchange import Exchange
from conformance.text.uuids import is_uuid

Read = Callable[[Exchange], str | None]

_LARGEST = 2**53
"""Larger integers are not exact in jq."""

_LONGEST = 120
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number"}


@dataclass(frozen=True)
class Probe:
    """One line about a response.

    ``label`` says what is printed. ``options`` are added to the command, ``pipe`` follows it. ``read``
    returns the line for an exchange, None if the response has no such line.
    """

    label: str
    read: Read
    options: str = ""
    pipe: str = ""


def _status(exchange: Exchange) -> str | None:
    return None if exchange.broken else f"{exchange.status:03}"


STATUS = Probe("", _status, r"-o /dev/null -w '%{http_code}\n'")
MEDIA_TYPE = Probe(
    "the media type",
    lambda exchange: None if exchange.broken else exchange.header("content-type") or "",
    r"-o /dev/null -w '%{content_type}\n'",
)
COMPLETE = Probe(
    "the response",
    lambda exchange: "incomplete" if exchange.broken else "complete",
    "-o /dev/null -m 60",
    "&& echo complete || echo incomplete",
)
STRICT = Probe(
    "the body",
    lambda exchange: None if exchange.broken or exchange.cut else _strict(exchange),
    pipe="| jq -es 'length == 1' >/dev/null 2>&1 && echo JSON || echo 'not JSON'",
)


def _strict(exchange: Exchange) -> str:
    try:
        json.loads(exchange.body.decode("utf-8"))
    except ValueError:
        return "not JSON"
    return "JSON"


def _rows(exchange: Exchange) -> list[Any] | None:
    data = exchange.member("data")
    return data if isinstance(data, list) else None


def _count(exchange: Exchange) -> str | None:
    rows = _rows(exchange)
    return None if rows is None else str(len(rows))


COUNT = Probe("records", _count, pipe="| jq '.data | length'")
DISTINCT = Probe(
    "different ids",
    lambda exchange: None if _objects(exchange) is None else str(len({*exchange.ids})),
    pipe="| jq '[.data[].id] | unique | length'",
)


def _objects(exchange: Exchange) -> list[dict[str, Any]] | None:
    rows = _rows(exchange)
    if rows is None or any(not isinstance(row, dict) for row in rows):
        return None
    return rows


def plain(value: Any) -> str | None:
    """Return a value as jq prints it, None for one that may name a person or is not exact."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int) and abs(value) < _LARGEST:
        return str(value)
    return None


def _path(parts: tuple[str | int, ...]) -> str:
    """Return the path of a member as jq writes it."""
    text = "".join(
        f"[{part}]"
        if isinstance(part, int)
        else f".{part}"
        if _NAME.fullmatch(part)
        else f"[{json.dumps(part)}]"
        for part in parts
    )
    return text if text.startswith(".") else f".{text}"


class _Absent:
    """What jq cannot read: a step into a text or a number."""


_ABSENT = _Absent()


def _at(value: Any, parts: tuple[str | int, ...]) -> Any:
    """Return a member by its path as jq does: null where it is absent, ``_ABSENT`` where jq fails."""
    for part in parts:
        if value is None:
            continue
        if not isinstance(value, list if isinstance(part, int) else dict):
            return _ABSENT
        if isinstance(value, dict):
            value = value.get(str(part))
        elif isinstance(part, int):
            value = value[part] if part < len(value) else None
    return value


def _is_read(exchange: Exchange) -> bool:
    return exchange.json_problem is None


def member(*parts: str | int) -> Probe:
    """Return the probe of a member that is a number, a boolean or null."""
    path = _path(parts)
    return Probe(
        _path(parts).removeprefix("."),
        lambda exchange: plain(_at(exchange.json, parts)) if _is_read(exchange) else None,
        pipe=f"| jq -c {shlex.quote(path)}",
    )


def type_of(*parts: str | int) -> Probe:
    """Return the probe of the type of a member, whatever its value is."""
    path = _path(parts)

    def read(exchange: Exchange) -> str | None:
        value = _at(exchange.json, parts) if _is_read(exchange) else _ABSENT
        if value is _ABSENT:
            return None
        return "null" if value is None else _TYPES.get(type(value), "number")

    return Probe(
        f"the type of {path.removeprefix('.') or 'the body'}",
        read,
        pipe=f"| jq -r {shlex.quote(f'{path} | type')}",
    )


def types(*names: str) -> Probe:
    """Return the probe of the types of several members of a body at once."""

    def read(exchange: Exchange) -> str | None:
        found = [type_of(name).read(exchange) for name in names]
        return None if None in found else json.dumps(found, separators=(",", ":"))

    shown = ", ".join(f"(.{name} | type)" for name in names)
    program = shlex.quote(f"[{shown}]")
    return Probe(f"the types of {' and '.join(names)}", read, pipe=f"| jq -c {program}")


def has(*parts: str | int) -> Probe:
    """Return the probe of whether an object has a member."""
    *above, name = parts
    path = _path(tuple(above)) if above else "."

    def read(exchange: Exchange) -> str | None:
        value = _at(exchange.json, tuple(above))
        return json.dumps(name in value) if isinstance(value, dict) else None

    return Probe(
        f"{_path(parts).removeprefix('.')} is present",
        read,
        pipe=f"| jq {shlex.quote(f'{path} | has({json.dumps(name)})')}",
    )


def both(*paths: str) -> Probe:
    """Return the probe of two members at once; ``data`` stands for the number of records."""

    def read(exchange: Exchange) -> str | None:
        found = []
        for path in paths:
            steps = path.split(".")
            value = _count(exchange) if path == "data" else plain(_at(exchange.json, tuple(steps)))
            if value is None:
                return None
            found.append(value)
        return f"[{','.join(found)}]" if isinstance(exchange.json, dict) else None

    shown = ", ".join("(.data | length)" if path == "data" else f".{path}" for path in paths)
    names = " and ".join("records" if path == "data" else path for path in paths)
    return Probe(names, read, pipe=f"| jq -c {shlex.quote(f'[{shown}]')}")


def matches(pattern: str, *parts: str | int) -> Probe:
    """Return the probe of whether a text has a form."""
    path = _path(parts)

    def read(exchange: Exchange) -> str | None:
        value = _at(exchange.json, parts)
        return json.dumps(bool(re.search(pattern, value))) if isinstance(value, str) else None

    program = shlex.quote(f"{path} | test({json.dumps(pattern)})")
    return Probe(f"{path.removeprefix('.')} has the form", read, pipe=f"| jq {program}")


def rises(*parts: str | int) -> Probe:
    """Return the probe of whether a profile was updated after it was created, as its texts compare."""
    path = _path(parts)

    def read(exchange: Exchange) -> str | None:
        row = _at(exchange.json, parts)
        if not isinstance(row, dict):
            return None
        created, updated = row.get("created_at"), row.get("updated_at")
        if not isinstance(created, str) or not isinstance(updated, str):
            return None
        return json.dumps(updated >= created)

    program = shlex.quote(f"{path} | .updated_at >= .created_at")
    return Probe("updated_at is not before created_at", read, pipe=f"| jq {program}")


def listed(record: str) -> Probe:
    """Return the probe of whether a page has a record."""

    def read(exchange: Exchange) -> str | None:
        rows = _objects(exchange)
        return None if rows is None else json.dumps(any(row.get("id") == record for row in rows))

    return Probe(
        f"{record} is listed",
        read,
        pipe=f"| jq {shlex.quote(f'any(.data[]; .id == {json.dumps(record)})')}",
    )


def times(record: str) -> Probe:
    """Return the probe of how often a page has a record."""

    def read(exchange: Exchange) -> str | None:
        rows = _objects(exchange)
        return None if rows is None else str(sum(row.get("id") == record for row in rows))

    return Probe(
        f"rows with the id {record}",
        read,
        pipe=f"| jq {shlex.quote(f'[.data[] | select(.id == {json.dumps(record)})] | length')}",
    )


def at(index: int) -> Probe:
    """Return the probe of which record is at a position of a page, counted from 0."""

    def read(exchange: Exchange) -> str | None:
        rows = _objects(exchange)
        value = rows[index].get("id") if rows is not None and index < len(rows) else None
        return value if isinstance(value, str) and is_uuid(value) else None

    return Probe(f"the id of record {index + 1}", read, pipe=f"| jq -r '.data[{index}].id'")


IDENTITY = Probe(
    "the id",
    lambda exchange: _id(exchange.member("data", "id")),
    pipe="| jq -r .data.id",
)
CODE = Probe(
    "error.code",
    lambda exchange: _code(exchange.member("error", "code")),
    pipe="| jq -r .error.code",
)


def _id(value: Any) -> str | None:
    return value if isinstance(value, str) and is_uuid(value) else None


def _code(value: Any) -> str | None:
    return value if isinstance(value, str) and re.fullmatch(r"[A-Z0-9_]{1,60}", value) else None


def text(*parts: str | int) -> Probe:
    """Return the probe of a short text that the server made up, such as the message of an error."""
    path = _path(parts)

    def read(exchange: Exchange) -> str | None:
        value = _at(exchange.json, parts)
        is_short = isinstance(value, str) and value.isprintable() and 0 < len(value) <= _LONGEST
        return str(value) if is_short else None

    return Probe(path.removeprefix("."), read, pipe=f"| jq -r {shlex.quote(path)}")


def header(name: str) -> Probe:
    """Return the probe of how many headers of a name a response has."""
    low = name.lower()
    return Probe(
        f"headers {name}",
        lambda exchange: str(sum(key == low for key, _ in exchange.headers)),
        "-o /dev/null -D -",
        f"| grep -ci {shlex.quote(f'^{re.escape(low)}:')}".replace("\\-", "-"),
    )


def header_with(name: str, word: str) -> Probe:
    """Return the probe of how many headers of a name have a word."""
    low = name.lower()

    def read(exchange: Exchange) -> str | None:
        values = (value for key, value in exchange.headers if key == low)
        return str(sum(word.lower() in value.lower() for value in values))

    pipe = f"| grep -ci {shlex.quote(f'^{low}:.*{word}')}"
    return Probe(f"{name} with {word}", read, "-o /dev/null -D -", pipe)


LONG = Probe(
    "longer than 10 MiB",
    lambda exchange: json.dumps(exchange.cut),
    pipe="| wc -c | jq '. > 10485760'",
)
