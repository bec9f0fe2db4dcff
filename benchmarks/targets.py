"""What one run costs on targets of other sizes and speeds: the command as a process, from its start.

Start-up is the time until the first request reaches the target; what follows until the process ends is the
run. Figures are medians; the targets take turns, so that whatever slows the machine down slows all of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rich.table import Table
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.reference import seed
from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store

LARGE = 100_000
SLOW = 40
_RUN = """
import os, sys
from pathlib import Path
from conformance.cli.main import main
status = main()
print(Path("/proc/self/status").read_text(), file=sys.stderr, flush=True)
os._exit(status)
"""
"""The command. What the system counts for a child begins with what its parent had, so it counts itself."""

FIGURES = ("startup", "seconds", "requests", "megabytes")


@dataclass(frozen=True)
class Place:
    """A correct server of so many clinicians, with so many milliseconds to each response."""

    name: str
    clinicians: int = seed.OWN_CLINICIANS
    latency_ms: float = 0


PLACES = (
    Place("standard"),
    Place("slow", latency_ms=SLOW),
    Place("large", clinicians=LARGE),
    Place("large and slow", clinicians=LARGE, latency_ms=SLOW),
)


class FirstSeen:
    """An application that counts requests to the one behind it, and takes down when the first one came."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.requests = 0
        self.first = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.first = self.first or time.perf_counter()
            self.requests += 1
        await self.app(scope, receive, send)


@dataclass
class Visits:
    """The runs on one target: seconds until the first request and from then on, requests, peak memory."""

    place: Place
    runs: list[dict[str, float]] = field(default_factory=list)
    verdicts: set[int] = field(default_factory=set)

    def figures(self) -> dict[str, Any]:
        """The medians."""
        found = {name: round(median(run[name] for run in self.runs), 3) for name in FIGURES}
        return {**vars(self.place), **found, "exit_status": sorted(self.verdicts)}


@contextmanager
def _serving(store: Store, latency_ms: float) -> Iterator[tuple[EmbeddedServer, FirstSeen]]:
    counter = FirstSeen(build_app(ClinicianApi(store, RateLimiter(0)), latency_ms))
    with EmbeddedServer(counter) as server:
        yield server, counter


def _visit(visits: Visits, store: Store, folder: Path) -> None:
    with _serving(store, visits.place.latency_ms) as (server, counter):
        keys = {
            "CONFORMANCE_BASE_URL": server.base_url,
            "CONFORMANCE_API_KEY": server.own_key,
            "CONFORMANCE_OTHER_API_KEY": server.other_key,
        }
        command = [sys.executable, "-c", _RUN, "run", "--quiet", "--report-dir", "report"]
        started = time.perf_counter()
        done = subprocess.run(  # noqa: S603 (our own interpreter and code)
            command,
            env=os.environ | keys,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        ended = time.perf_counter()
    visits.verdicts.add(done.returncode)
    visits.runs.append(
        {
            "startup": counter.first - started,
            "seconds": ended - counter.first,
            "requests": counter.requests,
            "megabytes": int(done.stderr.split("VmHWM:")[-1].split()[0]) / 1024,
        }
    )


def visit(
    rounds: int, announce: Callable[[str], None], places: Sequence[Place] = PLACES
) -> list[dict[str, Any]]:
    """The figures of every target, each visited in so many rounds after one that does not count."""
    stores = {place.clinicians: Store.seeded(place.clinicians) for place in places}
    visits = [Visits(place) for place in places]
    try:
        with tempfile.TemporaryDirectory() as folder:
            for number in range(rounds + 1):
                for item in visits:
                    _visit(item, stores[item.place.clinicians], Path(folder))
                    announce(f"{item.place.name}, round {number} of {rounds}")
                    if not number:
                        item.runs.clear()
    finally:
        for store in stores.values():
            store.close()
    return [item.figures() for item in visits]


def table(rows: list[dict[str, Any]]) -> Table:
    """A row for each target; ratios to the first one."""
    found = Table()
    found.add_column("target")
    for name in (
        *("clinicians", "ms a response", "start-up", "run", "requests", "× standard"),
        *("peak MB", "exit status"),
    ):
        found.add_column(name, justify="right")
    for row in rows:
        found.add_row(
            row["name"],
            f"{row['clinicians']:,}",
            f"{row['latency_ms']:g}",
            f"{row['startup']:.2f} s",
            f"{row['seconds']:.2f} s",
            f"{row['requests']:g}",
            f"{row['requests'] / rows[0]['requests']:.2f}",
            f"{row['megabytes']:.0f}",
            ", ".join(str(status) for status in row["exit_status"]),
        )
    return found
