"""Servers that misread integers: other notations, overflows, refused limits (LIM-02, LIM-18 to LIM-20)."""

from __future__ import annotations

import re

from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi


@fault("LIM-02", "A `limit` from 91 to 99 returns 400.", shown_by="?limit=95")
class LimitsAboveNinetyAreRefused(ClinicianApi):
    def parse_limit(self, text: str) -> int:
        limit = super().parse_limit(text)
        return self.limit_out_of_range(limit) if 90 < limit < 100 else limit


@fault(
    "LIM-18",
    "A `limit` with an exponent is converted after its check: `1e3` returns 1,000 records.",
    shown_by="?limit=1e3",
)
class ExponentEscapesTheMaximum(ClinicianApi):
    def malformed_integer(self, name: str, text: str) -> int:
        if name == "limit" and re.fullmatch(r"\d+e\d", text):
            return int(float(text))
        return super().malformed_integer(name, text)

    def parse_limit(self, text: str) -> int:
        return self.parse_integer("limit", text) if "e" in text else super().parse_limit(text)


@fault("LIM-18", "A `limit` with an exponent returns 500.", shown_by="?limit=1e3")
class ExponentBreaksTheServer(ClinicianApi):
    def malformed_integer(self, name: str, text: str) -> int:
        return int(text) if re.fullmatch(r"\d+e\d", text) else super().malformed_integer(name, text)


@fault("LIM-19", "An `offset` of `²`, which is a digit by Unicode, returns 500.")
class SuperscriptBreaksTheServer(ClinicianApi):
    def malformed_integer(self, name: str, text: str) -> int:
        return int(text) if text.isdigit() else super().malformed_integer(name, text)


@fault("LIM-20", "An `offset` is taken modulo 2^32.", shown_by="?limit=5&offset=4294967303")
class OffsetOverflows(ClinicianApi):
    def offset_out_of_range(self, offset: int) -> int:
        return offset % 2**32 if offset > 0 else super().offset_out_of_range(offset)


@fault("LIM-20", "An `offset` beyond 32 bits returns the second page.")
class WideOffsetIsOnePage(ClinicianApi):
    def offset_out_of_range(self, offset: int) -> int:
        return self.default_limit if offset > 0 else super().offset_out_of_range(offset)


@fault("LIM-20", "An `offset` beyond 32 bits, and within 63 bits, returns 404.")
class WideOffsetIsNotFound(ClinicianApi):
    def offset_out_of_range(self, offset: int) -> int:
        if 0 < offset < 2**63:
            raise self.path_not_found()
        return super().offset_out_of_range(offset)
