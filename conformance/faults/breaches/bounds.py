"""Servers with a wrong limit: default, bounds and malformed values (LIM-01 to LIM-09, LIM-15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.faults.questions import filters
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.store import Row

_NO_LIMIT = 1_000_000


class _NoLimitBelowOne(ClinicianApi):
    """An API that returns all records if the limit is below 1."""

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.limit > 0:
            return super().fetch(query, organisation)
        condition = self.combine(self.conditions(query, organisation))
        return self.select(condition, self.order(query), -1, query.offset), False


# LIM-01 and LIM-02: the limit in force


@fault("LIM-01", "Without `limit`, a page of a filtered list or a search holds 50 records.")
class DefaultIsFiftyUnderFilters(ClinicianApi):
    def parse(self, pairs: Sequence[tuple[str, str]], known: Sequence[str]) -> ListQuery:
        query = super().parse(pairs, known)
        given = any(name == "limit" for name, _ in pairs)
        if not given and (filters(query) or query.search is not None):
            query.limit = 50
        return query


@fault("LIM-01", "Without `limit`, a page holds 20 records, but `meta.limit` is 100.")
class DefaultIsNamedWrong(ClinicianApi):
    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        meta = super().list_meta(context, query, count, has_more)
        return meta if "limit" in context.request.query_params else {**meta, "limit": 100}


@fault("LIM-02", "A `limit` of 100 is cut to 99.")
class HundredIsCutToNinetyNine(ClinicianApi):
    maximum_limit = 99

    def limit_out_of_range(self, limit: int) -> int:
        return self.maximum_limit if limit > 0 else super().limit_out_of_range(limit)


@fault("LIM-02", "A `limit` of 1 returns 400.")
class LimitOfOneIsRefused(ClinicianApi):
    minimum_limit = 2


@fault("LIM-02", "An odd `limit` is rounded up to the next even number.")
class OddLimitsAreRounded(ClinicianApi):
    def parse_limit(self, text: str) -> int:
        limit = super().parse_limit(text)
        return limit + limit % 2


@fault("LIM-02", "A `limit` above 50 is cut to 50.")
class LimitsAreCutToFifty(ClinicianApi):
    def parse_limit(self, text: str) -> int:
        return min(super().parse_limit(text), 50)


@fault("LIM-02", "On a page that is not full, `meta.limit` is the number of records on the page.")
class LimitIsTheCount(ClinicianApi):
    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        meta = super().list_meta(context, query, count, has_more)
        return {**meta, "limit": count or query.limit}


@fault("LIM-02", "From the second page on, `meta.limit` is always 20.")
class LimitIsForgottenOnLaterPages(ClinicianApi):
    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        meta = super().list_meta(context, query, count, has_more)
        return {**meta, "limit": self.default_limit} if query.offset else meta


# LIM-03: at most limit records


@fault(
    "LIM-03",
    "A page holds one record more than `limit`: the one that is read ahead for `has_more`.",
)
class ReadAheadIsSent(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        return super().fetch(replace(query, limit=query.limit + 1), organisation)


@fault("LIM-03", "A search returns all matches on one page, whatever the `limit`.")
class SearchHasNoLimit(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.search is not None:
            condition = self.combine(self.conditions(query, organisation))
            return self.select(condition, self.order(query), _NO_LIMIT, query.offset), False
        return super().fetch(query, organisation)


@fault(
    "LIM-03", "A page exceeds `limit` so that records with the same `created_at` stay on one page."
)
class SecondsAreNotParted(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        condition = self.combine(self.conditions(query, organisation))
        rows = self.select(condition, self.order(query), _NO_LIMIT, query.offset)
        end = query.limit
        while 0 < end < len(rows) and rows[end]["created_at"] == rows[end - 1]["created_at"]:
            end += 1
        return rows[:end], len(rows) > end


# LIM-04 to LIM-06: a limit out of bounds


@fault("LIM-04", "A `limit` of 101 returns 101 records.")
class HundredAndOneIsAllowed(ClinicianApi):
    maximum_limit = 101


@fault(
    "LIM-04", "A `limit` above 100 returns 100 records, but `meta.limit` is the requested number."
)
class CutLimitIsNotNamed(ClinicianApi):
    def limit_out_of_range(self, limit: int) -> int:
        return self.maximum_limit if limit > 0 else super().limit_out_of_range(limit)

    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        meta = super().list_meta(context, query, count, has_more)
        text = context.request.query_params.get("limit", "")
        return {**meta, "limit": int(text) if text.isdigit() else query.limit}


@fault("LIM-05", "A `limit` of 0 returns all records.")
class LimitOfZeroGivesEverything(_NoLimitBelowOne):
    def limit_out_of_range(self, limit: int) -> int:
        return limit if limit == 0 else super().limit_out_of_range(limit)


@fault("LIM-05", "A `limit` of 0 returns an empty page with `has_more` true.")
class LimitOfZeroGivesNothing(ClinicianApi):
    minimum_limit = 0


@fault("LIM-06", "A negative `limit` returns all records.")
class NegativeLimitGivesEverything(_NoLimitBelowOne):
    def limit_out_of_range(self, limit: int) -> int:
        return limit if limit < 0 else super().limit_out_of_range(limit)


# LIM-07 to LIM-09 and LIM-15: a limit that is malformed or too large


@fault("LIM-07", "A `limit` that is empty or not an integer returns 500.")
class WordForLimitBreaksTheServer(ClinicianApi):
    def parse_limit(self, text: str) -> int:
        return super().parse_limit(str(int(text)))


@fault("LIM-07", "An empty `limit` returns all records, but `meta.limit` is 100.")
class EmptyLimitGivesEverything(_NoLimitBelowOne):
    def parse_limit(self, text: str) -> int:
        return super().parse_limit(text) if text else 0

    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        meta = super().list_meta(context, query, count, has_more)
        return {**meta, "limit": query.limit or self.maximum_limit}


@fault("LIM-08", "A `limit` that is empty or not an integer is treated as 20.")
class WordForLimitIsTheDefault(ClinicianApi):
    def malformed_integer(self, name: str, text: str) -> int:
        return self.default_limit if name == "limit" else super().malformed_integer(name, text)


@fault(
    "LIM-08", "An empty `limit` is treated as 20; other values that are not integers return 400."
)
class EmptyLimitIsTheDefault(ClinicianApi):
    def parse_limit(self, text: str) -> int:
        return super().parse_limit(text) if text else self.default_limit


@fault("LIM-15", "A `limit` beyond 64 bits is cut to 100; smaller values above 100 return 400.")
class HugeLimitIsCut(ClinicianApi):
    def limit_out_of_range(self, limit: int) -> int:
        if limit >= 10**19 - 1:
            return self.maximum_limit
        return super().limit_out_of_range(limit)


@fault("LIM-09", "A `limit` beyond 64 bits returns 500.")
class HugeLimitBreaksTheServer(ClinicianApi):
    def limit_out_of_range(self, limit: int) -> int:
        if limit >= 10**19 - 1:
            raise OverflowError("Python int too large to convert to SQLite INTEGER")
        return super().limit_out_of_range(limit)
