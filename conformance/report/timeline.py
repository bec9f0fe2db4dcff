"""The timeline of the page: each request as a bar, as high as its response took."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from conformance.report.model import Exchange

WIDTH, HEIGHT = 1000, 90
_COLLECTION = re.compile(r"/clinician-profiles(/[^/?]+)?(\?[^/]*)?\Z")


@dataclass(frozen=True)
class Operation:
    """One operation: the path of its bars in SVG, and its numbers."""

    name: str
    kind: str
    bars: str
    count: int
    median: float
    longest: float


@dataclass(frozen=True)
class Timeline:
    """All operations on one axis. ``stroke`` is the width of a bar, ``longest`` the slowest in ms."""

    operations: list[Operation]
    incidents: list[float]
    stroke: float
    longest: float


def of(exchanges: Sequence[Exchange], incidents: Sequence[int | None]) -> Timeline | None:
    """Return the timeline of a run, None without requests."""
    if not exchanges:
        return None
    step = WIDTH / len(exchanges)
    longest = max(exchange["milliseconds"] for exchange in exchanges)
    top = math.log1p(longest) or 1.0
    gathered: dict[str, list[tuple[float, float]]] = {}
    places: dict[int, float] = {}
    for index, exchange in enumerate(exchanges):
        x = (index + 0.5) * step
        places[exchange["number"]] = x
        gathered.setdefault(operation(exchange), []).append((x, exchange["milliseconds"]))
    return Timeline(
        [
            Operation(
                name,
                f"op{number}",
                "".join(
                    f"M{x:.1f} {HEIGHT}V{HEIGHT - max(1.0, math.log1p(took) / top * HEIGHT):.1f}"
                    for x, took in bars
                ),
                len(bars),
                median(took for _, took in bars),
                max(took for _, took in bars),
            )
            for number, (name, bars) in enumerate(gathered.items(), 1)
        ],
        [places[number] for number in incidents if number in places],
        max(0.6, min(8.0, step * 0.7)),
        longest,
    )


def operation(exchange: Exchange) -> str:
    """Return the operation of a request: list, retrieve, write or other."""
    if exchange["method"] not in ("GET", "HEAD", "OPTIONS"):
        return "other methods"
    found = _COLLECTION.search(exchange["url"])
    if found is None:
        return "other paths"
    return "retrieve" if found.group(1) else "list"
