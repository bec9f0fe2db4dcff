"""What universal cases judge: which exchanges, with which limit and offset."""

from __future__ import annotations

import pytest

from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION, Query, Request
from conformance.suite.universal import covered, is_from_proxy, pages_of, requested

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
