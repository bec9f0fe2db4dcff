"""Servers whose pages say the wrong thing about what follows (PAG-01 to PAG-09)."""

from __future__ import annotations

from dataclasses import replace

from conformance.faults.questions import filters, total
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.refusals import Refusal
from conformance.reference.seed import build
from conformance.reference.store import Row

# PAG-01: there is more


@fault("PAG-01", "has_more is false where exactly one record lies behind the page.")
class OneMoreIsNoMore(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, _ = super().fetch(query, organisation)
        return rows, query.offset + len(rows) < total(self, query, organisation) - 1


@fault("PAG-01", "Reading ahead is cut to 100 too, so that a page of 100 never has more behind it.")
class ReadAheadIsCut(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        return rows, has_more and query.limit < 100


@fault("PAG-01", "has_more is false from record 200 on.")
class NoMoreFromTwoHundredOn(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        return rows, has_more and query.offset + len(rows) < 200


@fault("PAG-01", "has_more is true only where a whole further page follows.")
class OnlyWholePagesAreMore(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, _ = super().fetch(query, organisation)
        return rows, query.offset + 2 * query.limit <= total(self, query, organisation)


# PAG-02 and PAG-03: there is no more


@fault("PAG-02", "has_more rests on a count that is rounded up to the next ten.")
class CountIsRoundedUp(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, _ = super().fetch(query, organisation)
        about = -(-total(self, query, organisation) // 10) * 10
        return rows, bool(rows) and query.offset + query.limit < about


@fault("PAG-02", "The last page says that there are more where it is one record short of full.")
class AlmostFullMeansMore(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        return rows, has_more or len(rows) == query.limit - 1 > 0


@fault("PAG-03", "has_more is true on every full page.")
class FullPageMeansMore(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, _ = super().fetch(query, organisation)
        return rows, len(rows) == query.limit


@fault("PAG-03", "has_more is true on a full last page of 50 records or more.")
class LargeFullPageMeansMore(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        return rows, has_more or len(rows) == query.limit >= 50


@fault(
    "PAG-03",
    "The number of pages is one too high where the page size divides the number of records.",
    data=lambda: build(240),
)
class DivisibleListHasOnePageMore(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        page, within = divmod(query.offset, query.limit)
        pages = total(self, query, organisation) // query.limit + 1
        return rows, has_more if within else bool(rows) and page + 1 < pages


# PAG-04: has_more and next_offset agree


@fault("PAG-04", "The last page has a next_offset, at which nothing is.")
class LastPageHasNextOffset(ClinicianApi):
    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        return query.offset + count if count else super().next_offset(query, count, has_more)


@fault("PAG-04", "Under a search next_offset is always null.")
class SearchHasNoNextOffset(ClinicianApi):
    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        return super().next_offset(query, count, has_more) if query.search is None else None


@fault("PAG-04", "An empty page has 0 for next_offset, so that a client starts again.")
class EmptyPageLeadsBack(ClinicianApi):
    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        return super().next_offset(query, count, has_more) if count else 0


# PAG-05: next_offset is the offset of the next page


@fault("PAG-05", "next_offset is the number of the next page.")
class NextOffsetIsPageNumber(ClinicianApi):
    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        following = super().next_offset(query, count, has_more)
        return following and query.offset // query.limit + 1


@fault("PAG-05", "next_offset is the number of records in the page, whatever its offset.")
class NextOffsetForgetsTheOffset(ClinicianApi):
    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        return super().next_offset(replace(query, offset=0), count, has_more)


@fault("PAG-05", "next_offset is no more than 20 further on, whatever the limit.")
class NextOffsetIsTwentyOnAtMost(ClinicianApi):
    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        return super().next_offset(query, min(count, self.default_limit), has_more)


@fault("PAG-05", "From record 100 on next_offset is one too high: a record is lost at each page.")
class NextOffsetSkipsOneDeepDown(ClinicianApi):
    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        following = super().next_offset(query, count, has_more)
        return following + 1 if following and query.offset >= 100 else following


# PAG-06 and PAG-07: pages with more behind them are full


@fault("PAG-06", "A page that starts behind record 100 and before 200 comes empty, with has_more.")
class SecondHundredIsLate(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        late = 100 <= query.offset < 200 and has_more and not filters(query)
        return ([] if late else rows), has_more

    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        return super().next_offset(query, count or query.limit, has_more)


@fault("PAG-06", "has_more only asks whether the list is longer than a page, also past its end.")
class LongListAlwaysHasMore(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        return rows, has_more or (not rows and total(self, query, organisation) > query.limit)


@fault("PAG-07", "A page holds at most 60 records, though meta.limit says 100.")
class PagesEndAtSixty(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        return super().fetch(replace(query, limit=min(query.limit, 60)), organisation)


@fault("PAG-07", "The first page is one record short.")
class FirstPageIsOneShort(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.offset or query.limit == 1:
            return super().fetch(query, organisation)
        return super().fetch(replace(query, limit=query.limit - 1), organisation)


# PAG-08 and PAG-09: at the end, and past it


@fault("PAG-08", "An offset exactly at the end is answered 404.")
class EndIsNotFound(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.offset == total(self, query, organisation) > 0:
            raise Refusal(404, "NOT_FOUND", "There is no such page.")
        return super().fetch(query, organisation)


@fault("PAG-08", "An offset exactly at the end gives the last record once more.")
class EndRepeatsTheLastRecord(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.offset == total(self, query, organisation) > 0:
            query = replace(query, offset=query.offset - 1)
        return super().fetch(query, organisation)


@fault("PAG-09", "An offset past the end is moved back to the last page.")
class PastTheEndIsTheLastPage(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        count = total(self, query, organisation)
        if query.offset > count:
            query = replace(query, offset=max(count - query.limit, 0))
        return super().fetch(query, organisation)


@fault("PAG-09", "An offset above 10,000 is refused, as a search engine does.")
class WindowOfTenThousand(ClinicianApi):
    maximum_offset = 10_000


@fault("PAG-09", "Offset and limit are added in 32 bits: near the bound the first page comes.")
class SumOverflows(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.offset + query.limit > 2_147_483_647:
            query = replace(query, offset=0)
        return super().fetch(query, organisation)
