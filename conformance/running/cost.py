"""The number of requests of a run, known before it starts.

The announcement of a run takes it from a table, measured on the embedded target. The doctor counts the
requests of a rehearsal on the profiles of its target instead. A test checks that the doctor
forecasts what a run on the embedded target sends, and that the table is right to within five requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.contract.cases import Depth
from conformance.directory.directory import LISTS, walkable
from conformance.http.client import Client
from conformance.target.credentials import ANONYMOUS, OTHER, OWN


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests with your key, with the second organisation's key and without a valid key.

    A run sends this number if the target conforms; findings are confirmed with further requests.
    """

    own: int
    other: int
    anonymous: int

    @classmethod
    def of(cls, sent: Mapping[str, int]) -> Cost:
        """Return the cost of the requests sent by each identity."""
        return cls(sent[OWN], sent[OTHER], sent[ANONYMOUS])

    @property
    def total(self) -> int:
        """All requests."""
        return self.own + self.other + self.anonymous

    def in_words(self, note: str = "") -> str:
        """Return the cost as part of a sentence.

        :param note: what follows the requests with your key.
        """
        parts = [f"{self.own} requests with your key{note}"]
        if self.other:
            parts.append(f"{self.other} with the second organisation's key")
        return f"{', '.join(parts)} and {self.anonymous} without a valid key"


_WINDOWS = {Depth.SMOKE: 36, Depth.STANDARD: 80, Depth.DEEP: 80}
"""Further requests with your key for a directory that is too large to be read completely."""

_PER_PAGE = {Depth.SMOKE: 1, Depth.STANDARD: LISTS, Depth.DEEP: LISTS}
"""Further requests for each page of a directory that is read completely: of its list and filtered lists."""

_WITH_OTHER = {
    Depth.SMOKE: Cost(30, 5, 4),
    Depth.STANDARD: Cost(158, 61, 42),
    Depth.DEEP: Cost(272, 287, 81),
}
_ALONE = {
    Depth.SMOKE: Cost(24, 0, 4),
    Depth.STANDARD: Cost(176, 0, 42),
    Depth.DEEP: Cost(300, 0, 83),
}


def expected(depth: Depth, *, other: bool) -> Cost:
    """Return the cost of a run, as measured on the embedded target.

    :param other: whether there is a key of a second organisation.
    """
    return (_WITH_OTHER if other else _ALONE)[depth]


def most(depth: Depth, bound: int, *, other: bool) -> int:
    """Return the requests with your key that a run takes at most, whatever the size of the directory.

    :param bound: what the settings allow for a key.
    :param other: whether there is a key of a second organisation.
    """
    more = max(_WINDOWS[depth], _PER_PAGE[depth] * walkable(bound))
    return min(expected(depth, other=other).own + more, bound)


def announced(client: Client, depth: Depth) -> str:
    """Return one line on the cost of a run: estimate, limit, duration and what the keys have left."""
    other = client.target.other_key is not None
    cost = expected(depth, other=other)
    bound = client.limits.max_requests
    large = most(depth, bound, other=other)
    within = Cost(min(cost.own, bound), min(cost.other, bound), min(cost.anonymous, bound))
    note = ""
    if large > within.own:
        note = f" (up to {large} if its directory is large)"
    text = f"This run sends about {within.in_words(note)}, at most {bound} per key"
    if rate := client.limits.rate:
        text += f"; at {rate} it takes about {cost.total * rate.interval:.0f} s"
    few = [cost.own > bound] if not other else [cost.own > bound, cost.other > bound]
    for identity, wanted in ((OWN, cost.own), (OTHER, cost.other)):
        count = client.key_count(identity)
        if count is not None:
            key = "Your key" if identity == OWN else "The second organisation's key"
            text += f". {key} has {count.remaining:,} of {count.limit:,} requests left in this hour"
            few.append(count.remaining - count.reserve < wanted)
    return f"{text}: not enough for the whole run." if any(few) else f"{text}."
