"""Models of servers that deviate from the contract in one decision."""

from __future__ import annotations

from typing import Any

from conformance.http.request import Request
from conformance.model.matching import Positions
from conformance.model.parameters import Filters, ListQuery
from conformance.model.rows import ModelDirectory, Row
from conformance.model.service import Service
from conformance.target.credentials import OWN


class Inverted(Service):
    def filter_active(self, row: Row, wanted: bool) -> bool:
        return row["is_active"] is not wanted


class Ignored(Service):
    def filters_in_force(self, query: ListQuery) -> Filters:
        return query.filters._replace(is_bookable_online=None)


class FalseIsAbsent(Service):
    def parse_boolean(self, name: str, text: str) -> bool | None:
        return super().parse_boolean(name, text) or None


class ActiveByDefault(Service):
    def filters_in_force(self, query: ListQuery) -> Filters:
        filters = query.filters
        return filters if filters.is_active is not None else filters._replace(is_active=True)


class FullMeansMore(Service):
    def has_more(self, query: ListQuery, count: int, total: int) -> bool:  # noqa: ARG002
        return count == query.limit


class LastIsLost(Service):
    def page(self, found: Positions, query: ListQuery) -> Positions:
        return super().page(found, query)[:-1]


class PageNumber(Service):
    def page(self, found: Positions, query: ListQuery) -> Positions:
        return found[query.offset * query.limit :][: query.limit]


class EmailIsNotSearched(Service):
    def search_fields(self) -> tuple[str, ...]:
        return ("name", "display_name")


class RoleIsSearched(Service):
    def search_fields(self) -> tuple[str, ...]:
        return ("name", "display_name", "email", "role")


class NullHides(Service):
    def matching(self, directory: ModelDirectory, filters: Filters) -> Positions:
        found, names = super().matching(directory, filters), self.search_fields()
        if filters.search is None:
            return found
        return [at for at in found if None not in map(directory.rows[at].get, names)]


class InactiveIsLost(Service):
    def find_record(self, directory: ModelDirectory, record: str) -> Row | None:
        row = super().find_record(directory, record)
        return row if row and row["is_active"] else None


class ForeignIsFound(Service):
    def foreign_record(self, owner: ModelDirectory, record: str) -> Row | None:
        return owner.by_id[record]


class SevensAreOne(Service):
    """Cuts a list whose length is a multiple of seven: no hypothesis says that."""

    def page(self, found: Positions, query: ListQuery) -> Positions:
        return super().page(found, query) if len(found) % 7 else found[:1]


class AnyKey(Service):
    def authenticate(self, request: Request) -> ModelDirectory | None:
        return super().authenticate(request) or self.directories[OWN]


class NotFoundIsCached(Service):
    """Remembers a 404 by the id alone, whichever key got it."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.missing: set[str] = set()

    def find_record(self, directory: ModelDirectory, record: str) -> Row | None:
        row = None if record in self.missing else super().find_record(directory, record)
        if row is None:
            self.missing.add(record)
        return row


class LocationLostBehindAnOffset(Service):
    def filters_in_force(self, query: ListQuery) -> Filters:
        return query.filters._replace(location_id=None) if query.offset else query.filters


class NewestAreNotFound(Service):
    """Its search index lacks the 25 newest profiles of each organisation."""

    def matching(self, directory: ModelDirectory, filters: Filters) -> Positions:
        found = super().matching(directory, filters)
        if filters.search is None:
            return found
        newest = sorted(str(row["created_at"]) for row in directory.rows)[-25:]
        return [at for at in found if directory.rows[at]["created_at"] not in newest]
