"""What of the contract the exchanges of a run touch: each kind of point, and a run as a whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.contract import points
from conformance.contract.document import load
from conformance.http.exchange import Exchange
from conformance.http.request import BARE, COLLECTION, Query, Request
from conformance.running import coverage
from tests.support.in_process import call

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
JSON = (("content-type", "application/json; charset=utf-8"),)
LIST, RETRIEVE = "listClinicianProfiles", "getClinicianProfile"
Seen = dict[str, int | None]


def exchange(
    body: Any = None,
    *,
    number: int = 1,
    method: str = "GET",
    path: str = COLLECTION,
    query: Query = (),
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = JSON,
) -> Exchange:
    data = b"" if body is None else json.dumps(body).encode()
    request = Request(method=method, path=path, query=query)
    return Exchange(number, request, f"http://t{path}", status, headers, data, 0.0)


def seen(kind: str, place: str, *exchanges: Exchange) -> Seen:
    (found,) = (
        part
        for part in coverage.of(load(), exchanges)
        if (part["kind"], part["place"]) == (kind, place)
    )
    return {point["name"]: point["exchange"] for point in found["points"]}


def touched(kind: str, place: str, *exchanges: Exchange) -> set[str]:
    return {name for name, number in seen(kind, place, *exchanges).items() if number is not None}


def test_nothing_is_touched_by_no_exchange_and_every_part_is_listed() -> None:
    parts = coverage.of(load(), [])
    assert all(point["exchange"] is None for part in parts for point in part["points"])
    kinds = [part["kind"] for part in parts]
    assert kinds == sorted(kinds, key=coverage.KINDS.index)
    assert set(kinds) == set(coverage.KINDS)
    assert len({(part["kind"], part["place"]) for part in parts}) == len(parts)


def test_an_operation_is_its_method_and_path() -> None:
    assert touched("operations", "", exchange()) == {LIST}
    assert touched("operations", "", exchange(path=f"{COLLECTION}/{ID}")) == {RETRIEVE}
    for other in (
        exchange(method="POST"),
        exchange(path=f"{COLLECTION}/{ID}/more"),
        exchange(path="/locations"),
    ):
        assert touched("operations", "", other) == set()


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("50", {"an integer"}),
        ("1", {"an integer", "minimum"}),
        ("100", {"an integer", "maximum"}),
        ("0", {"beyond minimum"}),
        ("-7", {"beyond minimum"}),
        ("101", {"beyond maximum"}),
        ("9" * 5000, {"beyond maximum"}),
        ("+5", {"not an integer"}),
        ("1e2", {"not an integer"}),
        ("٥", {"not an integer"}),
        ("", {"not an integer"}),
        (BARE, {"not an integer"}),
        (b"\xff", {"not an integer"}),
    ],
)
def test_the_values_of_a_number(value: str | bytes, names: set[str]) -> None:
    assert touched("parameters", f"{LIST} limit", exchange(query=(("limit", value),))) == names


def test_a_parameter_is_absent_present_or_present_twice() -> None:
    assert touched("parameters", f"{LIST} limit", exchange()) == {"absent"}
    both = exchange(query=(("is_active", "true"), ("is_active", "yes")))
    assert touched("parameters", f"{LIST} is_active", both) == {"true", "not a boolean"}
    assert touched("parameters", f"{LIST} search", exchange(query=(("search", "x"),))) == {
        "a string"
    }


def test_ids_in_queries_and_paths() -> None:
    for text, name in ((ID, "a uuid"), ("nobody", "not a uuid")):
        asked = exchange(query=(("location_id", text),))
        assert touched("parameters", f"{LIST} location_id", asked) == {name}
        asked = exchange(path=f"{COLLECTION}/{text}")
        assert touched("parameters", f"{RETRIEVE} id", asked) == {name}


def test_an_enumeration_has_a_point_for_each_value() -> None:
    schema = {"enum": ["a", 2]}
    assert points.sent_points(schema, required=True) == ["a", "2", "another value"]
    assert [points.sent(schema, text) for text in ("a", "2", "b")] == [
        ["a"],
        ["2"],
        ["another value"],
    ]


def test_statuses_media_types_and_headers() -> None:
    one = exchange(status=405, method="PUT", headers=(*JSON, ("allow", "GET"), ("x-other", "1")))
    two = exchange(status=418, headers=(("content-type", "text/html"),), number=2)
    assert touched("statuses", LIST, one, two) == {"405"}
    assert touched("media types", LIST, one, two) == {"405 application/json"}
    assert touched("headers", LIST, one, two) == {"405 Allow"}
    html = exchange(status=405, headers=(("content-type", "text/html"),))
    assert touched("media types", LIST, html) == set()
    assert touched("statuses", LIST, exchange(status=0, headers=())) == set()


def test_the_first_exchange_that_touches_a_point_is_named() -> None:
    found = seen("statuses", LIST, *(exchange(number=number) for number in (3, 4, 5)))
    assert found["200"] == 3


def profile(**members: Any) -> dict[str, Any]:
    return {"id": ID, "name": "A", "email": None, "is_active": True} | members


def test_members_of_records_are_seen_with_their_types() -> None:
    place = "ClinicianProfile"
    body = {"data": [profile(), profile(email="a@b", is_active=False)], "meta": {}}
    assert touched("schemas", place, exchange(body)) == {
        *("id string (uuid)", "name string", "email null", "email string"),
        *("is_active true", "is_active false"),
    }
    wrong = profile(name=None, is_active="yes", id=7)
    assert touched("schemas", place, exchange({"data": [wrong]})) == {"email null"}


def test_lists_and_bounds() -> None:
    place, meta = "ClinicianProfileListEnvelope", "ListMeta"
    empty = exchange({"data": [], "meta": {"limit": 1, "has_more": False, "next_offset": None}})
    full = exchange({"data": [profile()] * 100, "meta": {"limit": 100, "next_offset": 100}})
    assert touched("schemas", place, empty) == {"data empty"}
    assert touched("schemas", place, full) == {"data items", "data maxItems"}
    assert touched("schemas", meta, empty) == {
        *("limit integer", "limit minimum", "has_more false", "next_offset null")
    }
    assert touched("schemas", meta, full) == {
        "limit integer",
        "limit maximum",
        "next_offset integer",
    }


def test_errors_and_bodies_of_another_form() -> None:
    body = {"data": None, "meta": {"request_id": "r"}, "error": {"code": "A", "message": "m"}}
    refused = exchange(body, status=400)
    assert touched("schemas", "ErrorDetail", refused) == {
        "code string (pattern)",
        "message string (minLength)",
    }
    assert touched("schemas", "ErrorEnvelope", refused) == {"data null"}
    others: list[Any] = [None, [], 7, {"data": 7}, {"data": [7, None]}, {"error": []}]
    for other in others:
        assert touched("schemas", "ErrorDetail", exchange(other, status=400)) == set()
        assert touched("schemas", "ClinicianProfile", exchange(other)) == set()
    head = exchange(body, status=400, method="HEAD")
    assert touched("schemas", "ErrorDetail", head) == set()


def test_a_run_and_its_replay_have_the_same_coverage(tmp_path: Path) -> None:
    call(tmp_path, "run", "--depth", "smoke", "--report-dir", "one", "--quiet")
    call(tmp_path, "run", "--replay", "one/transcript.har", "--report-dir", "two", "--quiet")
    one, two = (
        json.loads((tmp_path / name / "report.json").read_bytes()) for name in ("one", "two")
    )
    assert one["coverage"] == two["coverage"]
    ended = call(tmp_path, "contract", "coverage", "one", "--json")
    assert json.loads(ended.out) == {"contract": one["contract"], "coverage": one["coverage"]}
    text = call(tmp_path, "contract", "coverage", "one").out
    assert "  listClinicianProfiles limit " in text
    assert "never: " in text
    assert "Coverage of the contract" in (tmp_path / "one/report.html").read_text("utf-8")


def test_a_report_without_coverage_is_one_line(tmp_path: Path) -> None:
    for name in ("missing", "."):
        ended = call(tmp_path, "contract", "coverage", name)
        assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
