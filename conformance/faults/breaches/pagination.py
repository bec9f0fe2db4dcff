"""Servers with wrong pages: has_more, next_offset, size and end of the list (PAG-01 to PAG-09)."""

from __future__ import annotations

from dataclasses import replace

from conformance.faults.questions import filters, total
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.refusals import Refusal
from conformance.reference.seed import build
from conformance.reference.store import Row

# PAG-01: more records follow


@fault("PAG-01", "`has_more` is false if exactly one record follows the page.")
class OneMoreIsNoMore(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, _ = super().fetch(query, organisation)
        return rows, query.offset + len(rows) < total(self, query, organisation) - 1


@fault("PAG-01", "`has_more` is always false with a `limit` of 100.")
class ReadAheadIsCut(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        return rows, has_more and query.limit < 100


@fault("PAG-01", "`has_more` is false on every page that ends at record 200 or later.")
class NoMoreFromTwoHundredOn(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        return rows, has_more and query.offset + len(rows) < 200


@fault("PAG-01", "`has_more` is true only if a full page follows.")
class OnlyWholePagesAreMore(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, _ = super().fetch(query, organisation)
        return rows, query.offset + 2 * query.limit <= total(self, query, organisation)


# PAG-02 and PAG-03: no record follows


@fault("PAG-02", "`has_more` is computed from a record count that is rounded up to the next ten.")
class CountIsRoundedUp(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, _ = super().fetch(query, organisation)
        rounded = -(-total(self, query, organisation) // 10) * 10
        return rows, bool(rows) and query.offset + query.limit < rounded


@fault("PAG-02", "`has_more` is true on a last page that is one record short of `limit`.")
class AlmostFullMeansMore(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        return rows, has_more or len(rows) == query.limit - 1 > 0


@fault("PAG-03", "`has_more` is true on every full page, even the last one.")
class FullPageMeansMore(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, _ = super().fetch(query, organisation)
        return rows, len(rows) == query.limit


@fault("PAG-03", "`has_more` is true on a full last page of 50 records or more.")
class LargeFullPageMeansMore(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        return rows, has_more or len(rows) == query.limit >= 50


@fault(
    "PAG-03",
    "`has_more` is true on the last page if `limit` divides the number of records.",
    data=lambda: build(240),
)
class DivisibleListHasOnePageMore(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        page, remainder = divmod(query.offset, query.limit)
        pages = total(self, query, organisation) // query.limit + 1
        return rows, has_more if remainder else bool(rows) and page + 1 < pages


# PAG-04: has_more and next_offset agree


@fault("PAG-04", "The last page has a `next_offset`, although `has_more` is false.")
class LastPageHasNextOffset(ClinicianApi):
    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        return query.offset + count if count else super().next_offset(query, count, has_more)


@fault("PAG-04", "`next_offset` of a search is always null.")
class SearchHasNoNextOffset(ClinicianApi):
    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        return super().next_offset(query, count, has_more) if query.search is None else None


@fault("PAG-04", "`next_offset` of an empty page is 0 instead of null.")
class EmptyPageLeadsBack(ClinicianApi):
    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        return super().next_offset(query, count, has_more) if count else 0


# PAG-05: next_offset is the offset of the next page


@fault("PAG-05", "`next_offset` is a page number instead of an offset.")
class NextOffsetIsPageNumber(ClinicianApi):
    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        following = super().next_offset(query, count, has_more)
        return following and query.offset // query.limit + 1


@fault("PAG-05", "`next_offset` is the number of records on the page, whatever the `offset`.")
class NextOffsetForgetsTheOffset(ClinicianApi):
    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        return super().next_offset(replace(query, offset=0), count, has_more)


@fault("PAG-05", "`next_offset` is at most 20 higher than `offset`, whatever the `limit`.")
class NextOffsetIsTwentyOnAtMost(ClinicianApi):
    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        return super().next_offset(query, min(count, self.default_limit), has_more)


@fault("PAG-05", "From `offset` 100 on, `next_offset` is one too high.")
class NextOffsetSkipsOneDeepDown(ClinicianApi):
    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        following = super().next_offset(query, count, has_more)
        return following + 1 if following and query.offset >= 100 else following


# PAG-06 and PAG-07: a page that more pages follow is full


@fault("PAG-06", "Without filters, a page at `offset` 100 to 199 is empty, but `has_more` is true.")
class SecondHundredIsLate(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        is_empty = 100 <= query.offset < 200 and has_more and not filters(query)
        return ([] if is_empty else rows), has_more

    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        return super().next_offset(query, count or query.limit, has_more)


@fault("PAG-06", "Past the end, `has_more` is true if the list has more than `limit` records.")
class LongListAlwaysHasMore(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        return rows, has_more or (not rows and total(self, query, organisation) > query.limit)


@fault("PAG-07", "With a `limit` above 60, a page holds only 60 records although more follow.")
class PagesEndAtSixty(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        return super().fetch(replace(query, limit=min(query.limit, 60)), organisation)


@fault("PAG-07", "The first page holds one record fewer than `limit` although more follow.")
class FirstPageIsOneShort(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.offset or query.limit == 1:
            return super().fetch(query, organisation)
        return super().fetch(replace(query, limit=query.limit - 1), organisation)


# PAG-08 and PAG-09: an offset at the end or past it


@fault("PAG-08", "An `offset` exactly at the end returns 404.")
class EndIsNotFound(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.offset == total(self, query, organisation) > 0:
            raise Refusal(404, "NOT_FOUND", "There is no such page.")
        return super().fetch(query, organisation)


@fault("PAG-08", "An `offset` exactly at the end returns the last record again.")
class EndRepeatsTheLastRecord(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.offset == total(self, query, organisation) > 0:
            query = replace(query, offset=query.offset - 1)
        return super().fetch(query, organisation)


@fault("PAG-09", "An `offset` past the end returns the last page.")
class PastTheEndIsTheLastPage(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        count = total(self, query, organisation)
        if query.offset > count:
            query = replace(query, offset=max(count - query.limit, 0))
        return super().fetch(query, organisation)


@fault("PAG-09", "An `offset` above 10,000 returns 400.")
class WindowOfTenThousand(ClinicianApi):
    maximum_offset = 10_000


@fault("PAG-09", "A search with `offset` plus `limit` above 10,000 returns 500.")
class SearchWindowFails(ClinicianApi):
    """A search engine refuses what is beyond its result window, and nobody handles that."""

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.search is not None and query.offset + query.limit > 10_000:
            raise RuntimeError("Result window is too large")
        return super().fetch(query, organisation)


@fault("PAG-09", "The first page is returned if `offset` plus `limit` is above 2,147,483,647.")
class SumOverflows(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.offset + query.limit > 2_147_483_647:
            query = replace(query, offset=0)
        return super().fetch(query, organisation)
