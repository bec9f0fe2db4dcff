"""Waivers and a baseline: the exit status of a run, and the items of plain pytest."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.verdict import CaseResult, ExitStatus, Finding, Verdict
from conformance.judging.engine import Judgement
from conformance.report import validate
from conformance.running.acceptance import Acceptance
from conformance.running.run import Report
from conformance.running.settings import Settings
from conformance.waivers.file import Waiver
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


LATER = date(2027, 1, 31)
WAIVED = (Waiver("PAG-03", "Data team", "Planned.", LATER, line=4),)
GAP = (*WAIVED, Waiver("FIL-02", "Data team", "Seven clinicians.", LATER, line=9))
IDLE = (*WAIVED, Waiver("AUTH-01", "Data team", "Planned.", LATER, line=9))


@pytest.mark.parametrize(
    ("waivers", "ends", "settings", "status"),
    [
        ((), {}, {}, 1),
        (WAIVED, {}, {}, 3),
        (WAIVED, {}, {"allow_incomplete": True}, 0),
        (GAP, {}, {}, 0),
        (IDLE, {}, {}, 2),
        (IDLE[1:], {}, {}, 1),
        (GAP, {"silent": True}, {"allow_incomplete": True}, 4),
        (GAP, {"interrupted": True}, {}, 130),
        ((), {}, {"baseline": True}, 1),
        ((), {}, {"baseline": True, "fail_on": "new"}, 0),
    ],
)
def test_the_exit_status_of_a_gate(
    waivers: tuple[Waiver, ...], ends: dict[str, bool], settings: dict[str, Any], status: int
) -> None:
    build = Build()
    rows = [
        build.requirement("AUTH-01"),
        build.requirement("PAG-03", "failed"),
        build.requirement("FIL-02", "inconclusive"),
    ]
    interrupted = ends.get("interrupted", False)
    result: Any = build.result(*rows, interrupted=interrupted)
    before: Any = build.result(*rows) if settings.pop("baseline", False) else None
    acceptance = Acceptance(Settings(**settings), waivers, Path("waivers.yaml"), before)
    acceptance.apply(result, silent=ends.get("silent", False))
    assert (result["verdict"], result["exit_status"]) == ("non-conformant", status)
    validate(result)
    for waiver in waivers:
        unused = waiver.requirement == "AUTH-01"
        text = f"line {waiver.line}: nothing needs the waiver" if unused else "until 2027-01-31"
        assert text in result["reason"]


def test_a_target_that_cannot_be_tested_stays_so() -> None:
    build = Build()
    result: Any = build.result(build.requirement("PAG-03", "inconclusive"), verdict="untestable")
    waiver = Waiver("PAG-03", "Data team", "Seven clinicians.", LATER)
    Acceptance(Settings(), (waiver,)).apply(result, silent=True)
    assert (result["verdict"], result["exit_status"]) == ("untestable", 4)
    validate(result)
