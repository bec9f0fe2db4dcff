"""Probes of the text of a response, whatever its form is."""

from __future__ import annotations

import codecs
import shlex
from collections.abc import Callable

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
