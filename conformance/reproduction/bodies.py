"""Probes of a response as a whole, whatever its form is."""

from __future__ import annotations

import codecs
import json
import shlex
from collections.abc import Callable
from typing import Any

from conformance.http.exchange import Exchange
from conformance.reproduction.probes import Probe


def key_in_response(variable: str) -> Probe:
    """Return the probe of whether a response repeats the key of its request."""
    return Probe(
        "the response has the key",
        lambda _: "yes",
        "-i",
        f'| grep -qF -e "${{{variable}##*_}}" && echo yes || echo no',
    )


def occurrences(text: str) -> Probe:
    """Return the probe of how often a body has a text."""

    def read(exchange: Exchange) -> str | None:
        found = sum(
            line.count(text) for line in exchange.body.decode("utf-8", "replace").split("\n")
        )
        return str(found)

    pipe = f"| grep -oF -e {shlex.quote(text)} | wc -l | tr -d ' '"
    return Probe(f"occurrences of {text}", read, pipe=pipe)


def anywhere(name: str) -> Probe:
    """Return the probe of whether a body has a member of a name, however deep."""

    def found(value: Any) -> bool:
        if isinstance(value, dict):
            return name in value or any(map(found, value.values()))
        return isinstance(value, list) and any(map(found, value))

    program = shlex.quote(f"[.. | objects | has({json.dumps(name)})] | any")
    return Probe(
        f"a member {name} is present",
        lambda exchange: None if exchange.json_problem else json.dumps(found(exchange.json)),
        pipe=f"| jq {program}",
    )


def _same_id(exchange: Exchange) -> str | None:
    value = exchange.header("x-request-id")
    if not value or exchange.member("meta", "request_id") is None:
        return None
    return "same" if f'"{value}"' in exchange.body.decode("utf-8", "replace") else "different"


SAME_ID = Probe(
    "X-Request-Id and meta.request_id",
    _same_id,
    "-i",
    r"""| tr -d '\r' | awk -F': ' 'tolower($1) == "x-request-id" {id = "\"" $2 "\""}"""
    r""" id && index($0, id) {found = 1} END {print found ? "same" : "different"}'""",
)
EMPTY = Probe(
    "the body is empty",
    lambda exchange: None if exchange.broken else "no" if exchange.body else "yes",
    pipe="| grep -q . && echo no || echo yes",
)
LENGTH = Probe(
    "Content-Length",
    lambda exchange: _digits(exchange.header("content-length")),
    "-o /dev/null -D -",
    r"""| tr -d '\r' | awk -F': ' 'tolower($1) == "content-length" {print $2}'""",
)


def _digits(value: str | None) -> str | None:
    return value if value is not None and value.isascii() and value.isdecimal() else None


# jq accepts a byte order mark and bytes that are no UTF-8.
MARKED = Probe(
    "lines that begin with a byte order mark",
    lambda exchange: _lines(exchange, lambda line: line.startswith(codecs.BOM_UTF8)),
    pipe=r"| LC_ALL=C grep -ac $'^\xef\xbb\xbf'",
)
MALFORMED = Probe(
    "lines that are not UTF-8",
    lambda exchange: _lines(exchange, _is_malformed),
    pipe="| LC_ALL=C.UTF-8 grep -axvc '.*'",
)


def _lines(exchange: Exchange, test: Callable[[bytes], bool]) -> str | None:
    """Return the number of lines of a body that pass a test, None for a body that is not complete."""
    if exchange.broken or exchange.cut:
        return None
    return str(sum(map(test, exchange.body.split(b"\n"))))


def _is_malformed(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False
