"""Lawful variants: other readings of integers, as programming languages have them."""

from __future__ import annotations

import re

from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi


class _Bounded(ClinicianApi):
    """An API that applies a bound to every integer out of range."""

    departs_from = frozenset({"LIM-15", "LIM-16"})

    def limit_out_of_range(self, limit: int) -> int:
        """Return the nearest limit in range."""
        return min(max(limit, 1), 100)

    def offset_out_of_range(self, offset: int) -> int:
        """Return 0 for a negative offset, and the largest one for any other."""
        return 0 if offset < 0 else self.maximum_offset


@lawful("Integers are read as JavaScript reads numbers: 1e3, 0x5 and blanks around are accepted.")
class NumbersOfJavascript(_Bounded):
    """Empty and fractional values return 400."""

    def malformed_integer(self, name: str, text: str) -> int:
        """Return the integer that the text has in JavaScript."""
        text = text.strip()
        if re.fullmatch(r"[+-]?\d+(\.0*)?([eE]\+?\d{1,2})?", text):
            return int(float(text))
        if re.fullmatch("0[xX][0-9a-fA-F]+", text):
            return int(text, 16)
        return super().malformed_integer(name, text)


@lawful("Integers are the digits at the start of the text, as in PHP: 1e3 is 1, and 0.5 is 0.")
class LeadingDigits(_Bounded):
    """A text without digits at its start is 0."""

    departs_from = frozenset({"LIM-08", "LIM-13", "LIM-15", "LIM-16"})

    def malformed_integer(self, name: str, text: str) -> int:  # noqa: ARG002
        """Return the digits at the start of the text."""
        found = re.match(r"\s*[+-]?[0-9]{1,18}", text)
        return int(found.group()) if found else 0


@lawful("Integers are read as Python reads them: in digits of any script, with underscores.")
class IntegersOfPython(ClinicianApi):
    """What Python does not read returns 400."""

    def malformed_integer(self, name: str, text: str) -> int:
        """Return the integer that the text has in Python."""
        try:
            return int(text)
        except ValueError:
            return super().malformed_integer(name, text)


@lawful("An offset of any size returns an empty page past the end.")
class OffsetsOfAnySize(ClinicianApi):
    """The list has no largest offset."""

    departs_from = frozenset({"LIM-16"})
    maximum_offset = 2**63 - 1

    def offset_out_of_range(self, offset: int) -> int:
        """Return the largest offset instead of one beyond 63 bits."""
        return self.maximum_offset if offset > 0 else super().offset_out_of_range(offset)
