"""What a run concludes: outcomes of cases, rolled up to outcomes of requirements, rolled up to a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum

from conformance.contract.requirements import Level, Requirement


class Outcome(StrEnum):
    """The outcome of a requirement."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    INCONCLUSIVE = "inconclusive"
    WAIVED = "waived"


class Verdict(StrEnum):
    """The verdict of a run."""

    CONFORMANT = "conformant"
    NON_CONFORMANT = "non-conformant"
    INCOMPLETE = "incomplete"
    UNTESTABLE = "untestable"
    ERROR = "error"


class ExitStatus(IntEnum):
    """How the command ends; the numbers are part of its interface."""

    CONFORMANT = 0
    NON_CONFORMANT = 1
    USAGE = 2
    INCOMPLETE = 3
    UNTESTABLE = 4
    ERROR = 5
    INTERRUPTED = 130
    TERMINATED = 143


@dataclass(frozen=True, slots=True)
class Finding:
    """What was expected, what came, and the request that shows it again.

    ``exchange`` is the number in the transcript; ``caused_by`` the id of the requirement whose finding
    explains this one. ``certain`` says that moving data cannot explain it; ``witnesses`` are
    profiles of which each by itself shows it, as long as that one stood still.
    """

    expected: str
    received: str
    detail: str | None = None
    exchange: int | None = None
    method: str | None = None
    url: str | None = None
    identity: str | None = None
    status: int | None = None
    request_id: str | None = None
    curl: str | None = None
    case: str = ""
    caused_by: str | None = None
    certain: bool = False
    witnesses: frozenset[str] = frozenset()


class Breach(AssertionError):
    """A case saw the contract broken.

    :param findings: at least one.
    """

    def __init__(self, *findings: Finding) -> None:
        self.findings = findings
        super().__init__(
            "\n".join(f"expected {item.expected}; received {item.received}" for item in findings)
        )


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case ended.

    ``judged`` counts the exchanges that the case rested on; ``exhausted`` says that it is inconclusive
    because the bound on requests was reached.
    """

    case: str
    requirement: str
    findings: tuple[Finding, ...] = ()
    inconclusive: str | None = None
    judged: int = 0
    error: str | None = None
    exhausted: bool = False


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """How one requirement ended, over all of its cases."""

    requirement: Requirement
    outcome: Outcome
    reason: str | None = None
    cases: tuple[str, ...] = ()
    judged: int = 0
    findings: tuple[Finding, ...] = field(default=())


def roll_up(requirement: Requirement, results: Sequence[CaseResult]) -> RequirementResult:
    """The outcome of a requirement: a finding outweighs a doubt, a doubt outweighs a pass."""
    cases = tuple(result.case for result in results)
    judged = sum(result.judged for result in results)
    findings = tuple(
        replace(finding, case=result.case) for result in results for finding in result.findings
    )
    breached = Outcome.FAILED if requirement.level is Level.MUST else Outcome.WARNED
    if findings:
        return RequirementResult(requirement, breached, None, cases, judged, findings)
    if requirement.not_tested and not results:
        return RequirementResult(
            requirement, Outcome.WAIVED, f"not tested: {requirement.not_tested}"
        )
    doubts = [result.inconclusive or result.error for result in results]
    doubt = next((text for text in doubts if text), None)
    if not results:
        doubt = "no case of it was run"
    if doubt:
        return RequirementResult(requirement, Outcome.INCONCLUSIVE, doubt, cases, judged)
    return RequirementResult(requirement, Outcome.PASSED, None, cases, judged)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The verdict of a run with its reason in a sentence, and how the command ends."""

    verdict: Verdict
    reason: str
    exit_status: ExitStatus


def conclude(
    results: Iterable[RequirementResult],
    *,
    allow_incomplete: bool = False,
    untestable: str | None = None,
    error: str | None = None,
    interrupted: bool = False,
    terminated: bool = False,
) -> Conclusion:
    """The verdict over all requirements.

    :param untestable: why the target could not be judged.
    :param error: what failed in the suite itself.
    :param terminated: whether it was SIGTERM that interrupted the run.
    """
    rows = list(results)
    failed = [row for row in rows if row.outcome is Outcome.FAILED]
    open_musts = [
        row
        for row in rows
        if row.outcome is Outcome.INCONCLUSIVE and row.requirement.level is Level.MUST
    ]
    if error:
        return Conclusion(Verdict.ERROR, f"The suite itself failed: {error}", ExitStatus.ERROR)
    if untestable:
        return Conclusion(
            Verdict.UNTESTABLE, f"The target cannot be tested: {untestable}", ExitStatus.UNTESTABLE
        )
    if interrupted:
        reason = "The run was interrupted; what it had established stands, the rest is open."
        status = ExitStatus.TERMINATED if terminated else ExitStatus.INTERRUPTED
        return Conclusion(Verdict.NON_CONFORMANT if failed else Verdict.INCOMPLETE, reason, status)
    if failed:
        ids = _listed([row.requirement.id for row in failed])
        return Conclusion(
            Verdict.NON_CONFORMANT,
            f"{_count(len(failed), 'requirement')} that a target must meet "
            f"{_are(len(failed))} broken: {ids}.",
            ExitStatus.NON_CONFORMANT,
        )
    if open_musts:
        ids = _listed([row.requirement.id for row in open_musts])
        return Conclusion(
            Verdict.INCOMPLETE,
            f"Nothing that must hold is broken, but {_count(len(open_musts), 'requirement')} "
            f"{_are(len(open_musts))} not established: {ids}.",
            ExitStatus.CONFORMANT if allow_incomplete else ExitStatus.INCOMPLETE,
        )
    if not any(row.outcome is Outcome.PASSED for row in rows):
        return Conclusion(Verdict.INCOMPLETE, "Nothing was judged.", ExitStatus.INCOMPLETE)
    return Conclusion(
        Verdict.CONFORMANT,
        "Every requirement that a target must meet and that a test can judge is met.",
        ExitStatus.CONFORMANT,
    )


def _listed(ids: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(ids[:most])
    return shown if len(ids) <= most else f"{shown} and {len(ids) - most} more"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
