"""The lines of each defect of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conformance.contract.verdict import RequirementResult
from conformance.diagnosis.defects import Defect
from conformance.reproduction.lines import Found, Reproducer


def lines_of(
    rows: Sequence[RequirementResult], reproducer: Reproducer
) -> Callable[[Defect], Sequence[str]]:
    """Return what writes the lines of a defect; it never raises."""
    findings = {row.requirement.id: row.findings for row in rows}
    reproducer.races = bool(findings.get("ORG-15"))

    def lines(defect: Defect) -> Sequence[str]:
        found = [
            Found(place.requirement, findings[place.requirement][place.index])
            for place in defect.findings
        ]
        at_times = defect.cause.at_times if defect.cause is not None else ""
        try:
            return reproducer.lines(found, at_times=at_times)
        except Exception:  # what writes the lines never costs the verdict
            return [item.finding.curl for item in found[:1] if item.finding.curl]

    return lines
