"""What of a report must follow from its transcript, and what cannot be checked."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from conformance.acceptance import comparing


def problems(packed: Any, again: Any) -> list[str]:
    return [*comparing.outcomes(packed, again), *comparing.details(packed, again)]


def test_a_report_follows_from_itself(mixed: Any) -> None:
    """Times and the software of the machine are not those of the run."""
    again = copy.deepcopy(mixed) | {"started_at": "", "finished_at": ""}
    again["suite"] |= {"python": "3.13.1", "schemathesis": "9.9"}
    assert problems(mixed, again) == []


def test_each_other_member_must_follow(mixed: Any) -> None:
    separate = {"started_at", "finished_at", "suite", "requirements"} | comparing.STATEMENTS
    for name in mixed.keys() - separate:
        found = problems(mixed, {**mixed, name: "other"})
        assert len(found) == 1, name
        assert name in found[0]


@pytest.mark.parametrize(
    "name", ["text", "level", "source", "reason", "cases", "exchanges", "findings"]
)
def test_each_member_of_a_requirement_must_follow(mixed: Any, name: str) -> None:
    again = copy.deepcopy(mixed)
    again["requirements"][1][name] = "other"
    assert problems(mixed, again) == [
        f"PAG-04: {name} of the report differ from what the transcript leads to"
    ]


def test_requirements_that_differ_are_named(mixed: Any) -> None:
    again = copy.deepcopy(mixed)
    gone = again["requirements"].pop()
    again["requirements"][0]["outcome"] = "failed"
    assert list(comparing.outcomes(mixed, again)) == [
        "AUTH-01 is passed, and the transcript leads to failed",
        f"{gone['id']} is waived, and this suite does not have that requirement",
    ]
    assert list(comparing.outcomes(again, mixed))[-1] == f"{gone['id']} is missing"


def test_statements_are_not_compared(mixed: Any) -> None:
    """Waivers change the reason and the exit status as well, and nothing else."""
    stated = mixed | {"labels": {"build": "1"}}
    assert problems(stated, mixed) == []
    assert problems(mixed | {"reason": "Accepted.", "exit_status": 0}, mixed)
    reason = f"{mixed['reason']} Waived failures: PAG-04."
    accepted = stated | {"waivers": [{}], "reason": reason, "exit_status": 0}
    assert problems(accepted, mixed) == []
    assert problems(accepted | {"seed": 7}, mixed)
    assert problems(accepted | {"reason": "All is well."}, mixed)


def test_the_transcript_must_be_of_the_same_run(mixed: Any) -> None:
    run = {
        "started_at": mixed["started_at"],
        "finished_at": mixed["finished_at"],
        "suite": mixed["suite"]["version"],
        "contract": mixed["contract"]["sha256"],
        "base_url": mixed["target"]["base_url"],
    }
    assert list(comparing.recorded(mixed, run)) == []
    for name in run:
        assert len(list(comparing.recorded(mixed, {**run, name: "other"}))) == 1
    labelled = run | {"labels": {"build": "1"}}
    assert len(list(comparing.recorded(mixed | {"labels": {"build": "2"}}, labelled))) == 1
    assert list(comparing.recorded(mixed | {"labels": {"build": "1"}}, labelled)) == []
