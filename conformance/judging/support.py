"""Exchanges for universal cases of a selection: other cases run without a result, until nothing is missing.

A universal case judges the exchanges of all cases. If a user selects some, it may lack those that it needs:
an error, a retrieved profile, a page that is full. So other cases run too, the cheap ones first. What they
find is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from conformance.contract.cases import Case, Depth
from conformance.contract.requirements import Level
from conformance.contract.verdict import CaseResult
from conformance.judging.session import Session

Run = Callable[..., list[CaseResult]]

_WRITES = "RO"
"""The area whose cases send methods that write: none of them runs unless it is selected."""

_ORDER = ("RET", "AUTH", "ROB", "SRCH", "FIL", "LIM", "PAG", "OBJ", "ENV", "ERR", "ORG")
_NEAREST = {"LIM": ("PAG", "SRCH"), "ERR": ("ROB", "AUTH"), "PAG": ("FIL", "SRCH")}
"""Areas in the order in which their cases help: first those that an area needs most, then the cheap ones."""


def collect_exchanges(
    session: Session, universal: Sequence[Case], support: Sequence[Case], run: Run
) -> None:
    """Run groups of cases until no mandatory universal case lacks exchanges, or no group is left.

    :param universal: the cases that are judged; recommended ones count only if no other is selected.
    :param support: cases that may run, in running order.
    :param run: runs cases and returns their results.
    """
    rows = session.contract.requirements
    musts = [case for case in universal if rows[case.requirement].level is Level.MUST]
    waiting = musts or list(universal)
    if not support:
        return
    areas = {rows[case.requirement].prefix for case in waiting}
    for group in _groups(session, support, areas):
        waiting = _lacking(waiting, run)
        if not waiting:
            return
        run(cases=group, finished=_nothing)


def _lacking(cases: Sequence[Case], run: Run) -> list[Case]:
    """Return the cases that cannot be judged by the exchanges that there are."""
    open_ = {result.case for result in run(cases=cases, finished=_nothing) if result.inconclusive}
    return [case for case in cases if case.name in open_]


def _groups(
    session: Session, support: Sequence[Case], areas: Collection[str]
) -> Iterator[list[Case]]:
    """Yield the cases of smoke runs, then the others area by area; those that come last are left out.

    :param areas: prefixes of the areas that lack exchanges.
    """
    prefix = {row.id: row.prefix for row in session.contract.requirements.values()}
    usable = [
        case
        for case in support
        if case.depth <= min(session.depth, Depth.STANDARD)
        and prefix[case.requirement] != _WRITES
        and not case.last
    ]
    smoke = [case for case in usable if case.depth is Depth.SMOKE]
    if smoke:
        yield smoke
    nearest = [near for area in _ORDER if area in areas for near in _NEAREST.get(area, ())]
    for area in dict.fromkeys((*nearest, *_ORDER)):
        group = [c for c in usable if c.depth > Depth.SMOKE and prefix[c.requirement] == area]
        if group:
            yield group


def _nothing(_: int) -> None:
    """Count no case: progress is that of the cases that are judged."""
