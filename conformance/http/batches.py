"""What of a batch may be under way at the same time: as much as can be, without mixing anything up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from conformance.http.request import Request, Turn
from conformance.target.credentials import OWN


@dataclass
class Phase:
    """Requests that go out together, when those of the phase before were answered.

    ``at_once`` depend on nothing; in each of the ``lanes`` they are sent one after the other.
    """

    at_once: list[Request] = field(default_factory=list)
    lanes: list[list[Request]] = field(default_factory=list)


def phases(requests: Sequence[Request]) -> list[Phase]:
    """The phases of a batch.

    What the own key sends in turn shares its time with what other keys may be asked beside it. What two keys
    send in turn has nothing beside it: a cache may keep no more than its last answer. What is timed comes
    last, and alone.
    """
    free = [request for request in requests if not request.in_turn]
    timed = [request for request in requests if request.in_turn is Turn.ALONE]
    turns = [request for request in requests if request.in_turn is Turn.OF_ITS_KEY]
    shared = {request.sequence for request in turns if request.identity != OWN}
    own = [request for request in turns if request.sequence not in shared]
    # Nobody's answers depend on what only reads.
    beside = [item for item in free if own and item.identity != OWN and not item.writes]
    found = [
        Phase([request for request in free if request not in beside]),
        Phase(beside, [own]),
        Phase(lanes=[[request for request in turns if request.sequence in shared]]),
        Phase(lanes=[timed]),
    ]
    return [phase for phase in found if phase.at_once or any(phase.lanes)]


def in_record(request: Request) -> int:
    """Where a request of a batch stands in the record: what went out at once before what went out in turn."""
    return int(request.in_turn)
