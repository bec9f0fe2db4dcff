"""What a run will cost, said before it starts."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.contract.cases import Depth
from conformance.http.client import Client
from conformance.target.credentials import OTHER, OWN


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests with each key and without a valid one, as a run on a sound target sends them.

    A directory that is too large to be walked costs up to :data:`LARGE` times as much with its key, and each
    breach is asked for again.
    """

    own: int
    other: int
    anonymous: int

    @property
    def together(self) -> int:
        """All of them."""
        return self.own + self.other + self.anonymous


LARGE = 1.8
"""What the own key sends for a directory that is too large to be walked, in that for one of some hundreds."""

_WITH_OTHER = {
    Depth.SMOKE: Cost(36, 4, 4),
    Depth.STANDARD: Cost(153, 54, 31),
    Depth.DEEP: Cost(184, 123, 31),
}
_ALONE = {
    Depth.SMOKE: Cost(25, 0, 4),
    Depth.STANDARD: Cost(166, 0, 31),
    Depth.DEEP: Cost(231, 0, 31),
}


def expected(depth: Depth, *, other: bool) -> Cost:
    """What a run of the depth costs, as measured on the embedded target.

    :param other: whether there is a key of another organisation.
    """
    return (_WITH_OTHER if other else _ALONE)[depth]


def announced(client: Client, depth: Depth) -> str:
    """What the run will cost, in a line: about how much, at most how much, and of how much."""
    other = client.target.other_key is not None
    cost = expected(depth, other=other)
    bound = client.limits.max_requests
    large = min(round(cost.own * LARGE), bound)
    text = f"This run sends about {min(cost.own, bound)} requests with the own key"
    if large > min(cost.own, bound):
        text += f" (up to {large} if its directory is too large to be walked)"
    if other:
        text += f" and {min(cost.other, bound)} with the other"
    text += f", {bound} with a key at most"
    if rate := client.limits.rate:
        text += f", at {rate} in about {cost.together * rate.interval:.0f} s"
    few = [cost.own > bound] if not other else [cost.own > bound, cost.other > bound]
    for identity, wanted in ((OWN, cost.own), (OTHER, cost.other)):
        count = client.key_count(identity)
        if count is not None:
            name = "own" if identity == OWN else "other"
            text += f". The {name} key has {count.remaining:,} of {count.limit:,} left this hour"
            few.append(count.remaining - count.reserve < wanted)
    return f"{text}: too few for all of it." if any(few) else f"{text}."
