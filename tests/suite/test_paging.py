"""Pages: which are the same, and which to request."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from conformance.contract.verdict import Breach
from conformance.errors import Inconclusive
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import Request
from conformance.suite.paging import both_kinds, later_pages, moved_between, same_page, unused_limit
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


@pytest.mark.parametrize(
    ("total", "ends", "pages"),
    [
        (0, (0,), [(20, 1)]),
        (1, (0, 1), [(20, 1)]),
        (2, (0,), [(1, 1)]),
        (10, (0,), [(9, 1)]),
        (10, (1,), [(8, 1)]),
        (10, (0, 1), [(5, 5), (5, 4)]),
        (300, (0,), [(100, 200)]),
        (300, (0, 1), [(100, 200), (100, 199)]),
    ],
)
def test_later_pages_are_at_the_end_of_the_list(
    total: int, ends: tuple[int, ...], pages: list[tuple[int, int]]
) -> None:
    assert later_pages(total, ends) == pages


def test_the_unused_limit_is_the_largest_that_no_page_has() -> None:
    transcript = Transcript()
    assert unused_limit(transcript) == 99
    for limit in ("99", "98", "100"):
        request = Request(query=(("limit", limit),))
        transcript.add(
            [Exchange(1, request, "http://t", 200, (), b'{"data": [], "meta": {}}', 0.0)]
        )
    assert unused_limit(transcript) == 97


@pytest.mark.parametrize("kind", [{}, [], "true", 1, None])
def test_has_more_of_another_type_is_no_kind_of_page(kind: object) -> None:
    pages = [page([], has_more=kind), page([], has_more=False)]
    with pytest.raises(Inconclusive, match="has_more true"):
        both_kinds(pages)
    both_kinds([*pages, page([], has_more=True)])
