"""Judges: runs the cases against the session's target, confirms what they found, and hands out results."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from conformance.contract.cases import Case
from conformance.contract.requirements import AREAS, Level
from conformance.contract.verdict import Breach, CaseResult
from conformance.errors import BudgetExhausted, Inconclusive, Untestable
from conformance.http.api import Api, Ask
from conformance.http.client import ExchangeOrError
from conformance.http.request import Request
from conformance.judging.confirm import confirmed
from conformance.judging.given import Given
from conformance.judging.lockstep import run_together
from conformance.judging.session import Session
from conformance.target.credentials import OWN

_PLENTY = 200
"""Requests that are enough for every case of the standard profile, whatever the directory holds."""

_FIRST = ("ORG", "PAG")
"""Areas that come first, so that they are established where the budget is scarce."""


@dataclass
class Judgement:
    """What came of a run.

    ``owners`` names for each request the area that asked for it first; what none did was set-up.
    """

    results: list[CaseResult] = field(default_factory=list)
    owners: dict[Request, str] = field(default_factory=dict)
    untestable: str | None = None
    error: str | None = None
    interrupted: bool = False


def judge(
    session: Session, cases: Sequence[Case], progress: Callable[[int, int], None] | None = None
) -> Judgement:
    """Run the cases.

    Never raises for what the target does; an interruption leaves what was established.

    :param progress: called with the number of cases done and their total.
    """
    judgement = Judgement()
    try:
        _judge(session, ordered(session, cases), judgement, progress or (lambda *_: None))
    except Untestable as reason:
        judgement.untestable = str(reason)
    except KeyboardInterrupt:
        judgement.interrupted = True
    except (
        Exception
    ) as problem:  # whatever failed in the suite itself must end as a verdict, not as silence
        judgement.error = _explained(problem)
    if judgement.error is None:
        judgement.error = next(
            (f"{item.case}: {item.error}" for item in judgement.results if item.error), None
        )
    return judgement


def ordered(session: Session, cases: Sequence[Case]) -> list[Case]:
    """Cases in the order in which they are served: musts before shoulds, isolation and pagination first."""
    areas = list(AREAS)
    requirements = session.contract.requirements

    def rank(case: Case) -> tuple[bool, bool, int, str, str]:
        requirement = requirements[case.requirement]
        prefix = requirement.prefix
        return (
            requirement.level is not Level.MUST,
            prefix not in _FIRST,
            _FIRST.index(prefix) if prefix in _FIRST else areas.index(prefix),
            requirement.id,
            case.name,
        )

    return sorted(cases, key=rank)


def _judge(
    session: Session,
    cases: Sequence[Case],
    judgement: Judgement,
    progress: Callable[[int, int], None],
) -> None:
    chosen = [case for case in cases if case.depth <= session.depth]
    asking = [case for case in chosen if not case.universal]
    universal = [case for case in chosen if case.universal]
    done = 0

    def finished(_: int) -> None:
        nonlocal done
        done += 1
        progress(done, len(chosen))

    for case in cases:
        if case not in chosen:
            reason = f"it is not part of the depth {session.depth.name.lower()}"
            judgement.results.append(CaseResult(case.name, case.requirement, inconclusive=reason))
    left_out = list(judgement.results)
    session.probe()
    try:
        session.learn()
        results = [
            result
            for wave in _waves(session, asking)
            for result in _run(session, wave, judgement, finished)
        ]
        # What was seen once is kept, should the second look be interrupted.
        judgement.results = [*left_out, *results]
        again = partial(_run, session, judgement=judgement, finished=lambda _: None)
        judgement.results = [*left_out, *confirmed(session, asking, results, again)]
    except KeyboardInterrupt:
        session.client.stop()
        judgement.interrupted = True
    # Also after an interruption: what every exchange has to meet is judged over those that there are.
    judgement.results.extend(_run(session, universal, judgement, finished))


def _waves(session: Session, cases: Sequence[Case]) -> list[list[Case]]:
    """The cases, in as many groups as the budget makes necessary: one, where there is enough for all.

    Cases of one group share what is left; where that may not do, the first area has its requests before
    the next one asks.
    """
    if session.client.left(OWN) >= _PLENTY:
        return [list(cases)]
    requirements = session.contract.requirements
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        requirement = requirements[case.requirement]
        groups.setdefault((requirement.level, requirement.prefix), []).append(case)
    return list(groups.values())


def _run(
    session: Session, cases: Sequence[Case], judgement: Judgement, finished: Callable[[int], None]
) -> list[CaseResult]:
    results: list[CaseResult | None] = [None] * len(cases)

    def work(place: int, case: Case) -> Callable[[Ask], CaseResult]:
        prefix = session.contract.requirements[case.requirement].prefix

        def call(ask: Ask) -> CaseResult:
            def asking(requests: Sequence[Request]) -> list[ExchangeOrError]:
                for request in requests:
                    if request not in session.client.attempts:
                        judgement.owners.setdefault(request, prefix)
                return ask(requests)

            results[place] = run_case(session, case, asking)
            return results[place]  # type: ignore[return-value]  # just set

        return call

    try:
        return run_together(
            [work(*pair) for pair in enumerate(cases)], session.client.ask, finished
        )
    except (KeyboardInterrupt, Untestable):
        if not any(item.requirement and item.judged for item in judgement.results):
            judgement.results.extend(item for item in results if item is not None)
        raise


def run_case(session: Session, case: Case, ask: Ask) -> CaseResult:
    """Call one case and take down how it ended."""
    api = Api(ask, most_pages=session.most_pages(OWN))
    try:
        names = inspect.signature(case.function).parameters
        arguments = Given(session, api).arguments(
            name for name in names if name not in case.arguments
        )
        case.function(**arguments, **case.arguments)
    except Breach as breach:
        return CaseResult(
            case.name, case.requirement, findings=breach.findings, judged=len(api.judged)
        )
    except Inconclusive as reason:
        return CaseResult(
            case.name,
            case.requirement,
            inconclusive=str(reason),
            judged=len(api.judged),
            exhausted=isinstance(reason, BudgetExhausted),
        )
    except Exception as problem:  # a defect of the suite: reported as such, never as the target's
        return CaseResult(
            case.name, case.requirement, error=_explained(problem), judged=len(api.judged)
        )
    # A case that asks nothing by itself judges what was asked before it.
    judged = len(api.judged) or (
        len(session.transcript) if case.universal else len(session.own.pages)
    )
    if not judged:
        return CaseResult(
            case.name, case.requirement, inconclusive="it rests on no answer of the target"
        )
    return CaseResult(case.name, case.requirement, judged=judged)


def _explained(problem: BaseException) -> str:
    last = traceback.extract_tb(problem.__traceback__)[-1]
    return f"{type(problem).__name__}: {problem} ({last.name}, line {last.lineno})"
