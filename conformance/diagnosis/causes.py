"""Probable causes: what a diagnosis claims, and what supports it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from conformance.contract.verdict import Finding


def is_left_out(decision: str, without: Collection[str]) -> bool:
    """Return whether a decision is left out of the grammar, to measure what is stated without it.

    :param without: what was stated, with or without the condition.
    """
    return any(text.casefold().startswith(decision.casefold()) for text in without)


@dataclass(frozen=True)
class Cause:
    """A mechanism that explains findings.

    ``title`` says what is wrong (empty if only the candidates do). ``mechanism`` says so in its first
    sentence, and then how the server probably does it. ``usually`` is what leads to it in common frameworks,
    ``fix`` how it is mended. ``findings`` holds the findings that it explains, each as requirement and number
    of the exchange. ``explained`` counts the deviating responses that it predicts, ``agreeing`` the other
    responses that it does not contradict. ``candidates`` are the mechanisms that the run cannot tell apart;
    there is none if there is only one. ``leads`` is the requirement under which all findings are one defect;
    without it, leaks are apart. ``at_times`` says why the same request shows the defect at one time only; it
    is empty if it shows it each time.
    """

    title: str
    mechanism: str
    usually: str
    fix: str
    findings: frozenset[tuple[str, int | None]]
    explained: int
    agreeing: int
    candidates: tuple[str, ...] = ()
    leads: str = ""
    at_times: str = ""

    def explains(self, requirement: str, finding: Finding) -> bool:
        """Return whether a finding of a requirement follows from the cause."""
        return (requirement, finding.exchange) in self.findings


@dataclass(frozen=True)
class Seen:
    """A cause that is told without a search, and the exchanges that a search need not explain."""

    cause: Cause
    exchanges: frozenset[int]
