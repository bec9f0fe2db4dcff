"""The directory of an organisation, read once, completely or in part.

The directory predicts responses: the ids that match a filter, the records of a page. If the target's data
cannot make a case able to fail, the methods that return witnesses raise :class:`Inconclusive` with the record
that is missing.

A directory that is too large to be read completely is read through windows: its first pages, its last pages
and some pages between. The ids in the windows are known exactly, by position. A prediction that depends on
all records is then not available.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar, cast

from conformance.contract.bounds import MAX_LIMIT
from conformance.directory.windows import PartialIds, end_of
from conformance.errors import Inconclusive
from conformance.http.api import MOST_PAGES, Api, FullList, Value, as_query
from conformance.http.exchange import Exchange
from conformance.http.request import Id, Query

Row = dict[str, Any]
Derived = TypeVar("Derived")

HEAD = 3
"""Pages of the first window. A directory without more pages is read completely on any budget."""

_PIECE = 2
"""Pages of the window in the middle, and of the one at the end."""

LISTS = 5
"""The cost of reading a directory completely, in readings: its filtered lists are read too."""

_SHARE = 0.4
"""The share of the budget that reading the directory may cost."""


@dataclass
class Directory:
    """The profiles of one organisation, or of a slice of its directory, in the order of the list.

    ``rows`` are as the list returned them, each once. ``problem`` says why the directory could not be read;
    predictions then raise :class:`Inconclusive`. ``base`` holds the filters that select a slice. ``size`` is
    the number of profiles if only windows were read, None if all profiles were. ``doubtful`` holds the ids of
    profiles that another organisation's key lists too: no prediction rests on them.
    """

    rows: list[Row] = field(default_factory=list)
    pages: tuple[Exchange, ...] = ()
    problem: str | None = None
    seed: int = 0
    base: Query = ()
    size: int | None = None
    doubtful: frozenset[str] = frozenset()
    _derived: dict[Any, Any] = field(init=False, default_factory=dict, repr=False, compare=False)

    def derived(self, name: Hashable, make: Callable[[], Derived]) -> Derived:
        """Return a value made from the profiles, which several cases need; it is made once."""
        key = name, self.doubtful
        if key not in self._derived:
            self._derived[key] = make()
        return cast("Derived", self._derived[key])

    @property
    def complete(self) -> bool:
        """Whether every profile was read."""
        return self.problem is None and self.size is None

    @cached_property
    def ids(self) -> Sequence[str]:
        """All ids in lower case, in the order of the list. A position outside the windows is inconclusive."""
        self._known()
        if self.size is None:
            return self.seen
        return PartialIds({at: record for at, record, _ in self.by_place()}, self.size)

    @cached_property
    def seen(self) -> list[str]:
        """The ids of the profiles that were read, in the order of the list."""
        return list(self.by_id)

    @property
    def total(self) -> int:
        """The number of profiles."""
        self._known()
        return len(self.rows) if self.size is None else self.size

    @cached_property
    def by_id(self) -> dict[str, Row]:
        """Id → row, of the profiles that were read."""
        return {Id.of(row): row for row in self.rows}

    def by_place(self) -> Iterator[tuple[int, str, Exchange]]:
        """Yield the position in the list, the id and the page of each profile that was read."""
        for page in self.pages:
            for position, record in enumerate(page.ids, _start(page)):
                yield position, record, page

    def borders(self) -> list[int]:
        """Return the offsets at which one page of a window follows another."""
        starts = [_start(page) for page in self.pages]
        return [start for start in starts if start - MAX_LIMIT in starts]

    def windows(self) -> list[tuple[int, int]]:
        """Return the first position and the end of each window, from 0; none if all profiles were read."""
        found: list[tuple[int, int]] = []
        for page in self.pages if self.size is not None else ():
            start = _start(page)
            if found and found[-1][1] == start:
                start = found.pop()[0]
            found.append((start, _start(page) + len(page.ids)))
        return found

    def _known(self) -> None:
        if self.problem:
            raise Inconclusive(f"the directory could not be read completely: {self.problem}")

    def require(self, records: int, why: str) -> None:
        """Check that the directory has enough profiles.

        :param records: the number of profiles needed.
        :param why: what cannot be checked without them.
        :raises Inconclusive: if there are fewer.
        """
        if self.total < records:
            raise Inconclusive(
                f"the directory has {self.total} of the {records} profiles needed: {why}"
            )

    def of(self, **filters: Value | None) -> Query:
        """Return the query that lists the matching profiles."""
        return (*self.base, *as_query(**filters))

    def where(self, test: Callable[[Row], bool]) -> list[str]:
        """Return the ids of the profiles that pass a test, in the order of the list.

        :raises Inconclusive: if not every profile was read.
        """
        self._known()
        if not self.complete:
            raise Inconclusive(f"only parts of the list of {self.size} profiles were read")
        return [
            record
            for record, row in self.by_id.items()
            if test(row) and record not in self.doubtful
        ]

    def matching(self, **members: object) -> list[str]:
        """Return the ids of the profiles whose members have exactly these values."""
        wanted = tuple(members.items())

        def find() -> list[str]:
            return self.where(lambda row: all(row.get(name) is value for name, value in wanted))

        types = tuple(map(type, members.values()))  # 0 equals false
        return list(self.derived(("matching", wanted, types), find))

    def undecided(self, member: str) -> list[str]:
        """Return the ids of the profiles that a filter may list or not: the member is not a boolean."""
        strange = self.where(lambda row: not isinstance(row.get(member), bool))
        return [*strange, *self.doubtful]

    def both(self, member: str) -> tuple[list[str], list[str]]:
        """Return the ids of the profiles with the boolean member true, and of those with it false.

        :raises Inconclusive: if no profile has one of the two values.
        """
        yes, no = self.matching(**{member: True}), self.matching(**{member: False})
        for found, value in ((yes, "true"), (no, "false")):
            if not found:
                raise Inconclusive(
                    f"no profile has {member} {value}, so a filter without effect would go unnoticed"
                )
        return yes, no

    def page_size_dividing_total(self) -> int:
        """Return the largest page size up to 100 that divides the total, below the total if possible."""
        self.require(1, "an empty directory has no last page")
        sizes = [size for size in range(1, MAX_LIMIT + 1) if self.total % size == 0]
        return max([size for size in sizes if size < self.total] or [self.total])

    def sample(self, ids: Sequence[str], count: int, purpose: str) -> list[str]:
        """Return ``count`` of the ids (all, if there are fewer), chosen by the seed, in their order.

        The first and the last id are always included, because faults are frequent at the edges.
        """
        if len(ids) <= count:
            return list(ids)
        edges = [0, len(ids) - 1][:count]
        inner = random.Random(f"{self.seed}:{purpose}").sample(
            range(1, len(ids) - 1), count - len(edges)
        )
        return [ids[index] for index in sorted({*edges, *inner})]

    def again(self, api: Api) -> Directory:
        """Read the directory once more, in the same way.

        :raises Inconclusive: if a request got no response.
        """
        if self.size is None:
            return from_walk(api.full_list(self.base), self.seed, self.base)
        return _through_windows(api, self.size, self.seed)


def _start(page: Exchange) -> int:
    return int(dict(page.request.query).get("offset", 0))


def walkable(budget: int) -> int:
    """Return the largest number of pages that a directory may have to be read completely.

    :param budget: requests that a key may send.
    """
    # A full last page is followed by a request for one more.
    return min(max(HEAD, int(budget * _SHARE / LISTS)), MOST_PAGES - 1)


def learn(api: Api, seed: int, most_pages: int, before: Directory | None = None) -> Directory:
    """Read the directory of the credential's organisation.

    It never raises for a response of the target: a list that cannot be read is a directory with a problem,
    and the cases on pagination report the fault.

    :param most_pages: the largest number of pages to be read completely.
    :param before: an earlier reading. The end of the list is then searched where it was.
    """
    try:
        whole = replace(api, most_pages=HEAD).full_list()
        if whole.cut and most_pages > HEAD and not _goes_on(api, whole, most_pages * MAX_LIMIT):
            # One page more: if the last one is full, it shows that nothing follows.
            whole = replace(api, most_pages=most_pages + 1).full_list()
        # A list that repeats records on its first pages has no reliable positions.
        if not whole.cut or len(set(whole.ids)) != len(whole.ids):
            directory = from_walk(whole, seed)
            directory.problem = directory.problem or _gap(api, whole)
            return directory
        if before is not None and before.size is not None:
            now = before.again(api)
            if not now.problem and now.windows()[-1][1] == now.size:
                return now
        near = before.size if before is not None else None
        return _through_windows(
            api, end_of(api, at_least=whole.total, near=near, give=MAX_LIMIT), seed
        )
    except Inconclusive as reason:
        return Directory(problem=str(reason), seed=seed)


def _goes_on(api: Api, head: FullList, offset: int) -> bool:
    """Return whether the list has a record at an offset, other than those of its first pages."""
    page = api.list(limit=1, offset=offset)
    return page.is_page and bool(set(page.ids) - set(head.ids))


def _gap(api: Api, whole: FullList) -> str | None:
    """Return why a list that ends with an empty page has not ended, None if it has.

    Only an empty page that promises more is doubted: then the page that it names is requested.
    """
    last = whole.pages[-1]
    following = last.member("meta", "next_offset")
    if last.rows or last.member("meta", "has_more") is not True or type(following) is not int:
        return None
    page = api.list(limit=MAX_LIMIT, offset=max(following, 0))
    if set(page.ids) - set(whole.ids):
        return f"the page at offset {len(whole.ids)} is empty, although records follow it"
    return None


def from_walk(whole: FullList, seed: int, base: Query = ()) -> Directory:
    """Return the directory that a full list shows, each profile once."""
    return Directory(_rows(whole.pages), whole.pages, walk_problem(whole), seed, base)


def _rows(pages: Sequence[Exchange]) -> list[Row]:
    rows: dict[str, Row] = {}
    for page in pages:
        for row in page.rows:
            rows.setdefault(Id.of(row), row)
    return list(rows.values())


def walk_problem(whole: FullList) -> str | None:
    """Return why a list could not be read completely, None if it was."""
    if whole.problem is None:
        counts = Counter(whole.ids)
        if repeated := sum(count > 1 for count in counts.values()):
            return f"{repeated} of {len(counts)} records were returned more than once"
        if whole.cut:
            return f"it has more than {len(whole.ids)} profiles, too many to be read completely"
        return None
    if not whole.problem.is_page:
        return f"a page returned {whole.problem.summary()}"
    return "a page returned only records of earlier pages"


def _offsets(size: int, seed: int) -> list[int]:
    """Return the offsets of the windows of a list; they follow from its size and the seed."""
    # Whole pages, so that a server that knows no other offsets can be read too.
    pages = -(-size // MAX_LIMIT)
    last = max(pages - _PIECE, HEAD)
    middle = random.Random(f"{seed}:middle").randrange(HEAD, max(last - _PIECE, HEAD) + 1)
    starts = [middle, last] if middle + _PIECE <= last else [last]
    chosen = [*range(HEAD), *(start + page for start in starts for page in range(_PIECE))]
    return [page * MAX_LIMIT for page in chosen if page < pages]


def _through_windows(api: Api, size: int, seed: int) -> Directory:
    """Read the windows of a list with ``size`` records."""
    offsets = _offsets(size, seed)
    # The first pages are requested as before, so that they are answered from memory.
    queries = [(*as_query(limit=MAX_LIMIT), *as_query(offset=at or None)) for at in offsets]
    *pages, end = api.lists(*queries, as_query(limit=1, offset=size))
    broken = next((page for page in pages if not page.is_page), None)
    problem = None
    rows = _rows(pages)
    if broken is not None:
        problem = f"a page returned {broken.summary()}"
    elif len(rows) > size:
        problem = f"its pages have {len(rows)} records, although it ends at {size}"
    elif set(end.ids) - set(pages[-1].ids):
        problem = f"the list no longer ends at {size} records"
    return Directory(rows, tuple(pages), problem, seed, size=size)
