"""One run from settings to report: target, session, judgement, result, files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from conformance import __version__
from conformance.contract.cases import Case, Depth
from conformance.contract.document import Contract, load
from conformance.contract.verdict import ExitStatus, Verdict
from conformance.errors import TranscriptError, UsageError
from conformance.http.client import Client
from conformance.http.limits import Limits
from conformance.http.sender import Sender
from conformance.judging.engine import Judgement, judge
from conformance.judging.session import Session
from conformance.privacy.masking import Disguise, Mask, disguised
from conformance.privacy.personal_data import PersonalData, answers_of
from conformance.recording import har
from conformance.recording.replay import Replay, described, notes_of, target_of
from conformance.running.cost import announced
from conformance.running.result import Times, build
from conformance.running.settings import Settings
from conformance.target.target import Target
from conformance.text import files
from conformance.text.stamps import compact, now

REPORTS = Path("reports")
LATEST = "latest"
_LONGEST_NAME = 60

Progress = Callable[[int, int, int, int, str], None]


@dataclass(frozen=True)
class Ended:
    """How one case ended, for an item of pytest to report."""

    failed: bool
    inconclusive: bool
    text: str


@dataclass
class Report:
    """What a run leaves behind."""

    result: dict[str, Any]
    verdict: Verdict
    reason: str
    exit_status: ExitStatus
    directory: Path
    judgement: Judgement = field(repr=False)
    mask: Callable[[str], str] = field(default=str, repr=False)

    def outcome_of(self, case: str) -> Ended:
        """How the case of that name ended. A breached should is a warning and fails no item."""
        found = next((item for item in self.judgement.results if item.case == case), None)
        if found is None:
            return Ended(False, True, self.reason)
        if found.findings:
            must = load().requirements[found.requirement].level == "must"
            text = "\n".join(
                f"{found.requirement}: expected {item.expected}; received {item.received}\n  {item.curl}"
                for item in found.findings
            )
            return Ended(must, False, self.mask(text))
        doubt = found.inconclusive or found.error
        return Ended(found.error is not None, doubt is not None, self.mask(doubt or ""))


def run(
    settings: Settings,
    cases: Sequence[Case],
    *,
    progress: Progress | None = None,
    announce: Callable[[str], None] | None = None,
) -> Report:
    """Judge the target of the settings and write the report.

    :param progress: called with cases done, cases in all, requests sent, requests left to the own key,
        and what is done meanwhile.
    :param announce: called with a sentence when something has to be said before the run.
    :raises UsageError: where the report directory cannot be written, or a transcript not be replayed.
    """
    started = now()
    contract = load()
    recording = None
    if settings.replay is not None:
        recording, settings = _recording(settings.replay, settings, contract, announce)
    directory = prepare(settings, compact(started))
    with _client(settings, recording, announce) as client:
        session = Session(client, contract, depth=settings.depth, seed=settings.seed)
        if recording is not None:
            session.notes = notes_of(recording.run)
        if recording is None and announce and not settings.quiet:
            session.probed = lambda: announce(announced(client, settings.depth))
        tell = _telling(client, progress)
        judgement = judge(session, cases, tell)
        client.stop()  # what is still under way after an interruption is in no count
        if recording is not None and recording.run["interrupted"]:
            judgement.interrupted = True
            judgement.terminated = recording.run.get("terminated", False)
        mask, disguise = _hiding(client, replays=recording is not None, shows=settings.show_data)
        result, conclusion = build(
            session,
            judgement,
            Times(started, now()),
            allow_incomplete=settings.allow_incomplete,
            mask=mask,
        )
    from conformance import report

    try:
        if recording is None and settings.transcript:
            _record(session, judgement, result, directory / har.NAME, disguise)
        else:
            _remove_stale(directory / har.NAME, settings.replay)
        report.write(cast("report.Result", result), directory)
        point_latest_at(directory)
    except OSError as problem:
        raise UsageError(
            f"--report-dir: {directory} cannot be written: {problem.strerror}"
        ) from None
    return Report(
        result,
        conclusion.verdict,
        result["reason"],
        conclusion.exit_status,
        directory,
        judgement,
        mask.text if mask is not None else str,
    )


def _telling(client: Client, progress: Progress | None) -> Callable[[int, int], None]:
    """What is called with the cases done and their total; what is waited for is told too."""
    if progress is None:
        return lambda *_: None
    last = (0, 0)

    def tell(done: int, total: int, label: str = "cases") -> None:
        nonlocal last
        last = done, total
        progress(done, total, client.total_sent, client.left("own"), label)

    client.backend.on_wait = lambda text: tell(*last, label=text)
    return tell


def _hiding(client: Client, *, replays: bool, shows: bool) -> tuple[Mask | None, Disguise | None]:
    """What hides people in the report, and what does so in the transcript, where there are to be any."""
    if shows:
        return None, None
    if replays:
        return Mask(PersonalData(answers_of(client)), client.target.base_url), None
    disguise = disguised(client)
    return disguise.mask(), disguise


def prepare(settings: Settings, stamp: str) -> Path:
    """The report directory, made before the first request: a run whose report cannot be kept is not begun.

    :raises UsageError: where it cannot be made or written.
    """
    host = urlsplit(settings.base_url).hostname if settings.base_url else "embedded"
    name = (host or "target").replace(":", "-")[:_LONGEST_NAME]
    directory = settings.report_dir or _free(REPORTS / f"{stamp}-{name}")
    make_writable(directory)
    return directory


def make_writable(directory: Path) -> None:
    """Make a directory for reports, and see that a file can be written there.

    :raises UsageError: where it cannot.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as problem:
        raise UsageError(
            f"--report-dir: {directory} cannot be written: {problem.strerror}; choose another directory"
        ) from None


def _free(directory: Path) -> Path:
    """The directory, or the first of its name with a number that is free: no run writes over another."""
    number = 2
    found = directory
    while found.exists():
        found = directory.with_name(f"{directory.name}-{number}")
        number += 1
    return found


def point_latest_at(directory: Path) -> None:
    """Make ``reports/latest`` point at the newest report, wherever that lies."""
    link = REPORTS / LATEST
    if link.exists() and not link.is_symlink():
        return  # somebody's own file or folder: not ours to replace
    REPORTS.mkdir(parents=True, exist_ok=True)
    files.link(link, directory)


@contextmanager
def _target(settings: Settings, announce: Callable[[str], None] | None) -> Iterator[Target]:
    if settings.base_url is not None:
        yield Target(
            settings.base_url,
            settings.api_key or "",
            settings.other_api_key,
            settings.foreign_ids,
            settings.location_ids,
            network=settings.network,
        )
        return
    from conformance.reference.server import EmbeddedServer

    with EmbeddedServer() as server:
        if announce:
            announce(
                f"No base URL is set: judging the embedded server, started for this run at {server.base_url}"
            )
        yield Target(
            server.base_url,
            server.own_key,
            server.other_key,
            embedded=True,
            network=settings.network,
        )


@contextmanager
def connected(
    settings: Settings, announce: Callable[[str], None] | None = None
) -> Iterator[Client]:
    """A client for the target of the settings, as a run has it; nothing is asked yet.

    :param announce: called with a sentence where the embedded server is started.
    """
    with _client(settings, None, announce) as client:
        yield client


@contextmanager
def _client(
    settings: Settings, recording: har.Recording | None, announce: Callable[[str], None] | None
) -> Iterator[Client]:
    if recording is not None:
        with Client(Replay(recording, target_of(recording.run))) as client:
            yield client
        return
    limits = Limits(
        max_requests=settings.max_requests,
        concurrency=settings.concurrency,
        rate=settings.rate,
        max_wait=settings.max_wait,
        no_writes=settings.no_writes,
    )
    with (
        _target(settings, announce) as target,
        Client(Sender(target, limits)) as client,
    ):
        yield client


def _remove_stale(path: Path, replayed: Path | None) -> None:
    """Remove the transcript of an earlier run: beside this report, it would be taken for this run's."""
    if replayed is None or not (path.exists() and path.samefile(replayed)):
        path.unlink(missing_ok=True)


def _record(
    session: Session,
    judgement: Judgement,
    result: dict[str, Any],
    path: Path,
    disguise: Disguise | None,
) -> None:
    about = {"suite": __version__, "contract": session.contract.sha256}
    times = {name: result[name] for name in ("started_at", "finished_at")}
    known = described(
        session.client,
        depth=session.depth.name.lower(),
        seed=session.seed,
        interrupted=judgement.interrupted,
        terminated=judgement.terminated,
        masked=disguise is not None,
    )
    if disguise is not None:
        known["notes"] = session.notes.written(disguise.value, disguise.term)
    har.write(session.client, path, {**about, **times, **known}, disguise)


def _recording(
    path: Path, settings: Settings, contract: Contract, announce: Callable[[str], None] | None
) -> tuple[har.Recording, Settings]:
    """A transcript, and the settings with what it says of its run."""
    try:
        recording = har.read(path)
        run = recording.run
        target = target_of(run)
        notes_of(run)
        settings = replace(
            settings,
            base_url=None if target.embedded else target.base_url,
            foreign_ids=target.foreign_ids,
            location_ids=target.location_ids,
            depth=Depth[run["depth"].upper()],
            max_requests=run["max_requests"],
            seed=run["seed"],
        )
        text = f"Replaying {path}, recorded at {run['started_at']} from {target.base_url}: nothing is sent"
        if run["contract"] != contract.sha256:
            text += "; it was recorded under another contract"
        if run["suite"] != __version__:
            text += f"; it was recorded by version {run['suite']}"
        if settings.show_data and run.get("masked"):
            text += "; its data were not recorded, so that --show-data shows pseudonyms"
    except (TranscriptError, KeyError) as problem:
        why = problem if isinstance(problem, TranscriptError) else f"its run lacks {problem}"
        raise UsageError(f"--replay: {path} is refused: {why}") from None
    if announce:
        announce(text)
    return recording, settings
