"""What universal cases judge: which exchanges, with which limit and offset, and which are a proxy's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION, Query, Request
from conformance.suite.universal import (
    covered,
    is_from_firewall,
    is_from_proxy,
    is_too_long,
    limits_refused,
    pages_of,
    requested,
)

LIST = b'{"data": [], "meta": {}}'


def answer(request: Request, status: int = 200, body: bytes = LIST) -> Exchange:
    return Exchange(1, request, "http://t/v1", status, (), body, 0.0)


@pytest.mark.parametrize(
    ("request_", "status", "body", "from_proxy"),
    [
        (Request(query=(("search", "a\0"),)), 400, b"<h1>", True),
        (Request(query=(("search", b"\xff"),)), 403, b"<h1>", True),
        (Request(path=f"/clinician-profiles/{'a' * 300}"), 414, b"", True),
        (Request(query=(("search", "a\0"),)), 400, b'{"data": null}', False),
        (Request(query=(("search", "a\0"),)), 500, b"<h1>", False),
        (Request(query=(("search", "a'"),)), 400, b"<h1>", False),
        (Request(), 401, b"<h1>", False),
    ],
)
def test_a_proxy_may_refuse_only_what_no_server_should_see(
    request_: Request, status: int, body: bytes, from_proxy: bool
) -> None:
    assert is_from_proxy(answer(request_, status, body)) is from_proxy


@pytest.mark.parametrize(
    ("path", "count"),
    [
        (COLLECTION, 1),
        (f"{COLLECTION}/abc-1", 1),
        (f"{COLLECTION}/", 0),
        (f"{COLLECTION}/%00", 0),
        ("/locations", 0),
    ],
)
def test_the_contract_covers_the_list_and_profiles(path: str, count: int) -> None:
    assert len(covered([answer(Request(path=path))])) == count


@pytest.mark.parametrize(
    ("query", "window"),
    [
        ((), (20, 0)),
        ((("limit", "5"), ("offset", "40")), (5, 40)),
        ((("search", "x"),), (20, 0)),
        ((("limit", "0.5"),), None),
        ((("limit", "5"), ("limit", "7")), None),
        ((("limit", b"5"),), None),
        ((("x_unknown", "1"),), None),
    ],
)
def test_a_page_is_plain_if_its_limit_and_offset_are_known(
    query: Query, window: tuple[int, int] | None
) -> None:
    item = answer(Request(query=query))
    assert [requested(page) for page in pages_of([item])] == ([window] if window else [])
    assert pages_of([item], plain=False) == [item]


# Responses that a proxy or a firewall gives in place of the API

ENVELOPE = b'{"data": null, "meta": {"request_id": "r"}, "error": {"code": "NO", "message": "No."}}'
PAGE = b"<h1>Blocked</h1>"


def searched(status: int, body: bytes, term: str | bytes = "", path: str = "") -> Exchange:
    query = (("search", term),) if term else ()
    request = Request(path=f"/clinician-profiles{path}", query=query)
    return Exchange(1, request, "http://t/v1/x", status, (), body, 0.0)


@pytest.mark.parametrize("status", [403, 406])
@pytest.mark.parametrize("term", ["<script>", "zqx'; --", b"\xff", "(", "%"])
def test_a_firewall_blocks_hostile_terms(status: int, term: str | bytes) -> None:
    assert is_from_firewall(searched(status, PAGE, term))
    assert is_from_firewall(searched(status, b'{"message": "Forbidden"}', term))
    assert not is_from_firewall(searched(status, ENVELOPE, term))
    assert not is_from_firewall(searched(500, PAGE, term))


def test_a_firewall_blocks_hostile_names_of_parameters() -> None:
    hostile = Request(query=(("filter[is_active]", "true"),))
    assert is_from_firewall(answer(hostile, 406, PAGE))
    assert not is_from_firewall(answer(Request(query=(("x_unknown", "1"),)), 406, PAGE))


@pytest.mark.parametrize("term", ["", "ambrose", "Núñez", "ann.lee+x@example.org", "Ann Lee"])
def test_a_firewall_blocks_no_name(term: str) -> None:
    assert not is_from_firewall(searched(403, PAGE, term))
    assert not is_from_proxy(searched(403, PAGE, term))


def test_a_firewall_may_block_a_comment_in_sql() -> None:
    number = Request(query=(("limit", "--5"),))
    blocked = Exchange(1, number, "http://t.test", 403, (), PAGE, 0.0)
    assert is_from_firewall(blocked)
    assert not is_from_firewall(replace(blocked, request=Request(query=(("limit", "-5"),))))


@pytest.mark.parametrize("status", [414, 431])
@pytest.mark.parametrize("body", [PAGE, ENVELOPE, b"", b'{"message": "too long"}'])
def test_a_long_request_may_be_too_long(status: int, body: bytes) -> None:
    assert is_too_long(searched(status, body, "x" * 1500))
    assert is_too_long(searched(status, body, path=f"/{'a' * 300}"))
    assert not is_too_long(searched(status, body, "x" * 50))
    assert not is_too_long(searched(400, body, "x" * 1500))


@pytest.mark.parametrize(
    ("query", "status", "refused"),
    [
        ((("limit", "95"),), 400, 1),
        ((("limit", "95"),), 422, 1),
        ((("limit", "95"), ("offset", "0")), 400, 1),
        ((("limit", "101"),), 400, 0),
        ((("limit", "05"),), 422, 0),
        ((("limit", "95"), ("offset", "00")), 422, 0),
        ((("limit", "95"),), 503, 0),
        ((("limit", "95"), ("offset", "7")), 400, 0),
        ((("limit", "95"), ("is_active", "true")), 400, 0),
    ],
)
def test_a_limit_in_range_is_refused_if_another_is_not(
    query: Query, status: int, refused: int
) -> None:
    page = answer(Request(query=(("limit", "100"),)))
    assert len(list(limits_refused([answer(Request(query=query), status), page]))) == refused
