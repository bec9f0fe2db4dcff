"""What the doctor foresees is what a run then comes to: the open requirements, and the cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.cases import Case, Depth
from conformance.contract.document import load
from conformance.doctor.certificate import read
from conformance.doctor.examine import examine
from conformance.judging.engine import judge
from conformance.judging.session import Session
from conformance.proof import catalogue
from conformance.proof.catalogue import CORRECT
from conformance.proof.trial import judged, serving
from conformance.reference.server import EmbeddedServer
from conformance.running.settings import Settings
from conformance.running.table import MAX_REQUESTS
from conformance.target.target import Target
from tests.support.asking import client_to
from tests.support.other_stack import other_stack
from tests.support.servers import recorded, target_of

LAWFUL = (
    *("no-clinicians", "seven-clinicians", "hundred-and-one-clinicians", "nobody-bookable"),
    *("empty-other-organisation", "everything-null", "nobody-anywhere", "all-alike"),
    *("no-locations-resource", "upper-case-ids", "lower-rate-limit"),
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


def foreseen(target: Target, **changes: Any) -> dict[str, Any]:
    settings = Settings(target.base_url, target.own_key, target.other_key)
    return examine(replace(settings, **changes))


@pytest.mark.parametrize("name", [CORRECT.name, *LAWFUL, "other stack 150 40", "other stack 30 10"])
def test_it_foresees_what_stays_open_and_what_it_costs(name: str, cases: list[Case]) -> None:
    with served(name) as target:
        document = foreseen(target)
        result, problem = judged(target, cases)
    assert problem is None
    prospect = document["prospect"]
    assert prospect["exact"] is True
    rows = result["requirements"]
    doubts = {row["id"]: row["reason"] for row in rows if row["outcome"] == "inconclusive"}
    assert {row["id"]: row["reason"] for row in prospect["open"]} == doubts
    sent, cost = result["requests"]["by_identity"], prospect["costs"]["standard"]
    if any(row["findings"] for row in rows):
        # A breach is asked for again, between two more walks.
        assert all(cost[key] <= sent[key] <= cost[key] + 12 for key in sent), (cost, sent)
    else:
        assert cost == sent
        assert document["exit_status"] == result["exit_status"]


@pytest.mark.parametrize("depth", [Depth.SMOKE, Depth.DEEP])
def test_it_foresees_the_cost_at_the_other_depths(depth: Depth, cases: list[Case]) -> None:
    with EmbeddedServer(recorded()) as server:
        target = target_of(server)
        costs = foreseen(target)["prospect"]["costs"]
        with client_to(target, max_requests=MAX_REQUESTS) as client:
            judgement = judge(Session(client, load(), depth=depth, seed=0), cases)
    assert judgement.error is None
    assert costs[depth.name.lower()] == dict(client.sent)


@pytest.mark.parametrize("clinicians", [700, 1430, 20_000])
def test_where_a_part_was_seen_it_comes_near(clinicians: int, cases: list[Case]) -> None:
    with EmbeddedServer(clinicians=clinicians) as server:
        target = target_of(server)
        document = foreseen(target)
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


def test_a_bound_that_does_not_suffice_leaves_open_what_a_run_leaves_open(
    cases: list[Case],
) -> None:
    """Which of them is a matter of order, and that is the same."""
    with EmbeddedServer(recorded()) as server:
        target = target_of(server)
        document = foreseen(target, max_requests=60)
        with client_to(target, max_requests=60) as client:
            judgement = judge(Session(client, load(), depth=Depth.STANDARD, seed=0), cases)
    doubts = {item.requirement for item in judgement.results if item.inconclusive}
    prospect = document["prospect"]
    assert {row["id"] for row in prospect["open"]} == doubts
    assert document["exit_status"] == 3
    # The cost is that of a run that has enough.
    assert prospect["costs"]["standard"]["own"] > 100


def test_without_writes_it_foresees_what_they_would_have_shown(cases: list[Case]) -> None:
    with EmbeddedServer(recorded()) as server:
        target = target_of(server)
        document = foreseen(target, no_writes=True)
        with client_to(target, no_writes=True) as client:
            session = Session(client, load(), depth=Depth.STANDARD, seed=0)
            judgement = judge(session, cases)
    wanted = {item.requirement for item in judgement.results if item.inconclusive}
    prospect = document["prospect"]
    assert "RO-01" in wanted
    assert {row["id"] for row in prospect["open"]} == wanted
    assert all("--no-writes" in row["reason"] for row in prospect["open"])
    assert prospect["costs"]["standard"] == dict(client.sent)


# Certificates, as DER


def value(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    size = len(body)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + body


def name(**parts: str) -> bytes:
    kinds = {"common": "550403", "organisation": "55040a"}
    pairs = (
        value(0x30, value(6, bytes.fromhex(kinds[kind])), value(0x0C, text.encode()))
        for kind, text in parts.items()
    )
    return value(0x30, *(value(0x31, pair) for pair in pairs))


def certificate(subject: bytes, issuer: bytes, starts: bytes, ends: bytes) -> bytes:
    number, algorithm = value(2, b"\x01"), value(0x30, value(6, bytes.fromhex("2b6570")))
    version = value(0xA0, value(2, b"\x02"))
    validity = value(0x30, starts, ends)
    rest = value(4, b"\x00" * 200)  # the key and the extensions, which nobody looks at here
    signed = value(0x30, version, number, algorithm, issuer, validity, subject, rest)
    return value(0x30, signed, algorithm, value(3, b"\x00"))


def test_a_certificate_tells_its_names_and_its_time() -> None:
    der = certificate(
        name(organisation="Harbour Street", common="api.example.org"),
        name(organisation="An Authority"),
        value(0x17, b"991231235959Z"),
        value(0x18, b"20510102030405Z"),
    )
    found = read(der)
    assert (found.subject, found.issuer) == ("api.example.org", "An Authority")
    assert found.starts == datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert found.ends == datetime(2051, 1, 2, 3, 4, 5, tzinfo=UTC)
    nameless = certificate(
        name(), name(), value(0x17, b"250101000000Z"), value(0x17, b"260101000000Z")
    )
    assert read(nameless).subject == "no name"


@pytest.mark.parametrize("der", [b"", b"0", b"\x30\x05abc", b"\x30\x03\x02\x01\x01", b"\xff" * 40])
def test_what_is_no_certificate_is_told_from_one(der: bytes) -> None:
    with pytest.raises(ValueError, match="not a certificate"):
        read(der)


def test_the_schema_lies_in_the_package() -> None:
    import conformance.doctor

    folder = Path(conformance.doctor.__file__).parent
    assert (folder / "doctor.schema.json").is_file()
