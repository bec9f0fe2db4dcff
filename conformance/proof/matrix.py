"""The matrix of requirements and faults: what was found by what, and whether the proof holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.contract.document import Contract
from conformance.contract.requirements import Level
from conformance.faults.unjudgeable.servers import UnjudgeableServer
from conformance.faults.variant import Variant
from conformance.proof.catalogue import CORRECT, Catalogue, departures
from conformance.proof.trial import Trial

CONFORMANT, INCOMPLETE = "conformant", "incomplete"


@dataclass(frozen=True)
class Problem:
    """Why the proof does not hold: what it is about, of which kind, and in a sentence."""

    kind: str
    name: str
    text: str


@dataclass(frozen=True)
class Matrix:
    """All trials of a proof, by the name of their server."""

    contract: Contract
    catalogue: Catalogue
    trials: Mapping[str, Trial]

    def problems(self) -> list[Problem]:
        """Every criterion that is not met."""
        catalogue = self.catalogue
        return [
            *self._each([CORRECT], self._correct),
            *self._each(catalogue.faults, self.fault),
            *(self._never_red() if catalogue.whole else ()),
            *self._each(catalogue.lawful, self.lawful),
            *self._each(catalogue.unjudgeable, self.unjudgeable),
        ]

    def _each(
        self, entries: Sequence[Any], criterion: Callable[[Any, Trial], Problem | None]
    ) -> list[Problem]:
        found = []
        for entry in entries:
            trial = self.trials[entry.name]
            problem = _broken(trial) or criterion(entry, trial)
            if problem is not None:
                found.append(problem)
        return found

    def _correct(self, variant: Variant, trial: Trial) -> Problem | None:
        """The correct server passes everything, and nothing stays open."""
        wrong = {
            identifier: outcome
            for identifier, outcome in trial.outcomes.items()
            if outcome not in ("passed", "waived")
        }
        if trial.verdict == CONFORMANT and not wrong:
            return None
        return Problem("not-correct", variant.name, f"{trial.reason} {_told(trial, list(wrong))}")

    def caught_by(self, fault: Variant, trial: Trial) -> list[str]:
        """The requirements that count as a find: a must has to fail, for a should a warning will do."""
        must = self.contract.requirements[str(fault.requirement)].level is Level.MUST
        return [one for one in trial.red if trial.outcomes[one] == "failed" or not must]

    def fault(self, fault: Variant, trial: Trial) -> Problem | None:
        """A fault is found, and by its own area."""
        caught = self.caught_by(fault, trial)
        own = str(fault.requirement)
        if not caught:
            doubt = f" ({trial.doubts[own]})" if own in trial.doubts else ""
            ended = f"{own} is {trial.outcomes.get(own)}{doubt}, the run ended {trial.verdict}"
            return Problem("not-found", fault.name, f"{fault.text} But {ended}.")
        if not any(_area(identifier) == _area(own) for identifier in caught):
            text = f"{fault.text} Not {own} found it, but {_list(caught)}."
            return Problem("found-elsewhere", fault.name, text)
        return None

    def lawful(self, variant: Variant, trial: Trial) -> Problem | None:
        """A lawful variant raises no alarm, and what stays open has a reason."""
        alarms = [one for one in trial.red if one not in departures(variant)]
        if alarms:
            return Problem("false-alarm", variant.name, _told(trial, alarms))
        if trial.verdict not in (CONFORMANT, INCOMPLETE):
            return Problem("false-alarm", variant.name, f"ended {trial.verdict}: {trial.reason}")
        silent = [identifier for identifier, reason in trial.doubts.items() if not reason.strip()]
        if silent:
            return Problem("unexplained", variant.name, f"no reason is given for {_list(silent)}")
        return None

    def unjudgeable(self, fault: UnjudgeableServer, trial: Trial) -> Problem | None:
        """A harness fault ends as it has to."""
        if trial.exit_status == fault.exit_status:
            return None
        text = (
            f"exit status {trial.exit_status} in place of {int(fault.exit_status)}: {trial.reason}"
        )
        return Problem("exit-status", fault.name, text)

    def turned_red(self, identifier: str) -> list[Variant]:
        """The faults that turned a requirement red, its own first."""
        found = [
            fault for fault in self.catalogue.faults if identifier in self.trials[fault.name].red
        ]
        return sorted(found, key=lambda fault: fault.requirement != identifier)

    def _never_red(self) -> list[Problem]:
        """Every requirement that a test judges is turned red by some fault."""
        return [
            Problem("never-red", identifier, "no fault turns it red")
            for identifier, row in self.contract.requirements.items()
            if not row.not_tested and not self.turned_red(identifier)
        ]

    def first(self, fault: Variant, trial: Trial) -> str | None:
        """What caught a fault first: its own requirement, else the first of the contract."""
        caught = self.caught_by(fault, trial)
        own = str(fault.requirement)
        return own if own in caught else next(iter(caught), None)


def _broken(trial: Trial) -> Problem | None:
    if trial.problem is not None:
        return Problem("suite-failed", trial.name, trial.problem)
    if trial.exit_status is None:
        return Problem("did-not-end", trial.name, trial.reason)
    return None


def _area(identifier: str) -> str:
    return identifier.split("-", maxsplit=1)[0]


def _told(trial: Trial, identifiers: Sequence[str]) -> str:
    """The requirements with what was said of the first few."""
    told = []
    for identifier in identifiers[:3]:
        said = trial.doubts.get(identifier, "")
        if identifier in trial.findings:
            said = "expected {}; received {}".format(*trial.findings[identifier])
        told.append(f"{identifier} {trial.outcomes[identifier]} ({said})")
    rest = len(identifiers) - len(told)
    return "; ".join(told) + (f" and {rest} more" if rest > 0 else "")


def _list(identifiers: Sequence[str], most: int = 6) -> str:
    rest = len(identifiers) - most
    return ", ".join(identifiers[:most]) + (f" and {rest} more" if rest > 0 else "")
