"""The matrix of requirements and faults: which requirement found which fault; whether the proof holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.contract.document import Contract
from conformance.contract.requirements import Level
from conformance.faults.unjudgeable.servers import UnjudgeableServer
from conformance.faults.variant import Variant
from conformance.proof.catalogue import CORRECT, Catalogue, area, departures
from conformance.proof.trial import Trial
from conformance.text.wording import listing

CONFORMANT, INCOMPLETE = "conformant", "incomplete"


@dataclass(frozen=True)
class Problem:
    """Why the proof does not hold: a kind, the name of a server or requirement, and a text."""

    kind: str
    name: str
    text: str


def caught_by(contract: Contract, fault: Variant, trial: Trial) -> list[str]:
    """Return the requirements that found a fault.

    A fault that breaks a ``must`` is found only by a failure; one that breaks a ``should`` also by a
    warning.
    """
    must = contract.requirements[str(fault.requirement)].level is Level.MUST
    return [one for one in trial.red if trial.outcomes[one] == "failed" or not must]


def false_alarms(variant: Variant, trial: Trial) -> list[str]:
    """Return the requirements that failed on a lawful variant, without those it departs from."""
    return [one for one in trial.red if one not in departures(variant)]


@dataclass(frozen=True)
class Matrix:
    """All trials of a proof, by the name of their server."""

    contract: Contract
    catalogue: Catalogue
    trials: Mapping[str, Trial]

    def problems(self) -> list[Problem]:
        """Return every criterion that is not met."""
        catalogue = self.catalogue
        return [
            *self._each([CORRECT], self._correct),
            *self._each(catalogue.faults, self.fault),
            *(self._never_red() if catalogue.complete else ()),
            *self._each(catalogue.lawful, self.lawful),
            *self._each(catalogue.unjudgeable, self.unjudgeable),
        ]

    def _each(
        self, entries: Sequence[Any], criterion: Callable[[Any, Trial], Problem | None]
    ) -> list[Problem]:
        problems = []
        for entry in entries:
            trial = self.trials[entry.name]
            problem = _aborted(trial) or criterion(entry, trial)
            if problem is not None:
                problems.append(problem)
        return problems

    def _correct(self, variant: Variant, trial: Trial) -> Problem | None:
        """Check that the correct server passes every requirement that is tested."""
        wrong = {
            identifier: outcome
            for identifier, outcome in trial.outcomes.items()
            if outcome not in ("passed", "waived")
        }
        if trial.verdict == CONFORMANT and not wrong:
            return None
        details = _details(trial, list(wrong))
        return Problem("not-correct", variant.name, f"{trial.reason} {details}")

    def fault(self, fault: Variant, trial: Trial) -> Problem | None:
        """Check that a fault is found by a requirement of its own area."""
        caught = caught_by(self.contract, fault, trial)
        own = str(fault.requirement)
        if not caught:
            doubt = f" ({trial.doubts[own]})" if own in trial.doubts else ""
            outcome = f"{own} is {trial.outcomes.get(own)}{doubt}, the verdict is {trial.verdict}"
            return Problem("not-found", fault.name, f"{fault.text} But {outcome}.")
        if not any(area(identifier) == area(own) for identifier in caught):
            text = (
                f"{fault.text} It was found by {listing(caught, 6)}, but not by the area of {own}."
            )
            return Problem("found-elsewhere", fault.name, text)
        return None

    def lawful(self, variant: Variant, trial: Trial) -> Problem | None:
        """Check that a lawful variant raises no false alarm and gives a reason for what is inconclusive."""
        alarms = false_alarms(variant, trial)
        if alarms:
            return Problem("false-alarm", variant.name, _details(trial, alarms))
        if trial.verdict not in (CONFORMANT, INCOMPLETE):
            text = f"The verdict is {trial.verdict}: {trial.reason}"
            return Problem("false-alarm", variant.name, text)
        silent = [identifier for identifier, reason in trial.doubts.items() if not reason.strip()]
        if silent:
            return Problem(
                "unexplained", variant.name, f"No reason is given for {listing(silent, 6)}."
            )
        return None

    def unjudgeable(self, server: UnjudgeableServer, trial: Trial) -> Problem | None:
        """Check that a run on an unjudgeable server ends with the expected exit status."""
        if trial.exit_status == server.exit_status:
            return None
        text = (
            f"exit status {trial.exit_status}, expected {int(server.exit_status)}: {trial.reason}"
        )
        return Problem("exit-status", server.name, text)

    def turned_red(self, identifier: str) -> list[Variant]:
        """Return the faults on which a requirement failed or warned, its own faults first."""
        found = [
            fault for fault in self.catalogue.faults if identifier in self.trials[fault.name].red
        ]
        return sorted(found, key=lambda fault: fault.requirement != identifier)

    def _never_red(self) -> list[Problem]:
        """Check that every tested requirement fails on at least one fault."""
        return [
            Problem("never-red", identifier, "No fault of the catalogue makes it fail.")
            for identifier, row in self.contract.requirements.items()
            if not row.not_tested and not self.turned_red(identifier)
        ]

    def first(self, fault: Variant, trial: Trial) -> str | None:
        """Return the requirement to name for a fault: its own, else the first in the contract."""
        caught = caught_by(self.contract, fault, trial)
        own = str(fault.requirement)
        return own if own in caught else next(iter(caught), None)


def _aborted(trial: Trial) -> Problem | None:
    if trial.problem is not None:
        return Problem("suite-failed", trial.name, trial.problem)
    if trial.exit_status is None:
        return Problem("did-not-end", trial.name, trial.reason)
    return None


def _details(trial: Trial, identifiers: Sequence[str]) -> str:
    """Return outcome and finding of the first three requirements, and the number of the others."""
    details = []
    for identifier in identifiers[:3]:
        detail = trial.doubts.get(identifier, "")
        if identifier in trial.findings:
            detail = "expected {}; received {}".format(*trial.findings[identifier])
        details.append(f"{identifier} {trial.outcomes[identifier]} ({detail})")
    rest = len(identifiers) - len(details)
    return "; ".join(details) + (f" and {rest} more" if rest > 0 else "")
