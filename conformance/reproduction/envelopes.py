"""Probes of an envelope: its members, its texts, and its ``request_id``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.contract.verdict import Finding, without_mentions
from conformance.http.exchange import Exchange
from conformance.reproduction import bodies, probes
from conformance.reproduction.probes import Probe
from conformance.text.wording import whole_words

LONGEST = 100
"""Characters of an expectation in a comment."""

Proposals = Iterator[tuple[Probe, str]]


def wanted_of(finding: Finding) -> str:
    """Return what was expected, short enough for a comment."""
    text = without_mentions(" ".join(finding.expected.split()))
    return whole_words(text, LONGEST).rstrip(" ,;(")


def steps_of(path: str) -> tuple[str | int, ...]:
    """Return the steps of ``data[0].email`` or ``data.0.email``."""
    return tuple(int(part) if part.isdecimal() else part for part in re.findall(r"\w+", path))


def members(finding: Finding, exchange: Exchange) -> Proposals:
    """Yield probes of what is wrong with an envelope: ``data an array, meta an object``."""
    if finding.expected == "the profile":
        yield probes.type_of("data"), "object"
    if not re.match(r"(?:data|meta|error)\b", finding.expected):
        return
    yield probes.type_of(), "object"
    if "data" in finding.expected and probes.type_of("data").read(exchange) == "null":
        # A member may be null because it is absent, which jq does not tell by its type.
        if "absent" in finding.received:
            yield probes.has("data"), "true"
        # An error has no data either: only together with its error it is told apart.
        yield probes.types("data", "error"), wanted_of(finding)
    for name, wanted in re.findall(r"\b(data|meta|error)(?: an?)? (\w+)", finding.expected):
        probe = probes.type_of(name)
        if probe.read(exchange) != wanted and wanted in ("array", "object", "null"):
            yield probe, wanted
    for name in re.findall(r"\b(?:error|meta)\.(?:code|message|request_id)", finding.expected):
        yield probes.type_of(*name.split(".")), "string"
        if name == "error.code":
            yield probes.CODE, wanted_of(finding)


def texts(finding: Finding, _: Exchange) -> Proposals:
    """Yield probes of the texts of an envelope: ``error.message a non-empty string``."""
    for name in re.findall(r"\b((?:error|meta)\.\w+) a non-empty string", finding.expected):
        yield probes.matches(".", *steps_of(name)), "true"
    if "UPPER_SNAKE" in finding.expected:
        yield probes.matches("^[A-Z][A-Z0-9_]*$", "error", "code"), "true"


def request_id(finding: Finding, _: Exchange) -> Proposals:
    """Yield the probe of whether the header has the ``request_id`` of the body."""
    if finding.expected == "X-Request-Id equal to meta.request_id":
        yield bodies.SAME_ID, "same"


def unwanted(finding: Finding, _: Exchange) -> Proposals:
    """Yield the probe of a member or header that must not be there: a total count, a secret."""
    if not re.match("no total count|no member that is named", finding.expected):
        return
    header = re.match(r"the header ([\w-]+) ", finding.received)
    total = re.match(r"the total of Content-Range (\d+)", finding.received)
    member = re.match(r"(?:\w+\.)*(\w+)(?: |\Z)", finding.received)
    if total is not None:
        yield probes.header_with("Content-Range", f"/{total.group(1)}"), "0"
    elif header is not None:
        yield probes.header(header.group(1)), "0"
    elif member is not None:
        yield bodies.anywhere(member.group(1)), "false"


def errors(finding: Finding, exchange: Exchange) -> Proposals:
    """Yield the probe of the envelope of a refusal that has the right status."""
    right = re.match(r"\d{3}(?:,| or)", finding.expected)
    if right is not None and exchange.status >= 400 and str(exchange.status) in finding.expected:
        yield probes.types("data", "error"), '["null","object"]'
