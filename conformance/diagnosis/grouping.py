"""Groups findings by cause: a finding that follows from another one points to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from conformance.contract.requirements import Level
from conformance.contract.verdict import Finding, RequirementResult
from conformance.http.request import COLLECTION

SERVER_ERROR = "ROB-01"
SCHEMA = "ROB-09"
TOO_LONG = "ROB-10"
TOO_INTRICATE = "ROB-13"
UNDOCUMENTED = "ERR-04"

_ROOTS = (
    *(SERVER_ERROR, TOO_LONG, TOO_INTRICATE, "ENV-11", "ENV-12", "ENV-01", "ENV-03", "ENV-04"),
    *("OBJ-01", "OBJ-02", "PAG-12"),
)
"""Requirements whose findings explain others on the same exchange, the most fundamental first."""

Position = tuple[int, int]
"""The index of a row, and the index of a finding in it."""


def grouped(rows: Sequence[RequirementResult]) -> list[RequirementResult]:
    """Return the rows with ``caused_by`` set in the findings that follow from others.

    A finding follows from a more fundamental one on the same exchange, from a server error, or from the first
    finding with the same unexpected status for the same operation. A finding of a must never follows from one
    of a should.
    """
    causes = {
        position: cause for position, cause in _causes(rows) if _may_follow(rows, position, cause)
    }
    roots = {
        row.requirement.id
        for number, row in enumerate(rows)
        if any((number, index) not in causes for index in range(len(row.findings)))
    }
    # A requirement whose own findings all follow from others is not a cause.
    causes = {position: cause for position, cause in causes.items() if cause in roots}
    return [
        replace(
            row,
            findings=tuple(
                replace(finding, caused_by=causes.get((number, index)))
                for index, finding in enumerate(row.findings)
            ),
        )
        for number, row in enumerate(rows)
    ]


def _may_follow(rows: Sequence[RequirementResult], position: Position, cause: str) -> bool:
    levels = {row.requirement.id: row.requirement.level for row in rows}
    own = rows[position[0]].requirement
    return cause != own.id and not (own.level is Level.MUST and levels[cause] is not Level.MUST)


def _causes(rows: Sequence[RequirementResult]) -> Iterator[tuple[Position, str]]:
    by_exchange = _roots_by_exchange(rows)
    # A status code that the contract does not list explains all findings that received it.
    by_kind = {
        _response_kind(finding): UNDOCUMENTED
        for row in rows
        if row.requirement.id == UNDOCUMENTED
        for finding in row.findings
    }
    failing = any(row.requirement.id == SERVER_ERROR and row.findings for row in rows)
    for number, row in enumerate(rows):
        own = row.requirement.id
        for index, finding in enumerate(row.findings):
            if failing and (finding.status or 0) >= 500:
                if own != SERVER_ERROR:
                    yield (number, index), SERVER_ERROR
                continue
            root = by_exchange.get(finding.exchange or 0)
            if root is not None and _rank(root) < _rank(own):
                yield (number, index), root
                continue
            kind = _kind(finding)
            if kind is not None and by_kind.setdefault(kind, own) != own:
                yield (number, index), by_kind[kind]


def _rank(identifier: str) -> int:
    if identifier in _ROOTS:
        return _ROOTS.index(identifier)
    return len(_ROOTS) + (identifier == SCHEMA)


def _roots_by_exchange(rows: Sequence[RequirementResult]) -> dict[int, str]:
    """Return exchange → the most fundamental requirement with a finding on it."""
    roots: dict[int, str] = {}
    for row in rows:
        for finding in row.findings:
            root = roots.get(finding.exchange or 0)
            if finding.exchange and (root is None or _rank(row.requirement.id) < _rank(root)):
                roots[finding.exchange] = row.requirement.id
    return roots


def _kind(finding: Finding) -> tuple[bool, int] | None:
    """Return operation and status if 200 was expected; equal kinds have one cause."""
    if finding.status is None or finding.url is None or "200 with" not in finding.expected:
        return None
    return _response_kind(finding)


def _response_kind(finding: Finding) -> tuple[bool, int]:
    """Return whether the request was for the list, and the status code received."""
    path = (finding.url or "").split("?")[0]
    return path.endswith(COLLECTION), finding.status or 0
