"""A rehearsal on the profiles of a target gives the outcomes and costs of a run on the target."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import pytest

from conformance.contract.cases import Case, Depth
from conformance.contract.document import load
from conformance.doctor.rehearsal import Rehearsal
from conformance.http.api import Api, as_query
from conformance.http.client import Client
from conformance.http.limits import Limits
from conformance.http.request import Request
from conformance.judging.engine import judge
from conformance.judging.session import Session
from conformance.model.manners import Manners, OutOfRange
from conformance.model.repetition import repeated
from conformance.model.rows import ModelDirectory
from conformance.model.service import Service
from conformance.proof import catalogue
from conformance.proof.catalogue import CORRECT
from conformance.proof.trial import judged, serving
from conformance.running.result import requirement_results
from conformance.target.credentials import OTHER, OWN
from conformance.target.target import Target
from tests.support.asking import client_to
from tests.support.marks import broad
from tests.support.other_stack import other_stack

Doubts = dict[str, str | None]
CLAMPS = Manners(limit_above=OutOfRange.CLAMP, offset_below=OutOfRange.CLAMP)

LAWFUL = (
    "one-clinician",
    *broad("small-other-organisation", "nobody-anywhere"),
    *broad("no-clinicians", "seven-clinicians", "hundred-clinicians", "empty-other-organisation"),
    *broad("nobody-active", "everything-null", "no-locations", "no-latin-names", "all-alike"),
)


def shown(client: Client, credential: str) -> ModelDirectory:
    """Return all data that a key can read."""
    api = Api(client.ask, credential)
    rows = [row for page in api.full_list().pages for row in page.rows]
    listed = api.send(api.request(path="/locations", query=as_query(limit=100)))
    locations = [str(row["id"]) for row in listed.rows]
    members = {place: frozenset(api.full_list(location_id=place).ids) for place in locations}
    return ModelDirectory(rows, locations=locations, members=members)


def rehearsed(
    target: Target, cases: Sequence[Case], manners: Manners
) -> tuple[Doubts, dict[str, int]]:
    with client_to(target, max_requests=1000) as client:
        service = Service(shown(client, OWN), shown(client, OTHER), manners)
    with Client(Rehearsal(target, service, Limits(max_requests=300))) as client:
        session = Session(client, load(), depth=Depth.STANDARD, seed=0)
        judgement = judge(session, cases)
    assert (judgement.error, judgement.untestable) == (None, None)
    rows = requirement_results(load(), judgement.results)
    assert [row.requirement.id for row in rows if row.findings] == []
    doubts = {row.requirement.id: row.reason for row in rows if row.outcome == "inconclusive"}
    return doubts, dict(client.sent)


def doubted(result: dict[str, Any]) -> Doubts:
    rows = result["requirements"]
    return {row["id"]: row["reason"] for row in rows if row["outcome"] == "inconclusive"}


@pytest.mark.parametrize("name", [*broad(CORRECT.name), *LAWFUL])
def test_the_rehearsal_has_the_inconclusive_requirements_and_costs_of_a_run(
    name: str, cases: list[Case]
) -> None:
    variants = {item.name: item for item in (CORRECT, *catalogue.load(load()).lawful)}
    with serving(variants[name]) as target:
        result, problem = judged(target, cases)
        doubts, sent = rehearsed(target, cases, Manners())
    assert problem is None
    assert doubts == doubted(result)
    assert sent == result["requests"]["by_identity"]


@pytest.mark.parametrize("sizes", [(30, 10), *broad(((150, 40),), ((1, 1),), ((0, 3),))])
def test_the_rehearsal_agrees_on_a_server_unlike_the_model(
    sizes: tuple[int, int], cases: list[Case]
) -> None:
    with other_stack(*sizes) as target:
        result, problem = judged(target, cases)
        doubts, sent = rehearsed(target, cases, CLAMPS)
    assert problem is None
    assert doubts == doubted(result)
    # The run repeats the requests of warned requirements, which costs more.
    warned = {row["id"] for row in result["requirements"] if row["findings"]}
    assert warned <= {"LIM-15", "LIM-16", "RO-06"}
    assert all(sent[name] <= result["requests"]["by_identity"][name] for name in (OWN, OTHER))


# A partly read directory


def person(number: int, **members: object) -> dict[str, Any]:
    return {
        "id": str(uuid.UUID(int=number, version=4)),
        "name": f"Dr Alba Kestrel{'xyz'[number]}",
        "display_name": None,
        "email": f"mail.{'xyz'[number] * 3}@example.org",
        "is_active": number > 0,
        "is_bookable_online": True,
    } | members


def pages(service: Service, **parameters: Any) -> list[dict[str, Any]]:
    """Return all rows of a list, read page by page with ``next_offset``."""
    rows: list[dict[str, Any]] = []
    offset: int | None = 0
    target = Target("http://target", "pk_test_a")
    with Client(Rehearsal(target, service, Limits(max_requests=1000))) as client:
        while offset is not None:
            query = as_query(**parameters, limit=100, offset=offset)
            page = Api(client.ask).send(Request(query=query))
            assert page.is_page, page.summary()
            rows += page.rows
            offset = page.member("meta", "next_offset")
    return rows


def test_a_part_is_repeated_with_other_names() -> None:
    service = Service(repeated([person(number) for number in range(3)], 1001))
    everybody = pages(service)
    assert len(everybody) == 1001
    assert len({row["id"] for row in everybody}) == 1001
    # 334 repetitions in groups of 19 with equal names.
    assert len({row["name"] for row in everybody}) == 3 * 18
    assert len({row["email"] for row in everybody}) == 1001
    inactive = [row for row in everybody if not row["is_active"]]
    assert len(inactive) == 334
    assert pages(service, is_active=False) == inactive


def test_each_repeated_profile_is_found_and_retrieved() -> None:
    service = Service(repeated([person(number) for number in range(3)], 1001))
    everybody = pages(service)
    for row in (everybody[1], everybody[30], everybody[500], everybody[1000]):
        namesakes = [other for other in everybody if other["name"] == row["name"]]
        assert pages(service, search=row["name"].split()[2].upper()) == namesakes
        # A profile with more words in its address may be found too.
        assert row in pages(service, search=row["email"])
        answer = service.answer(Request(path=f"/clinician-profiles/{row['id'].upper()}"))
        assert answer.status == 200
        assert row["name"].encode() in answer.body
    assert pages(service, search=everybody[1000]["email"]) == [everybody[1000]]
    alba = everybody[500]["name"].split()[1]
    namesakes = [row for row in everybody if row["name"].split()[1] == alba]
    assert pages(service, search=alba) == namesakes
    assert len(namesakes) == 3 * 19
    assert len(pages(service, search="example.org")) == 1001
    assert pages(service, search="nobody") == []


def test_the_quota_of_a_key_is_named_when_it_is_used_up() -> None:
    service = Service(ModelDirectory([person(0)]))
    target = Target("http://target", "pk_test_a", "pk_test_b")
    granted = {OWN: 1, OTHER: 50}
    with Client(Rehearsal(target, service, Limits(max_requests=10), granted)) as client:
        answers = client.ask([Request(), Request(query=as_query(limit=1))])
        assert str(answers[1]) == "the quota of the key is used up: requests that were left: 1"
        assert (client.left(OWN), client.left(OTHER)) == (0, 10)
