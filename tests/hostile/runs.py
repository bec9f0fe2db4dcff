"""Runs on targets that spoil their responses, each from its seed."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from inspect import signature
from pathlib import Path
from random import Random
from unittest import mock

from conformance.contract.cases import Case, Depth
from conformance.contract.document import load
from conformance.contract.verdict import Breach
from conformance.errors import Inconclusive
from conformance.http import sender, silence, transport
from conformance.http.api import Api, as_query, item_path
from conformance.http.exchange import Exchange, Transcript
from conformance.http.limits import Limits
from conformance.http.request import COLLECTION, Request
from conformance.judging import confirm
from conformance.proof.trial import collect
from conformance.recording import har
from conformance.running import sources
from conformance.running.run import run
from conformance.running.settings import Settings
from conformance.target.credentials import OTHER, OWN
from conformance.target.target import Target
from conformance.text.printable import visible
from conformance.text.terms import ABSENT, NONSENSE
from tests.hostile.backend import Spoiling
from tests.hostile.invariants import check, check_replayed, same
from tests.hostile.wire import Wire
from tests.support.in_process import call
from tests.support.model_rows import OTHER_DIRECTORY, OWN_DIRECTORY
from tests.support.processes import OTHER_KEY, OWN_KEY, keys_for

BASE_URL = "http://127.0.0.1:9/api-v1"
RESPONSES = 50
"""Spoilt responses of a run of single ones."""

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


@dataclass(frozen=True)
class Cost:
    """What a run took: seconds of processor time, MiB of memory beyond what the process had, responses."""

    seconds: float
    memory: int
    responses: int = 0


def bounded(work: Callable[[], int]) -> Cost:
    """Run a function, which returns a number of responses, within the bounds of time and memory."""
    gc.collect()
    _forget_peak()
    _peaks.clear()
    started, before = time.process_time(), _memory("VmRSS")
    responses = work()
    most = max(*_peaks, _memory("VmHWM"), before)
    cost = Cost(time.process_time() - started, most - before, responses)
    assert cost.seconds < SECONDS, f"{cost.seconds:.1f} s of processor time"
    assert cost.memory < MEBIBYTES, f"{cost.memory} MiB of memory"
    return cost


_peaks: list[int] = []


@contextmanager
def uncounted() -> Iterator[None]:
    """Leave out of the memory of a run what the checks of its files take."""
    _peaks.append(_memory("VmHWM"))
    try:
        yield
    finally:
        gc.collect()
        _forget_peak()


def _forget_peak() -> None:
    """Let the kernel count the most memory of this process from now on."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _memory(name: str) -> int:
    """Return the memory that this process has (VmRSS) or had at most (VmHWM), in MiB."""
    status = Path("/proc/self/status").read_text("ascii", "replace")
    return int(status.split(f"{name}:")[1].split()[0]) >> 10


def spoiling(
    seed: str, cases: Sequence[Case], depth: Depth, only: Sequence[Request] = ()
) -> list[Exchange]:
    """Make a run within this process on a model that spoils its answers, and replay it.

    Returns the exchanges that were spoilt.
    """
    settings = Settings(
        base_url=BASE_URL,
        api_key=OWN_KEY,
        other_api_key=OTHER_KEY,
        depth=depth,
        seed=len(seed),
        report_dir=Path("recorded"),
    )
    made: list[Spoiling] = []

    def sender_of(target: Target, limits: Limits) -> Spoiling:
        made.append(Spoiling(target, limits, seed, only))
        return made[-1]

    backend = mock.patch.object(sources, "Sender", sender_of)
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        with backend, mock.patch.object(confirm, "PATIENCE", 0):
            done = run(settings, cases)
        assert done.unwritten == ()
        status = int(done.exit_status)
        del done  # a replay takes place in a process of its own
        with uncounted():
            first = check(Path("recorded"), status, people())
        again = Settings(replay=Path("recorded", har.NAME), report_dir=Path("replayed"))
        with mock.patch.object(confirm, "PATIENCE", 0):
            replayed = run(again, cases)
        same(first, replayed.result)  # type: ignore[arg-type]
        assert {path.name for path in Path().iterdir()} == {"recorded", "replayed", "reports"}
    return made[0].spoilt


def single(seed: str) -> Cost:
    """Judge RESPONSES spoilt responses, each by itself, then all in one run with its files and its replay."""
    random = Random(seed)
    asked: dict[Request, None] = {}
    while len(asked) < RESPONSES:
        asked[_request(random)] = None

    def ask(api: Api) -> None:
        api.many(list(asked))

    asking = Case("ask", "ROB-10", ask, {}, universal=False, depth=Depth.SMOKE)

    def work() -> int:
        exchanges = spoiling(seed, [asking, *universal()], Depth.STANDARD, tuple(asked))
        for exchange in exchanges:
            _judge(exchange)
        return len(exchanges)

    return bounded(work)


def _request(random: Random) -> Request:
    """Return a request for a list or for a profile."""
    row = random.choice([*OWN_DIRECTORY.rows, *OTHER_DIRECTORY.rows])
    paths = (COLLECTION, COLLECTION, item_path(str(row["id"])), item_path("0"))
    # The replay knows pseudonyms only, so the terms occur in no profile.
    some = {
        "limit": random.choice(["1", "3", "100", "x"]),
        "offset": str(random.randrange(200)),
        "search": random.choice([NONSENSE, *ABSENT]),
        "is_active": random.choice(["true", "maybe"]),
    }
    names = random.sample(list(some), random.randrange(4))
    return Request(
        method=random.choice(["GET"] * 9 + ["HEAD"]),
        path=random.choice(paths),
        query=as_query(**{name: some[name] for name in names}),
        credential=random.choice([OWN, OWN, OWN, OTHER, OTHER, "no key"]),
    )


def _judge(exchange: Exchange) -> None:
    """Judge one exchange with every universal case that needs no more than that."""
    transcript = Transcript()
    transcript.add([replace(exchange, number=1)])
    known = {"transcript": transcript, "contract": load()}
    for case in universal():
        names = [name for name in signature(case.function).parameters if name not in case.arguments]
        if known.keys() >= set(names):
            with suppress(Breach, Inconclusive):
                case.function(**{name: known[name] for name in names}, **case.arguments)


def command(seed: str) -> Cost:
    """Make a run by the command, on a server that spoils its responses on the wire, and replay it."""
    return bounded(lambda: _command(seed))


def _command(seed: str) -> int:
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
        if Random(seed).random() < 0.9:
            options = (*options, "--depth", "smoke")
        ended = call(place, "run", *options, **keys_for(base_url))
        assert visible(ended.text, keep="\n") == ended.text
        assert ended.err == "", ended.err
        with uncounted():
            first = check(place / "recorded", ended.status, people())
        recorded = str(place / "recorded" / har.NAME)
        again = call(place, "run", "--replay", recorded, "--report-dir", "replayed")
        same(first, check_replayed(place / "replayed", again.status))
        assert {path.name for path in place.iterdir()} == {"recorded", "replayed", "reports"}
    return first["requests"]["sent"]


def whole(seed: str) -> Cost:
    """Make a run with all cases, and replay it."""
    depth = Random(seed).choice([Depth.STANDARD, *[Depth.SMOKE] * 9])
    return bounded(lambda: len(spoiling(seed, collect(), depth)))


KINDS = {"single": single, "whole": whole, "command": command}
