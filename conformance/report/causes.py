"""Findings that follow from other findings.

A filter that is ignored also breaks the pagination of the filtered list. The report shows the first finding
and lists the second one under it.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.report.model import Finding, Requirement


def root_of(finding: Finding, by_id: Mapping[str, Requirement]) -> str | None:
    """Return the id of the requirement that a finding follows from in the end, through `caused_by`.

    That is the first requirement of the chain with a finding that has no cause. None if the finding has no
    cause, or if the chain is broken: an unknown id, a requirement without findings, a circle.
    """
    visited: set[str] = set()
    current = finding["caused_by"]
    while current is not None and current not in visited:
        visited.add(current)
        cause = by_id.get(current)
        if cause is None or not cause["findings"]:
            return None
        if any(other["caused_by"] is None for other in cause["findings"]):
            return current
        current = cause["findings"][0]["caused_by"]
    return None
