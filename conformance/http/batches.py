"""Plan which requests of a batch are sent at the same time: as many as possible without side effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from conformance.http.request import Request, Turn
from conformance.target.credentials import OWN


@dataclass
class Phase:
    """Requests that are sent once the phase before is complete.

    Those ``at_once`` are sent in any order; those of each lane one after the other.
    """

    at_once: list[Request] = field(default_factory=list)
    lanes: list[list[Request]] = field(default_factory=list)


def phases(requests: Sequence[Request]) -> list[Phase]:
    """Return the phases of a batch.

    Requests of the own key in turn run at the same time as free requests of other keys. Sequences that
    involve another key run alone: a cache may keep only its last response. Timed requests are sent last,
    one at a time.
    """
    free = [request for request in requests if not request.in_turn]
    timed = [request for request in requests if request.in_turn is Turn.ALONE]
    turns = [request for request in requests if request.in_turn is Turn.OF_ITS_KEY]
    shared = {request.sequence for request in turns if request.identity != OWN}
    own = [request for request in turns if request.sequence not in shared]
    # Requests that only read change no other response.
    beside = [item for item in free if own and item.identity != OWN and not item.writes]
    planned = [
        Phase([request for request in free if request not in beside]),
        Phase(beside, [own]),
        Phase(lanes=[[request for request in turns if request.sequence in shared]]),
        Phase(lanes=[timed]),
    ]
    return [phase for phase in planned if phase.at_once or any(phase.lanes)]


def in_record(request: Request) -> int:
    """Return the sort key of a request in the record: requests sent at once before those sent in turn."""
    return int(request.in_turn)
