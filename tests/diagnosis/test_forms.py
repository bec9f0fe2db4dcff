"""Causes about the form of responses: what deviates, and the condition that is induced."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from conformance.contract.verdict import Finding
from conformance.diagnosis.causes import Cause
from conformance.diagnosis.context import Context, noted
from conformance.diagnosis.forms import Unit, cause_of, collapsed, conditions, deviations
from conformance.diagnosis.grammar_bodies import bodies
from conformance.diagnosis.grammar_headers import headers
from conformance.diagnosis.grammar_members import members
from conformance.diagnosis.grammar_together import repeated_ids
from conformance.diagnosis.values import damaged, misformed
from conformance.http.api import as_query
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION, Request
from conformance.target.credentials import OTHER

ID = "3e66f71d-844b-4fda-8658-06a0e3e0{:04x}"
ROW = {
    "id": ID.format(0),
    "name": "Dr Ada Byrne",
    "display_name": None,
    "first_name": "Ada",
    "last_name": "Byrne",
    "title": "Dr",
    "role": "Physiotherapist",
    "email": None,
    "bio": "Works with runners and dancers.",
    "photo_url": None,
    "qualifications": "BSc",
    "registration_number": "007",
    "professional_registration_body": None,
    "is_active": True,
    "is_bookable_online": False,
    "created_at": "2024-01-02T03:04:05Z",
    "updated_at": "2024-02-02T03:04:05Z",
}
ROWS: list[dict[str, Any]] = [
    {**ROW, "id": ID.format(at), "is_active": at % 2 == 0} for at in range(6)
]


def answered(number: int, request: Request, status: int, body: Any, **more: Any) -> Exchange:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json", "x-request-id": f"req_{number}"} | more
    shown = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange(number, request, f"http://t.test{request.target}", status, shown, raw, 0.0)


def page(number: int, rows: list[dict[str, Any]], **query: str) -> Exchange:
    meta = {"request_id": f"req_{number}", "limit": 20, "has_more": False, "next_offset": None}
    request = Request(query=tuple(query.items()))
    return answered(number, request, 200, {"data": rows, "meta": meta})


def record(number: int, row: dict[str, Any]) -> Exchange:
    body = {"data": row, "meta": {"request_id": f"req_{number}"}}
    return answered(number, Request(path=f"{COLLECTION}/{row['id']}"), 200, body)


def refused(number: int, status: int, request: Request, **error: Any) -> Exchange:
    content = {"code": "NOT_FOUND", "message": "None."} | error
    body = {"data": None, "error": content, "meta": {"request_id": f"req_{number}"}}
    return answered(number, request, status, body)


def found(exchange: Exchange, requirement: str) -> list[tuple[str, Finding]]:
    return [(requirement, exchange.finding("the documented form", "another one"))]


def causes(exchanges: list[Exchange], requirement: str, on: int = -1) -> list[Cause]:
    contexts = [Context(exchange) for exchange in exchanges]
    noted(contexts)
    items = [
        *deviations([*bodies(), *headers()], contexts),
        *members(contexts),
        *repeated_ids(contexts),
    ]
    made = (cause_of(item, found(exchanges[on], requirement)) for item in items)
    return [cause for cause in made if cause is not None]


def test_the_condition_is_the_status_of_the_responses_that_deviate() -> None:
    unknown = [Request(path=f"{COLLECTION}/{ID.format(at)}") for at in (90, 91)]
    bad = Request(path=f"{COLLECTION}/abc")
    exchanges = [
        page(1, ROWS),
        refused(2, 400, bad),
        *(refused(at, 404, request, message="") for at, request in enumerate(unknown, 3)),
    ]
    (cause,) = causes(exchanges, "ENV-06")
    assert cause.title == "`error.message` is empty if the status is 404"
    assert cause.findings == {("ENV-06", 4)}
    assert (cause.explained, cause.agreeing) == (2, 1)
    assert cause.usually
    assert cause.fix


def test_a_deviation_of_all_responses_has_no_condition() -> None:
    exchanges = [page(at, ROWS) for at in (1, 2, 3)]
    wrong = [json.loads(item.body) for item in exchanges]
    for body in wrong:
        body["meta"]["has_more"] = 0
    sent = [answered(at, Request(), 200, body) for at, body in enumerate(wrong, 1)]
    (cause,) = causes(sent, "ENV-02")
    assert cause.title == "`meta.has_more` is a number"


def test_no_condition_is_stated_where_none_fits() -> None:
    exchanges = [page(at, ROWS, x_unknown=str(at)) for at in range(1, 7)]
    short = [page(at, ROWS) for at in (7, 8)]
    for item in (exchanges[0], exchanges[3]):
        object.__setattr__(item, "headers", item.headers[:1])
    (cause,) = causes([*exchanges, *short], "ENV-10", on=0)
    assert cause.title == "The header `X-Request-Id` is missing in 2 of 8 responses"


@pytest.mark.parametrize(
    ("body", "clause"),
    [
        (b"", "The body is empty"),
        (b'\xef\xbb\xbf{"data": []}', "The body starts with a byte order mark"),
        ('{"data": []}'.encode("utf-16"), "The body is encoded in UTF-16"),
        (b'{"data": "\xe9"}', "The body is not encoded in UTF-8"),
        (b"<!DOCTYPE html><html></html>", "The body is an HTML page"),
        (b'Notice: x on line 3\n{"data": []}', "The body has other text in front of its JSON"),
        (b'{"data": []}<!-- 3 ms -->', "The body has other text behind its JSON"),
        (b'cb({"data": []});', "The body is a script that calls a function"),
        (b'{"data": [], "data": []}', "The body has the same member twice"),
        (b'{"data": [{"rating": NaN}]}', "The body has NaN or Infinity, which are not JSON"),
    ],
)
def test_a_body_that_is_no_json_is_described(body: bytes, clause: str) -> None:
    exchanges = [page(1, ROWS), page(2, ROWS), answered(3, Request(), 200, body)]
    stated = [cause.title for cause in causes(exchanges, "ENV-12")]
    assert any(text.startswith(clause) for text in stated), stated


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ({"bio": "Works with"}, "`bio` is cut"),
        ({"registration_number": "7"}, "`registration_number` lacks its leading zeros"),
        ({"email": ""}, "`email` is an empty string instead of null"),
        ({"updated_at": ROW["created_at"]}, "`updated_at` has the value of `created_at`"),
        ({"is_bookable_online": 0}, "`is_bookable_online` is 0 or 1 instead of a boolean"),
    ],
)
def test_changed_members_of_retrieves_are_named(change: dict[str, Any], title: str) -> None:
    exchanges = [page(1, ROWS), *(record(at + 2, {**row, **change}) for at, row in enumerate(ROWS))]
    (cause,) = causes(exchanges, "RET-02")
    assert cause.title == f"{title} if a profile is retrieved"


def test_marks_around_the_term_of_a_search_are_named() -> None:
    rows = [{**row, "name": row["name"].replace("Byrne", "<em>Byrne</em>")} for row in ROWS]
    (cause,) = causes([page(1, ROWS), page(2, rows, search="byrne")], "RET-02")
    assert cause.title.startswith("`name` has tags of HTML around a part of it if")


def test_a_list_is_named_that_differs_from_the_retrieve_with_the_finding() -> None:
    rows = [{**row, "registration_number": "7"} for row in ROWS]
    exchanges = [page(1, rows), *(record(at + 2, row) for at, row in enumerate(ROWS))]
    (cause,) = causes(exchanges, "RET-02")
    assert cause.title.startswith("`registration_number` lacks its leading zeros if")
    assert not causes(exchanges, "OBJ-12")  # says nothing of another response


def test_what_came_before_is_told_by_when_responses_ended() -> None:
    path = f"{COLLECTION}/{ID.format(0)}"
    requests = [
        Request(path=path),
        Request(path=path, query=as_query(limit=1), credential=OTHER),
        Request("HEAD", path),
    ]
    exchanges = [
        replace(answered(number, request, 200, {"data": ROW}), elapsed=elapsed)
        for number, (request, elapsed) in enumerate(zip(requests, (0.3, 0.1, 0.2), strict=True), 1)
    ]
    contexts = [Context(exchange) for exchange in exchanges]
    noted(contexts)
    first, second, third = contexts
    assert (first.before, second.before, third.before) == (OTHER, None, OTHER)
    assert "the request before it for the same URL was HEAD" in first.literals


def test_the_profiles_that_deviate_are_named() -> None:
    rows = [{**row, "photo_url": "a.test/x.jpg" if not row["is_active"] else None} for row in ROWS]
    (cause,) = causes([page(1, rows), page(2, rows, limit="5")], "OBJ-11")
    assert cause.title.startswith("`photo_url` has no scheme if the profile's `is_active` is false")


def test_ids_that_repeat_by_their_url_are_named() -> None:
    exchanges = [page(at, ROWS, limit=str(at % 3)) for at in range(1, 9)]
    for item in exchanges:
        body = json.loads(item.body)
        body["meta"]["request_id"] = f"req_{item.number % 3}"
        object.__setattr__(item, "body", json.dumps(body).encode())
    (cause,) = causes(exchanges, "ENV-08")
    assert "`request_id` is the same in requests with the same" in cause.title


def test_values_that_are_equal_or_unlike_are_not_called_damaged() -> None:
    assert damaged("bio", "One", "Another text", ROW) == ""
    assert misformed("created_at", "2024-01-02T03:04:05+00:00") == ""
    assert misformed("updated_at", "2024-01-02T03:04:05") == "has no time zone"
    assert misformed("id", "archived-" + ID.format(1)) == "has a prefix in front of its UUID"


def test_the_narrowest_of_several_conditions_is_kept() -> None:
    wide, narrow = frozenset({"`is_active` is given"}), frozenset({"`is_active` is true"})
    assert collapsed([wide, narrow]) == [narrow]
    weak = frozenset({"`search` directly follows `location_id`"})
    assert collapsed([weak, wide]) == [wide]
    exact = frozenset({"`offset` is `-1`"})
    assert collapsed([exact, frozenset({"`offset` is negative"})]) == [
        frozenset({"`offset` is negative"})
    ]


def test_two_signs_of_one_term_are_no_condition() -> None:
    def unit(term: str) -> Unit:
        return Unit(Context(page(1, [], search=term)))

    shown = [unit("a*b'c d")]
    others = [unit("a*b"), unit("b'c"), unit("c d"), unit("a b'c"), unit("a*b'c"), unit("a* d")]
    assert conditions(shown, others, of_request=True) is None
