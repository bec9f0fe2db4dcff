"""Responses that a proxy or a firewall gives in place of the API."""

from __future__ import annotations

import pytest

from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.suite.universal import is_from_firewall, is_from_proxy, is_too_long

ENVELOPE = b'{"data": null, "meta": {"request_id": "r"}, "error": {"code": "NO", "message": "No."}}'
PAGE = b"<h1>Blocked</h1>"


def answer(status: int, body: bytes, term: str | bytes = "", path: str = "") -> Exchange:
    query = (("search", term),) if term else ()
    request = Request(path=f"/clinician-profiles{path}", query=query)
    return Exchange(1, request, "http://t/v1/x", status, (), body, 0.0)


@pytest.mark.parametrize("status", [403, 406])
@pytest.mark.parametrize("term", ["<script>", "zqx'; --", b"\xff", "(", "%"])
def test_a_firewall_blocks_hostile_terms(status: int, term: str | bytes) -> None:
    assert is_from_firewall(answer(status, PAGE, term))
    assert is_from_firewall(answer(status, b'{"message": "Forbidden"}', term))
    assert not is_from_firewall(answer(status, ENVELOPE, term))
    assert not is_from_firewall(answer(500, PAGE, term))


@pytest.mark.parametrize("term", ["", "ambrose", "Núñez", "ann.lee+x@example.org", "Ann Lee"])
def test_a_firewall_blocks_no_name(term: str) -> None:
    assert not is_from_firewall(answer(403, PAGE, term))
    assert not is_from_proxy(answer(403, PAGE, term))


@pytest.mark.parametrize("status", [414, 431])
@pytest.mark.parametrize("body", [PAGE, ENVELOPE, b"", b'{"message": "too long"}'])
def test_a_long_request_may_be_too_long(status: int, body: bytes) -> None:
    assert is_too_long(answer(status, body, "x" * 1500))
    assert is_too_long(answer(status, body, path=f"/{'a' * 300}"))
    assert not is_too_long(answer(status, body, "x" * 50))
    assert not is_too_long(answer(400, body, "x" * 1500))
