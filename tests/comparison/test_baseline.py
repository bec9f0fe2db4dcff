"""What a result says of its baseline."""

from __future__ import annotations

from typing import Any

import pytest

from conformance import report
from conformance.comparison.baseline import against
from tests.report.conftest import Build

BUILD = Build()
ONE, TWO = "PAG-03/list/limit/0a1b2c3d", "PAG-03/list/offset/missing"


def result(outcome: str, *prints: str) -> Any:
    findings = {"findings": [BUILD.finding(fingerprint=item) for item in prints]} if prints else {}
    row = BUILD.requirement("PAG-03", outcome, **findings)
    return BUILD.result(BUILD.requirement("AUTH-01"), row)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (result("failed", ONE), result("failed", ONE), {"known": [0]}),
        (result("failed", ONE), result("failed", TWO, ONE), {"new": [0], "known": [1]}),
        (result("passed"), result("failed", ONE), {"new": [0]}),
        (result("inconclusive"), result("failed", ONE), {"new": [0]}),
        (BUILD.result(BUILD.requirement("AUTH-01")), result("failed", ONE), {"known": [0]}),
        (result("failed", ONE, TWO), result("failed", TWO), {"known": [0], "fixed": [ONE]}),
        (result("failed", ONE), result("passed"), {"fixed": [ONE]}),
        (result("failed", ONE), result("inconclusive"), {"lost": ["PAG-03"]}),
        (result("passed"), result("inconclusive"), {"lost": ["PAG-03"]}),
        (result("inconclusive"), result("inconclusive"), {"unchecked": ["PAG-03"]}),
        (result("inconclusive"), result("passed"), {}),
    ],
)
def test_findings_and_gaps_are_sorted(before: Any, after: Any, found: dict[str, Any]) -> None:
    made = against(before, after, "any")
    after["baseline"] = made
    report.validate(after)
    lists = {name: made[name] for name in ("known", "new", "fixed", "unchecked", "lost")}
    shown = {
        name: [item["index"] if isinstance(item, dict) else item for item in items]
        for name, items in lists.items()
        if items
    }
    assert shown == found
