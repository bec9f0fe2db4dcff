"""Filtered lists: exactly the records that match."""

from __future__ import annotations

import pytest

from conformance.contract.verdict import Breach
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http.api import FullList
from conformance.suite.filtering import has_exactly, subset_of, telling_offset
from tests.support.rows import ID, page, row


def ids(*numbers: int) -> list[str]:
    return [ID.format(number) for number in numbers]


def result(*numbers: int, cut: bool = False) -> FullList:
    return FullList(tuple(ids(*numbers)), (page([row(number) for number in numbers]),), cut=cut)


def test_a_list_that_was_cut_is_a_finding_only_by_an_unexpected_record() -> None:
    has_exactly(result(1, 2), ids(2, 1))
    with pytest.raises(Inconclusive):
        has_exactly(result(1, cut=True), ids(1, 2))
    with pytest.raises(Breach) as breach:
        has_exactly(result(1, 3, cut=True), ids(1, 2))
    assert ID.format(3) in breach.value.findings[0].witnesses


def test_a_part_of_the_list_has_no_other_record_and_none_twice() -> None:
    subset_of(set(ids(1, 2, 3)), result(1, 2))
    with pytest.raises(Breach) as breach:
        subset_of(set(ids(1, 2)), result(1, 4))
    assert breach.value.findings[0].received.startswith("1 profile that its unfiltered list lacks")
    with pytest.raises(Breach):
        subset_of(set(ids(1, 2)), result(1, 1))


def flags(*pairs: tuple[bool, bool]) -> Directory:
    return Directory([row(n, a=one, b=two) for n, (one, two) in enumerate(pairs)])


def test_at_the_telling_offset_each_filter_changes_the_page() -> None:
    directory = flags(
        (True, False), (True, True), (True, False), (False, False), (True, False), (True, False)
    )
    start = telling_offset(directory, "a", "b", 2)
    both = directory.matching(a=True, b=False)[start : start + 2]
    assert both
    assert both != directory.matching(a=True)[start : start + 2]
    assert both != directory.matching(b=False)[start : start + 2]


def test_without_a_telling_offset_it_is_1() -> None:
    assert telling_offset(flags((True, False), (True, False), (True, False)), "a", "b", 2) == 1
