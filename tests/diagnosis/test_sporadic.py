"""Failures that come and go are one defect, whatever the requests ask for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.contract.cases import Depth
from conformance.contract.document import load
from conformance.contract.verdict import Finding
from conformance.diagnosis.diagnose import diagnosed
from conformance.diagnosis.sporadic import NO_FAILURE, sporadic
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.proof import catalogue
from conformance.proof.pasting import judged
from conformance.proof.trial import collect, serving
from tests.support.defects import defects

ENVELOPE = b'{"data": null, "meta": {"request_id": "r"}, "error": {"code": "INTERNAL_ERROR"}}'


def run(*rows: str) -> list[Exchange]:
    """Return exchanges: one row of statuses for each URL, in the order in which it was requested."""
    exchanges: list[Exchange] = []
    for limit, row in enumerate(rows, 1):
        request = Request(query=(("limit", str(limit)),))
        for status in row.split():
            number = len(exchanges) + 1
            exchanges.append(
                Exchange(number, request, "http://t.test", int(status), (), ENVELOPE, 0.0)
            )
    return exchanges


def found(exchange: int, requirement: str = NO_FAILURE) -> tuple[str, Finding]:
    return requirement, Finding("no server error", "500 INTERNAL_ERROR", None, exchange)


def test_all_failures_of_a_run_follow_from_one_cause() -> None:
    exchanges = run("500 200", "200 500 200", "200 500", "500", "200", "400")
    findings = [found(1), found(4, "LIM-01"), found(8, "SRCH-01"), found(9, "PAG-01")]
    shown = sporadic(exchanges, findings)
    assert shown is not None
    cause = shown.cause
    assert shown.exchanges == {1, 4, 7, 8}
    assert cause.findings == {(name, item.exchange) for name, item in findings[:2]} | {
        ("SRCH-01", 8)
    }
    assert cause.explained == 4
    assert "4 of 10 requests failed" in cause.mechanism
    assert "3 requests that failed got an answer at another time" in cause.mechanism
    (defect,) = defects([cause], ROB_01=[findings[0][1]], LIM_01=[findings[1][1]])
    assert defect.requirements[0] == NO_FAILURE


@pytest.mark.parametrize(
    "rows",
    [
        ("500 200", "200 500", "200 200"),
        ("500 500 500", "500 500 500", "500 500", "500 200", "500 200"),
        ("501 200", "501 200", "501 200"),
    ],
    ids=["two may have reasons of their own", "most fail for what they ask", "not implemented"],
)
def test_failures_that_may_follow_from_the_request_are_not_sporadic(rows: tuple[str, ...]) -> None:
    exchanges = run(*rows)
    assert sporadic(exchanges, [found(1)]) is None


def test_a_request_that_fails_each_time_is_another_defect() -> None:
    exchanges = run("500 200", "500 200", "500 200", "500 500 500")
    shown = sporadic(exchanges, [found(1), found(7, "LIM-01")])
    assert shown is not None
    assert shown.cause.findings == {(NO_FAILURE, 1)}


def test_a_gateway_that_stumbles_is_no_failure_of_the_server() -> None:
    exchanges = [
        replace(item, body=b"<h1>Bad Gateway</h1>") if item.status == 502 else item
        for item in run("502 200", "502 200", "502 200")
    ]
    assert sporadic(exchanges, [found(1)]) is None


@pytest.mark.parametrize("name", ["transaction-stays-broken", "one-instance-has-no-database"])
def test_a_server_that_fails_at_times_has_one_defect(name: str) -> None:
    (fault,) = (item for item in catalogue.load(load()).faults if item.name == name)
    with serving(fault) as target:
        result = judged(target, collect(), Depth.STANDARD)[False]
    first, *others = result["defects"]
    assert first["title"].startswith("Some requests fail with a server error at one time")
    assert NO_FAILURE in first["requirements"]
    assert any("This does not show each time" in line for line in first["reproduction"])
    assert len(others) <= 1, "what is left rests on the failures: pages that do not join"


def test_without_a_failure_nothing_is_claimed() -> None:
    assert diagnosed([], run("200", "400")).causes == ()
