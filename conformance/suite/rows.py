"""Comparison of a profile in one response with the same profile in another."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from conformance.contract.document import Contract
from conformance.directory.changes import differing, same_value
from conformance.directory.directory import Directory, Row
from conformance.errors import Inconclusive
from conformance.http.exchange import Exchange
from conformance.suite.expect import counted, expect, shown
from conformance.text.wording import kind_of

_PUBLIC = ("id", "is_active", "is_bookable_online", "created_at", "updated_at")
"""Members whose values a report may show: they are no personal data."""

_MANY = 5


def equals_row(answer: Exchange, row: Row, contract: Contract) -> None:
    """Expect a profile with the value of the row in each member of the contract."""
    expect(answer).record()
    same_members(answer, answer.member("data"), row, contract)


def same_profile(answer: Exchange, profile: Row, row: Row, contract: Contract) -> None:
    """Expect a profile with the members of the row, and with the same values."""
    absent = [name for name in contract.members if name in row and name not in profile]
    if absent:
        raise answer.breach(
            "the members of the row", f"{', '.join(absent)} absent", witnesses=[str(row.get("id"))]
        )
    same_members(answer, profile, row, contract)


def same_members(
    answer: Exchange, profile: Row, row: Row, contract: Contract, whose: str = ""
) -> None:
    """Expect that a profile has the value of the row in each member of the contract.

    :param whose: ends the sentence in the finding, if the response has several profiles.
    """
    different = [name for name in contract.members if not _equal(profile, row, name)]
    if different:
        verb = "differs" if len(different) == 1 else "differ"
        raise answer.breach(
            f"the {len(contract.members)} members as the row of the list has them",
            f"{', '.join(different)} {verb}{whose}",
            "; ".join(
                f"{name}: {_described(row, name)} in the list, {_described(profile, name)} here"
                for name in different
            ),
        )


def _equal(profile: Row, row: Row, name: str) -> bool:
    if (name in profile) is not (name in row):
        return True  # that every profile has all members is judged by OBJ-01 and OBJ-02
    left, right = profile.get(name), row.get(name)
    return type(left) is type(right) and same_value(name, left, right)


def _described(row: Row, name: str) -> str:
    """Return a value that is no personal data, else only its type and length."""
    if name not in row:
        return "absent"
    value = row[name]
    if name in _PUBLIC or value is None or isinstance(value, bool):
        return value if isinstance(value, str) else json.dumps(value, default=repr)
    return f"a string of {len(value):,} characters" if isinstance(value, str) else kind_of(value)


def rows_unchanged(page: Exchange, before: Mapping[str, Row], members: Sequence[str]) -> None:
    """Expect that the rows of a page are as they were before profiles were retrieved.

    :param before: id → row; profiles that are not among them are not judged.
    """
    for record, row in zip(page.ids, page.rows, strict=True):
        names = differing(before.get(record, row), row, members)
        if names:
            raise page.breach(
                "the row as it was before profiles were retrieved",
                f"{', '.join(names)} changed",
                f"id {record}",
                witnesses=(record,),
            )


def directory_unchanged(before: Directory, after: Directory, members: Sequence[str]) -> None:
    """Expect that a directory has the same profiles as before write methods were sent.

    :raises Inconclusive: if it could not be read again.
    """
    page = after.pages[-1]
    if after.problem and after.size is None:
        raise Inconclusive(f"the directory could not be read again: {after.problem}")
    one, two = before.by_id, after.by_id
    changes = {
        record: differing(row, two[record], members) for record, row in one.items() if record in two
    }
    changed = {record for record, names in changes.items() if names}
    # Edits by other users do not change most of a directory; an import may set updated_at in all of it.
    edited = [names for names in changes.values() if set(names) - {"updated_at"}]
    most = len(edited) > max(_MANY, len(one) // 2)
    for ids, what in (
        (set(one) - set(two), "gone"),
        (set(two) - set(one), "new"),
        (changed, "changed"),
    ):
        if ids:
            raise page.breach(
                "the same profiles as before the write methods",
                f"{counted(len(ids), 'profile')} {what}: {shown(ids)}",
                certain=most,
            )
    if after.problem:
        raise page.breach("the list as it was before the write methods", after.problem)
