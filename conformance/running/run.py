"""One run from settings to report: source, session, judgement, result, files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from conformance.contract.cases import Case
from conformance.contract.document import load
from conformance.contract.verdict import ExitStatus, Verdict
from conformance.http.client import Client
from conformance.judging.engine import Judgement
from conformance.judging.session import Session
from conformance.recording import har
from conformance.report import Result
from conformance.report.acceptance import accepted_ids, notes
from conformance.running.acceptance import Acceptance
from conformance.running.directories import point_latest_at, prepare
from conformance.running.kept import Kept
from conformance.running.result import Times, build
from conformance.running.selection import judge_selected, select
from conformance.running.settings import Settings
from conformance.running.sources import Announce, Live, Replayed, Source
from conformance.target.secrets import Redactor
from conformance.text.stamps import compact, now

Progress = Callable[[int, int, int, int, str], None]


@dataclass(frozen=True)
class Ended:
    """How one case ended, for an item of pytest to report."""

    failed: bool
    inconclusive: bool
    text: str


@dataclass
class Report:
    """The result of a run, and where its report is.

    ``unwritten`` has a file with its problem for each that could not be written.
    """

    result: dict[str, Any]
    verdict: Verdict
    reason: str
    exit_status: ExitStatus
    directory: Path
    judgement: Judgement = field(repr=False)
    mask: Callable[[str], str] = field(default=str, repr=False)
    left_out: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Name of a case that was not run → why."""
    unwritten: tuple[str, ...] = ()
    is_written: bool = True

    def outcome_of(self, case: str) -> Ended:
        """Return how a case ended. A should that is not met is a warning and fails no item."""
        found = next((item for item in self.judgement.results if item.case == case), None)
        if found is None:
            return Ended(False, True, self.left_out.get(case, self.reason))
        if found.findings:
            must = load().requirements[found.requirement].level == "must"
            if must and found.requirement in accepted_ids(cast("Result", self.result)):
                why = notes(cast("Result", self.result)).get(found.requirement, "")
                return Ended(False, True, self.mask(f"{found.requirement} failed; accepted: {why}"))
            text = "\n".join(
                f"{found.requirement}: expected {item.expected}; received {item.received}\n  {item.curl}"
                for item in found.findings
            )
            return Ended(must, False, self.mask(text))
        doubt = found.inconclusive or found.error or found.unselected
        return Ended(found.error is not None, doubt is not None, self.mask(doubt or ""))


def run(
    settings: Settings,
    cases: Sequence[Case],
    *,
    progress: Progress | None = None,
    announce: Announce | None = None,
) -> Report:
    """Judge the target of the settings and write the report.

    :param progress: called with cases done, all cases, requests sent, requests left to the own key, and the
        current activity.
    :param announce: called with a sentence that the user must see before the run.
    :raises UsageError: before the first request, if the report directory cannot be written or a transcript
        cannot be replayed.
    """
    started = now()
    contract = load()
    source: Source = (
        Live(settings, announce)
        if settings.replay is None
        else Replayed.read(settings.replay, settings, contract, announce)
    )
    settings = source.settings
    contract = contract.frozen(settings.requirements)
    settings, selection = select(settings, contract, cases)
    source.settings = settings
    selection = source.narrowed(selection)
    acceptance = Acceptance.read(settings, contract)
    directory = prepare(settings, compact(started))
    with source.client() as client:
        session = Session(client, contract, depth=settings.depth, seed=settings.seed)
        source.prepare(session)
        judgement = judge_selected(session, cases, selection, _teller(client, progress))
        client.stop()  # a request that is still in flight after an interruption is not counted
        source.finish(judgement)
        diagnosis = source.diagnosis(session, judgement)
        mask = source.mask(client)
        result, conclusion = build(
            session,
            judgement,
            Times(started, now()),
            allow_incomplete=settings.allow_incomplete,
            mask=mask,
            diagnosis=diagnosis,
            labels=source.labels(),
            only=selection.only,
            skip=selection.skip,
        )
        silent = judgement.untestable is not None
        acceptance.apply(result, silent=silent, redact=Redactor(session.target).text)
    from conformance import report

    sound = cast("report.Result", result)
    report.validate(sound)
    kept = Kept(directory)
    kept.attempt(
        har.NAME, lambda: source.keep(session, judgement, result, path=directory / har.NAME)
    )
    for name, make in report.FORMS.items():
        kept.form(name, make, sound)
    if kept.names:
        kept.attempt("reports/latest", lambda: point_latest_at(directory))
    return Report(
        result,
        conclusion.verdict,
        result["reason"],
        ExitStatus(result["exit_status"]),
        directory,
        judgement,
        mask.text if mask is not None else str,
        {
            case.name: f"not tested: {reason}"
            for case in cases
            if (reason := contract.requirements[case.requirement].not_tested)
        },
        tuple(kept.problems),
        not report.FORMS.keys().isdisjoint(kept.names),
    )


def _teller(client: Client, progress: Progress | None) -> Callable[[int, int], None]:
    """Return what tells the progress after each case, and while the client waits."""
    if progress is None:
        return lambda *_: None
    last = (0, 0)

    def tell(done: int, total: int, label: str = "cases") -> None:
        nonlocal last
        last = done, total
        progress(done, total, client.total_sent, client.left("own"), label)

    client.backend.on_wait = lambda text: tell(*last, label=text)
    return tell
