"""A race is one defect: it explains what is mixed up only at times, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from conformance.contract.verdict import UNSTABLE, Finding
from conformance.diagnosis.races import RACE, race
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION, Query, Request
from conformance.target.credentials import OTHER, OWN
from tests.support.defects import defects

OWN_IDS = [f"00000000-0000-4000-8000-{number:012}" for number in range(4)]
OTHER_IDS = [f"00000000-0000-4000-9000-{number:012}" for number in range(4)]
ACTIVE: Query = (("is_active", "true"),)


class Run:
    """Exchanges that follow each other, each within a tenth of a second."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        for key, ids in ((OWN, OWN_IDS), (OTHER, OTHER_IDS)):
            for query in ((), ACTIVE):
                self.list(key, ids, query)
                self.list(key, ids, query)

    def list(self, key: str, ids: Sequence[str], query: Query = (), path: str = COLLECTION) -> int:
        return self.add(key, 200, {"data": [{"id": one} for one in ids], "meta": {}}, query, path)

    def add(self, key: str, status: int, body: object, query: Query, path: str) -> int:
        number = len(self.exchanges) + 1
        request = Request(path=path, query=query, credential=key)
        headers = (("content-type", "application/json"),)
        content = json.dumps(body).encode()
        item = Exchange(number, request, f"http://t.test{path}", status, headers, content, 0.05)
        self.exchanges.append(replace(item, at=number / 10))
        return number

    def beside(self, number: int, other: int) -> None:
        """Let two exchanges have happened at the same time."""
        at = self.exchanges[other - 1].at
        self.exchanges[number - 1] = replace(self.exchanges[number - 1], at=at)


def explained(run: Run, *findings: tuple[str, Finding]) -> set[tuple[str, int | None]] | None:
    found = race(run.exchanges, findings)
    return None if found is None else set(found.cause.findings)


def finding(exchange: int, detail: str | None = None) -> Finding:
    return Finding("own profiles", "4 profiles of another organisation", detail, exchange)


def test_what_is_right_when_it_is_asked_again_follows_from_the_race() -> None:
    run = Run()
    shown, further = run.list(OWN, OTHER_IDS), run.list(OWN, OTHER_IDS, ACTIVE)
    lacking = run.list(OTHER, [], ACTIVE)
    found = [(RACE, finding(shown)), ("ORG-06", finding(further)), ("FIL-01", finding(lacking))]
    assert explained(run, *found) == {(name, item.exchange) for name, item in found}


def test_without_a_finding_of_the_race_nothing_is_explained() -> None:
    run = Run()
    assert explained(run, ("ORG-06", finding(run.list(OWN, OTHER_IDS, ACTIVE)))) is None


def test_a_leak_that_no_repetition_clears_is_another_defect() -> None:
    run = Run()
    shown = (RACE, finding(run.list(OWN, OTHER_IDS)))
    leak = run.list(OWN, OTHER_IDS, (("search", "word"),))
    assert explained(run, shown, ("ORG-07", finding(leak))) == {(RACE, shown[1].exchange)}


def test_a_response_of_its_kind_is_enough_beside_a_request_with_the_other_key() -> None:
    run = Run()
    shown = (RACE, finding(run.list(OWN, OTHER_IDS)))
    once = ("ORG-06", finding(run.list(OWN, OTHER_IDS[:1], (*ACTIVE, ("limit", "1")))))
    assert explained(run, shown, once) == {(RACE, shown[1].exchange)}
    run.beside(once[1].exchange or 0, run.list(OTHER, OTHER_IDS))
    assert explained(run, shown, once) == {(RACE, shown[1].exchange), ("ORG-06", once[1].exchange)}


def test_a_difference_that_has_nothing_of_the_other_organisation_is_another_defect() -> None:
    run = Run()
    shown = (RACE, finding(run.list(OWN, OTHER_IDS)))
    order = run.list(OWN, OWN_IDS[::-1])
    assert explained(run, shown, ("PAG-11", finding(order))) == {(RACE, shown[1].exchange)}
    unstable = ("PAG-11", finding(order, UNSTABLE))
    assert explained(run, shown, unstable) == {(RACE, shown[1].exchange), ("PAG-11", order)}


def test_all_that_a_race_explains_is_one_defect_under_it() -> None:
    run = Run()
    shown, further = run.list(OWN, OTHER_IDS), run.list(OWN, OTHER_IDS, ACTIVE)
    listed = run.list(OTHER, [], ACTIVE)
    kinds = {"FIL_01": [finding(listed)], "ORG_06": [finding(further)], "ORG_15": [finding(shown)]}
    names = [(name.replace("_", "-"), item) for name, (item,) in kinds.items()]
    found = race(run.exchanges, names)
    assert found is not None
    (defect,) = defects([found.cause], **kinds)
    assert defect.requirements == ("ORG-15", "FIL-01", "ORG-06")
    assert defect.title.startswith("Concurrent requests get each other's organisation: ")
