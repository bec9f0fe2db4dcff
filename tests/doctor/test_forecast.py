"""The forecast of the doctor equals a run: the requirements that cannot be checked, and the cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.cases import Case, Depth
from conformance.contract.document import load
from conformance.doctor.examine import examine
from conformance.http.limits import MAX_REQUESTS
from conformance.judging.engine import judge
from conformance.judging.session import Session
from conformance.proof import catalogue
from conformance.proof.catalogue import CORRECT
from conformance.proof.trial import judged, serving
from conformance.reference.server import EmbeddedServer
from conformance.running.settings import Settings
from conformance.target.target import Target
from tests.support.asking import client_to
from tests.support.marks import broad
from tests.support.other_stack import other_stack
from tests.support.servers import recorded, target_of

LAWFUL = (
    "no-clinicians",
    *broad("no-locations-resource"),
    *broad("empty-other-organisation", "lower-rate-limit"),
    *broad("seven-clinicians", "hundred-and-one-clinicians", "nobody-bookable", "all-alike"),
    *broad("everything-null", "nobody-anywhere", "upper-case-ids"),
)


@contextmanager
def served(name: str) -> Iterator[Target]:
    if name.startswith("other stack"):
        own, other = (int(size) for size in name.split()[2:])
        with other_stack(own, other) as target:
            yield target
        return
    variants = {item.name: item for item in (CORRECT, *catalogue.load(load()).lawful)}
    with serving(variants[name]) as target:
        yield target


def forecast(target: Target, **changes: Any) -> dict[str, Any]:
    settings = Settings(target.base_url, target.own_key, target.other_key)
    return examine(replace(settings, **changes))


@pytest.mark.parametrize(
    "name", [*LAWFUL, *broad(CORRECT.name, "other stack 30 10", "other stack 150 40")]
)
def test_the_forecast_equals_a_run(name: str, cases: list[Case]) -> None:
    with served(name) as target:
        document = forecast(target)
        result, problem = judged(target, cases)
    assert problem is None
    prospect = document["prospect"]
    assert prospect["exact"] is True
    rows = result["requirements"]
    unchecked = {row["id"]: row["reason"] for row in rows if row["outcome"] == "inconclusive"}
    assert {row["id"]: row["reason"] for row in prospect["open"]} == unchecked
    sent, cost = result["requests"]["by_identity"], prospect["costs"]["standard"]
    if any(row["findings"] for row in rows):
        # A run confirms its findings, and reads the directories twice more.
        assert all(cost[key] <= sent[key] <= cost[key] + 20 for key in sent), (cost, sent)
    else:
        assert cost == sent
        assert document["exit_status"] == result["exit_status"]


@pytest.mark.parametrize("depth", [Depth.SMOKE, *broad(Depth.DEEP)])
def test_the_forecast_of_the_other_depths_is_exact(depth: Depth, cases: list[Case]) -> None:
    with EmbeddedServer(recorded()) as server:
        target = target_of(server)
        costs = forecast(target)["prospect"]["costs"]
        with client_to(target, max_requests=MAX_REQUESTS) as client:
            judgement = judge(Session(client, load(), depth=depth, seed=0), cases)
    assert judgement.error is None
    assert costs[depth.name.lower()] == dict(client.sent)


@pytest.mark.parametrize("clinicians", [700, *broad(1430, 20_000)])
@pytest.mark.broad
def test_the_forecast_from_a_part_of_a_directory_is_close(
    clinicians: int, cases: list[Case]
) -> None:
    with EmbeddedServer(clinicians=clinicians) as server:
        target = target_of(server)
        document = forecast(target)
        result, _ = judged(target, cases)
    assert document["requests"]["sent"] <= 12
    prospect = document["prospect"]
    assert prospect["exact"] is False
    rows = result["requirements"]
    open_ids = {row["id"] for row in rows if row["outcome"] == "inconclusive"}
    assert {row["id"] for row in prospect["open"]} == open_ids
    sent, cost = result["requests"]["by_identity"], prospect["costs"]["standard"]
    assert abs(cost["own"] - sent["own"]) <= sent["own"] // 5
    assert cost["other"] == sent["other"]


@pytest.mark.broad
@pytest.mark.parametrize("limit", [58, 88])
def test_with_too_small_a_limit_the_same_requirements_stay_unchecked(
    cases: list[Case], limit: int
) -> None:
    """Their order decides which; it is the same in the rehearsal.

    At a limit that two cases of one batch reach, the rehearsal may take another one of the two.
    """
    with EmbeddedServer(recorded()) as server:
        target = target_of(server)
        document = forecast(target, max_requests=limit)
        with client_to(target, max_requests=limit) as client:
            judgement = judge(Session(client, load(), depth=Depth.STANDARD, seed=0), cases)
    unchecked = {item.requirement for item in judgement.results if item.inconclusive}
    prospect = document["prospect"]
    assert {row["id"] for row in prospect["open"]} == unchecked
    assert document["exit_status"] == 3
    # The cost is that of a run with a sufficient limit.
    assert prospect["costs"]["standard"]["own"] > 100


@pytest.mark.broad
def test_without_writes_the_requirements_that_need_them_stay_unchecked(cases: list[Case]) -> None:
    with EmbeddedServer(recorded()) as server:
        target = target_of(server)
        document = forecast(target, no_writes=True)
        with client_to(target, no_writes=True) as client:
            session = Session(client, load(), depth=Depth.STANDARD, seed=0)
            judgement = judge(session, cases)
    wanted = {item.requirement for item in judgement.results if item.inconclusive}
    prospect = document["prospect"]
    assert "RO-01" in wanted
    assert {row["id"] for row in prospect["open"]} == wanted
    assert all("--no-writes" in row["reason"] for row in prospect["open"])
    assert prospect["costs"]["standard"] == dict(client.sent)


def test_the_schema_is_in_the_package() -> None:
    import conformance.doctor

    folder = Path(conformance.doctor.__file__).parent
    assert (folder / "doctor.schema.json").is_file()


@pytest.mark.broad
def test_without_concurrent_requests_one_requirement_stays_unchecked() -> None:
    with EmbeddedServer(recorded()) as server:
        document = forecast(target_of(server), concurrency=1)
    assert [row["id"] for row in document["prospect"]["open"]] == ["ORG-15"]
    assert document["exit_status"] == 3
