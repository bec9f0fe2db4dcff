"""Runs on targets that spoil their responses, each from its seed."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import chdir
from functools import cache
from pathlib import Path
from random import Random
from unittest import mock

from conformance.contract.cases import Case, Depth
from conformance.http import sender, silence, transport
from conformance.judging import confirm
from conformance.proof.trial import collect
from conformance.recording import har
from conformance.report.model import Result
from conformance.running import sources
from conformance.running.run import run
from conformance.running.settings import Settings
from conformance.text.printable import visible
from tests.hostile.backend import Spoiling
from tests.hostile.invariants import check, check_replayed, same
from tests.hostile.wire import Wire
from tests.support.in_process import call
from tests.support.model_rows import OTHER_DIRECTORY, OWN_DIRECTORY
from tests.support.processes import OTHER_KEY, OWN_KEY, keys_for

BASE_URL = "http://127.0.0.1:9/api-v1"
SECONDS = 60.0
"""Processor time that a run may take, with its replay."""

MEBIBYTES = 300
"""Memory that a run may take more than the process had before."""


@cache
def people() -> tuple[str, ...]:
    """Return the names and addresses of the persons in the data."""
    rows = [*OWN_DIRECTORY.rows, *OTHER_DIRECTORY.rows]
    found = {str(row[name]) for row in rows for name in ("name", "email") if row[name]}
    return tuple(sorted(text for text in found if " " in text or "@" in text))


@cache
def universal() -> tuple[Case, ...]:
    """Return the cases that judge the exchanges of a run without requests of their own."""
    return tuple(case for case in collect() if case.universal)


def bounded(work: Callable[[], Result]) -> Result:
    """Run a function within the bounds of time and memory."""
    started, before = time.process_time(), _memory()
    result = work()
    taken, more = time.process_time() - started, _memory() - before
    assert taken < SECONDS, f"{taken:.1f} s of processor time"
    assert more < MEBIBYTES, f"{more} MiB of memory"
    return result


def _memory() -> int:
    """Return the most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def spoiling(seed: str, cases: Sequence[Case], depth: Depth) -> Result:
    """Make a run within this process on a model that spoils its answers, and replay it."""
    settings = Settings(
        base_url=BASE_URL,
        api_key=OWN_KEY,
        other_api_key=OTHER_KEY,
        depth=depth,
        seed=len(seed),
        report_dir=Path("recorded"),
    )
    backend = mock.patch.object(
        sources, "Sender", lambda target, limits: Spoiling(target, limits, seed)
    )
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        with backend, mock.patch.object(confirm, "PATIENCE", 0):
            done = run(settings, cases)
        assert done.unwritten == ()
        first = check(Path("recorded"), int(done.exit_status), people())
        again = Settings(replay=Path("recorded", har.NAME), report_dir=Path("replayed"))
        with mock.patch.object(confirm, "PATIENCE", 0):
            replayed = run(again, cases)
        same(first, replayed.result)  # type: ignore[arg-type]
        assert {path.name for path in Path().iterdir()} == {"recorded", "replayed", "reports"}
    return first


def single(seed: str) -> Result:
    """Judge a few responses, some of them spoilt, with the universal cases."""
    return bounded(lambda: spoiling(seed, universal(), Depth.STANDARD))


def command(seed: str) -> Result:
    """Make a smoke run by the command, on a server that spoils its responses on the wire."""
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(transport, "READ_TIMEOUT", 0.5),
        mock.patch.object(sender, "BACKOFF", 0.01),
        mock.patch.object(silence, "PATIENCE", 0.5),
        mock.patch.object(confirm, "PATIENCE", 0),
        Wire(seed).serve() as base_url,
    ):
        place = Path(folder)
        options: tuple[str, ...] = (
            "--report-dir",
            "recorded",
            "--max-wait",
            "0",
            "--max-requests",
            "120",
        )
        if Random(seed).random() < 0.8:
            options = (*options, "--depth", "smoke")
        ended = call(place, "run", *options, **keys_for(base_url))
        assert visible(ended.text, keep="\n") == ended.text
        assert ended.err == "", ended.err
        first = check(place / "recorded", ended.status, people())
        recorded = str(place / "recorded" / har.NAME)
        again = call(place, "run", "--replay", recorded, "--report-dir", "replayed")
        same(first, check_replayed(place / "replayed", again.status))
        assert {path.name for path in place.iterdir()} == {"recorded", "replayed", "reports"}
    return first


def whole(seed: str) -> Result:
    """Make a run with all cases."""
    depth = Random(seed).choice([Depth.STANDARD, Depth.SMOKE, Depth.SMOKE])
    return bounded(lambda: spoiling(seed, collect(), depth))
