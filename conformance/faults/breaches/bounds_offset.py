"""Servers with a wrong offset: default, bounds and malformed values (LIM-10 to LIM-14, LIM-16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.faults.questions import total
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.store import Identity, Row, Store


@fault("LIM-10", "Without `offset`, the list starts at its second record.")
class DefaultOffsetOfOne(ClinicianApi):
    default_offset = 1


@fault(
    "LIM-10", "Without `offset`, the list continues at the `next_offset` of the key's last page."
)
class OffsetIsRemembered(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._last: dict[str, int] = {}

    def list_profiles(self, context: Context, identity: Identity) -> Body:
        self._key = identity.key_hash
        body = super().list_profiles(context, identity)
        self._last[self._key] = body["meta"]["next_offset"] or 0
        return body

    def parse(self, pairs: Sequence[tuple[str, str]], known: Sequence[str]) -> ListQuery:
        query = super().parse(pairs, known)
        if all(name != "offset" for name, _ in pairs) and known is self.list_parameters:
            query.offset = self._last.get(self._key, 0)
        return query


@fault("LIM-11", "A negative `offset` counts from the end of the list.")
class NegativeOffsetCountsFromTheEnd(ClinicianApi):
    def offset_out_of_range(self, offset: int) -> int:
        return offset if -10_000 < offset < 0 else super().offset_out_of_range(offset)

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.offset < 0:
            query.offset = max(total(self, query, organisation) + query.offset, 0)
        return super().fetch(query, organisation)


@fault("LIM-11", "A negative `offset` returns the first page, but its `next_offset` is too low.")
class NegativeOffsetMovesTheNext(ClinicianApi):
    def offset_out_of_range(self, offset: int) -> int:
        return offset if -10_000 < offset < 0 else super().offset_out_of_range(offset)


@fault("LIM-12", "An empty `offset` returns 500.")
class EmptyOffsetBreaksTheServer(ClinicianApi):
    def parse_offset(self, text: str) -> int:
        if not text:
            raise TypeError("datatype mismatch")
        return super().parse_offset(text)


@fault("LIM-13", "An `offset` that is empty or not an integer is treated as 0.")
class WordForAnOffsetIsZero(ClinicianApi):
    def malformed_integer(self, name: str, text: str) -> int:
        return 0 if name == "offset" else super().malformed_integer(name, text)


@fault("LIM-13", "Only the leading digits of an `offset` are read: 10abc is treated as 10.")
class OffsetIsReadAsFarAsItGoes(ClinicianApi):
    def malformed_integer(self, name: str, text: str) -> int:
        digits = text[: len(text) - len(text.lstrip("0123456789"))]
        if name == "offset" and digits:
            return int(digits[:9])
        return super().malformed_integer(name, text)


@fault("LIM-14", "An `offset` beyond 64 bits returns 500.")
class HugeOffsetBreaksTheServer(ClinicianApi):
    def offset_out_of_range(self, offset: int) -> int:
        if offset >= 10**19 - 1:
            raise OverflowError("Python int too large to convert to SQLite INTEGER")
        return super().offset_out_of_range(offset)


@fault("LIM-16", "An `offset` beyond 32 bits, even beyond 64 bits, returns an empty page.")
class NoOffsetIsTooLarge(ClinicianApi):
    def offset_out_of_range(self, offset: int) -> int:
        return self.maximum_offset if offset > 0 else super().offset_out_of_range(offset)


@fault("LIM-14", "An `offset` beyond 32 bits returns the last page.")
class HugeOffsetIsTheLastPage(ClinicianApi):
    def offset_out_of_range(self, offset: int) -> int:
        return offset if offset > 0 else super().offset_out_of_range(offset)

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.offset > self.maximum_offset:
            last = max(total(self, query, organisation) - query.limit, 0)
            query = replace(query, offset=last)
        return super().fetch(query, organisation)
