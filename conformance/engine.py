"""Judges: runs the cases against the session's target, confirms what they found, and hands out results."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from conformance.api import Api, Ask
from conformance.cases import Case
from conformance.client import Answer
from conformance.contract import AREAS, Level
from conformance.directory import Directory
from conformance.exchange import Request
from conformance.lockstep import run_together
from conformance.session import Session
from conformance.target import OWN
from conformance.verdict import Breach, CaseResult, Finding, Inconclusive, Untestable

CONFIRMATIONS = 2
MOVED = "the data moved each time that it was judged"

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
    chosen = [case for case in cases if case.profile <= session.profile]
    asking = [case for case in chosen if not case.universal]
    universal = [case for case in chosen if case.universal]
    done = 0

    def finished(_: int) -> None:
        nonlocal done
        done += 1
        progress(done, len(chosen))

    try:
        session.probe()
        session.learn()
        results = _run(session, asking, judgement, finished)
        judgement.results.extend(_confirmed(session, asking, results, judgement))
    finally:
        # Also after an interruption: what every exchange has to meet is judged over those that there are.
        if len(session.transcript):
            judgement.results.extend(_run(session, universal, judgement, finished))


def _run(
    session: Session, cases: Sequence[Case], judgement: Judgement, finished: Callable[[int], None]
) -> list[CaseResult]:
    results: list[CaseResult | None] = [None] * len(cases)

    def work(place: int, case: Case) -> Callable[[Ask], CaseResult]:
        prefix = session.contract.requirements[case.requirement].prefix

        def call(ask: Ask) -> CaseResult:
            def asking(requests: Sequence[Request]) -> list[Answer]:
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
        judgement.results.extend(item for item in results if item is not None)
        raise


def run_case(session: Session, case: Case, ask: Ask) -> CaseResult:
    """Call one case and take down how it ended."""
    api = Api(ask)
    given = session.given(api)
    try:
        names = inspect.signature(case.function).parameters
        arguments = {name: given[name]() for name in names if name not in case.arguments}
        case.function(**arguments, **case.arguments)
    except Breach as breach:
        return CaseResult(
            case.name, case.requirement, findings=breach.findings, judged=len(api.judged)
        )
    except Inconclusive as reason:
        return CaseResult(
            case.name, case.requirement, inconclusive=str(reason), judged=len(api.judged)
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


def _confirmed(
    session: Session, cases: Sequence[Case], results: list[CaseResult], judgement: Judgement
) -> list[CaseResult]:
    """The results, with every breach asked for again between two fresh walks.

    A breach that comes back while the data stood still is a finding. One that does not come back is one
    too, marked unstable; while the data move, it is none.
    """
    breached = [place for place, result in enumerate(results) if result.findings]
    if not breached:
        return results
    confirmed = list(results)
    for _ in range(CONFIRMATIONS):
        before = session.own
        session.client.forget()
        session.learn()
        between = session.own
        again = _run(session, [cases[place] for place in breached], judgement, lambda _: None)
        session.client.forget()
        session.learn()
        retrieved = {
            item.request.path.rsplit("/", 1)[1].lower()
            for item in session.transcript
            if item.is_record and item.request.identity == OWN
        }
        still = _same(between, session.own, retrieved)
        quiet = still and _same(before, between, retrieved)
        session.moved = session.moved or not quiet
        for place, second in zip(breached, again, strict=True):
            confirmed[place] = _settled(results[place], second, still=still, quiet=quiet)
        breached = [place for place in breached if confirmed[place].inconclusive == MOVED]
        if not breached:
            break
    return confirmed


def _same(one: Directory, two: Directory, retrieved: set[str]) -> bool:
    """Whether two walks saw the same data, in whatever order; a walk that broke down tells nothing.

    Where what changed are several profiles, and each of them is one that this run has retrieved, the
    reading has changed them: data that move by themselves do not follow the reader.
    """
    if one.problem or two.problem or one.by_id == two.by_id:
        return True
    if set(one.by_id) != set(two.by_id):
        return False
    changed = {record for record, row in one.by_id.items() if two.by_id[record] != row}
    return len(changed) > 1 and changed <= retrieved


def _settled(first: CaseResult, second: CaseResult, *, still: bool, quiet: bool) -> CaseResult:
    """What a breach comes to that was asked for again.

    :param still: the data stood still around the second look.
    :param quiet: they did so since the first.
    """
    if second.findings:
        return second if still else replace(first, findings=(), inconclusive=MOVED)
    if quiet and second.inconclusive is None:
        return replace(first, findings=tuple(_unstable(item) for item in first.findings))
    return second


def _unstable(finding: Finding) -> Finding:
    note = "unstable: it did not come back when asked for again, while the data stood still"
    return replace(finding, detail=f"{finding.detail}; {note}" if finding.detail else note)


def _explained(problem: BaseException) -> str:
    last = traceback.extract_tb(problem.__traceback__)[-1]
    return f"{type(problem).__name__}: {problem} ({last.name}, line {last.lineno})"
