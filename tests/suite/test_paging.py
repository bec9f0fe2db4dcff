"""Pages: which are the same, and which to request."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from conformance.contract.verdict import Breach
from conformance.errors import Inconclusive
from conformance.http.api import FullList
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import Request
from conformance.suite.paging import (
    EARLY,
    both_kinds,
    early_page,
    later_pages,
    moved_between,
    same_page,
    unused_limit,
)
from tests.support.rows import page, row


def listed(*numbers: int) -> Exchange:
    return page([row(number) for number in numbers])


@pytest.mark.parametrize(
    ("first", "second", "moved"),
    [
        ("abcde", "abcde", 0),
        ("abcde", "bcdea", 1),
        ("abcde", "eabcd", 1),
        ("abcde", "edcba", 4),
        ("abcde", "abxde", 0),
        ("abcde", "badce", 2),
        ("abc", "xyz", 0),
        ("", "", 0),
    ],
)
def test_moved_counts_the_ids_that_leave_their_order(first: str, second: str, moved: int) -> None:
    assert moved_between(first, second) == moved


def test_moved_is_what_the_longest_common_subsequence_leaves() -> None:
    draw = random.Random(7)
    for _ in range(40):
        first, second = "abcdef", "".join(draw.sample("abcdef", 6))
        longest = max(
            length
            for length in range(7)
            for chosen in combinations(second, length)
            if list(chosen) == sorted(chosen)
        )
        assert moved_between(first, second) == 6 - longest


def test_an_edit_is_no_certain_finding() -> None:
    same_page(listed(1, 2, 3), listed(1, 2, 3))
    with pytest.raises(Breach) as breach:
        same_page(listed(1, 2, 3, 4, 5), listed(2, 3, 4, 5, 1))
    assert not breach.value.findings[0].certain


@pytest.mark.parametrize(
    ("second", "received"),
    [
        ((8, 7, 6, 5, 4, 3, 2, 1), "7 records in another order"),
        ((1, 2, 3, 4, 5, 16, 17, 18), "6 records in only one of the two"),
    ],
)
def test_another_order_or_other_records_are_certain(second: tuple[int, ...], received: str) -> None:
    with pytest.raises(Breach) as breach:
        same_page(listed(1, 2, 3, 4, 5, 6, 7, 8), listed(*second))
    assert breach.value.findings[0].certain
    assert breach.value.findings[0].received == received


def full_list(total: int, **members: str) -> FullList:
    rows = [row(number) | members for number in range(total)]
    found = page(rows)
    return FullList(tuple(found.ids), (found,))


@pytest.mark.parametrize(
    ("total", "ends", "pages"),
    [
        (0, (0,), [(20, 1)]),
        (1, (EARLY, 0), [(20, 1)]),
        (2, (0,), [(1, 1)]),
        (2, (EARLY,), [(1, 0)]),
        (9, (EARLY, 0), [(4, 4), (4, 5)]),
        (10, (0,), [(9, 1)]),
        (10, (1,), [(8, 1)]),
        (10, (EARLY, 0), [(2, 2), (9, 1)]),
        (300, (0,), [(100, 200)]),
        (300, (EARLY, 0), [(20, 20), (100, 200)]),
    ],
)
def test_later_pages_are_early_or_at_the_end(
    total: int, ends: tuple[int, ...], pages: list[tuple[int, int]]
) -> None:
    result = full_list(total, created_at="2020-01-01T00:00:00Z")
    for each in result.pages:
        for record in each.rows:
            record["name"] = record["id"] = record["updated_at"] = "one"
    assert later_pages(result, ends) == pages


def test_an_early_page_starts_between_records_that_share_what_orders_them() -> None:
    result = full_list(40)
    for number, record in enumerate(result.pages[0].rows):
        record["created_at"] = f"{2000 + number - (number >= 11)}-01-01T00:00:00Z"
        record["role"] = "GP"
    assert early_page(result) == (8, 11)


def test_the_unused_limit_is_the_largest_that_no_page_has() -> None:
    transcript = Transcript()
    assert unused_limit(transcript) == 99
    for limit in ("99", "97", "100"):
        request = Request(query=(("limit", limit),))
        transcript.add(
            [Exchange(1, request, "http://t", 200, (), b'{"data": [], "meta": {}}', 0.0)]
        )
    assert unused_limit(transcript) == 96, "98 is that of a page after HEAD"


@pytest.mark.parametrize("kind", [{}, [], "true", 1, None])
def test_has_more_of_another_type_is_no_kind_of_page(kind: object) -> None:
    pages = [page([], has_more=kind), page([], has_more=False)]
    with pytest.raises(Inconclusive, match="has_more true"):
        both_kinds(pages)
    both_kinds([*pages, page([], has_more=True)])
