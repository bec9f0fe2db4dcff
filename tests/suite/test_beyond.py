"""Requests beyond the contract: which responses are lawful, and which are not judged as usual."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from conformance.contract.document import Contract
from conformance.contract.verdict import Breach, Finding
from conformance.directory.directory import Directory
from conformance.http.api import Api
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.suite.beyond import (
    BODY,
    CLAIMED,
    HEADER,
    Item,
    Plain,
    headers,
    ignorable,
    ignored,
    judge_mine,
    parameters,
    request_with,
    unknown,
)
from conformance.suite.parting import Outcome
from conformance.suite.returned import received, shows_no_list, shows_no_profile
from conformance.suite.universal import is_beyond
from tests.support.rows import row

ROWS = [row(number) for number in range(9)]
ERROR = {"data": None, "meta": {}, "error": {"code": "NO", "message": "no"}}


def answered(status: int, body: Any = None, *sent: tuple[str, str]) -> Api:
    """Return an API that gets the same response to every request."""
    content = b"" if body is None else json.dumps(body).encode()
    return Api(
        lambda requests: [
            Exchange(1, item, "http://t/v1", status, tuple(sent), content, 0.0) for item in requests
        ]
    )


def beside_plain(status: int, body: Any) -> Api:
    """Return an API that gets the usual page, but another response to requests with headers."""
    usual = answered(200, page(ROWS[:5]))
    other = answered(status, body)
    return Api(
        lambda requests: [(other if item.headers else usual).send(item) for item in requests]
    )


def page(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"data": list(rows), "meta": {"limit": 5, "has_more": True, "next_offset": 5}}


def plain(contract: Contract) -> Plain:
    return Plain(Directory(ROWS), contract)


def kind(outcome: Outcome) -> str:
    return "found" if isinstance(outcome, Finding) else "refused" if outcome else "fine"


@pytest.mark.parametrize(
    ("status", "body", "name", "wanted"),
    [
        (200, page(ROWS[:5]), "Accept-Language", "fine"),
        (200, page(ROWS[1:6]), "Accept-Language", "found"),
        (200, page([{"id": item["id"]} for item in ROWS[:5]]), "Prefer", "found"),
        (200, None, "X-HTTP-Method-Override", "found"),
        (204, None, "X-HTTP-Method-Override", "found"),
        (400, ERROR, "X-Forwarded-Host", "refused"),
        (406, None, "Accept", "refused"),
        (304, None, "If-None-Match", "refused"),
        (304, None, "Cookie", "found"),
        (206, None, "Range", "refused"),
        (206, None, "Cookie", "found"),
        (308, None, "X-Forwarded-Proto", "refused"),
        (500, ERROR, "Range", "found"),
    ],
)
def test_a_header_is_ignored_refused_or_honoured(
    contract: Contract, status: int, body: Any, name: str, wanted: str
) -> None:
    outcome = ignored(beside_plain(status, body), plain(contract), headers([(name, "x")]))
    assert kind(outcome) == wanted


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (200, page(ROWS[:5]), "fine"),
        (200, page(ROWS[:3]), "fine"),  # short pages are another requirement
        (400, ERROR, "refused"),
        (403, {}, "refused"),  # a firewall
        (403, ERROR, "found"),
        (500, ERROR, "found"),
    ],
)
def test_a_parameter_is_ignored_or_refused(
    contract: Contract, status: int, body: Any, wanted: str
) -> None:
    outcome = unknown(answered(status, body), plain(contract), parameters(CLAIMED[:1]))
    assert kind(outcome) == wanted


def test_what_takes_a_header_and_a_parameter_is_found_by_one_case() -> None:
    whole = [Item("header", "A", "1"), Item("header", "B", "1"), Item("parameter", "c", "1")]

    def probe(items: Sequence[Item]) -> Outcome:
        return Finding("200", "500") if {"B", "c"} <= {item.name for item in items} else None

    with pytest.raises(Breach) as breach:
        judge_mine(whole, HEADER, probe, probe, thorough=False)
    assert breach.value.findings[0].detail == (
        "shown by the header B, the parameter c in one request"
    )


def test_a_body_has_its_media_type_and_no_header(contract: Contract) -> None:
    request = request_with(answered(200), plain(contract), headers([BODY, ("Origin", "x")]))
    assert request.headers == (("Origin", "x"), ("Content-Type", "application/json"))
    assert json.loads(request.content)["limit"] == 1


def test_no_group_writes_on_data() -> None:
    """A method that writes is named only at the path of an id that no record has."""
    group = [*headers(ignorable("http://t/v1")), *parameters(CLAIMED)]
    query = tuple((item.name, item.value) for item in group if item.kind != HEADER)
    sent = tuple((item.name, str(item.value)) for item in group if item.kind == HEADER)
    assert not Request(query=query, headers=sent).writes
    assert Request(headers=(("x-http-method-override", "DELETE"),)).writes
    assert Request(query=(("_method", "PUT"),)).writes


def test_responses_to_headers_and_odd_methods_are_not_judged_as_usual() -> None:
    assert not is_beyond(Request())
    assert not is_beyond(Request(headers=(("X-Org-Id", "1"),), query=(("limit", "5"),)))
    for request in (
        Request(headers=(("Range", "x"),)),
        Request(content="{}"),
        Request("TRACE"),
        Request(query=(("fields", "id"),)),
        Request(credential="a very long key"),
        Request(credential="key in query api_key"),
    ):
        assert is_beyond(request)


def test_what_was_received_is_sent_back() -> None:
    def back(*sent: tuple[str, str]) -> list[tuple[str, str]]:
        return received(answered(200, {}, *sent).list())

    assert back() == []
    assert back(("set-cookie", "a=1; Path=/"), ("set-cookie", "b=2")) == [("Cookie", "a=1; b=2")]
    assert back(("etag", '"x"'), ("last-modified", "then")) == [("If-None-Match", '"x"')]
    assert back(("last-modified", "then")) == [("If-Modified-Since", "then")]


def test_a_validator_of_another_key_shows_nothing() -> None:
    sent = [("If-None-Match", '"x"')]
    for status, wanted in ((404, "fine"), (401, "fine"), (304, "found"), (200, "found")):
        assert kind(shows_no_profile(answered(status), "/clinician-profiles/x", sent)) == wanted
    hidden = {ROWS[0]["id"]}
    for tag, body, status, wanted in (
        ('"y"', page(ROWS[1:2]), 304, "found"),
        ('"x"', page(ROWS[1:2]), 304, "fine"),  # the key's own list has the same tag
        ('"y"', page([]), 304, "fine"),
        ('"y"', page(ROWS[1:2]), 200, "fine"),
        ('"y"', page(ROWS[1:2]), 500, "found"),
    ):
        own = answered(200, body, ("etag", tag)).list()
        assert kind(shows_no_list(answered(status, body), sent, own, hidden)) == wanted
    leak = answered(200, page(ROWS[:2]))
    assert kind(shows_no_list(leak, sent, answered(200, page([])).list(), hidden)) == "found"
