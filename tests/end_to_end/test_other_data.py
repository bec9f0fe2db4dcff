"""Faults on other data than the seed data: a broken requirement fails or is inconclusive, never passes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.contract.cases import Case
from conformance.contract.document import load
from conformance.faults.variant import Variant
from conformance.proof import catalogue
from conformance.proof.trial import Trial, attempt
from conformance.reference import seed
from tests.support.marks import broad

SMALL = 12
LARGE = 4900


def judged(name: str, clinicians: int, cases: list[Case]) -> tuple[Variant, Trial]:
    """Judge a fault whose own organisation has that number of clinicians."""
    variant = next(item for item in catalogue.load(load()).faults if item.name == name)
    trial = attempt(replace(variant, data=lambda: seed.build(clinicians)), cases)
    assert trial.problem is None
    return variant, trial


@pytest.mark.parametrize(
    ("name", "clinicians"),
    [
        ("inactive-of-everyone-on-next-page", 1),
        *broad(
            ("not-bookable-of-everyone-on-next-page", 3),
            ("cached-page-is-shorter", SMALL),
            ("pages-turn-ties", SMALL),
            ("search-rows-are-stale", 3),
            ("first-of-its-second-retrieved", SMALL),
            ("long-list-always-has-more", SMALL),
            ("only-whole-pages-are-more", SMALL),
            ("pages-begin-with-new-seconds", SMALL),
            ("second-read-has-no-nulls", SMALL),
            ("cached-page-is-shorter", seed.OWN_CLINICIANS),
            ("not-bookable-of-everyone-on-next-page", LARGE),
        ),
    ],
)
def test_a_fault_that_the_data_can_show_is_found(
    name: str, clinicians: int, cases: list[Case]
) -> None:
    variant, trial = judged(name, clinicians, cases)
    assert variant.requirement in trial.red


def test_hidden_clinicians_of_a_location_are_found_at_the_last_location(cases: list[Case]) -> None:
    """The first three locations have no inactive clinicians."""
    _, trial = judged("location-defaults-to-active", SMALL, cases)
    assert "FIL-08" in trial.red


@pytest.mark.parametrize(
    ("name", "clinicians", "lacking"),
    [
        ("past-the-end-is-the-last-page", 0, "0 of the 1 profiles"),
        *broad(
            ("search-has-no-limit", SMALL, "no word finds two profiles"),
            ("search-has-no-next-offset", SMALL, "no word finds two profiles"),
            ("retrieve-touches", SMALL, "a side effect of reading cannot be told"),
        ),
    ],
)
def test_a_fault_that_the_data_cannot_show_is_inconclusive_with_a_reason(
    name: str, clinicians: int, lacking: str, cases: list[Case]
) -> None:
    variant, trial = judged(name, clinicians, cases)
    assert lacking in trial.doubts[str(variant.requirement)]


def test_the_other_organisation_in_an_empty_list_is_a_leak(cases: list[Case]) -> None:
    """That the end of the list is another organisation's cannot be told if the whole list is."""
    _, trial = judged("list-runs-on-into-foreign", 0, cases)
    assert "ORG-05" in trial.red


def test_a_cached_empty_list_is_not_conformant(cases: list[Case]) -> None:
    """The second key gets the empty list of the first, which holds no profile."""
    _, trial = judged("plain-list-cached", 0, cases)
    assert trial.verdict == "incomplete"


@pytest.mark.broad
def test_a_search_that_moves_records_of_a_large_directory_is_no_pass(cases: list[Case]) -> None:
    """A second search moves nothing: the records that the first one moved stay in their new positions."""
    _, trial = judged("found-goes-last", LARGE, cases)
    assert trial.verdict != "conformant"
    assert "the data changed" in trial.doubts["RO-07"]


@pytest.mark.parametrize("clinicians", [45, *broad(101)])
def test_a_small_organisation_is_judged_in_full(clinicians: int, cases: list[Case]) -> None:
    correct = replace(catalogue.CORRECT, data=lambda: seed.build(clinicians))
    trial = attempt(correct, cases)
    assert trial.verdict == "conformant"
    assert trial.doubts.keys() <= {"SRCH-15"}  # recommended, and needs a name with an apostrophe


@pytest.mark.parametrize("clinicians", [2401, 2450, 6600, 12_345])
@pytest.mark.broad
def test_a_large_organisation_is_judged_in_full(clinicians: int, cases: list[Case]) -> None:
    """However full its last page is."""
    correct = replace(catalogue.CORRECT, data=lambda: seed.build(clinicians))
    trial = attempt(correct, cases)
    assert trial.verdict == "conformant"
    assert trial.doubts == {}
