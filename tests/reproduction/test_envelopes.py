"""What is wrong with an envelope is shown by a line that has something to check."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.http.exchange import Exchange
from tests.support.reproducing import exchange, lines

ERROR = {"code": "not_found", "message": ""}


def refusal(status: int, **members: Any) -> Exchange:
    body = {"data": None, "error": ERROR, "meta": {"request_id": ""}, **members}
    return exchange(1, body, status=status)


@pytest.mark.parametrize(
    ("found", "expected", "check"),
    [
        (
            refusal(404),
            "error.code in UPPER_SNAKE",
            "# error.code has the form: expected true, received false",
        ),
        (
            refusal(401),
            "error.message a non-empty string",
            "# error.message has the form: expected true, received false",
        ),
        (
            refusal(200),
            "meta.request_id a non-empty string",
            "# meta.request_id has the form: expected true, received false",
        ),
        (
            refusal(400, data=[]),
            "400 or 422 for limit, or 200 with at most 100 records",
            '# the types of data and error: expected ["null","object"], received ["array","object"]',
        ),
    ],
)
def test_an_envelope_has_a_line_to_check(found: Exchange, expected: str, check: str) -> None:
    finding = found.finding(expected, f"{found.status} X")
    assert lines([found], ("ENV-04", finding))[-1] == check


def test_a_list_in_place_of_a_profile_is_shown_by_its_type() -> None:
    found = exchange(1, {"data": [], "meta": {}})
    written = lines([found], ("ROB-05", found.finding("the profile", "200 with 0 records")))
    assert written[-1] == "# the type of data: expected object, received array"


def test_a_request_id_is_compared_with_its_header() -> None:
    found = refusal(404, meta={"request_id": "req_1"})
    object.__setattr__(found, "headers", (("x-request-id", "req_2"),))
    finding = found.finding("X-Request-Id equal to meta.request_id", "X-Request-Id 'req_2'")
    written = lines([found], ("ENV-09", finding))
    assert written[-1] == "# X-Request-Id and meta.request_id: expected same, received different"


@pytest.mark.parametrize(
    ("received", "check"),
    [
        ("meta.pages.total 3", "# a member total is present: expected false, received true"),
        ("the header x-total-count 3", "# headers x-total-count: expected 0, received 1"),
        (
            "the total of Content-Range 3",
            "# Content-Range with /3: expected 0, received 1",
        ),
    ],
)
def test_a_total_count_is_shown_where_it_is(received: str, check: str) -> None:
    found = exchange(1, {"data": [], "meta": {"pages": {"total": 3}}})
    headers = (("x-total-count", "3"), ("content-range", "items 1-3/3"))
    object.__setattr__(found, "headers", headers)
    finding = found.finding("no total count", received)
    assert lines([found], ("PAG-14", finding))[-1] == check
