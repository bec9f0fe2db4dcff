"""Places in a list that is too long to be read: where it ends, what stands where one has looked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import overload

from conformance.contract.bounds import MAX_LIMIT
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.http.request import Query

_FARTHEST = (2**31 - 1) // MAX_LIMIT * MAX_LIMIT - MAX_LIMIT
_STRIDE = 4


class Places(Sequence[str]):
    """Ids by their place in the list, of which only some are known."""

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
        """The id at a place.

        :raises Inconclusive: where nobody has looked.
        """
        places = range(self._total)
        if isinstance(index, slice):
            return [self._at(place) for place in places[index]]
        return self._at(places[index])

    def _at(self, place: int) -> str:
        try:
            return self._known[place]
        except KeyError:
            raise Inconclusive(
                f"of the {self._total} profiles only windows were seen, and place {place} is in none"
            ) from None


def end_of(
    api: Api, query: Query = (), *, at_least: int = 0, near: int | None = None, give: int = 0
) -> int:
    """How many records a list has, found by looking for its end, in few requests however long it is.

    :param at_least: so many records are known to be there.
    :param near: where the end is likely, give or take ``give``.
    :raises Inconclusive: where no end is found, or the answers contradict each other.
    """
    low, high = at_least, None
    piece = MAX_LIMIT  # how much one page shows, where pages are shorter than was asked for
    offsets = [] if near is None else [near - give, near, near + give]
    places: dict[str, int] = {}
    for _ in range(_FARTHEST.bit_length()):
        # In whole pages, as windows are, unless pages are shorter.
        unit = MAX_LIMIT if piece == MAX_LIMIT else 1
        offsets = sorted(
            {
                min(max(offset, low), _FARTHEST) // unit * unit
                for offset in offsets or _between(low, high, piece)
            }
        )
        pages = api.lists(*((*query, *as_query(limit=MAX_LIMIT, offset=at)) for at in offsets))
        for offset, page in zip(offsets, pages, strict=True):
            if not page.is_page and not 400 <= page.status < 500:
                raise Inconclusive(f"a page was answered {page.summary()}")
            # A refusal has no records, and what came before is no further one.
            fresh = [
                record
                for place, record in enumerate(page.ids, offset)
                if places.setdefault(record, place) == place
            ]
            count = len(page.rows) if fresh else 0
            if count:
                low = max(low, offset + count)
            if count and page.member("meta", "has_more") is True:
                piece = min(piece, count)
            elif count < MAX_LIMIT:
                high = offset + count if high is None else min(high, offset + count)
        if high is not None and high <= low:
            break
        if high is None and offsets[-1] >= _FARTHEST:
            raise Inconclusive(f"it has no end before place {_FARTHEST}")
        offsets = []
    if high != low:
        raise Inconclusive(f"it ends before place {high}, and has a record behind {low - 1}")
    return low


def _between(low: int, high: int | None, piece: int) -> list[int]:
    """The places to look at next, where the end lies somewhere behind ``low`` and up to ``high``."""
    if high is None:
        return [max(low, MAX_LIMIT) * _STRIDE**step for step in range(1, _STRIDE + 1)]
    if high - low <= piece:
        return [low, low + piece]
    return [low + (high - low) * step // _STRIDE for step in range(1, _STRIDE)]
