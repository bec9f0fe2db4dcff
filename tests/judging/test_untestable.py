"""Which first responses are of this API, in whatever wrapper."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.contract.document import load
from conformance.errors import Untestable
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.judging.untestable import holds_profiles, refuse_untestable
from conformance.privacy.text_notes import Notes

CONTRACT = load()
ROW = dict.fromkeys(CONTRACT.members)
LIST: Any = {"data": [ROW], "meta": {"request_id": "r", "has_more": False}}
TEXT = json.dumps(LIST)


def probe(body: str | bytes, status: int = 200) -> None:
    content = body.encode() if isinstance(body, str) else body
    headers = (("content-type", "text/html"),)
    exchange = Exchange(1, Request(), "http://t/v1", status, headers, content, 0.0)
    refuse_untestable(exchange, CONTRACT, Notes())


@pytest.mark.parametrize(
    "body",
    [
        *("\ufeff" + TEXT, TEXT.encode("utf-16"), ")]}',\n" + TEXT, f"callback({TEXT});"),
        *(json.dumps(TEXT), json.dumps({"statusCode": 200, "body": TEXT})),
        *(f"<b>Notice</b>: x\n{TEXT}", json.dumps({"success": True, "result": [ROW]})),
        json.dumps(json.dumps({"data": [], "meta": {"has_more": False}})),
    ],
)
def test_a_list_in_a_wrapper_is_of_this_api(body: str | bytes) -> None:
    probe(body)


@pytest.mark.parametrize(
    "body",
    [
        *("<html>Sign in</html>", "", "null", '"{}"'),
        '<script>{"props": {"data": {"user": null}}}</script>',
        json.dumps([{"id": 1, "sku": "a"}]),
        '<script>[{"id": 1, "name": "a", "email": "b"}]</script>',
    ],
)
def test_other_texts_are_not(body: str) -> None:
    if body == "null":
        probe(body)  # a body without anything is a finding
        return
    with pytest.raises(Untestable):
        probe(body)


@pytest.mark.parametrize("body", [b"[" * 5000, b'{"a": ' * 2000, b"\xff\xfe", b'"[\\"[' * 90])
def test_a_hostile_text_ends_the_search(body: bytes) -> None:
    assert not holds_profiles(body, CONTRACT)
