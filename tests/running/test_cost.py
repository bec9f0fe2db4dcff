"""The cost that is announced is the cost of a run, and the one that the doctor forecasts."""

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
from tests.support.asking import client_to
from tests.support.servers import recorded, target_of

KEYS = pytest.mark.parametrize("other", [True, False], ids=["two keys", "one key"])


@pytest.mark.parametrize("depth", list(Depth), ids=lambda depth: depth.name.lower())
@KEYS
def test_the_table_is_what_a_run_sends(cases: list[Case], depth: Depth, other: bool) -> None:
    with EmbeddedServer(recorded()) as server:
        target = target_of(server) if other else target_of(server, other_key=None)
        with client_to(target) as client:
            judgement = judge(Session(client, load(), depth=depth, seed=0), cases)
            sent = {name: client.sent[name] for name in IDENTITIES}
    assert judgement.error is None
    assert Cost.of(sent) == expected(depth, other=other)


@KEYS
def test_the_doctor_forecasts_the_numbers_of_the_table(other: bool) -> None:
    with EmbeddedServer(recorded()) as server:
        target = target_of(server)
        settings = Settings(target.base_url, target.own_key, target.other_key if other else None)
        document = examine(settings)
    costs = document["prospect"]["costs"]
    assert {name: Cost.of(sent) for name, sent in costs.items()} == {
        depth.name.lower(): expected(depth, other=other) for depth in Depth
    }
    check = next(item for item in document["checks"] if item["name"] == "cost")
    assert expected(Depth.STANDARD, other=other).in_words() in check["text"]


def test_a_cost_in_words() -> None:
    assert Cost(1, 2, 3).in_words(" (so far)") == (
        "1 requests with your key (so far), 2 with the second organisation's key "
        "and 3 without a valid key"
    )
    assert Cost(7, 0, 3).in_words() == "7 requests with your key and 3 without a valid key"
    assert Cost(7, 2, 3).total == 12
