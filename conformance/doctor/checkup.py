"""The findings of the doctor: one line for each check, and the forecast of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

FORMAT = 1
MOST_REQUESTS = 12
"""Requests of one examination, over all keys, retries included."""


class State(StrEnum):
    """The result of a check; the words are part of the interface."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Check:
    """One check: what was found and, if there is something to do, the advice."""

    name: str
    state: State
    text: str
    advice: str | None = None


def ok(name: str, text: str) -> Check:
    """Return a check that passed."""
    return Check(name, State.OK, text)


def warning(name: str, text: str, advice: str | None = None) -> Check:
    """Return a check that found something worth knowing, which does not limit a run."""
    return Check(name, State.WARNING, text, advice)


def problem(name: str, text: str, advice: str | None = None) -> Check:
    """Return a check that found something that keeps a run from checking every requirement."""
    return Check(name, State.PROBLEM, text, advice)


@dataclass(frozen=True)
class OpenRequirement:
    """A requirement that a run could not check, and the record or setting that is missing."""

    id: str
    level: str
    area: str
    reason: str


@dataclass(frozen=True)
class Forecast:
    """The result of a run, as a rehearsal forecasts it.

    ``exact`` says that the directories were read completely. ``established`` is the number of requirements
    that can be checked, ``open`` those that cannot. ``costs`` is depth → identity → requests.
    """

    depth: str
    exact: bool
    established: int
    open: tuple[OpenRequirement, ...]
    costs: dict[str, dict[str, int]]


@dataclass
class Checkup:
    """Everything that an examination found.

    ``untestable`` says why the target cannot be tested, ``error`` what failed in the suite itself. ``facts``
    holds parts of the document: ``quota``, ``directory``, ``locations``.
    """

    checks: list[Check] = field(default_factory=list)
    untestable: str | None = None
    error: str | None = None
    forecast: Forecast | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, checks: Iterable[Check]) -> bool:
        """Add checks. Return whether none of them is a problem."""
        found = list(checks)
        self.checks += found
        return all(check.state is not State.PROBLEM for check in found)
