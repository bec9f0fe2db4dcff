"""The result of a breach after its repetition, or without one."""

from __future__ import annotations

import pytest

from conformance.contract.verdict import CaseResult, Finding
from conformance.directory.changes import Change
from conformance.judging.confirm import MOVED, _settled

FOUND = CaseResult("case", "PAG-12", findings=(Finding("this", "that"),))
CERTAIN = CaseResult("case", "PAG-12", findings=(Finding("this", "that", certain=True),))
PASSED = CaseResult("case", "PAG-12", judged=1)
UNSENT = CaseResult("case", "PAG-12", inconclusive="the limit is reached", exhausted=True)


@pytest.mark.parametrize("since", list(Change))
def test_breach_that_occurs_again_on_unchanged_data_is_a_finding(since: Change) -> None:
    assert _settled(FOUND, FOUND, Change.NONE, since) == FOUND


@pytest.mark.parametrize("since", list(Change))
def test_certain_finding_stays_even_if_the_data_changed(since: Change) -> None:
    assert _settled(CERTAIN, PASSED, Change.MOVED, since).findings == CERTAIN.findings


def test_breach_that_occurs_again_on_changed_data_is_inconclusive() -> None:
    settled = _settled(FOUND, FOUND, Change.MOVED, Change.MOVED)
    assert (settled.findings, settled.inconclusive) == ((), MOVED)


def test_breach_that_occurs_again_on_unread_data_counts_unless_they_changed_before() -> None:
    for since in (Change.NONE, Change.UNKNOWN):
        assert _settled(FOUND, FOUND, Change.UNKNOWN, since) == FOUND
    assert _settled(FOUND, FOUND, Change.UNKNOWN, Change.MOVED).inconclusive == MOVED


def test_breach_that_does_not_occur_again_is_unstable_only_on_unchanged_data() -> None:
    (finding,) = _settled(FOUND, PASSED, Change.NONE, Change.NONE).findings
    assert "unstable" in str(finding.detail)
    assert _settled(FOUND, PASSED, Change.NONE, Change.MOVED) == PASSED
    assert _settled(FOUND, PASSED, Change.UNKNOWN, Change.UNKNOWN) == PASSED


def test_breach_that_could_not_be_repeated_counts_only_on_unchanged_data() -> None:
    """If the limit allowed no second read of the data either, changing data may explain the breach."""
    (finding,) = _settled(FOUND, UNSENT, Change.UNKNOWN, Change.NONE).findings
    assert "not confirmed" in str(finding.detail)
    assert _settled(FOUND, UNSENT, Change.UNKNOWN, Change.UNKNOWN) == UNSENT
    assert _settled(FOUND, UNSENT, Change.MOVED, Change.MOVED) == UNSENT


def test_finding_with_an_unchanged_witness_counts_whatever_else_changed() -> None:
    shown = (Finding("this", "the other"),)
    settled = _settled(FOUND, FOUND, Change.MOVED, Change.MOVED, shown)
    assert settled.findings == shown
    assert settled.inconclusive is None
    assert _settled(FOUND, FOUND, Change.MOVED, Change.MOVED).inconclusive == MOVED
