"""Bounds on one response: what is beyond one of them is a finding of ROB-10, and is judged no further.

Each is many times what a page of 100 profiles needs. They keep time and memory of a run within bounds,
whatever a target sends.
"""

from __future__ import annotations

from conformance.text.strict_json import Bounds

MAX_BODY = 10 * 1024 * 1024
"""Bytes of a body, packed or unpacked; a longer one is cut while it is read."""

KEPT_OF_CUT = 64 * 1024
"""Bytes kept of a body that was cut."""

MAX_HEADERS = 256
"""Headers of a response; of more, one is kept beyond the bound, as the evidence."""

BODY = Bounds(depth=100, values=100_000, members=1_000, digits=400)
"""Bounds on the JSON of a body."""

MAX_RUN = 128 * 1024 * 1024
"""Bound on what the bodies of a run take in memory, see :func:`weight`."""

_VALUE = 64
"""Bytes that a value of a body takes at least, once parsed."""


def weight(body: bytes) -> int:
    """Return about how many bytes of memory a body takes, with what is parsed from it."""
    return len(body) + _VALUE * (body.count(b",") + body.count(b"[") + body.count(b"{"))
