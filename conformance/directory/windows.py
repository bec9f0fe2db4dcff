"""A list that is too long to be read completely: where it ends, and the ids that were read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isqrt
from typing import overload

from conformance.contract.bounds import MAX_LIMIT
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.http.exchange import Exchange
from conformance.http.request import Query

_LAST_OFFSET = (2**31 - 1) // MAX_LIMIT * MAX_LIMIT - MAX_LIMIT
_AHEAD, _FACTOR = 3, 8
"""Probes at once beyond what is known, each at so many times the offset of the one before."""

_PARTS = 3
"""The parts into which the probes of one batch divide what lies between the bounds."""

_FIRST_PROBE = 600
_GROWTH = 10


class PartialIds(Sequence[str]):
    """Ids by their position in the list, of which only some are known."""

    def __init__(self, known: Mapping[int, str], total: int) -> None:
        self._known = known
        self._total = total

    def __len__(self) -> int:
        return self._total

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        """Return the id at a position.

        :raises Inconclusive: if the position was not read.
        """
        positions = range(self._total)
        if isinstance(index, slice):
            return [self._at(position) for position in positions[index]]
        return self._at(positions[index])

    def _at(self, position: int) -> str:
        try:
            return self._known[position]
        except KeyError:
            raise Inconclusive(
                f"only parts of the list of {self._total} profiles were read, "
                f"and position {position} is in none of them"
            ) from None


@dataclass
class Extent:
    """The number of records of a list, as far as its pages show it.

    There are at least ``least`` records and at most ``most`` (None if no page has shown an end). ``goes_on``
    says that the page that set ``least`` promises more. ``page_size`` is the number of records that one page
    shows: less than the limit if the server's pages are shorter than requested.
    """

    least: int = 0
    most: int | None = None
    goes_on: bool = False
    page_size: int = MAX_LIMIT
    _positions: dict[str, int] = field(default_factory=dict)

    def take(self, offset: int, page: Exchange) -> bool:
        """Learn from the response to a request at an offset.

        An error response has no records. Records that another offset has shown do not count: such a server
        repeats a page instead of ending the list.

        :returns: whether the page has records that do count.
        """
        new = [
            record
            for position, record in enumerate(page.ids, offset)
            if self._positions.setdefault(record, position) == position
        ]
        count = len(page.rows) if new else 0
        promises_more = page.member("meta", "has_more") is True
        if count and offset + count >= self.least:
            self.least, self.goes_on = offset + count, promises_more
        if count and promises_more:
            self.page_size = min(self.page_size, count)
        elif count < MAX_LIMIT:
            # A full page that claims to be the last one is not trusted.
            end = offset + count
            self.most = end if self.most is None else min(self.most, end)
        return bool(new)

    @property
    def at_least(self) -> int:
        """The smallest possible number of records: one more than was shown, if a page promises more."""
        return self.least + self.goes_on

    @property
    def is_exact(self) -> bool:
        """Whether the end was found."""
        return self.most is not None and self.most <= self.least

    def next_offset(self) -> int:
        """Return where one request tells most about the end: further on, or between the bounds."""
        if self.most is not None:
            return isqrt(self.at_least * self.most)
        if self.at_least < _FIRST_PROBE:
            return _FIRST_PROBE
        # The number rounded down to its first digit.
        power: int = 10 ** (len(str(self.at_least)) - 1)
        return self.at_least // power * power * _GROWTH

    def next_offsets(self) -> list[int]:
        """Return where several requests at once tell most about the end."""
        low, high = self.least, self.most
        if high is None:
            return [max(low, MAX_LIMIT) * _FACTOR**step for step in range(1, _AHEAD + 1)]
        if high - low <= self.page_size:
            return [low, low + self.page_size]
        return [low + (high - low) * step // _PARTS for step in range(1, _PARTS)]


def end_of(
    api: Api, query: Query = (), *, at_least: int = 0, near: int | None = None, give: int = 0
) -> int:
    """Return the number of records of a list, found in few requests however long the list is.

    :param at_least: a number of records that the list is known to have.
    :param near: a likely number of records, give or take ``give``.
    :raises Inconclusive: if no end is found, or if responses contradict each other.
    """
    extent = Extent(least=at_least)
    offsets = [] if near is None else [near - give, near, near + give]
    for _ in range(_LAST_OFFSET.bit_length()):
        # Whole pages, as windows are, unless the server's pages are shorter.
        unit = MAX_LIMIT if extent.page_size == MAX_LIMIT else 1
        offsets = sorted(
            {
                min(max(offset, extent.least), _LAST_OFFSET) // unit * unit
                for offset in offsets or extent.next_offsets()
            }
        )
        pages = api.lists(*((*query, *as_query(limit=MAX_LIMIT, offset=at)) for at in offsets))
        for offset, page in zip(offsets, pages, strict=True):
            if not page.is_page and not 400 <= page.status < 500:
                raise Inconclusive(f"a page returned {page.summary()}")
            extent.take(offset, page)
        if extent.is_exact:
            break
        if extent.most is None and offsets[-1] >= _LAST_OFFSET:
            raise Inconclusive(f"the list has no end before offset {_LAST_OFFSET}")
        offsets = []
    if extent.most != extent.least:
        raise Inconclusive(
            f"pages contradict each other: one ends the list at {extent.most} records, "
            f"another shows {extent.least}"
        )
    return extent.least
