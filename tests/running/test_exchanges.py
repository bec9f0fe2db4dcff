"""The exchanges of a report: all requests, and of the responses that findings name the part that matters."""

from __future__ import annotations

import json
from typing import Any

from conformance.contract.verdict import Finding
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.privacy.masking import Mask
from conformance.privacy.personal_data import PersonalData
from conformance.running.exchanges import numbers, written

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
ROW = {"id": ID, "name": "Will Okonkwo", "is_active": True, "created_at": "2026-01-02T03:04:05Z"}
META = {"limit": 20, "has_more": False, "next_offset": None, "request_id": "req_1"}


def exchange(number: int, body: Any) -> Exchange:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = (("content-type", "application/json"), ("x-secret", "no"))
    request = Request(query=(("search", "okonkwo"),))
    return Exchange(number, request, f"http://t{request.target}", 200, headers, data, 0.0123)


def reported(
    exchanges: list[Exchange], *findings: Finding, mask: bool = True
) -> list[dict[str, Any]]:
    masks = Mask(PersonalData(exchanges), "http://t") if mask else None
    named: set[int] = set()
    for item in findings:
        named |= numbers(item.exchange, (item.expected, item.received, item.detail))
    return written(exchanges, named, masks)


def test_only_what_a_finding_names_has_its_response() -> None:
    many = [exchange(number, {"data": [ROW] * 5, "meta": META}) for number in (1, 2, 3)]
    found = reported(many, many[0].finding("as exchange 3", "other records"))
    assert ["body" in item for item in found] == [True, False, True]
    assert found[1]["milliseconds"] == 12.3
    assert found[0]["headers"] == [["content-type", "application/json"]]


def test_a_masked_body_holds_ids_and_times_and_no_text() -> None:
    one = exchange(1, {"data": [ROW] * 5, "meta": META})
    (found,) = reported([one], one.finding("a", "b"))
    body = json.loads(found["body"])
    assert body["data"][0] == ROW | {"name": "masked, 12 characters"}
    assert body["data"][2:] == ["… 3 more"]
    assert body["meta"] == META
    assert "okonkwo" not in json.dumps(found).lower()
    (shown,) = reported([one], one.finding("a", "b"), mask=False)
    assert "Will Okonkwo" in shown["body"]


def test_a_code_is_shown_and_a_name_in_capitals_is_not() -> None:
    row = ROW | {"name": "OKONKWO", "OKONKWO": "x", "registration_number": 1234567}
    error = {"code": "NOT_FOUND", "message": "Okonkwo is unknown"}
    one = exchange(1, {"data": row, "meta": META, "error": error})
    (found,) = reported([one], one.finding("a", "b"))
    assert "okonkwo" not in json.dumps(found).lower()
    assert "1234567" not in json.dumps(found)
    assert json.loads(found["body"])["error"]["code"] == "NOT_FOUND"
    text = exchange(2, b"<h1>Okonkwo</h1>")
    (found,) = reported([one, text], text.finding("a", "b"))[1:]
    assert found["body"] == "16 bytes that are not JSON"


def test_a_body_of_any_size_and_depth_is_cut() -> None:
    deep: Any = "x"
    for _ in range(50):
        deep = {"a": [deep]}
    for body in (deep, {"a": "x" * 100_000}, {str(n): n for n in range(5000)}, b"x" * 100_000, b""):
        one = exchange(1, body)
        for mask in (True, False):
            (found,) = reported([one], one.finding("a", "b"), mask=mask)
            assert len(found["body"]) < 2_500
