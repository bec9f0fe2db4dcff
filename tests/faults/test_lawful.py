"""Lawful variants: each differs from the reference, and each conforms to the contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from conformance.contract.document import load
from conformance.faults.variant import Variant
from conformance.proof import catalogue as catalogues
from conformance.proof.catalogue import CORRECT, departures
from conformance.proof.trial import serving
from conformance.text.stamps import instant
from tests.support.lawful_probes import PROBES
from tests.support.lawful_reading import Reader
from tests.support.marks import broad

LAWFUL = {variant.name: variant for variant in catalogues.load(load()).lawful}

# Servers whose data change, or that fail sometimes, so that simple checks do not apply.
RESTLESS = {"somebody-joins", "somebody-leaves", "edited-all-the-time", "gateway-stumbles"} | {
    *("hosted-gateway-stumbles", "edge-function-stumbles", "restarts-during-the-run"),
    *("writes-reach-no-origin", "nodes-write-times-differently"),
}


@contextmanager
def seen(variant: Variant) -> Iterator[Reader]:
    with serving(variant) as target:

        def client(key: str | None) -> httpx.Client:
            headers = {"Authorization": f"Bearer {key}"}
            # Without TLS, so that no certificates are loaded, which takes longer than the requests.
            return httpx.Client(base_url=target.base_url, headers=headers, verify=False)

        with client(target.own_key) as own, client(target.other_key) as other:
            yield Reader(own, other)


@pytest.fixture(scope="module")
def reference() -> Iterator[Reader]:
    with seen(CORRECT) as reader:
        yield reader


def test_there_are_at_least_25_and_each_has_a_probe() -> None:
    assert len(LAWFUL) >= 25
    assert set(PROBES) == {name for name, variant in LAWFUL.items() if not variant.known}


SLOW = ("somebody-joins", "somebody-leaves")
"""Variants that change only after many requests."""


QUICK = [name for name in PROBES if name not in SLOW][::3]


@pytest.mark.parametrize("name", [*QUICK, *broad(*(name for name in PROBES if name not in QUICK))])
def test_it_differs_from_the_reference(name: str, reference: Reader) -> None:
    probe, answer = PROBES[name]
    with seen(LAWFUL[name]) as reader:
        assert probe(reader) == answer
    try:
        usual = probe(reference)
    except (
        KeyError,
        TypeError,
        AttributeError,
    ):  # the reference returns an error or lacks the member
        return
    assert usual != answer


def _value(profile: dict[str, Any], member: str) -> Any:
    """Return a member; for a timestamp its instant."""
    return instant(profile[member]) if member.endswith("_at") else profile[member]


STEADY = sorted(set(LAWFUL) - RESTLESS)


@pytest.mark.parametrize(
    "name", [*STEADY[::10], *broad(*(name for index, name in enumerate(STEADY) if index % 10))]
)
def test_it_conforms_to_the_basics_of_the_contract(name: str) -> None:
    contract = load()
    with seen(LAWFUL[name]) as reader:
        page = reader.get("?limit=100")
        assert page.status_code == 200
        assert contract.problems("ClinicianProfileListEnvelope", page.json()) == []
        whole = reader.whole()
        assert len({row["id"] for row in whole}) == len(whole)
        assert reader.rows("?limit=7&offset=3") == whole[3:10]
        assert reader.rows(f"?offset={len(whole)}") == []
        for row in whole[:2] + whole[-1:]:
            single = reader.get(f"/{row['id']}").json()
            assert contract.problems("ClinicianProfileEnvelope", single) == []
            assert {m: _value(single["data"], m) for m in contract.members} == {
                m: _value(row, m) for m in contract.members
            }
        for foreign in reader.whole(other=True)[:2]:
            answer = reader.get(f"/{foreign['id']}")
            assert answer.status_code == 404
            assert contract.problems("ErrorEnvelope", answer.json()) == []
        refused = reader.send("POST")
        assert refused.status_code in (404, 405, 501)
        assert reader.send("GET", Authorization="Bearer x").status_code == 401


def test_variants_depart_only_from_recommended_requirements() -> None:
    contract = load()
    left = {name: departures(variant) for name, variant in LAWFUL.items() if departures(variant)}
    assert left["lenient-booleans"] == {"FIL-14"}
    assert all(contract.requirements[one].level == "should" for ids in left.values() for one in ids)
