"""Groups findings by structure: operation, parameters, what was expected, and in what way it differs.

Never by sharing an exchange: one response can break two requirements for two reasons.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from conformance.contract.requirements import Requirement
from conformance.contract.verdict import Finding
from conformance.diagnosis.requests import PARAMETERS, Asked
from conformance.http.request import WRITES
from conformance.text.uuids import UUID

_REPLACED = (
    (re.compile(r"exchange \d+"), "exchange"),
    (re.compile(UUID), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?"), "TIME"),
    (re.compile(r'"(?:[^"\\]|\\.)*"'), "TEXT"),
    (re.compile(r"\d[\d,.]*"), "#"),
    (re.compile(r"\b(record|profile|exchange|member)s\b"), r"\1"),
)
_STATUS = re.compile(r"(\d{3})(?: |$)")
_EXPECTED_STATUS = re.compile(r"\d{3}\b(?! record)")


class Structure(NamedTuple):
    """What findings of one defect have in common. ``leak`` keeps findings on isolation apart."""

    leak: bool
    operation: str
    parameters: tuple[str, ...]
    expectation: str
    deviation: str


def structure_of(requirement: Requirement, finding: Finding, request: Asked) -> Structure:
    """Return what a finding must have in common with another one to be of the same defect."""
    leak = requirement.prefix == "ORG"
    operation = "write" if request.method in WRITES else f"{request.method} {request.operation}"
    about = (*sorted({_kind(name) for name in request.subject_names}), *request.headers)
    if not request.with_valid_key:
        operation, about = request.method, (_key(request),)
    status = unexpected_status(finding)
    if status is not None and status >= 500:
        # A crash is one defect whatever each requirement expected instead.
        return Structure(leak, operation, about, "", f"status {status}")
    if status is not None:
        expectation = shape(finding.expected) if status < 400 else ""
        if not request.with_valid_key:
            expectation = ""
        return Structure(leak, operation, about, expectation, f"status {status}")
    return Structure(leak, operation, about, shape(finding.expected), shape(finding.received))


def _kind(parameter: str) -> str:
    return parameter if parameter in PARAMETERS else "an undocumented parameter"


def _key(request: Asked) -> str:
    """Return the kind of a credential that is not valid."""
    name = request.credential or ""
    return "a wrong key" if name.startswith(("key ", "a ")) else name


def unexpected_status(finding: Finding) -> int | None:
    """Return the status code that was received if it is what differs, otherwise None."""
    received = _STATUS.match(finding.received)
    if finding.status is None or received is None or int(received.group(1)) != finding.status:
        return None
    expected = {int(text) for text in _EXPECTED_STATUS.findall(finding.expected)}
    if finding.status in expected or not (expected or finding.status >= 500):
        return None
    return finding.status


def shape(text: str) -> str:
    """Return a text without what differs between findings of one kind: numbers, ids, times, quoted values."""
    for pattern, replacement in _REPLACED:
        text = pattern.sub(replacement, text)
    return text
