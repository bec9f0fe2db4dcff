"""Which requirements a run judges: all, those that a user names, or those that failed in an earlier run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.comparison.reading import read_report
from conformance.contract.cases import Case, Depth
from conformance.contract.document import Contract
from conformance.contract.selection import selected
from conformance.contract.verdict import CaseResult
from conformance.errors import TranscriptError, UsageError
from conformance.http.api import Api
from conformance.http.exchange import Exchange
from conformance.http.request import Request, Turn
from conformance.judging.engine import Judgement, judge
from conformance.judging.session import Session
from conformance.recording import har
from conformance.report import Result
from conformance.running.settings import Settings

WHY_AGAIN = "a finding of an earlier run rests on it"
_AGAIN = "requests of earlier findings"
LATEST = Path("reports", "latest")


@dataclass(frozen=True)
class Selection:
    """The requirements that a run judges; ``ids`` None means all. ``why`` completes ``not selected by``.

    Some requirements are judged from the exchanges of all cases. So that they are not called fixed because
    nothing was asked, ``again`` holds requests that an earlier finding rests on; ``everything`` says that
    these are not known, and all cases run, also those whose results do not count.

    Where such a requirement still lacks an exchange, other cases run without a result, except those of
    ``refused``, which the user has left out; ``supported`` is False for transcripts of before. ``only`` and
    ``skip`` are the names that lead to the same selection in another run.
    """

    ids: frozenset[str] | None = None
    why: str = ""
    again: tuple[Request, ...] = ()
    everything: bool = False
    refused: frozenset[str] = frozenset()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    supported: bool = True

    def of(self, cases: Sequence[Case]) -> list[Case]:
        """Return the cases that run."""
        return [case for case in cases if self.ids is None or case.requirement in self.ids]

    def support(self, cases: Sequence[Case]) -> list[Case]:
        """Return the cases that may run without a result, for the exchanges that they lead to."""
        if self.ids is None or self.everything or not self.supported:
            return []
        without = self.ids | self.refused
        return [case for case in cases if case.requirement not in without and not case.universal]

    def left_out(self, cases: Sequence[Case], contract: Contract) -> list[CaseResult]:
        """Return the results of the cases that do not run."""
        return [
            CaseResult(case.name, case.requirement, unselected=f"not selected by {self.why}")
            for case in cases
            if self.ids is not None
            and case.requirement not in self.ids
            and not contract.requirements[case.requirement].not_tested
        ]


def select(
    settings: Settings, contract: Contract, cases: Sequence[Case]
) -> tuple[Settings, Selection]:
    """Return the settings of a run with what its selection changes, and the selection.

    A run that checks failures of an earlier one again has the depth and seed of that one, so that the same
    cases make the same choices, and takes it as its baseline.

    :raises UsageError: if nothing is left to be judged.
    """
    ids: frozenset[str] | None = None
    parts: list[str] = []
    earlier: tuple[Path, Result] | None = None
    if settings.last_failed or settings.recheck is not None:
        option = "--recheck" if settings.recheck is not None else "--last-failed"
        path = settings.recheck or LATEST
        report = read_report(path, option)
        settings, ids = _failed(settings, contract, report, path, option)
        earlier = path, report
        parts.append(option)
    if settings.only:
        named = selected(contract.requirements, settings.only, "--only")
        ids = named if ids is None else ids & named
        parts.append("--only")
    refused: frozenset[str] = frozenset()
    if settings.skip:
        every = frozenset(contract.requirements) if ids is None else ids
        refused = selected(contract.requirements, settings.skip, "--skip")
        ids = every - refused
        parts.append("--skip")
    if ids is None:
        return settings, Selection()
    why = " and ".join(parts)
    if not any(not contract.requirements[id_].not_tested for id_ in ids):
        raise UsageError(
            f"{why}: no requirement is left that can be tested; conformance list shows all"
        )
    if earlier is None:
        found = Selection(ids, why, refused=refused, only=settings.only, skip=settings.skip)
        return settings, found
    # What failed in an earlier report is named by its ids: the report may be gone when a run is repeated.
    again = _support(*earlier, ids, cases)
    return settings, Selection(ids, why, *again, refused=refused, only=tuple(sorted(ids)))


def judge_selected(
    session: Session,
    cases: Sequence[Case],
    selection: Selection,
    progress: Callable[[int, int], None] | None = None,
) -> Judgement:
    """Run the cases of a selection; the others have a result that says why they did not run."""
    if selection.ids is None:
        return judge(session, cases, progress)
    chosen = list(cases) if selection.everything else selection.of(cases)
    if selection.again:
        given = {"requests": selection.again}
        first = min(selection.ids)
        chosen.append(Case(_AGAIN, first, _send_again, given, universal=False, depth=Depth.SMOKE))
    judgement = judge(session, chosen, progress, selection.support(cases))
    counted = [
        result
        for result in judgement.results
        if result.requirement in selection.ids and result.case != _AGAIN
    ]
    judgement.results = [*counted, *selection.left_out(cases, session.contract)]
    return judgement


def recorded(entries: Sequence[har.Recorded]) -> tuple[Request, ...]:
    """Return the requests of a transcript that were sent because an earlier finding rests on them."""
    return tuple(entry.request for entry in entries if entry.request.repeat == WHY_AGAIN)


def _send_again(api: Api, requests: Sequence[Request]) -> None:
    # Whatever the responses are, the cases that judge every exchange judge them.
    for answer in api.ask(requests):
        if isinstance(answer, Exchange):
            api.judged.append(answer)


def _support(
    path: Path, report: Result, ids: frozenset[str], cases: Sequence[Case]
) -> tuple[tuple[Request, ...], bool]:
    """Return the requests of findings that cases without requests of their own made, and whether all cases
    must run because these requests are not known.
    """
    universal = {case.name for case in cases if case.universal}
    numbers = {
        finding["exchange"]
        for row in report["requirements"]
        if row["id"] in ids
        for finding in row["findings"]
        if finding["case"] in universal
    }
    if not numbers:
        return (), False
    try:
        recording = har.read((path if path.is_dir() else path.parent) / har.NAME)
    except TranscriptError:
        return (), True
    sent = {
        entry.answer.number: entry.request
        for entry in recording.entries
        if isinstance(entry.answer, Exchange)
    }
    found = [sent.get(number) for number in numbers if number is not None]
    if len(found) < len(numbers) or not all(
        request and _is_known(request, recording) for request in found
    ):
        return (), True
    again = {replace(request, repeat=WHY_AGAIN, in_turn=Turn.NO) for request in found if request}
    return tuple(sorted(again, key=lambda request: (request.target, request.credential))), False


def _is_known(request: Request, recording: har.Recording) -> bool:
    """Return whether a request can be sent as it is recorded: it reads, and holds no pseudonym of a term."""
    searches = any(name == "search" for name, _ in request.query)
    return not request.writes and not (searches and recording.run.get("masked"))


def _failed(
    settings: Settings, contract: Contract, report: Result, path: Path, option: str
) -> tuple[Settings, frozenset[str]]:
    if settings.replay is not None:
        raise UsageError(
            f"{option}: a replay sends nothing: leave out --replay, or name ids with --only"
        )
    ids = frozenset(
        row["id"]
        for row in report["requirements"]
        if row["outcome"] in ("failed", "warned") and row["id"] in contract.requirements
    )
    if not ids:
        raise UsageError(
            f"{option}: nothing failed in {path}: leave out {option} to check everything"
        )
    changed = replace(
        settings,
        depth=Depth[report["depth"].upper()],
        seed=report["seed"],
        baseline=settings.baseline or path,
    )
    return changed, ids
