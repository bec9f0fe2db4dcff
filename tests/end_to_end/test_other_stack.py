"""The suite depends on the contract, not on the embedded server: it judges a different server correctly."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contract.cases import Case
from conformance.proof.trial import collect, judged
from conformance.target.target import Target
from tests.support.marks import broad
from tests.support.other_stack import other_stack


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return collect()


def outcomes(target: Target, cases: list[Case]) -> tuple[dict[str, Any], dict[str, str]]:
    result, problem = judged(target, cases)
    assert problem is None
    return result, {row["id"]: row["outcome"] for row in result["requirements"]}


def test_it_is_conformant(cases: list[Case]) -> None:
    with other_stack() as target:
        result, found = outcomes(target, cases)
    assert result["verdict"] == "conformant"
    # Other methods return 404, which the contract allows but does not recommend.
    assert [name for name, outcome in found.items() if outcome == "warned"] == [
        *("LIM-15", "LIM-16", "RO-06"),
    ]


def test_a_small_directory_is_incomplete_and_says_why(cases: list[Case]) -> None:
    with other_stack(30, 10) as target:
        result, found = outcomes(target, cases)
    assert result["verdict"] == "incomplete"
    assert "failed" not in found.values()
    reasons = {row["id"]: row["reason"] for row in result["requirements"]}
    assert "fewer" in reasons["LIM-04"] or "30 of the 101" in reasons["LIM-04"]


@pytest.mark.parametrize(
    ("fault", "area"),
    [
        ("foreign readable", "ORG"),
        *broad(("limit uncapped", "LIM"), ("has_more false", "PAG"), ("is_active", "FIL")),
    ],
)
def test_each_of_four_faults_is_found_in_its_area(cases: list[Case], fault: str, area: str) -> None:
    with other_stack(150, 40, fault) as target:
        result, found = outcomes(target, cases)
    assert (result["verdict"], result["exit_status"]) == ("non-conformant", 1)
    failed = [name for name, outcome in found.items() if outcome == "failed"]
    assert any(name.startswith(area) for name in failed), failed
