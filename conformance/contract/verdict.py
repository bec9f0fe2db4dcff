"""Outcomes of cases, rolled up to outcomes of requirements, rolled up to the verdict of a run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum

from conformance.contract.requirements import Level, Requirement
from conformance.text.wording import be, listing, plural

_NAMED = 8
"""Requirements that the reason of a verdict names."""


class Outcome(StrEnum):
    """The outcome of a requirement."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    INCONCLUSIVE = "inconclusive"
    WAIVED = "waived"
    UNSELECTED = "unselected"


class Verdict(StrEnum):
    """The verdict of a run."""

    CONFORMANT = "conformant"
    NON_CONFORMANT = "non-conformant"
    INCOMPLETE = "incomplete"
    PARTIAL = "partial"
    UNTESTABLE = "untestable"
    ERROR = "error"


class ExitStatus(IntEnum):
    """Exit statuses of the command; the numbers are part of its interface."""

    CONFORMANT = 0
    NON_CONFORMANT = 1
    USAGE = 2
    INCOMPLETE = 3
    UNTESTABLE = 4
    ERROR = 5
    INTERRUPTED = 130
    TERMINATED = 143


UNSTABLE = "unstable: it did not occur again, although the data had not changed"
"""The detail of a finding whose case found nothing when it was repeated."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was expected and received, and the request that reproduces it.

    :param exchange: the number of the exchange in the transcript, counted from 1.
    :param certain: whether changing data cannot explain it.
    :param witnesses: ids of profiles; each of them alone shows the breach, provided that it did not change.
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
    certain: bool = False
    witnesses: frozenset[str] = frozenset()


# A longer number is one of the target's words.
_MENTION = re.compile(r"\bexchange (\d{1,8})\b")


def mentioned(*texts: str | None) -> list[int]:
    """Return the numbers of the exchanges that the texts of a finding mention, each once, in their order."""
    found = (number for text in texts if text for number in _MENTION.findall(text))
    return list(dict.fromkeys(map(int, found)))


def named(finding: Finding) -> set[int]:
    """Return the numbers of the exchanges that a finding shows or mentions."""
    numbers = set(mentioned(finding.expected, finding.received, finding.detail))
    return numbers | ({finding.exchange} if finding.exchange is not None else set())


def without_mentions(text: str) -> str:
    """Return a text of a finding with ``another response`` in place of the exchanges that it mentions."""
    return _MENTION.sub("another response", text)


class Breach(AssertionError):
    """A case found the contract broken; carries at least one finding."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = findings
        super().__init__(
            "\n".join(f"expected {item.expected}; received {item.received}" for item in findings)
        )


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The result of one case.

    :param judged: the number of exchanges that the case looked at.
    :param exhausted: whether it is inconclusive because the limit on requests was reached.
    :param unselected: why it was left out of the run on purpose; None if it was not.
    """

    case: str
    requirement: str
    findings: tuple[Finding, ...] = ()
    inconclusive: str | None = None
    judged: int = 0
    error: str | None = None
    exhausted: bool = False
    unselected: str | None = None


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """The result of one requirement, over all of its cases."""

    requirement: Requirement
    outcome: Outcome
    reason: str | None = None
    cases: tuple[str, ...] = ()
    judged: int = 0
    findings: tuple[Finding, ...] = field(default=())


def roll_up(requirement: Requirement, results: Sequence[CaseResult]) -> RequirementResult:
    """Return the outcome of a requirement: one finding outweighs a doubt, one doubt outweighs all passes.

    A requirement of which some cases were left out is not selected, whatever the others passed.
    """
    cases = tuple(result.case for result in results if not result.unselected)
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
        doubt = "no case for it was run"
    if doubt:
        return RequirementResult(requirement, Outcome.INCONCLUSIVE, doubt, cases, judged)
    left_out = next((result.unselected for result in results if result.unselected), None)
    if left_out:
        return RequirementResult(requirement, Outcome.UNSELECTED, left_out, cases, judged)
    return RequirementResult(requirement, Outcome.PASSED, None, cases, judged)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The verdict of a run, its reason in one or more sentences, and the exit status of the command."""

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
    """Return the verdict over all requirements.

    :param untestable: why the target could not be tested, or not to the end.
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
    if untestable and not failed:
        return Conclusion(
            Verdict.UNTESTABLE, f"The target cannot be tested: {untestable}", ExitStatus.UNTESTABLE
        )
    if interrupted:
        reason = "The run was interrupted. Results so far stand; the rest was not checked."
        status = ExitStatus.TERMINATED if terminated else ExitStatus.INTERRUPTED
        return Conclusion(Verdict.NON_CONFORMANT if failed else Verdict.INCOMPLETE, reason, status)
    if failed:
        ids = listing([row.requirement.id for row in failed], _NAMED)
        return Conclusion(
            Verdict.NON_CONFORMANT,
            f"{plural(len(failed), 'mandatory requirement')} failed: {ids}.{_scope(rows)}"
            + (f" The rest was not checked: {untestable}" if untestable else ""),
            ExitStatus.NON_CONFORMANT,
        )
    if open_musts:
        ids = listing([row.requirement.id for row in open_musts], _NAMED)
        return Conclusion(
            Verdict.INCOMPLETE,
            f"No failures, but {plural(len(open_musts), 'mandatory requirement')} "
            f"could not be checked: {ids}.{_scope(rows)}",
            ExitStatus.CONFORMANT if allow_incomplete else ExitStatus.INCOMPLETE,
        )
    if not any(row.outcome in (Outcome.PASSED, Outcome.WARNED) for row in rows):
        return Conclusion(Verdict.INCOMPLETE, "No requirement was checked.", ExitStatus.INCOMPLETE)
    if scope := _scope(rows):
        return Conclusion(
            Verdict.PARTIAL, (_conformant(rows) + scope).lstrip(), ExitStatus.CONFORMANT
        )
    return Conclusion(Verdict.CONFORMANT, _conformant(rows), ExitStatus.CONFORMANT)


def _all(count: int, noun: str) -> str:
    return f"The {noun} passed." if count == 1 else f"All {count} {noun}s passed."


def _scope(rows: Sequence[RequirementResult]) -> str:
    """Return how much a partial run has selected, after a space; empty for a run of the full scope."""
    counts = Counter(row.outcome for row in rows)
    if not counts[Outcome.UNSELECTED]:
        return ""
    selected = len(rows) - counts[Outcome.UNSELECTED] - counts[Outcome.WAIVED]
    return f" Partial run: {selected} of {plural(len(rows), 'requirement')}."


def _conformant(rows: Sequence[RequirementResult]) -> str:
    """Return the reason for a run without failures in which every testable must passed."""
    counts = Counter(row.outcome for row in rows)
    warned, doubtful = counts[Outcome.WARNED], counts[Outcome.INCONCLUSIVE]
    which = "selected" if counts[Outcome.UNSELECTED] else "testable"
    if not warned and not doubtful:
        sentences = [_all(counts[Outcome.PASSED], f"{which} requirement")]
    else:
        musts = sum(
            row.outcome is Outcome.PASSED and row.requirement.level is Level.MUST for row in rows
        )
        sentences = [_all(musts, f"{which} mandatory requirement")] if musts else []
    if warned:
        sentences.append(f"{plural(warned, 'recommended requirement')} failed.")
    if doubtful:
        sentences.append(f"{plural(doubtful, 'recommended requirement')} could not be checked.")
    waived = counts[Outcome.WAIVED]
    if waived and not counts[Outcome.UNSELECTED]:
        sentences.append(f"{waived} {be(waived)} outside this test.")
    return " ".join(sentences)
