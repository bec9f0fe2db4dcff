"""A response whose bytes came before for another request is that of a cache."""

from __future__ import annotations

import json

import pytest

from conformance.contract.verdict import Finding
from conformance.diagnosis.cache_keys import cache_keys
from conformance.http.exchange import Exchange
from conformance.http.request import Query, Request

PLAIN: Query = ()
TRUE: Query = (("is_bookable_online", "true"),)
FALSE: Query = (("is_bookable_online", "false"),)
ACTIVE: Query = (("is_active", "true"),)


def run(*rows: tuple[Query, str]) -> list[Exchange]:
    """Return exchanges: a query, and the request id of the response."""
    exchanges = []
    for number, (query, name) in enumerate(rows, 1):
        body = json.dumps({"data": [{"id": "a"}], "meta": {"request_id": name}}).encode()
        request = Request(query=query, credential="own")
        exchanges.append(Exchange(number, request, "http://t.test", 200, (), body, 0.0))
    return exchanges


def found(exchange: int, requirement: str) -> tuple[str, Finding]:
    return requirement, Finding("exactly 1 record", "2 records", None, exchange)


FORGOTTEN = run((PLAIN, "a"), (TRUE, "a"), (ACTIVE, "b"), ((*ACTIVE, *FALSE), "b"), (FALSE, "c"))


def test_the_parameter_that_differs_is_not_in_the_key() -> None:
    findings = [found(2, "FIL-04"), found(4, "ENV-08"), found(5, "FIL-05"), found(3, "FIL-01")]
    cause = cache_keys(FORGOTTEN, findings, ())
    assert cause is not None
    assert cause.title == "A cache repeats a list for a request with another `is_bookable_online`"
    assert cause.findings == {("FIL-04", 2), ("ENV-08", 4), ("FIL-05", 5)}
    assert cause.explained == 2
    left = cache_keys(FORGOTTEN, findings, {("FIL-04", 2)})
    assert left is not None
    assert ("FIL-04", 2) not in left.findings


@pytest.mark.parametrize(
    "exchanges",
    [
        run((PLAIN, "a"), (TRUE, "a"), (ACTIVE, "b"), (FALSE, "c")),
        run((PLAIN, "a"), (PLAIN, "a"), ((("limit", ""),), "a"), (TRUE, "b")),
        run((PLAIN, "a"), (TRUE, "a"), (ACTIVE, "a"), (FALSE, "a")),
        run((PLAIN, "a"), ((("sort", "x"),), "a"), ((("sort", "y"),), "a")),
        [],
    ],
    ids=["once", "the same request", "ids that are few", "what the API ignores", "nothing"],
)
def test_what_has_another_reason_is_no_cache_key(exchanges: list[Exchange]) -> None:
    assert cache_keys(exchanges, [found(2, "FIL-04")], ()) is None
