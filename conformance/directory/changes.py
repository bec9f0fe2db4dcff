"""Compares two readings of a directory: did the data change between them?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from conformance.directory.directory import Directory, Row
from conformance.http.request import Id
from conformance.text.stamps import instant
from conformance.text.uuids import is_uuid

TIMES = ("created_at", "updated_at")
"""Members that are timestamps."""

COINCIDENCE = 0.001
"""The largest chance that only retrieved profiles were edited, for which reading is taken to be the cause."""


class Change(Enum):
    """What two readings of a directory show of the time between them."""

    NONE = "the same data"
    MOVED = "other data"
    UNKNOWN = "one of the readings failed"


def between(
    one: Directory,
    two: Directory,
    retrieved: set[str],
    members: Sequence[str],
    elsewhere: float = 1.0,
) -> Change:
    """Return how one organisation's data changed between two readings.

    Members that the contract does not define may change at any time and are not compared. A reading that
    fails in the same way both times shows a fault, not a change. If several profiles changed and this run
    retrieved each of them, the retrieving changed them: edits by others do not follow the reader, unless
    nearly all profiles were retrieved.

    :param retrieved: ids that this run has retrieved.
    :param members: the members to compare.
    :param elsewhere: the chance of the same in the other organisations' data: see :func:`coincidence`.
    """
    if not one.pages or not two.pages:
        return Change.UNKNOWN
    if one.problem or two.problem:
        same = [page.ids for page in one.pages] == [page.ids for page in two.pages]
        return Change.NONE if same else Change.MOVED
    if one.size != two.size or set(one.by_id) != set(two.by_id):
        return Change.MOVED
    changed = edited(one, two, members)
    if not changed:
        return Change.NONE
    follows = changed <= retrieved
    chance = coincidence(one, two, retrieved, members) * elsewhere
    return Change.NONE if follows and chance < COINCIDENCE else Change.MOVED


def coincidence(
    one: Directory, two: Directory, retrieved: set[str], members: Sequence[str]
) -> float:
    """Return the chance that edits by others hit only profiles that this run has retrieved.

    It is 1 if no profile was edited, and if one was that the run has not retrieved.
    """
    changed = edited(one, two, members)
    if not changed or not changed <= retrieved:
        return 1.0
    share = len(retrieved & one.by_id.keys()) / len(one.by_id)
    return float(share ** len(changed))


@dataclass
class Movement:
    """The changes of the own organisation's data during a run, as far as readings show them.

    ``seen`` says that the data changed by itself; ``edited`` holds ids. If a directory is too large to be
    read completely, only its size and the profiles of both readings can be compared. ``differs`` says that
    two readings without a problem have other records or other values: a server that lists the same records
    in another order each time, or some of them twice, has no other data.
    """

    seen: bool = False
    differs: bool = False
    added: int = 0
    removed: int = 0
    edited: set[str] = field(default_factory=set)

    def note(self, one: Directory, two: Directory, members: Sequence[str]) -> None:
        """Add the changes between two readings. A reading that failed shows nothing."""
        if one.problem or two.problem:
            return
        self.differs |= one.by_id.keys() != two.by_id.keys()
        if one.complete and two.complete:
            self.added += len(two.by_id.keys() - one.by_id)
            self.removed += len(one.by_id.keys() - two.by_id)
        else:
            grown = two.total - one.total
            self.added += max(0, grown)
            self.removed += max(0, -grown)
        self.edited |= edited(one, two, members)
        self.differs |= bool(self.edited)


def edited(one: Directory, two: Directory, members: Sequence[str]) -> set[str]:
    """Return the ids of the profiles that differ in one of the members."""
    return {
        record
        for record in one.by_id.keys() & two.by_id
        if differing(one.by_id[record], two.by_id[record], members)
    }


def differing(one: Row, two: Row, members: Sequence[str]) -> list[str]:
    """Return those of the members in which two versions of a profile differ."""
    if one == two:  # most often, and much faster than member by member
        return []
    return [name for name in members if not same_value(name, one.get(name), two.get(name))]


def same_value(name: str, one: Any, two: Any) -> bool:
    """Return whether two values of a member are the same; timestamps are if they are the same instant."""
    if one == two:
        return True
    if name not in TIMES or not isinstance(one, str) or not isinstance(two, str):
        return False
    moment = instant(one)
    return moment is not None and moment == instant(two)


def on_page(rows: Iterable[Row], theirs: Mapping[str, Row]) -> set[str]:
    """Return the ids of those rows that are profiles of another organisation.

    Two profiles with the same id are one profile if the id is a UUID. Other ids may be numbers that each
    organisation counts by itself: then all members must be equal.

    :param theirs: id → row, as a key of that organisation lists it; empty if only the id is known.
    """
    found: set[str] = set()
    for row in rows:
        record = row.get("id")
        if not isinstance(record, str) or Id(record) not in theirs:
            continue
        known = theirs[Id(record)]
        if is_uuid(record) or not known or row == known:
            found.add(Id(record))
    return found
