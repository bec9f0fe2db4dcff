"""Defects of findings, without a run."""

from __future__ import annotations

from conformance.contract.document import load
from conformance.contract.verdict import CaseResult, Finding, RequirementResult, roll_up
from conformance.diagnosis.causes import Cause
from conformance.diagnosis.defects import Defect, defects_of


def rows(**findings: list[Finding]) -> list[RequirementResult]:
    """Return results for ids, written with ``_`` for ``-``, in the order of the contract."""
    given = {name.replace("_", "-"): tuple(items) for name, items in findings.items()}
    return [
        roll_up(requirement, [CaseResult("case", identifier, given[identifier], judged=1)])
        for identifier, requirement in load().requirements.items()
        if identifier in given
    ]


def defects(causes: list[Cause] | None = None, **findings: list[Finding]) -> list[Defect]:
    results = rows(**findings)
    made = defects_of(results, (), causes or [])
    listed = [place for defect in made for place in defect.findings]
    known = [(row.requirement.id, n) for row in results for n in range(len(row.findings))]
    assert sorted((p.requirement, p.index) for p in listed) == sorted(known)
    return made
