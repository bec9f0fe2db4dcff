"""Comparison of profiles: which members differ, and what changed."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contract.document import Contract
from conformance.contract.verdict import Breach, Finding
from conformance.directory.changes import differing
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.suite.rows import directory_unchanged, rows_unchanged, same_members
from tests.support.rows import ID, page, row


def profile(**members: Any) -> dict[str, Any]:
    return row(1, name="Anna", is_active=True) | members


def finding(breach: pytest.ExceptionInfo[Breach]) -> Finding:
    return breach.value.findings[0]


@pytest.mark.parametrize(
    ("members", "detail"),
    [
        ({"is_active": 1}, "is_active: true in the list, 1 here"),
        (
            {"name": "Otto B"},
            "name: a string of 4 characters in the list, a string of 6 characters here",
        ),
        ({"email": "a@b.c"}, "email: null in the list, a string of 5 characters here"),
    ],
)
def test_a_finding_names_types_and_no_personal_data(
    contract: Contract, members: dict[str, Any], detail: str
) -> None:
    answer = page([profile()])
    same_members(answer, profile(), profile(), contract)
    with pytest.raises(Breach) as breach:
        same_members(answer, profile(**members), profile(), contract)
    assert finding(breach).detail == detail


def test_a_member_that_one_of_the_two_lacks_is_judged_by_the_profile(contract: Contract) -> None:
    without = {name: value for name, value in profile().items() if name != "email"}
    same_members(page([]), without, profile(), contract)
    with pytest.raises(Breach) as breach:
        same_members(page([]), without, profile(name="B"), contract, " in x")
    assert finding(breach).received == "name differs in x"


def test_rows_that_were_not_known_before_are_not_judged() -> None:
    answer = page([row(1, name="A"), row(2, name="B")])
    rows_unchanged(answer, {ID.format(1): row(1, name="A")}, ["name"])
    with pytest.raises(Breach) as breach:
        rows_unchanged(answer, {ID.format(2): row(2, name="C")}, ["name"])
    assert (finding(breach).received, finding(breach).witnesses) == (
        "name changed",
        frozenset({ID.format(2)}),
    )


def directory(*rows: dict[str, Any], **members: Any) -> Directory:
    return Directory(list(rows), (page(list(rows)),), **members)


@pytest.mark.parametrize(
    ("after", "received"),
    [
        ([row(1)], f"1 profile gone: {ID.format(2)}"),
        ([row(1), row(2), row(3)], f"1 profile new: {ID.format(3)}"),
        ([row(1), row(2, name="B")], f"1 profile changed: {ID.format(2)}"),
    ],
)
def test_what_changed_in_a_directory(after: list[dict[str, Any]], received: str) -> None:
    before = directory(row(1), row(2))
    directory_unchanged(before, directory(row(1), row(2)), ["name"])
    with pytest.raises(Breach) as breach:
        directory_unchanged(before, directory(*after), ["name"])
    assert (finding(breach).received, finding(breach).certain) == (received, False)


@pytest.mark.parametrize(("name", "certain"), [("name", True), ("updated_at", False)])
def test_a_change_of_most_profiles_is_certain_unless_it_is_a_timestamp(
    name: str, certain: bool
) -> None:
    before = directory(*(row(n) for n in range(9)))
    after = directory(*(row(n, **{name: "new"}) for n in range(9)))
    with pytest.raises(Breach) as breach:
        directory_unchanged(before, after, ["name", "updated_at"])
    assert finding(breach).certain is certain


def test_a_directory_that_cannot_be_read_again_is_inconclusive() -> None:
    with pytest.raises(Inconclusive, match="could not be read again: 500"):
        directory_unchanged(directory(row(1)), directory(problem="500"), ["name"])
    with pytest.raises(Breach):
        directory_unchanged(directory(row(1)), directory(row(1), problem="moved", size=1), ["name"])


@pytest.mark.parametrize(
    ("listed", "retrieved", "same"),
    [
        ("2026-03-02T10:15:04Z", "2026-03-02T10:15:04+00:00", True),
        ("2026-03-02T10:15:04Z", "2026-03-02T11:15:04.000+01:00", True),
        ("2026-03-02T10:15:04.123456Z", "2026-03-02T10:15:04.123Z", False),
        ("2026-03-02T10:15:04Z", "2026-03-02T10:15:04+01:00", False),
        ("2026-03-02T10:15:04Z", "yesterday", False),
        ("yesterday", "yesterday", True),
        ("2026-03-02T10:15:04Z", None, False),
    ],
)
def test_timestamps_are_compared_as_instants(
    contract: Contract, listed: str, retrieved: str | None, same: bool
) -> None:
    row_, other = profile(updated_at=listed), profile(updated_at=retrieved)
    assert (differing(row_, other, contract.members) == []) is same
    if same:
        same_members(page([]), other, row_, contract)
        return
    with pytest.raises(Breach) as breach:
        same_members(page([]), other, row_, contract)
    assert finding(breach).received == "updated_at differs"


def test_other_members_are_compared_as_they_are(contract: Contract) -> None:
    """A text that looks like a timestamp is a text."""
    names = ("2026-03-02T10:15:04Z", "2026-03-02T10:15:04+00:00")
    one, two = (profile(name=name) for name in names)
    assert differing(one, two, contract.members) == ["name"]
