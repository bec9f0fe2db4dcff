"""A page with the limit of a request at the same time comes from what both share."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.contract.verdict import Finding
from conformance.diagnosis.shared_state import shared_state
from conformance.http.exchange import Exchange
from conformance.http.request import Request


def page(
    number: int, asked: str | None, named: int, at: float, following: int | None = None
) -> Exchange:
    """Return a page that takes a second: the limit that is asked for and the one that it names."""
    body = {"data": [], "meta": {"limit": named, "next_offset": following, "request_id": "a"}}
    request = Request(query=() if asked is None else (("limit", asked),))
    content = json.dumps(body).encode()
    headers = (("x-request-id", "a"),)
    return Exchange(number, request, "http://t.test", 200, headers, content, 1.0, at)


def finding(exchange: int) -> tuple[str, Finding]:
    return "LIM-02", Finding("meta.limit 5", "meta.limit 20", None, exchange)


RIGHT = [page(number, "5", 5, number * 10.0) for number in range(1, 5)]
MIXED = [
    page(5, "5", 20, 100.0),
    page(6, None, 7, 100.1),
    page(7, "7", 5, 100.2),
    page(8, "1", 1, 200.0, following=9),
]


def test_pages_with_the_limit_of_a_request_at_the_same_time_share_something() -> None:
    cause = shared_state([*RIGHT, *MIXED], [finding(5), finding(8), finding(1)], {("LIM-02", 7)})
    assert cause is not None
    assert cause.findings == {("LIM-02", 5), ("LIM-02", 8)}
    assert cause.explained == 4
    assert cause.agreeing == 4
    assert cause.mechanism.startswith(
        "Concurrent requests get each other's parameters. 3 pages name the limit of a request"
    )


@pytest.mark.parametrize(
    "pages",
    [
        [*RIGHT, *MIXED[:2]],
        [*RIGHT, *(replace(item, at=item.at * 10) for item in MIXED)],
        MIXED[:3],
        [*RIGHT, *(page(number, "0", 5, 100.0) for number in range(5, 9))],
    ],
    ids=["few", "one after the other", "all", "limits that are refused"],
)
def test_what_has_another_reason_is_not_shared(pages: list[Exchange]) -> None:
    assert shared_state(pages, [finding(5)], ()) is None
