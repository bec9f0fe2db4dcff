"""The outcomes of cases decide those of requirements, which decide the verdict and its reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.contract.document import load
from conformance.contract.requirements import Level
from conformance.contract.verdict import CaseResult, Conclusion, Finding, conclude
from conformance.running.result import requirement_results

CONTRACT = load()
FOUND = Finding("this", "that")


def rolled(level: Level, *results: CaseResult) -> str:
    row = next(item for item in CONTRACT.requirements.values() if item.level is level)
    rows = requirement_results(CONTRACT, [replace(item, requirement=row.id) for item in results])
    return next(item.outcome for item in rows if item.requirement is row).value


PASS = CaseResult("a", "", judged=1)
DOUBT = CaseResult("b", "", inconclusive="too few")
BREACH = CaseResult("c", "", findings=(FOUND,), judged=1)
FAULT = CaseResult("d", "", error="KeyError")
LEFT_OUT = CaseResult("e", "", unselected="not selected by --only")
ROLL_UP = [
    ((LEFT_OUT,), "unselected", "unselected"),
    ((LEFT_OUT, PASS), "unselected", "unselected"),
    ((LEFT_OUT, DOUBT), "inconclusive", "inconclusive"),
    ((LEFT_OUT, BREACH), "failed", "warned"),
    ((), "inconclusive", "inconclusive"),
    ((PASS,), "passed", "passed"),
    ((PASS, PASS), "passed", "passed"),
    ((PASS, DOUBT), "inconclusive", "inconclusive"),
    ((PASS, FAULT), "inconclusive", "inconclusive"),
    ((BREACH,), "failed", "warned"),
    ((PASS, BREACH), "failed", "warned"),
    ((DOUBT, BREACH), "failed", "warned"),
    ((FAULT, BREACH), "failed", "warned"),
]


@pytest.mark.parametrize(("results", "must", "should"), ROLL_UP)
def test_a_finding_outweighs_an_inconclusive_case_which_outweighs_a_pass(
    results: tuple[CaseResult, ...], must: str, should: str
) -> None:
    for some in (results, tuple(reversed(results))):
        assert rolled(Level.MUST, *some) == must
        assert rolled(Level.SHOULD, *some) == should


CONCLUSIONS = [
    ({}, {}, "conformant", 0),
    ({"should": DOUBT}, {}, "conformant", 0),
    ({"should": BREACH}, {}, "conformant", 0),
    ({"should": LEFT_OUT}, {}, "partial", 0),
    ({"must": LEFT_OUT}, {}, "partial", 0),
    ({"must": LEFT_OUT, "should": BREACH}, {}, "partial", 0),
    ({"must": LEFT_OUT, "should": DOUBT}, {}, "partial", 0),
    ({"should": LEFT_OUT, "must": DOUBT}, {}, "incomplete", 3),
    ({"should": LEFT_OUT, "must": BREACH}, {}, "non-conformant", 1),
    ({"must": LEFT_OUT}, {"interrupted": True}, "incomplete", 130),
    ({"must": LEFT_OUT}, {"untestable": "no answer"}, "untestable", 4),
    ({"must": DOUBT}, {}, "incomplete", 3),
    ({"must": DOUBT}, {"allow_incomplete": True}, "incomplete", 0),
    ({"must": BREACH}, {}, "non-conformant", 1),
    ({"must": BREACH}, {"allow_incomplete": True}, "non-conformant", 1),
    ({"must": BREACH}, {"interrupted": True}, "non-conformant", 130),
    ({"must": DOUBT}, {"interrupted": True, "allow_incomplete": True}, "incomplete", 130),
    ({}, {"interrupted": True}, "incomplete", 130),
    ({}, {"untestable": "no answer"}, "untestable", 4),
    ({"must": BREACH}, {"untestable": "no answer"}, "non-conformant", 1),
    ({}, {"error": "KeyError"}, "error", 5),
    ({"must": BREACH}, {"error": "KeyError", "interrupted": True}, "error", 5),
]


def concluded(changed: dict[str, CaseResult], count: int = 1, **ends: Any) -> Conclusion:
    """Return the conclusion if all cases pass except those of the first ``count`` requirements of a level."""
    rows = [row for row in CONTRACT.requirements.values() if not row.not_tested]
    results = {row.id: replace(PASS, requirement=row.id) for row in rows}
    for level, result in changed.items():
        for row in [row for row in rows if row.level == level][:count]:
            results[row.id] = replace(result, requirement=row.id)
    return conclude(requirement_results(CONTRACT, list(results.values())), **ends)


@pytest.mark.parametrize(("changed", "ends", "verdict", "status"), CONCLUSIONS)
def test_verdict_and_exit_status_follow_from_the_outcomes(
    changed: dict[str, CaseResult],
    ends: dict[str, Any],
    verdict: str,
    status: int,
) -> None:
    conclusion = concluded(changed, **ends)
    assert (conclusion.verdict.value, int(conclusion.exit_status)) == (verdict, status)


def test_nothing_judged_is_not_conformant() -> None:
    assert conclude([]).exit_status != 0
    assert conclude(requirement_results(CONTRACT, [])).exit_status == 3


TESTABLE = [row for row in CONTRACT.requirements.values() if not row.not_tested]
MUSTS = [row.id for row in TESTABLE if row.level is Level.MUST]
OUTSIDE = f"{len(CONTRACT.requirements) - len(TESTABLE)} are outside this test."
SOME = f"All {len(MUSTS)} testable mandatory requirements passed."


def selected(without: int) -> str:
    """Return the reason of a run that leaves out this many testable requirements."""
    count = len(TESTABLE) - without
    scope = f"Partial run: {count} of {len(CONTRACT.requirements)} requirements."
    return f"All {count} selected requirements passed. {scope}"


REASONS = [
    ({}, 1, {}, f"All {len(TESTABLE)} testable requirements passed. {OUTSIDE}"),
    (
        {"should": BREACH}, 2, {},
        f"{SOME} 2 recommended requirements failed. {OUTSIDE}",
    ),
    (
        {"should": DOUBT}, 1, {},
        f"{SOME} 1 recommended requirement could not be checked. {OUTSIDE}",
    ),
    ({"must": BREACH}, 1, {}, f"1 mandatory requirement failed: {MUSTS[0]}."),
    (
        {"must": LEFT_OUT}, 3, {},
        selected(3),
    ),
    (
        {"must": LEFT_OUT}, len(MUSTS) - 1, {},
        selected(len(MUSTS) - 1),
    ),
    (
        {"must": BREACH, "should": BREACH}, 9, {},
        f"9 mandatory requirements failed: {', '.join(MUSTS[:8])} and 1 more.",
    ),
    (
        {"must": DOUBT}, 2, {},
        f"No failures, but 2 mandatory requirements could not be checked: {', '.join(MUSTS[:2])}.",
    ),
    (
        {"must": BREACH}, 1, {"interrupted": True},
        "The run was interrupted. Results so far stand; the rest was not checked.",
    ),
    ({}, 1, {"untestable": "no answer"}, "The target cannot be tested: no answer"),
    ({}, 1, {"error": "KeyError"}, "The suite itself failed: KeyError"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "count", "ends", "reason"), REASONS, ids=range(len(REASONS)))
def test_reason_of_the_verdict(
    changed: dict[str, CaseResult], count: int, ends: dict[str, Any], reason: str
) -> None:
    assert concluded(changed, count, **ends).reason == reason


def test_reason_of_a_requirement_that_no_test_judges() -> None:
    rows = {row.requirement.id: row for row in requirement_results(CONTRACT, [])}
    assert (rows["AUTH-11"].outcome.value, rows["AUTH-11"].reason) == (
        "waived",
        "not tested: needs a key without this scope",
    )
