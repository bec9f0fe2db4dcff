"""Edits that follow the reader are a side effect of reading; those that may be chance are edits by others."""

from __future__ import annotations

from collections.abc import Collection

from conformance.directory.changes import Change, between, coincidence
from conformance.directory.directory import Directory
from tests.support.rows import ID, page, row

MEMBERS = ("id", "name")


def directory(edited: Collection[int] = (), count: int = 60) -> Directory:
    rows = [row(number, name="new" if number in edited else "old") for number in range(count)]
    return Directory(rows, pages=(page(rows),))


def ids(*numbers: int) -> set[str]:
    return {ID.format(number) for number in numbers}


def test_the_chance_is_that_of_hitting_only_what_was_retrieved() -> None:
    one = directory()
    assert coincidence(one, directory({1, 2}), ids(1, 2, 3), MEMBERS) == (3 / 60) ** 2
    assert coincidence(one, directory({1, 2}), ids(1, 3), MEMBERS) == 1
    assert coincidence(one, directory(), ids(1, 2), MEMBERS) == 1


def test_edits_in_two_organisations_are_weighed_together() -> None:
    """Two of 60 profiles may be chance; not if all edits in the other directory follow the reader as well."""
    one, two, retrieved = directory(), directory({1, 2}), ids(1, 2)
    assert between(one, two, retrieved, MEMBERS) is Change.MOVED
    assert between(one, two, retrieved, MEMBERS, elsewhere=0.01) is Change.NONE
    assert between(one, two, ids(1), MEMBERS, elsewhere=0.0) is Change.MOVED
