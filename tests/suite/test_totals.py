"""Total counts: which numbers beside the data are one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.http.exchange import Exchange
from conformance.http.request import Query, Request
from conformance.suite.totals import of_two_lists, total_count
from tests.support.rows import row

SIZE = 9


Headers = tuple[tuple[str, str], ...]


def listed(rows: int, query: Query = (), headers: Headers = (), **meta: Any) -> Exchange:
    body = {"data": [row(n) for n in range(rows)], "meta": {"has_more": True, **meta}}
    content = json.dumps(body).encode()
    return Exchange(1, Request(query=query), "http://t/v1", 200, headers, content, 0.0)


def counts(*pages: Exchange) -> bool:
    return total_count(pages, SIZE) is not None


def test_a_number_that_is_named_as_a_total_is_one_whatever_its_value() -> None:
    assert counts(listed(1, total=7))
    assert counts(listed(1, totalItems=7))
    assert counts(listed(1, pagination={"total_records": 7}))


def test_a_total_of_time_or_bytes_is_none() -> None:
    assert not counts(listed(1, total_time_ms=SIZE), listed(1, totalDuration=SIZE))


def test_a_count_is_a_total_if_it_is_the_size_on_every_page_of_a_list() -> None:
    assert counts(listed(1, count=SIZE), listed(2, count=SIZE))
    assert counts(listed(1, (("limit", "1"),), count=SIZE), listed(1, (("search", "x"),), count=1))
    assert not counts(listed(1, request_count=8), listed(1, request_count=SIZE))
    assert not counts(listed(1, (("search", "x"),), request_count=SIZE)), "one page proves nothing"
    assert not counts(listed(1, count=8))
    assert not counts(listed(1, page_count=SIZE), listed(1, max_records=SIZE))


def test_the_path_and_the_value_are_returned() -> None:
    page = listed(1, paging={"total": 7})
    assert total_count([page], SIZE) == (page, "meta.paging.total", 7)


def test_members_of_records_are_not_judged() -> None:
    content = json.dumps({"data": [row(1, total=7)], "meta": {}}).encode()
    assert not counts(Exchange(1, Request(), "http://t/v1", 200, (), content, 0.0))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Total-Count", "7"),
        ("x-total-count", "7"),
        ("X-Total", " 7 "),
        ("X-WP-TotalPages", "2"),
        ("Total-Records", "7"),
        ("Content-Range", "items 0-0/7"),
        ("content-range", "clinician-profiles */7"),
        ("X-Record-Count", str(SIZE)),
        ("X-Unknown-Total", str(SIZE)),
    ],
)
def test_a_header_may_be_a_total(name: str, value: str) -> None:
    assert counts(listed(1, headers=((name, value),)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Range", "items 0-0/*"),
        ("Content-Range", "bytes 0-1/7"),
        ("Content-Length", str(SIZE)),
        ("X-RateLimit-Total", "1000"),
        ("X-Total-Queries", "7"),
        ("X-Total-Time", "7"),
        ("X-Total-Count", "unknown"),
        ("X-Record-Count", "7"),
        ("Server-Timing", "total;dur=7"),
    ],
)
def test_any_other_header_is_none(name: str, value: str) -> None:
    assert not counts(listed(1, headers=((name, value),)))


def test_a_header_is_named_in_the_finding() -> None:
    page = listed(1, headers=(("X-Total-Count", "7"),))
    assert total_count([page], SIZE) == (page, "the header X-Total-Count", 7)


def sized(number: int, filters: Query, total: int, **meta: Any) -> Exchange:
    body = {"data": [], "meta": {"request_id": f"r{number}", "matches": total} | meta}
    request = Request(query=(*filters, ("limit", "1")))
    return Exchange(number, request, "http://t/v1", 200, (), json.dumps(body).encode(), 0.0)


ACTIVE: Query = (("is_active", "true"),)


def test_a_number_of_any_name_that_is_the_size_of_two_lists_is_a_total() -> None:
    pages = [sized(1, (), 9), sized(2, ACTIVE, 7)]
    assert of_two_lists(pages, {(): 9, ACTIVE: 7}) == (pages[0], "meta.matches", 9)
    assert of_two_lists(pages, {(): 9, ACTIVE: 6}) is None
    assert of_two_lists(pages[:1], {(): 9, ACTIVE: 7}) is None


def test_a_total_in_a_text_is_found() -> None:
    pages = [
        sized(number, filters, 0, showing=f"1 to 1 of {size}")
        for number, filters, size in ((1, (), 9), (2, ACTIVE, 7))
    ]
    found = of_two_lists(pages, {(): 9, ACTIVE: 7})
    assert found is not None
    assert found[1:] == ("meta.showing", 9)
