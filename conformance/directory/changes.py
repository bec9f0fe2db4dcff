"""What two looks at a directory say of the time between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from conformance.directory.directory import Directory, Row

COINCIDENCE = 0.001
"""How likely it may be that edits fell by chance on retrieved profiles alone, to be blamed on the reading."""


class Change(Enum):
    """What two walks say of the time between them."""

    NONE = "the same data"
    MOVED = "other data"
    UNKNOWN = "one of the walks could not be made"


def between(one: Directory, two: Directory, retrieved: set[str], members: Sequence[str]) -> Change:
    """What happened to one organisation's data, further members left out: these may change as they like.

    A walk that breaks down in the same way each time tells of a fault, and not of movement. Where what
    changed are several profiles, and each of them is one that this run has retrieved, the reading has
    changed them: data that move by themselves do not follow the reader, unless nearly all were read.
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
    share = len(retrieved & set(one.by_id)) / len(one.by_id)
    follows = changed <= retrieved and share ** len(changed) < COINCIDENCE
    return Change.NONE if follows else Change.MOVED


@dataclass
class Movement:
    """How the own organisation's data changed during a run, as far as looks at them have shown.

    ``seen`` says that it was by itself, and ``edited`` holds ids. Of a directory that is too large to be
    walked only the profiles that both looks have met can be compared, and the sizes.
    """

    seen: bool = False
    added: int = 0
    removed: int = 0
    edited: set[str] = field(default_factory=set)

    def note(self, one: Directory, two: Directory, members: Sequence[str]) -> None:
        """Add up what lies between two looks; one that broke down tells nothing."""
        if one.problem or two.problem:
            return
        if one.complete and two.complete:
            self.added += len(two.by_id.keys() - one.by_id)
            self.removed += len(one.by_id.keys() - two.by_id)
        else:
            grown = two.total - one.total
            self.added += max(0, grown)
            self.removed += max(0, -grown)
        self.edited |= edited(one, two, members)


def edited(one: Directory, two: Directory, members: Sequence[str]) -> set[str]:
    """The ids of the profiles of which a look has other values than the one before, in these members."""
    return {
        record
        for record in one.by_id.keys() & two.by_id
        if differing(one.by_id[record], two.by_id[record], members)
    }


def differing(one: Row, two: Row, members: Sequence[str]) -> list[str]:
    """The members, of these, in which two looks at a profile differ."""
    return [name for name in members if one.get(name) != two.get(name)]
