"""Faults over data that show less than the seed data: what they break is red or open, and never green."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.contract.cases import Case
from conformance.contract.document import load
from conformance.faults.variant import Variant
from conformance.proof import catalogue
from conformance.proof.trial import Trial, attempt
from conformance.reference import seed

SMALL = 12
LARGE = 4900


def judged(name: str, clinicians: int, cases: list[Case]) -> tuple[Variant, Trial]:
    """How a fault was judged with this number of own clinicians."""
    variant = next(item for item in catalogue.load(load()).faults if item.name == name)
    trial = attempt(replace(variant, data=lambda: seed.build(clinicians)), cases)
    assert trial.problem is None
    return variant, trial


@pytest.mark.parametrize(
    ("name", "clinicians"),
    [
        ("list-runs-on-into-foreign", 0),
        ("plain-list-cached", 0),
        ("inactive-of-everyone-on-next-page", 1),
        ("not-bookable-of-everyone-on-next-page", 3),
        ("search-rows-are-stale", 3),
        ("cached-page-is-shorter", SMALL),
        ("first-of-its-second-retrieved", SMALL),
        ("long-list-always-has-more", SMALL),
        ("only-whole-pages-are-more", SMALL),
        ("pages-begin-with-new-seconds", SMALL),
        ("pages-turn-ties", SMALL),
        ("second-read-has-no-nulls", SMALL),
        ("cached-page-is-shorter", seed.OWN_CLINICIANS),
        ("not-bookable-of-everyone-on-next-page", LARGE),
    ],
)
def test_what_the_data_show_is_found(name: str, clinicians: int, cases: list[Case]) -> None:
    variant, trial = judged(name, clinicians, cases)
    assert variant.requirement in trial.red


def test_whom_a_location_hides_is_found_at_the_last_of_them(cases: list[Case]) -> None:
    """None of the first three is inactive."""
    _, trial = judged("location-defaults-to-active", SMALL, cases)
    assert "FIL-08" in trial.red


@pytest.mark.parametrize(
    ("name", "clinicians", "lacking"),
    [
        ("past-the-end-is-the-last-page", 0, "0 of the 1 profiles"),
        ("search-has-no-limit", SMALL, "no word finds two profiles"),
        ("search-has-no-next-offset", SMALL, "no word finds two profiles"),
        ("retrieve-touches", SMALL, "a side effect of reading cannot be told"),
    ],
)
def test_what_the_data_do_not_show_is_open_and_says_why(
    name: str, clinicians: int, lacking: str, cases: list[Case]
) -> None:
    variant, trial = judged(name, clinicians, cases)
    assert lacking in trial.doubts[str(variant.requirement)]


def test_what_searching_moves_in_a_large_directory_is_no_pass(cases: list[Case]) -> None:
    """A second look finds all at rest, as what the first one has found stays where it went."""
    variant, trial = judged("found-goes-last", LARGE, cases)
    assert trial.verdict != "conformant"
    assert trial.outcomes[str(variant.requirement)] != "passed"


@pytest.mark.parametrize("clinicians", [45, 101])
def test_a_small_organisation_is_judged_in_full(clinicians: int, cases: list[Case]) -> None:
    correct = replace(catalogue.CORRECT, data=lambda: seed.build(clinicians))
    trial = attempt(correct, cases)
    assert (trial.verdict, trial.doubts) == ("conformant", {})
