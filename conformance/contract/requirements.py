"""Requirements: normative sentences, each with a stable id, a level and a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from conformance.contract.versions import Version

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
"""Id prefix of a requirement → name of its area; the order is that of reports."""


class Level(StrEnum):
    """The force of a requirement: a breach of a ``must`` fails the target, a breach of a ``should`` warns."""

    MUST = "must"
    SHOULD = "should"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One normative sentence of the contract.

    :param not_tested: why no test judges it; completes the words ``Not tested:``.
    :param since: the version of the contract that added it; None for those of the first version.
    """

    id: str
    level: Level
    text: str
    source: str
    not_tested: str | None = None
    since: Version | None = None

    @property
    def prefix(self) -> str:
        """The id prefix of its area: ``PAG``."""
        return self.id.split("-")[0]

    @property
    def area(self) -> str:
        """The name of its area: ``pagination``."""
        return AREAS[self.prefix]
