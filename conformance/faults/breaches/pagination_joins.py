"""Servers with wrong order or wrong joins between pages (PAG-10 to PAG-14, SRCH-12)."""

from __future__ import annotations

from dataclasses import replace

from conformance.faults.questions import filters, total, whole
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.queries import Condition
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.store import Identity, Row, Store

# PAG-10: a repeated request returns the same page


@fault("PAG-10", "Records with the same `created_at` are listed in random order.")
class TiesAreShuffled(ClinicianApi):
    order_by = "c.created_at, RANDOM()"


@fault("PAG-10", "Every second request for a page reverses records with the same `created_at`.")
class ReplicasDisagree(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._requests: dict[str, int] = {}

    def list_profiles(self, context: Context, identity: Identity) -> Body:
        url = f"{identity.key_hash} {context.request.url.query}"
        self._requests[url] = self._requests.get(url, 0) + 1
        self.order_by = f"c.created_at, c.id {'ASC' if self._requests[url] % 2 else 'DESC'}"
        return super().list_profiles(context, identity)


@fault("PAG-10", "From the second request on, a page lacks its last record.")
class CachedPageIsShorter(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._requested: dict[str, bool] = {}

    def list_profiles(self, context: Context, identity: Identity) -> Body:
        body = super().list_profiles(context, identity)
        url = f"{identity.key_hash} {context.request.url.query}"
        if self._requested.get(url) and body["data"]:
            del body["data"][-1]
        self._requested[url] = True
        return body


# PAG-11: a page is a slice of the list


@fault("PAG-11", "With a `limit` above 50, the list is ordered by `name`.")
class LargePagesAreOrderedOtherwise(ClinicianApi):
    def order(self, query: ListQuery) -> str:
        return "c.name, c.id" if query.limit > 50 else super().order(query)


@fault("PAG-11", "With an odd `limit`, records with the same `created_at` are in reverse order.")
class OddLimitsTurnTies(ClinicianApi):
    def order(self, query: ListQuery) -> str:
        return "c.created_at, c.id DESC" if query.limit % 2 else super().order(query)


@fault("PAG-11", "`offset` is rounded down to a multiple of `limit`.")
class OffsetIsRoundedToPages(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        start = query.offset // query.limit * query.limit
        rows, has_more = super().fetch(replace(query, offset=start), organisation)
        is_past_end = query.offset >= total(self, query, organisation)
        return ([], False) if is_past_end else (rows, has_more)


# PAG-12: paging visits every record once, and ends


@fault("PAG-12", "An `offset` above 200 is treated as 200, so paging never ends.")
class OffsetEndsAtTwoHundred(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        return super().fetch(replace(query, offset=min(query.offset, 200)), organisation)


@fault("PAG-12", "From the second page on, a page repeats the last record of the page before it.")
class LaterPagesRepeatRecords(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if not query.offset or query.offset >= total(self, query, organisation):
            return super().fetch(query, organisation)
        return super().fetch(replace(query, offset=query.offset - 1), organisation)


@fault("PAG-12", "On every second page, records with the same `created_at` are in reverse order.")
class PagesTurnTies(ClinicianApi):
    def order(self, query: ListQuery) -> str:
        is_reversed = query.offset // query.limit % 2
        return "c.created_at, c.id DESC" if is_reversed else super().order(query)


@fault("PAG-12", "From `offset` 200 on, a page starts one record too late.")
class DeepPagesLoseRecords(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        skipped = 1 if query.offset >= 200 else 0
        return super().fetch(replace(query, offset=query.offset + skipped), organisation)


@fault("PAG-12", "A page skips records with the same `created_at` as the last record before it.")
class PagesBeginWithNewSeconds(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if not query.offset:
            return super().fetch(query, organisation)
        conditions = self.conditions(query, organisation)
        before = self.select(self.combine(conditions), self.order(query), 1, query.offset - 1)
        if not before:
            return [], False
        later = Condition("c.created_at > ?", (before[0]["created_at"],))
        condition = self.combine([*conditions, later])
        rows = self.select(condition, self.order(query), query.limit + 1, 0)
        return rows[: query.limit], len(rows) > query.limit


# PAG-13: pages of a filtered list


@fault("PAG-13", "With a filter, `has_more` counts the records of the unfiltered list.")
class FilteredHasMoreCountsAll(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        if filters(query):
            has_more = query.offset + len(rows) < total(self, whole(query), organisation)
        return rows, has_more and bool(rows)


@fault(
    "PAG-13",
    "With `is_bookable_online`, a page counts a clinician once for each location and lists it once.",
)
class JoinedRowsMergedOnThePage(ClinicianApi):
    """The filter joins a table, and the rows of a page become objects afterwards, as in many ORMs."""

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.is_bookable_online is None:
            return super().fetch(query, organisation)
        condition = self.combine(self.conditions(query, organisation))
        rows = self.store.rows(
            "SELECT c.* FROM clinicians AS c LEFT JOIN clinician_locations AS l"  # noqa: S608
            f" ON l.clinician = c.number WHERE {condition.sql}"
            f" ORDER BY {self.order(query)} LIMIT ? OFFSET ?",
            (*condition.values, query.limit + 1, query.offset),
        )
        page = {row["id"]: row for row in rows[: query.limit]}
        return list(page.values()), len(rows) > query.limit


@fault("PAG-13", "Filters are applied after paging, so pages are too short.")
class FiltersComeAfterThePage(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if not filters(query):
            return super().fetch(query, organisation)
        page, has_more = super().fetch(whole(query), organisation)
        found, _ = super().fetch(replace(query, limit=1_000_000, offset=0), organisation)
        ids = {row["id"] for row in found}
        return [row for row in page if row["id"] in ids], has_more

    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        step = query.limit if filters(query) else count
        return super().next_offset(query, step, has_more)


@fault("PAG-13", "`is_active` is ignored from the second page on.")
class SecondPageForgetsIsActive(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.offset:
            query = replace(query, is_active=None)
        return super().fetch(query, organisation)


@fault("PAG-13", "With `location_id` and a boolean filter, `has_more` ignores `location_id`.")
class PlaceIsNotCounted(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        if filters(query) > 1 and query.location_id is not None:
            wider = replace(query, location_id=None)
            has_more = query.offset + len(rows) < total(self, wider, organisation)
        return rows, has_more and bool(rows)


@fault("PAG-13", "`offset` is ignored if both boolean filters are present.")
class TwoFiltersIgnoreTheOffset(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.is_active is not None and query.is_bookable_online is not None:
            rows, _ = super().fetch(replace(query, offset=0), organisation)
            return rows, query.offset + query.limit < total(self, query, organisation)
        return super().fetch(query, organisation)


@fault("PAG-13", "`has_more` is true on a full last page of a filtered list.")
class FilteredFullPageMeansMore(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        return rows, has_more or (filters(query) > 0 and len(rows) == query.limit)


# PAG-14: pages of a search


@fault("PAG-14", "`offset` is ignored if `search` is present.")
class SearchIgnoresTheOffset(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.search is None:
            return super().fetch(query, organisation)
        rows, has_more = super().fetch(replace(query, offset=0), organisation)
        return rows, has_more and query.offset + len(rows) < total(self, query, organisation)


@fault("SRCH-12", "A search returns only its first 10 matches.")
class SearchEndsAtTen(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        if query.search is None:
            return rows, has_more
        remaining = max(10 - query.offset, 0)
        return rows[:remaining], has_more and query.offset + len(rows) < 10


@fault(
    "PAG-14",
    "On every second page of a search, matches with equally long names are in reverse order.",
)
class SearchTurnsTies(ClinicianApi):
    def order(self, query: ListQuery) -> str:
        if query.search is None:
            return super().order(query)
        is_reversed = query.offset // query.limit % 2
        return f"length(c.name), c.id {'DESC' if is_reversed else 'ASC'}"
