"""What waivers make of the items of plain pytest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.contract.verdict import CaseResult, ExitStatus, Finding, Verdict
from conformance.judging.engine import Judgement
from conformance.running.run import Report
from tests.report.conftest import Build


@pytest.mark.parametrize("waived", [False, True])
def test_an_item_of_a_waived_requirement_does_not_fail(waived: bool) -> None:
    build = Build()
    result: dict[str, Any] = build.result(build.requirement("PAG-03", "failed"))
    waiver = {
        "requirement": "PAG-03",
        "fingerprint": None,
        "owner": "Data team",
        "reason": "Planned.",
        "ticket": None,
        "expires": "2027-01-31",
        "state": "used",
        "findings": [{"requirement": "PAG-03", "index": 0}],
    }
    result["waivers"] = [waiver] if waived else []
    judged = CaseResult("test_a", "PAG-03", findings=(Finding("a", "b"),), judged=1)
    report = Report(
        result,
        Verdict.NON_CONFORMANT,
        "",
        ExitStatus.CONFORMANT,
        Path(),
        Judgement(results=[judged]),
    )
    ended = report.outcome_of("test_a")
    assert (ended.failed, ended.inconclusive) == (not waived, waived)
    assert ("waived until 2027-01-31 by Data team" in ended.text) is waived
