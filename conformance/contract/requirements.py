"""Requirements: one normative sentence each, with a stable id, a level and a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

AREAS: Mapping[str, str] = {
    "AUTH": "authentication",
    "ENV": "envelope",
    "OBJ": "profile",
    "LIM": "bounds",
    "PAG": "pagination",
    "FIL": "filters",
    "SRCH": "search",
    "RET": "retrieve",
    "ORG": "isolation",
    "ERR": "errors",
    "RO": "read-only",
    "ROB": "robustness",
}
"""Id prefix of a requirement → name of its area, in the order of the contract."""


class Level(StrEnum):
    """How binding a requirement is: a breached ``must`` fails a target, a breached ``should`` warns."""

    MUST = "must"
    SHOULD = "should"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One normative sentence of the contract."""

    id: str
    level: Level
    text: str
    source: str
    not_tested: str | None = None

    @property
    def prefix(self) -> str:
        """The area's id prefix, such as ``PAG``."""
        return self.id.split("-")[0]

    @property
    def area(self) -> str:
        """The area's name, such as ``pagination``."""
        return AREAS[self.prefix]
