"""Measures the command as a process on targets of several sizes and latencies.

Start-up is the time until the first request reaches the target; the run is the time from then until the
process ends. Figures are medians. The targets take turns, so that other load on the machine affects all of
them.
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

from benchmarks.measure import Counter
from conformance.reference import seed
from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store

LARGE = 100_000
SLOW = 40
LIMIT = 1_000_000
"""Requests in an hour, more than are sent: a server without a limit has no headers about it, and warnings."""
_SCRIPT = """
import os, sys
from pathlib import Path
from conformance.cli.main import main
status = main()
print(Path("/proc/self/status").read_text(), file=sys.stderr, flush=True)
os._exit(status)
"""
"""Runs the command and prints its own peak memory; the system's figure for a child includes its parent's."""

FIGURES = ("startup", "seconds", "requests", "megabytes")


@dataclass(frozen=True)
class Setup:
    """A correct server: its number of clinicians, and its latency per response."""

    name: str
    clinicians: int = seed.OWN_CLINICIANS
    latency_ms: float = 0


SETUPS = (
    Setup("standard"),
    Setup("slow", latency_ms=SLOW),
    Setup("large", clinicians=LARGE),
    Setup("large and slow", clinicians=LARGE, latency_ms=SLOW),
)


@dataclass
class Measurements:
    """The runs on one target: seconds of start-up and run, requests, and peak memory of each."""

    setup: Setup
    runs: list[dict[str, float]] = field(default_factory=list)
    exit_statuses: set[int] = field(default_factory=set)

    def figures(self) -> dict[str, Any]:
        """Return the medians, and the exit statuses that occurred."""
        medians = {name: round(median(run[name] for run in self.runs), 3) for name in FIGURES}
        return {**vars(self.setup), **medians, "exit_status": sorted(self.exit_statuses)}


@contextmanager
def _serving(store: Store, latency_ms: float) -> Iterator[tuple[EmbeddedServer, Counter]]:
    counter = Counter(build_app(ClinicianApi(store, RateLimiter(LIMIT)), latency_ms))
    with EmbeddedServer(counter) as server:
        yield server, counter


def _run(measurements: Measurements, store: Store, folder: Path) -> None:
    with _serving(store, measurements.setup.latency_ms) as (server, counter):
        keys = {
            "CONFORMANCE_BASE_URL": server.base_url,
            "CONFORMANCE_API_KEY": server.own_key,
            "CONFORMANCE_OTHER_API_KEY": server.other_key,
        }
        command = [sys.executable, "-c", _SCRIPT, "run", "--quiet", "--report-dir", "report"]
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
    measurements.exit_statuses.add(done.returncode)
    measurements.runs.append(
        {
            "startup": counter.first - started,
            "seconds": ended - counter.first,
            "requests": counter.requests,
            "megabytes": int(done.stderr.split("VmHWM:")[-1].split()[0]) / 1024,
        }
    )


def measure(
    rounds: int, announce: Callable[[str], None], setups: Sequence[Setup] = SETUPS
) -> list[dict[str, Any]]:
    """Run the command ``rounds`` times on each target after a warm-up round, and return the figures."""
    stores = {setup.clinicians: Store.seeded(setup.clinicians) for setup in setups}
    targets = [Measurements(setup) for setup in setups]
    try:
        with tempfile.TemporaryDirectory() as folder:
            for number in range(rounds + 1):
                for target in targets:
                    _run(target, stores[target.setup.clinicians], Path(folder))
                    announce(f"{target.setup.name}, round {number} of {rounds}")
                    if not number:
                        target.runs.clear()
    finally:
        for store in stores.values():
            store.close()
    return [target.figures() for target in targets]


def table(rows: list[dict[str, Any]]) -> Table:
    """Return a table with a row for each target, and the ratio of its requests to the first one's."""
    result = Table()
    result.add_column("Target")
    for name in (
        *("Clinicians", "Latency (ms)", "Start-up", "Run", "Requests", "× standard"),
        *("Peak MB", "Exit status"),
    ):
        result.add_column(name, justify="right")
    for row in rows:
        result.add_row(
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
    return result
