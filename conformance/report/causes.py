"""Findings that explain other findings.

A filter that is ignored breaks pagination of the filtered list too. A person wants to read of the
first and be told of the second.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.report.model import Finding, Requirement


def root_of(finding: Finding, by_id: Mapping[str, Requirement]) -> str | None:
    """Id of the requirement at the end of the finding's chain of causes.

    The end is a requirement with a finding that nothing explains. None if the finding has no
    cause, or if its chain leads to no such requirement: an unknown id, one without findings, or a
    circle.
    """
    seen: set[str] = set()
    current = finding["caused_by"]
    while current is not None and current not in seen:
        seen.add(current)
        cause = by_id.get(current)
        if cause is None or not cause["findings"]:
            return None
        if any(other["caused_by"] is None for other in cause["findings"]):
            return current
        current = cause["findings"][0]["caused_by"]
    return None
