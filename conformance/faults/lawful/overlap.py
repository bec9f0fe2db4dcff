"""Lawful variants: requests that overlap."""

from __future__ import annotations

from conformance.faults.variant import lawful
from conformance.faults.wire import Overlaps, overlapping


@lawful(
    "Each request waits for its query while others arrive, and keeps its organisation.",
    app=overlapping,
)
class RequestsOverlap(Overlaps):
    """What a request found out about its key stays with that request."""
