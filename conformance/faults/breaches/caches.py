"""Servers with a cache that does not tell requests of one key apart (FIL-04, PAG-01, PAG-12, SRCH-05)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.store import Row, Store


class _ForgetfulCache(ClinicianApi):
    """An API with a cache of each key, whose own key lacks one parameter."""

    forgotten = ""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._kept: dict[tuple[str, ...], Response] = {}

    def pairs(self, request: Request) -> list[str]:
        """Return the parameters of which the key is made."""
        query = [f"{name}={text}" for name, text in request.query_params.multi_items()]
        return [pair for pair in query if not pair.startswith(f"{self.forgotten}=")]

    def handle(self, request: Request) -> Response:
        known = sorted(self.pairs(request))
        key = (request.headers.get("authorization", ""), request.scope["path"], *known)
        if request.method != "GET" or not request.scope["path"].endswith("/clinician-profiles"):
            return super().handle(request)
        kept = self._kept.get(key)
        if kept is not None:
            return Response(kept.body, 200, dict(kept.headers))
        response = super().handle(request)
        if response.status_code == 200:
            self._kept[key] = response
        return response


@fault("SRCH-05", "The key of a cache of lists has `null` for a parameter that is absent.")
class NullIsNoSearch(_ForgetfulCache):
    def pairs(self, request: Request) -> list[str]:
        return [pair for pair in super().pairs(request) if pair != "search=null"]


@fault("PAG-01", "A cache keeps the rows of a page without the one that shows that more follow.")
class CachedPageIsTheLastOne(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._rows: dict[tuple[str, str], list[Row]] = {}

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        key = organisation, repr(query)
        if key in self._rows:
            return self._rows[key], False
        self._rows[key], has_more = super().fetch(query, organisation)
        return self._rows[key], has_more


@fault(
    "PAG-12",
    "A boolean filter moves the profiles that match to the start of the list that is kept.",
)
class FilterCompactsTheKeptList(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._kept: dict[str, list[Row]] = {}

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.search is not None or query.location_id is not None:
            return super().fetch(query, organisation)
        if organisation not in self._kept:
            self._kept[organisation] = super().fetch(ListQuery(limit=10_000), organisation)[0]
        kept = rows = self._kept[organisation]
        for name in ("is_active", "is_bookable_online"):
            if (wanted := getattr(query, name)) is not None:
                rows = [row for row in rows if bool(row[name]) is wanted]
                kept[: len(rows)] = rows
        end = query.offset + query.limit
        return rows[query.offset : end], end < len(rows)


@fault("FIL-04", "The key of a cache of lists lacks `is_bookable_online`.")
class CacheForgetsOneFilter(_ForgetfulCache):
    forgotten = "is_bookable_online"


@fault(
    "PAG-12", "The key of a cache of lists lacks `offset`, so each page is the one that came first."
)
class CacheForgetsTheOffset(_ForgetfulCache):
    forgotten = "offset"
