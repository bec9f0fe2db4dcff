"""The cause of pages that do not join: the order of equal profiles is left to the database.

A list that is sorted by what several profiles share has one of several orders, and a database may choose
another one for each limit and offset.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from conformance.contract.verdict import Finding, named
from conformance.diagnosis.causes import Cause
from conformance.http.exchange import Exchange
from conformance.http.request import Id
from conformance.model.parameters import Filters
from conformance.target.credentials import OTHER, OWN

_SORTED_BY = (
    *("created_at", "updated_at", "name", "display_name", "last_name", "first_name", "email"),
    *("title", "role", "is_active", "is_bookable_online"),
)
_CHANCE = 1e-3
"""How probable it may be that all records which change places share a value by chance."""

_MANY = 3
"""Positions with several records that tell of another order, whatever these share."""

_AFTER_READING = "RO-07"
_ABOUT = ("PAG-", "FIL-", "SRCH-", "LIM-10", _AFTER_READING)
_OF_META = ("meta.", "next_offset")
_COMBINED = frozenset({"FIL-06", "FIL-08", "FIL-17", "SRCH-10"})
"""Requirements that compare a list with the lists of its filters."""

Row = Mapping[str, object]


@dataclass
class _List:
    """The pages of one list of one key, with their offsets, and the filters of the list."""

    filters: frozenset[tuple[str, str | bytes]]
    pages: list[tuple[int, Exchange]] = field(default_factory=list)

    @cached_property
    def rows(self) -> dict[str, Row]:
        """Id → record."""
        return {Id.of(row): row for _, page in self.pages for row in page.rows}

    @cached_property
    def moved(self) -> list[list[str]]:
        """The records of each position that has several, in the order of their pages."""
        found: defaultdict[int, dict[str, None]] = defaultdict(dict)
        for offset, page in self.pages:
            for position, record in enumerate(page.ids, offset):
                found[position][record] = None
        return [list(records) for records in found.values() if len(records) > 1]

    @cached_property
    def is_in_other_orders(self) -> bool:
        """Whether two records follow each other on one page, and the other way round on another one."""
        first: dict[str, int] = {}
        for number, (offset, page) in enumerate(self.pages):
            places = [first[record] for record in page.ids if record in first]
            if number and places != sorted(places):
                return True
            for position, record in enumerate(page.ids, offset):
                first.setdefault(record, position)
        return False

    def is_one_value(self, member: str, records: Sequence[str]) -> bool:
        """Return whether records share the value of a member."""
        return len({repr(self.rows[record].get(member)) for record in records}) == 1


def ties(
    exchanges: Sequence[Exchange],
    findings: Sequence[tuple[str, Finding]],
    explained: Collection[tuple[str, int | None]],
) -> Cause | None:
    """Return the cause of lists whose order changes between requests; None if no list has such an order.

    :param explained: the findings that another cause explains, with their exchanges.
    """
    left = [
        (name, item)
        for name, item in findings
        if name.startswith(_ABOUT)
        and not item.received.startswith(_OF_META)
        and (name, item.exchange) not in explained
    ]
    lists = [listed for listed in _lists(exchanges) if listed.moved] if left else []
    members = Counter[str]()
    for listed in lists:
        if listed.is_in_other_orders and (member := _shared(listed)) is not None:
            members[member] += len(listed.moved)
    if not members:
        return None
    member = max(members, key=lambda name: (name != "", members[name]))
    affected = [listed for listed in lists if _changes_by(listed, member)]
    pages = {page.number for listed in affected for _, page in listed.pages}
    of_number = {item.number: item for item in exchanges}
    found = frozenset(
        (name, item.exchange)
        for name, item in left
        if named(item) & pages
        or (name in _COMBINED and _combines(of_number.get(item.exchange or 0), affected))
        # What reading changes may be any order, unless the profiles that change places share a value.
        if member or name != _AFTER_READING
    )
    if not found:
        return None
    common = set.intersection(*({name for name, _ in listed.filters} for listed in affected))
    return _cause(member, common, found, len(pages), sum(item.is_page for item in exchanges))


def _changes_by(listed: _List, member: str) -> bool:
    """Return whether what changes places in a list shares the member, or is in another order at least."""
    if member and all(listed.is_one_value(member, records) for records in listed.moved):
        return True
    return listed.is_in_other_orders and _shared(listed) is not None


def _combines(exchange: Exchange | None, affected: Sequence[_List]) -> bool:
    """Return whether a request has all filters of a list that changes, and so is compared with that list."""
    if exchange is None:
        return False
    query = set(exchange.request.query)
    return any(listed.filters and query >= listed.filters for listed in affected)


def _cause(
    member: str,
    filters: Collection[str],
    findings: frozenset[tuple[str, int | None]],
    pages: int,
    of: int,
) -> Cause:
    where = (
        f" in lists with {' and '.join(f'`{name}`' for name in sorted(filters))}" if filters else ""
    )
    if member:
        title = (
            f"Profiles with the same `{member}` change places from one request to another{where}"
        )
        details = (
            f"The list is sorted by `{member}` alone. The database orders equal rows as it finds them: "
            "another limit or offset, another node or another time may change that."
        )
    else:
        title = f"Pages of one list disagree on its order{where}"
        details = (
            "Two profiles that follow each other on one page are the other way round on another."
        )
    return Cause(
        title=title,
        mechanism=f"{title}. {details}",
        usually="ORDER BY names what is not unique (the date of an import, a rank), or is missing, or some "
        "pages come from another query.",
        fix="Sort every list and search by the same columns, with the id as the last one.",
        findings=findings,
        explained=pages,
        agreeing=of - pages,
    )


def _lists(exchanges: Sequence[Exchange]) -> Iterator[_List]:
    """Yield the lists of which several pages were requested."""
    lists: dict[tuple[object, ...], _List] = {}
    for item in exchanges:
        request = item.request
        query = dict(request.query)
        filters = {name: value for name, value in query.items() if name in Filters._fields}
        known = len(request.query) == len(query) and {*query} <= {*filters, "limit", "offset"}
        offset = str(query.get("offset", "0"))
        if not item.is_page or not known or not offset.isdecimal() or request.headers:
            continue
        if request.credential in (OWN, OTHER):
            chosen = frozenset(filters.items())
            listed = lists.setdefault((request.credential, chosen), _List(chosen))
            listed.pages.append((int(offset), item))
    return (listed for listed in lists.values() if len(listed.pages) > 1)


def _shared(listed: _List) -> str | None:
    """Return the member that all records share which change places with each other.

    An empty text if they share none, as in the result of a search that is sorted by rank. None if too few
    change places to tell.
    """
    moved = listed.moved
    for member in _SORTED_BY:
        counts = Counter(repr(row.get(member)) for row in listed.rows.values())
        alike = sum(count * count for count in counts.values()) / len(listed.rows) ** 2
        if alike ** len(moved) <= _CHANCE and all(
            listed.is_one_value(member, records) for records in moved
        ):
            return member
    return "" if len(moved) >= _MANY else None
