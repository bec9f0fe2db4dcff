"""What a breach comes to once it was asked for again, or could not be."""

from __future__ import annotations

import pytest

from conformance.contract.verdict import CaseResult, Finding
from conformance.directory.changes import Change
from conformance.judging.confirm import MOVED, _settled

FOUND = CaseResult("case", "PAG-12", findings=(Finding("this", "that"),))
SURE = CaseResult("case", "PAG-12", findings=(Finding("this", "that", certain=True),))
FINE = CaseResult("case", "PAG-12", judged=1)
SPENT = CaseResult("case", "PAG-12", inconclusive="the bound is reached", exhausted=True)


@pytest.mark.parametrize("since", list(Change))
def test_what_comes_back_on_data_that_stood_still_is_a_finding(since: Change) -> None:
    assert _settled(FOUND, FOUND, Change.NONE, since) == FOUND


@pytest.mark.parametrize("since", list(Change))
def test_what_moving_data_cannot_explain_stays(since: Change) -> None:
    assert _settled(SURE, FINE, Change.MOVED, since).findings == SURE.findings


def test_what_comes_back_on_data_that_moved_is_inconclusive() -> None:
    settled = _settled(FOUND, FOUND, Change.MOVED, Change.MOVED)
    assert (settled.findings, settled.inconclusive) == ((), MOVED)


def test_what_comes_back_without_a_walk_behind_it_counts_unless_the_data_moved_before() -> None:
    for since in (Change.NONE, Change.UNKNOWN):
        assert _settled(FOUND, FOUND, Change.UNKNOWN, since) == FOUND
    assert _settled(FOUND, FOUND, Change.UNKNOWN, Change.MOVED).inconclusive == MOVED


def test_what_does_not_come_back_is_unstable_only_on_data_that_stood_still() -> None:
    (finding,) = _settled(FOUND, FINE, Change.NONE, Change.NONE).findings
    assert "unstable" in str(finding.detail)
    assert _settled(FOUND, FINE, Change.NONE, Change.MOVED) == FINE
    assert _settled(FOUND, FINE, Change.UNKNOWN, Change.UNKNOWN) == FINE


def test_what_could_not_be_asked_for_again_counts_only_on_data_that_stood_still() -> None:
    """Where the bound left nothing for a second look at the data either, it may have been movement."""
    (finding,) = _settled(FOUND, SPENT, Change.UNKNOWN, Change.NONE).findings
    assert "not asked for again" in str(finding.detail)
    assert _settled(FOUND, SPENT, Change.UNKNOWN, Change.UNKNOWN) == SPENT
    assert _settled(FOUND, SPENT, Change.MOVED, Change.MOVED) == SPENT


def test_what_a_profile_shows_that_stood_still_is_a_finding_whatever_else_moved() -> None:
    shown = (Finding("this", "the other"),)
    settled = _settled(FOUND, FOUND, Change.MOVED, Change.MOVED, shown)
    assert settled.findings == shown
    assert settled.inconclusive is None
    assert _settled(FOUND, FOUND, Change.MOVED, Change.MOVED).inconclusive == MOVED
