"""Fingerprints: the same for the same kind of finding in two runs, whatever the data, the seed or the host.

A fingerprint has up to five parts between slashes: ``FIL-08/list/is_active+location_id/unexpected``

1. the requirement;
2. the operation: ``list``, ``retrieve`` or ``other``, with a method other than GET before it;
3. what the request is about: the names of its parameters, and headers that the finding names; ``generated``
   for a query that the suite made up;
4. the credential, if it is not a valid key;
5. the kind of deviation: a status code that was not expected, one of the words of :data:`_KINDS`, or a
   digest of the finding's text without numbers, ids, times and quoted values.

Parts 1 to 4 do not depend on the wording of findings, which a new version of the suite may change.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence

from conformance.contract.verdict import Finding, RequirementResult
from conformance.diagnosis.requests import PARAMETERS, Asked, asked
from conformance.diagnosis.structure import unexpected_status
from conformance.http.exchange import Exchange
from conformance.privacy.masking import Mask
from conformance.text.uuids import UUID

GENERATED = "the simplest request that fails"
"""Part of the detail of a finding on a query that was generated: seed and data decide its parameters."""

_KINDS = (
    ("foreign", re.compile(r"another organisation|other organisation|foreign")),
    ("missing", re.compile(r"\b(?:is|are) missing|\bmissing\b")),
    ("repeated", re.compile(r"\btwice\b|\brepeated\b|\btimes\b")),
    ("unexpected", re.compile(r"\bunexpected (?:record|profile)s?\b")),
    ("order", re.compile(r"\border\b")),
    ("changed", re.compile(r"\bprofiles? changed\b")),
)
"""Kinds of deviation of lists of records, the first that matches counts."""

_CHANGING = (
    (re.compile(r"masked-[a-z-]+-[0-9a-f]{8}"), "TEXT"),
    (re.compile(UUID, re.IGNORECASE), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?"), "TIME"),
    (re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\''), "TEXT"),
    (re.compile(r"-?\d[\d,.]*"), "#"),
    (re.compile(r"(ID|TEXT|TIME|#)(?:(?:, | )\1)+"), r"\1"),
    (re.compile(r"\b[a-z_]{4,}(?:, [a-z_]{4,})+\b"), "MEMBERS"),
    (re.compile(r" and # more"), ""),
    (re.compile(r"\b(?:are|were|have)\b"), "is"),
    (re.compile(r"\b(?:was|has)\b"), "is"),
    (re.compile(r"\b([a-z]{3,}[^s\W])s\b"), r"\1"),
)
_NOT_WORDS = re.compile(r"[^a-z0-9]+")
_DIGITS = 8


def fingerprints(
    row: RequirementResult, transcript: Sequence[Exchange], mask: Mask | None = None
) -> list[str]:
    """Return the fingerprint of each finding of a requirement.

    :param mask: masks personal data, so that not even a digest of a name is left.
    """
    hide = str if mask is None else mask.text
    return [fingerprint(row.requirement.id, item, transcript, hide) for item in row.findings]


def fingerprint(
    requirement: str,
    finding: Finding,
    transcript: Sequence[Exchange],
    mask: Callable[[str], str] = str,
) -> str:
    """Return the fingerprint of a finding.

    :param requirement: the id of its requirement.
    :param transcript: the exchanges of the run.
    """
    request = asked(finding, transcript)
    method = "" if request.method == "GET" else f"{_slug(request.method)}-"
    parts = [requirement, f"{method}{request.operation}", _subject(request, finding)]
    if not request.with_valid_key:
        parts.append(_slug(request.credential or ""))
    return "/".join(part for part in (*parts, _deviation(finding, mask)) if part)


def _subject(request: Asked, finding: Finding) -> str:
    if GENERATED in (finding.detail or ""):
        return "generated"
    # Many requests carry headers that a server ignores: only those that the finding names matter.
    said = f"{finding.received} {finding.detail}".lower()
    names = {
        name if name in PARAMETERS else "undocumented"
        for name in request.subject_names
        if request.operation == "list"
    }
    return "+".join([*sorted(names), *(_slug(name) for name in request.headers if name in said)])


def _deviation(finding: Finding, mask: Callable[[str], str]) -> str:
    status = unexpected_status(finding)
    if status is not None:
        return f"status-{status}"
    detail = finding.detail or ""
    for text in (finding.received, detail):
        for word, pattern in _KINDS:
            if pattern.search(text):
                return word
    text = f"{finding.status} {mask(finding.received)}"
    for pattern, replacement in _CHANGING:
        text = pattern.sub(replacement, text)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:_DIGITS]


def _slug(text: str) -> str:
    return _NOT_WORDS.sub("-", text.lower()).strip("-")
