"""What the doctor found: checks, each in a line, and the document for programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

FORMAT = 1
MOST_REQUESTS = 12
"""Requests of one examination, of all keys together, retries included."""


class State(StrEnum):
    """What a check says; the words are part of the interface."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: what was seen, and what to do about it where something is to be done."""

    name: str
    state: State
    text: str
    advice: str | None = None


def ok(name: str, text: str) -> Check:
    """A check that stands in nobody's way."""
    return Check(name, State.OK, text)


def warning(name: str, text: str, advice: str | None = None) -> Check:
    """Something that a run bears, and somebody should know."""
    return Check(name, State.WARNING, text, advice)


def problem(name: str, text: str, advice: str | None = None) -> Check:
    """Something that keeps a run from establishing all that it could."""
    return Check(name, State.PROBLEM, text, advice)


@dataclass(frozen=True)
class OpenRequirement:
    """A requirement that a run could not establish, and the record or setting that it lacks."""

    id: str
    level: str
    area: str
    reason: str


@dataclass(frozen=True)
class Forecast:
    """What a run would come to, as a rehearsal shows it.

    ``exact`` says that the directories were seen as a whole; ``costs`` is depth → identity → requests.
    """

    depth: str
    exact: bool
    established: int
    open: tuple[OpenRequirement, ...]
    costs: dict[str, dict[str, int]]


@dataclass
class Checkup:
    """All that an examination found.

    ``untestable`` is why the target cannot be tested, ``error`` what failed in the suite itself. ``facts``
    are parts of the document: ``quota``, ``directory``, ``locations``.
    """

    checks: list[Check] = field(default_factory=list)
    untestable: str | None = None
    error: str | None = None
    forecast: Forecast | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, checks: Iterable[Check]) -> bool:
        """Take checks down; whether none of them is a problem."""
        found = list(checks)
        self.checks += found
        return all(check.state is not State.PROBLEM for check in found)
