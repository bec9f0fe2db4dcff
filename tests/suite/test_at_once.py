"""ORG-15: requests with the keys of two organisations at the same time."""

from __future__ import annotations

import pytest

from conformance.contract.cases import Case
from conformance.contract.document import load
from conformance.faults.breaches import races
from conformance.faults.breaches.isolation import EveryoneRetrieved
from conformance.faults.variant import FAULTS
from conformance.proof import catalogue
from conformance.proof.trial import attempt
from tests.support.marks import broad
from tests.support.servers import judged, red

RACES = [
    item.name
    for item in FAULTS
    if item.api.__module__ == races.__name__ and item.requirement == "ORG-15"
]


def of_isolation(cases: list[Case]) -> list[Case]:
    return [case for case in cases if case.requirement in ("ORG-01", "ORG-05", "ORG-15")]


@pytest.mark.parametrize("name", [RACES[0], *broad(*RACES[1:])])
def test_a_race_is_found_and_said_to_show_only_under_concurrent_requests(
    cases: list[Case], name: str
) -> None:
    server = next(item for item in catalogue.load(load()).faults if item.name == name)
    trial = attempt(server, of_isolation(cases))
    assert "only under concurrent requests" in trial.findings["ORG-15"][1]


def test_a_leak_that_shows_alone_is_no_race(cases: list[Case]) -> None:
    judgement, result, _ = judged(EveryoneRetrieved(), of_isolation(cases))
    assert "ORG-01" in red(result)
    [doubt] = [item.inconclusive for item in judgement.results if item.requirement == "ORG-15"]
    assert doubt == "responses mix up the two organisations without concurrent requests as well"


def test_without_concurrency_it_is_not_exercised(cases: list[Case]) -> None:
    judgement, _, _ = judged(None, of_isolation(cases), concurrency=1)
    [doubt] = [item.inconclusive for item in judgement.results if item.requirement == "ORG-15"]
    assert doubt is not None
    assert doubt.startswith("not exercised: with --concurrency 1")
