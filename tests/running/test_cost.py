"""The announced cost and the forecast of the doctor match the cost of a run."""

from __future__ import annotations

import pytest

from conformance.contract.cases import Case, Depth
from conformance.contract.document import load
from conformance.doctor.examine import examine
from conformance.judging.engine import judge
from conformance.judging.session import Session
from conformance.reference.server import EmbeddedServer
from conformance.running.cost import Cost, expected
from conformance.running.settings import Settings
from conformance.target.credentials import IDENTITIES
from conformance.target.target import Target
from tests.support.asking import client_to
from tests.support.servers import recorded, target_of

KEYS = pytest.mark.parametrize("other", [True, False], ids=["two keys", "one key"])

CLOSE = 5
"""Requests by which the table may differ from a run: it says "about", and new cases add a few."""


def sent_by_a_run(target: Target, cases: list[Case], depth: Depth) -> Cost:
    with client_to(target) as client:
        judgement = judge(Session(client, load(), depth=depth, seed=0), cases)
        assert judgement.error is None
        return Cost.of({name: client.sent[name] for name in IDENTITIES})


def close(one: Cost, two: Cost) -> bool:
    pairs = ((one.own, two.own), (one.other, two.other), (one.anonymous, two.anonymous))
    return all(abs(first - second) <= CLOSE for first, second in pairs)


@pytest.mark.broad
@KEYS
def test_table_and_doctor_forecast_what_a_run_sends(cases: list[Case], other: bool) -> None:
    """The table is within a few requests of a run, the doctor is exact."""
    with EmbeddedServer(recorded()) as server:
        target = target_of(server) if other else target_of(server, other_key=None)
        sent = {depth: sent_by_a_run(target, cases, depth) for depth in Depth}
        settings = Settings(target.base_url, target.own_key, target.other_key)
        document = examine(settings)
    for depth, cost in sent.items():
        assert close(expected(depth, other=other), cost), f"{depth.name.lower()}: update cost.py"
    costs = document["prospect"]["costs"]
    assert {name: Cost.of(counts) for name, counts in costs.items()} == {
        depth.name.lower(): cost for depth, cost in sent.items()
    }
    check = next(item for item in document["checks"] if item["name"] == "cost")
    assert sent[Depth.STANDARD].in_words() in check["text"]


def test_a_cost_in_words() -> None:
    assert Cost(1, 2, 3).in_words(" (so far)") == (
        "1 requests with your key (so far), 2 with the second organisation's key "
        "and 3 without a valid key"
    )
    assert Cost(7, 0, 3).in_words() == "7 requests with your key and 3 without a valid key"
    assert Cost(7, 2, 3).total == 12
