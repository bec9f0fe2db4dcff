"""One defect should read as one defect: findings that follow from another point at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from conformance.contract.requirements import Level
from conformance.contract.verdict import Finding, RequirementResult
from conformance.http.request import COLLECTION

SERVER_ERROR = "ROB-01"
SCHEMA = "ROB-09"
TOO_LONG = "ROB-10"
UNDOCUMENTED = "ERR-04"

_ROOTS = (
    *(SERVER_ERROR, TOO_LONG, "ENV-11", "ENV-12", "ENV-01", "ENV-03", "ENV-04"),
    *("OBJ-01", "OBJ-02", "PAG-12"),
)
"""Requirements whose findings explain others on the same exchange, the deepest first."""

Place = tuple[int, int]


def grouped(rows: Sequence[RequirementResult]) -> list[RequirementResult]:
    """The rows, with ``caused_by`` set in the findings that follow from another's.

    A finding follows from a deeper one on the same exchange, from a server error, or from the first that
    got the same status where the same was expected. No must is folded under a should.
    """
    causes = {place: cause for place, cause in _causes(rows) if _may_fold(rows, place, cause)}
    heads = {
        row.requirement.id
        for number, row in enumerate(rows)
        if any((number, index) not in causes for index in range(len(row.findings)))
    }
    # A cause whose own findings all follow from others explains nothing by itself.
    causes = {place: cause for place, cause in causes.items() if cause in heads}
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


def _may_fold(rows: Sequence[RequirementResult], place: Place, cause: str) -> bool:
    levels = {row.requirement.id: row.requirement.level for row in rows}
    own = rows[place[0]].requirement
    return cause != own.id and not (own.level is Level.MUST and levels[cause] is not Level.MUST)


def _causes(rows: Sequence[RequirementResult]) -> Iterator[tuple[Place, str]]:
    by_exchange = _roots_by_exchange(rows)
    # A status that the contract does not know explains all that it was the answer to.
    by_kind = {
        _answered(finding): UNDOCUMENTED
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
            if root is not None and _depth(root) < _depth(own):
                yield (number, index), root
                continue
            kind = _kind(finding)
            if kind is not None and by_kind.setdefault(kind, own) != own:
                yield (number, index), by_kind[kind]


def _depth(identifier: str) -> int:
    if identifier in _ROOTS:
        return _ROOTS.index(identifier)
    return len(_ROOTS) + (identifier == SCHEMA)


def _roots_by_exchange(rows: Sequence[RequirementResult]) -> dict[int, str]:
    """Exchange → the deepest requirement with a finding on it."""
    roots: dict[int, str] = {}
    for row in rows:
        for finding in row.findings:
            known = roots.get(finding.exchange or 0)
            if finding.exchange and (known is None or _depth(row.requirement.id) < _depth(known)):
                roots[finding.exchange] = row.requirement.id
    return roots


def _kind(finding: Finding) -> tuple[bool, int] | None:
    """What makes two findings one defect: the same operation, success expected, the same status."""
    if finding.status is None or finding.url is None or "200 with" not in finding.expected:
        return None
    return _answered(finding)


def _answered(finding: Finding) -> tuple[bool, int]:
    """Whether the list was asked for, and the status that came."""
    path = (finding.url or "").split("?")[0]
    return path.endswith(COLLECTION), finding.status or 0
