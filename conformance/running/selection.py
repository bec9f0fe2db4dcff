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
from conformance.errors import UsageError
from conformance.judging.engine import Judgement, judge
from conformance.judging.session import Session
from conformance.running.settings import Settings

LATEST = Path("reports", "latest")


@dataclass(frozen=True)
class Selection:
    """The requirements that a run judges; ``ids`` None means all. ``why`` completes ``not selected by``."""

    ids: frozenset[str] | None = None
    why: str = ""

    def of(self, cases: Sequence[Case]) -> list[Case]:
        """Return the cases that run."""
        return [case for case in cases if self.ids is None or case.requirement in self.ids]

    def left_out(self, cases: Sequence[Case], contract: Contract) -> list[CaseResult]:
        """Return the results of the cases that do not run."""
        return [
            CaseResult(case.name, case.requirement, unselected=f"not selected by {self.why}")
            for case in cases
            if self.ids is not None
            and case.requirement not in self.ids
            and not contract.requirements[case.requirement].not_tested
        ]


def select(settings: Settings, contract: Contract) -> tuple[Settings, Selection]:
    """Return the settings of a run with what its selection changes, and the selection.

    A run that checks failures of an earlier one again has the depth and seed of that one, so that the same
    cases make the same choices, and takes it as its baseline.

    :raises UsageError: if nothing is left to be judged.
    """
    ids: frozenset[str] | None = None
    parts: list[str] = []
    if settings.last_failed or settings.recheck is not None:
        option = "--recheck" if settings.recheck is not None else "--last-failed"
        path = settings.recheck or LATEST
        settings, ids = _failed(settings, contract, path, option)
        parts.append(option)
    if settings.only:
        named = selected(contract.requirements, settings.only, "--only")
        ids = named if ids is None else ids & named
        parts.append("--only")
    if settings.skip:
        every = frozenset(contract.requirements) if ids is None else ids
        ids = every - selected(contract.requirements, settings.skip, "--skip")
        parts.append("--skip")
    if ids is None:
        return settings, Selection()
    why = " and ".join(parts)
    if not any(not contract.requirements[id_].not_tested for id_ in ids):
        raise UsageError(
            f"{why}: no requirement is left that can be tested; conformance list shows all"
        )
    return settings, Selection(ids, why)


def judge_selected(
    session: Session,
    cases: Sequence[Case],
    selection: Selection,
    progress: Callable[[int, int], None] | None = None,
) -> Judgement:
    """Run the cases of a selection; the others have a result that says why they did not run."""
    judgement = judge(session, selection.of(cases), progress)
    judgement.results = [*judgement.results, *selection.left_out(cases, session.contract)]
    return judgement


def _failed(
    settings: Settings, contract: Contract, path: Path, option: str
) -> tuple[Settings, frozenset[str]]:
    if settings.replay is not None:
        raise UsageError(
            f"{option}: a replay sends nothing: leave out --replay, or name ids with --only"
        )
    report = read_report(path, option)
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
