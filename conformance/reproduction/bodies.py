"""Probes of the text of a response, whatever its form is."""

from __future__ import annotations

import shlex

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
