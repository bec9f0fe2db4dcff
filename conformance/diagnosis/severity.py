"""How bad a defect is: one of seven degrees, which follow from the requirements that it breaks."""

from __future__ import annotations

from enum import IntEnum

from conformance.contract.requirements import Level, Requirement
from conformance.contract.verdict import Finding


class Severity(IntEnum):
    """Degrees of severity, the worst first; reports list defects in this order."""

    DATA_LEAK = 0
    """Another organisation's data are shown, or that they exist."""

    ACCESS = 1
    """A request is accepted that must be refused, or internals of the server are shown."""

    DATA_LOSS = 2
    """Records cannot be reached, are returned twice, or are changed by reading."""

    CRASH = 3
    """The server fails, or its response is too large to be read."""

    WRONG_RESULT = 4
    """The response is in its form, and not what was asked for."""

    CONTRACT_FORM = 5
    """A status code, header or member differs from the documented form."""

    ADVICE = 6
    """A recommended requirement is not met."""

    @property
    def label(self) -> str:
        """Return the name in reports: ``data leak``."""
        return self.name.lower().replace("_", " ")


_AREAS = {
    "ORG": Severity.DATA_LEAK,
    "AUTH": Severity.ACCESS,
    "RO": Severity.ACCESS,
    "PAG": Severity.DATA_LOSS,
    "LIM": Severity.WRONG_RESULT,
    "FIL": Severity.WRONG_RESULT,
    "SRCH": Severity.WRONG_RESULT,
    "RET": Severity.WRONG_RESULT,
    "ROB": Severity.WRONG_RESULT,
    "ENV": Severity.CONTRACT_FORM,
    "OBJ": Severity.CONTRACT_FORM,
    "ERR": Severity.CONTRACT_FORM,
}

_REQUIREMENTS = {
    "AUTH-01": Severity.WRONG_RESULT,  # a valid key is refused
    "RO-05": Severity.DATA_LOSS,
    "RO-07": Severity.DATA_LOSS,
    "RO-08": Severity.CRASH,
    "RET-01": Severity.DATA_LOSS,
    "RET-05": Severity.DATA_LOSS,
    "OBJ-04": Severity.DATA_LOSS,
    "ERR-01": Severity.ACCESS,
    "ERR-02": Severity.ACCESS,
    "ERR-03": Severity.ACCESS,
    "ERR-07": Severity.ACCESS,
    "ERR-08": Severity.ACCESS,
    "ROB-01": Severity.CRASH,
    "ROB-09": Severity.CONTRACT_FORM,
    "ROB-10": Severity.CRASH,
    "ROB-13": Severity.CRASH,
    "ROB-14": Severity.CONTRACT_FORM,
}
"""Requirements whose breach is of another degree than that of others in their area."""


def severity_of(requirement: Requirement, finding: Finding) -> Severity:
    """Return how bad a finding is."""
    if requirement.level is Level.SHOULD:
        return Severity.ADVICE
    if (finding.status or 0) >= 500 and finding.status != 501:
        return Severity.CRASH
    return _REQUIREMENTS.get(requirement.id, _AREAS[requirement.prefix])
