"""Runs of the command as processes of their own, and servers that take down what reaches them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance import report
from conformance.cases import Case, Profile
from conformance.client import Client
from conformance.contract import Contract, load
from conformance.engine import Judgement, judge
from conformance.exchange import Request
from conformance.faults.trial import collect
from conformance.reference import seed
from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Row, Store
from conformance.report.model import Result
from conformance.result import Times, build, now
from conformance.session import Session
from conformance.target import Target

ROOT = Path(__file__).resolve().parents[2]
OWN_KEY = seed.build().own_key.key
OTHER_KEY = seed.build().other_key.key
PATIENCE = 60


class Seen(NamedTuple):
    """A request as the server got it."""

    method: str
    target: str
    authorization: str
    cookie: str


class Recorder:
    """An application in front of another one that takes down every request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.seen: list[Seen] = []
        self._changed = threading.Condition()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        target = scope["raw_path"].decode("latin-1")
        if scope["query_string"]:
            target += "?" + scope["query_string"].decode("latin-1")
        with self._changed:
            self.seen.append(
                Seen(
                    scope["method"],
                    target.removeprefix("/api-v1"),
                    headers.get("authorization", ""),
                    headers.get("cookie", ""),
                )
            )
            self._changed.notify_all()
        await self.app(scope, receive, send)

    def wait_for(self, count: int, seconds: float = 20) -> None:
        """Wait until so many requests have come."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.seen) >= count, seconds)


def recorded(
    api: ClinicianApi | None = None, latency_ms: float = 0, rate_limit: int = 1000
) -> Recorder:
    """The correct server, or another one, with a record of what it is asked."""
    api = api or ClinicianApi(Store.seeded(), RateLimiter(rate_limit))
    return Recorder(build_app(api, latency_ms))


class Open(ClinicianApi):
    """Finds every profile for everybody."""

    def find(self, clinician_id: str, organisation_id: str) -> Row | None:  # noqa: ARG002
        rows = self.store.rows("SELECT * FROM clinicians WHERE id = ?", (clinician_id,))
        return rows[0] if rows else None


def canned(status: int, body: str | bytes, *headers: tuple[str, str]) -> Recorder:
    """A server with one answer to everything."""
    content = body.encode() if isinstance(body, str) else body
    names = {name.lower() for name, _ in headers}
    fixed = [] if "content-type" in names else [("content-type", "application/json")]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        pairs = [(name.encode(), value.encode()) for name, value in (*fixed, *headers)]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": content})

    return Recorder(app)


def target_of(server: EmbeddedServer, **changes: Any) -> Target:
    """A server as a target with both keys."""
    return Target(
        **{"base_url": server.base_url, "own_key": OWN_KEY, "other_key": OTHER_KEY} | changes
    )


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    arguments: Sequence[str]
    status: int
    out: str
    err: str
    seconds: float
    folder: Path

    @property
    def text(self) -> str:
        """All that it printed."""
        return self.out + self.err

    @property
    def reports(self) -> list[Path]:
        """The report directories that it left in the usual place, ``latest`` left out."""
        return sorted(path for path in (self.folder / "reports").glob("*") if not path.is_symlink())

    def report(self, place: str = "reports/latest") -> Result:
        """Its report, which has to be sound."""
        return report.read(self.folder / place)

    def complaint(self) -> str:
        """The one line of an error: no traceback, nothing else printed."""
        assert self.out == ""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("conformance: ")
        return lines[0].removeprefix("conformance: ")


@dataclass
class Command:
    """A process that was started: ``end()`` waits for it."""

    process: subprocess.Popen[str]
    folder: Path
    arguments: Sequence[str]
    started: float = field(default_factory=time.monotonic)

    def end(self, seconds: float = PATIENCE) -> Ended:
        """Wait until it has ended by itself."""
        try:
            out, err = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            pytest.fail(f"{self.arguments} still ran after {seconds} s:\n{out}{err}")
        return Ended(
            self.arguments,
            self.process.returncode,
            out,
            err,
            time.monotonic() - self.started,
            self.folder,
        )


def surroundings(**variables: str) -> dict[str, str]:
    """The environment of a process: this one's without settings of ours, and these."""
    ours = ("CONFORMANCE_", "PYTEST_", "NO_COLOR", "FORCE_COLOR", "COLUMNS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    paths = [str(ROOT), *filter(None, [kept.get("PYTHONPATH")])]
    # Transcripts are wanted, so that all that can be written is looked into.
    added = {"PYTHONDONTWRITEBYTECODE": "1", "CONFORMANCE_TRANSCRIPT": "1"}
    return kept | {"PYTHONPATH": os.pathsep.join(paths)} | added | variables


def keys_for(base_url: str, **more: str) -> dict[str, str]:
    """The variables that name a target and both keys."""
    return {
        "CONFORMANCE_BASE_URL": base_url,
        "CONFORMANCE_API_KEY": OWN_KEY,
        "CONFORMANCE_OTHER_API_KEY": OTHER_KEY,
    } | more


def start(folder: Path, *arguments: str, module: str = "conformance", **variables: str) -> Command:
    """Start ``python -m conformance`` in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=surroundings(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    return Command(process, folder, arguments)


Run = Callable[..., Ended]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Calls ``python -m conformance`` in the test's own folder and waits for its end."""

    def call(*arguments: str, **variables: str) -> Ended:
        return start(tmp_path, *arguments, **variables).end()

    return call


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load()


@pytest.fixture(scope="session")
def cases() -> list[Case]:
    """All cases of the suite, as the command collects them."""
    return collect()


@dataclass(frozen=True)
class FullRuns:
    """Two whole runs, side by side because each takes seconds.

    ``command`` judged a server that took down what it ``seen``; ``pytest``, plain, judged
    ``conformance serve`` with the lines that this ``printed`` as its environment.
    """

    command: Ended
    seen: list[Seen]
    pytest: Ended
    printed: list[str]


PLUGIN = ("-p", "conformance.plugin")
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""No other plugins: the one of schemathesis takes a second to load."""


@pytest.fixture(scope="session")
def full_runs(tmp_path_factory: pytest.TempPathFactory) -> FullRuns:
    recorder = recorded()
    serving = start(tmp_path_factory.mktemp("serve"), "serve", "--port", "0")
    with ExitStack() as stack:
        stack.callback(serving.process.communicate)
        stack.callback(serving.process.terminate)
        server = stack.enter_context(EmbeddedServer(recorder))
        by_command = start(
            tmp_path_factory.mktemp("command"), "run", **keys_for(server.base_url, COLUMNS="100")
        )
        assert serving.process.stdout is not None
        printed = [serving.process.stdout.readline().rstrip("\n") for _ in range(3)]
        exported = dict(line.removeprefix("export ").split("=", 1) for line in printed)
        by_pytest = start(
            tmp_path_factory.mktemp("pytest"),
            *("--pyargs", "conformance.suite", *PLUGIN),
            module="pytest",
            **exported,
            **ALONE,
        )
        return FullRuns(by_command.end(), recorder.seen, by_pytest.end(), printed)


def judged(
    api: ClinicianApi | Recorder | None, cases: Sequence[Case], **bounds: Any
) -> tuple[Judgement, dict[str, Any], list[Request]]:
    """What came of a run on a server, its result, and what was asked; ``bounds`` are the client's."""
    with (
        EmbeddedServer(api if isinstance(api, Recorder) else recorded(api)) as server,
        Client(target_of(server, embedded=True), **bounds) as client,
    ):
        session = Session(client, load(), profile=Profile.STANDARD, seed=0)
        started = now()
        judgement = judge(session, cases)
        result, _ = build(session, judgement, Times(started, now()), allow_incomplete=False)
        asked = [item.request for item in client.transcript]
    report.validate(result)
    return judgement, result, asked


def red(result: dict[str, Any]) -> dict[str, Any]:
    """The requirements that were found broken, with their findings."""
    rows = result["requirements"]
    return {row["id"]: row["findings"] for row in rows if row["outcome"] in ("failed", "warned")}
