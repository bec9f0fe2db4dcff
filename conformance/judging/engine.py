"""Runs the cases against the target of a session, and confirms what they find."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from conformance.contract.cases import Case, Depth
from conformance.contract.requirements import AREAS, Level
from conformance.contract.verdict import Breach, CaseResult
from conformance.errors import BudgetExhausted, Inconclusive, Terminated, Untestable
from conformance.http.api import Api, Ask
from conformance.http.client import ExchangeOrError
from conformance.http.request import Request
from conformance.judging.confirm import confirmed
from conformance.judging.given import Given
from conformance.judging.lockstep import run_together
from conformance.judging.session import Session
from conformance.judging.support import collect_exchanges
from conformance.target.credentials import OWN

_PLENTY = 200
"""Requests that suffice for all cases of the standard depth, for any directory."""

_FIRST = ("ORG", "PAG")
"""Areas that run first, so that they are judged even if the budget is small."""


@dataclass
class Judgement:
    """The results of a run.

    ``owners`` has the area whose case sent a request first; requests without an owner belong to the setup.
    """

    results: list[CaseResult] = field(default_factory=list)
    owners: dict[Request, str] = field(default_factory=dict)
    untestable: str | None = None
    error: str | None = None
    interrupted: bool = False
    terminated: bool = False

    def stop(self, reason: KeyboardInterrupt) -> None:
        """Note that the run was stopped, and whether SIGTERM did it."""
        self.interrupted = True
        self.terminated = isinstance(reason, Terminated)


def judge(
    session: Session,
    cases: Sequence[Case],
    progress: Callable[[int, int], None] | None = None,
    support: Sequence[Case] = (),
) -> Judgement:
    """Run the cases.

    Never raises for what the target does. After an interruption the results so far are kept.

    :param progress: called with the number of finished cases and their total.
    :param support: cases that run without a result, if a universal case lacks exchanges; none of them writes.
    """
    judgement = Judgement()
    requirements = session.contract.requirements
    tested = [case for case in cases if not requirements[case.requirement].not_tested]
    try:
        helpers = [case for case in support if not requirements[case.requirement].not_tested]
        _judge(
            session,
            ordered(session, tested),
            judgement,
            progress or (lambda *_: None),
            ordered(session, helpers),
        )
    except Untestable as reason:
        judgement.untestable = str(reason)
    except KeyboardInterrupt as reason:
        judgement.stop(reason)
    except Exception as problem:  # a defect of the suite itself must become a verdict too
        judgement.error = _explained(problem)
    if judgement.error is None:
        judgement.error = next(
            (f"{item.case}: {item.error}" for item in judgement.results if item.error), None
        )
    return judgement


def ordered(session: Session, cases: Sequence[Case]) -> list[Case]:
    """Return the cases in running order: musts before shoulds, isolation and pagination first."""
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
    support: Sequence[Case],
) -> None:
    chosen = [case for case in cases if case.depth <= session.depth]
    # A deep case that comes last sends what is left: other cases judge its requirement.
    deeper = [
        case
        for case in cases
        if case.depth > session.depth and not (case.last and case.depth is Depth.DEEP)
    ]
    asking = [case for case in chosen if not case.universal]
    universal = [case for case in chosen if case.universal]
    done = 0

    def finished(_: int) -> None:
        nonlocal done
        done += 1
        progress(done, len(chosen))

    for case in deeper:
        reason = f"it does not run at the depth {session.depth.name.lower()}"
        result = CaseResult(case.name, case.requirement, inconclusive=reason)
        if session.depth < Depth.STANDARD:  # a smoke run is partial on purpose
            result = replace(result, inconclusive=None, unselected=reason)
        judgement.results.append(result)
    left_out = list(judgement.results)
    session.probe()
    results: list[CaseResult] = []
    settled = left_out
    latest: list[CaseResult] = []
    try:
        session.learn()
        repeat = partial(_run, session, judgement=judgement, finished=lambda _: None)
        # Some cases come last, when the findings of all others are confirmed.
        for last in (False, True):
            group = [case for case in asking if case.last is last]
            waves = [group] if last else _waves(session, group)
            results = [item for wave in waves for item in _run(session, wave, judgement, finished)]
            # If the confirmation is interrupted, the first results are kept.
            judgement.results = [*settled, *results]
            in_order = [case for wave in waves for case in wave]
            latest = list(results)
            settled = [*settled, *confirmed(session, in_order, results, latest, repeat)]
            judgement.results = settled
        results, latest = [], []
        collect_exchanges(session, universal, support, partial(_run, session, judgement=judgement))
    except KeyboardInterrupt as reason:
        session.client.stop()
        judgement.stop(reason)
    except Untestable as reason:
        session.client.stop()
        judgement.untestable = str(reason)
        if len(judgement.results) == len(settled) + len(latest):
            judgement.results = [*settled, *latest]
        confirmed_ones = {id(item) for item in (*settled, *latest)} - {id(item) for item in results}
        judgement.results = [
            item if id(item) in confirmed_ones else _unconfirmed(item) for item in judgement.results
        ]
    # After an interruption or the end of the target too: universal cases judge the exchanges that there are.
    judgement.results.extend(_run(session, universal, judgement, finished))


def _unconfirmed(result: CaseResult) -> CaseResult:
    """Return a first result of a target that is gone: its findings stay if only the target explains them."""
    if not result.findings or all(item.certain for item in result.findings):
        return result
    doubt = "it failed once, and the target was gone before it could be confirmed"
    return replace(result, findings=(), inconclusive=doubt)


def _waves(session: Session, cases: Sequence[Case]) -> list[list[Case]]:
    """Return the cases in groups that run one after the other.

    A budget that suffices for all cases gives one group. With a smaller one, each area is a group, so that
    the first areas get their requests before the others start.
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

    def work(index: int, case: Case) -> Callable[[Ask], CaseResult]:
        prefix = session.contract.requirements[case.requirement].prefix

        def call(ask: Ask) -> CaseResult:
            def asking(requests: Sequence[Request]) -> list[ExchangeOrError]:
                for request in requests:
                    if request not in session.client.attempts:
                        judgement.owners.setdefault(request, prefix)
                return ask(requests)

            results[index] = run_case(session, case, asking)
            return results[index]  # type: ignore[return-value]  # just set

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
    """Run one case and return its result."""
    api = Api(ask, most_pages=session.most_pages(OWN))
    try:
        arguments = Given(session, api).arguments(case.given)
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
    except Exception as problem:  # a defect of the suite, never reported as one of the target
        return CaseResult(
            case.name, case.requirement, error=_explained(problem), judged=len(api.judged)
        )
    # A case that sends nothing itself judges earlier exchanges.
    judged = len(api.judged) or (
        len(session.transcript) if case.universal else len(session.own.pages)
    )
    if not judged:
        return CaseResult(
            case.name, case.requirement, inconclusive="it is based on no response of the target"
        )
    return CaseResult(case.name, case.requirement, judged=judged)


def _explained(problem: BaseException) -> str:
    last = traceback.extract_tb(problem.__traceback__)[-1]
    return f"{type(problem).__name__}: {problem} ({last.name}, line {last.lineno})"
