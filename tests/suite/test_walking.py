"""Reading a list again: page sizes, windows, repeated records, next_offset."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from conformance.contract.verdict import Breach
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http.api import Api
from conformance.http.exchange import Exchange
from conformance.http.request import Query, Request
from conformance.suite.walking import (
    follow_next_offset,
    has_end_of,
    no_record_twice,
    records_behind,
    sample_windows,
    second_page_size,
)
from tests.support.rows import ID, row


def directory(total: int, same_second: tuple[int, int] | None = None) -> Directory:
    rows = [row(number, created_at=str(number)) for number in range(total)]
    if same_second is not None:
        rows[same_second[1]]["created_at"] = rows[same_second[0]]["created_at"]
    return Directory(rows)


def answer(request: Request, numbers: Sequence[int], **meta: Any) -> Exchange:
    body = json.dumps({"data": [row(number) for number in numbers], "meta": meta})
    return Exchange(1, request, "http://t/v1", 200, (), body.encode(), 0.0)


def page_at(offset: int, *numbers: int) -> Exchange:
    return answer(Request(query=(("limit", "2"), ("offset", str(offset)))), numbers)


def test_records_behind_a_page_are_on_no_page_before_its_end() -> None:
    first, second, third = page_at(0, 0, 1), page_at(2, 2, 3), page_at(3, 3, 4)
    every = [first, second, third]
    assert records_behind(first, [second], every) == {ID.format(2), ID.format(3)}
    assert records_behind(second, [first, third], every) == {ID.format(4)}
    assert records_behind(third, [first, second], every) == set()
    # A page far behind the end that has the last records again has none that follow.
    again = page_at(900, 3, 4)
    assert records_behind(third, [again], [*every, again]) == set()


def test_two_pages_have_the_same_end_if_a_record_is_at_the_same_position() -> None:
    page = page_at(2, 2, 3)
    assert has_end_of(page, page_at(3, 3, 4))
    assert not has_end_of(page, page_at(0, 2, 3)), "a server that has another offset in mind"
    assert not has_end_of(page, page_at(4, 3))


def test_the_second_page_size_reads_the_list_in_few_pages() -> None:
    for total, most in ((2, 6), (6, 6), (20, 6), (70, 6), (101, 3), (263, 3)):
        size, end = second_page_size(directory(total))
        assert (end, size % 2) == (total, 1)
        assert -(-end // size) <= most


def test_the_second_page_size_separates_records_of_one_second() -> None:
    assert second_page_size(directory(70))[0] == 13
    assert second_page_size(directory(70, (14, 15)))[0] == 15


def test_of_a_long_list_only_the_start_is_read() -> None:
    long = Directory([row(number, created_at=str(number)) for number in range(300)], size=10_000)
    size, end = second_page_size(long)
    assert (size, end) == (99, 297)


def test_windows_are_the_same_for_the_same_seed_and_do_not_start_with_a_page() -> None:
    small = directory(50)
    assert sample_windows(small) == sample_windows(directory(50))
    assert sample_windows(small) == [(20, 31)]
    assert sample_windows(directory(15)) == sample_windows(directory(39)) == [(20, 1)]
    pages = tuple(
        answer(Request(query=(("limit", "100"), ("offset", str(start)))), range(start, start + 100))
        for start in (0, 100)
    )
    ((size, offset),) = sample_windows(Directory([row(0)], pages, size=10_000))[1:]
    assert offset < 100 < offset + size


def pages_of(*pages: tuple[int, Sequence[int]]) -> Directory:
    made = tuple(
        answer(Request(query=(("limit", "100"), ("offset", str(offset)))), numbers)
        for offset, numbers in pages
    )
    return Directory(pages=made)


def test_a_record_on_two_pages_is_a_finding() -> None:
    no_record_twice(pages_of((0, (1, 2)), (2, (3, 4))))
    with pytest.raises(Breach) as breach:
        no_record_twice(pages_of((0, (1, 2)), (2, (2, 3))))
    assert breach.value.findings[0].received == f"1 record returned twice: {ID.format(2)}"


def test_a_record_twice_on_a_page_is_a_finding() -> None:
    with pytest.raises(Breach) as breach:
        no_record_twice(
            pages_of(
                (0, (1, 1)),
            )
        )
    assert breach.value.findings[0].received == f"1 record returned twice: {ID.format(1)}"


def served(page: Callable[[int, int], tuple[Sequence[int], dict[str, Any]]]) -> Api:
    def ask(requests: Sequence[Request]) -> list[Any]:
        found: list[Any] = []
        for request in requests:
            query: dict[str, Any] = dict[str, Any](_texts(request.query))
            numbers, meta = page(int(query["limit"]), int(query.get("offset", 0)))
            found.append(answer(request, numbers, **meta))
        return found

    return Api(ask)


def _texts(query: Query) -> list[tuple[str, str]]:
    return [(name, value) for name, value in query if isinstance(value, str)]


def correct(limit: int, offset: int) -> tuple[Sequence[int], dict[str, Any]]:
    end = min(offset + limit, 20)
    return range(offset, end), {
        "has_more": end < 20,
        "next_offset": end if end < 20 else None,
    }


@pytest.mark.parametrize(("first", "end"), [(0, 20), (0, 9), (13, 20)])
def test_next_offset_leads_to_the_end(first: int, end: int) -> None:
    follow_next_offset(served(correct), directory(20), 3, first, end)


def test_a_next_offset_that_skips_a_record_is_a_finding() -> None:
    def skipping(limit: int, offset: int) -> tuple[Sequence[int], dict[str, Any]]:
        numbers, meta = correct(limit, offset)
        return numbers, meta | (
            {"next_offset": meta["next_offset"] + 1} if meta["has_more"] else {}
        )

    with pytest.raises(Breach):
        follow_next_offset(served(skipping), directory(20), 3, 0, 20)


def test_a_next_offset_that_stands_still_is_a_finding() -> None:
    def standing(limit: int, offset: int) -> tuple[Sequence[int], dict[str, Any]]:
        return correct(limit, offset)[0], {"has_more": True, "next_offset": offset}

    with pytest.raises(Breach) as breach:
        follow_next_offset(served(standing), directory(20), 3, 0, 20)
    assert breach.value.findings[0].received == "next_offset 0 after offset 0, on page 1"


def test_short_pages_are_inconclusive() -> None:
    def short(_: int, offset: int) -> tuple[Sequence[int], dict[str, Any]]:
        return [offset], {"has_more": offset < 19, "next_offset": offset + 1}

    with pytest.raises(Inconclusive, match="8 pages with limit 3 did not reach offset 20"):
        follow_next_offset(served(short), directory(20), 3, 0, 20)
