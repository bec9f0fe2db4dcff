"""What an organisation's directory holds, learned by walking it once, or by looking into it.

The directory predicts answers: which ids a filter leaves, which slice a page is. Where the data of a
target cannot make a case able to fail, asking the directory for a witness raises :class:`Inconclusive`
with the record that is lacking.

A directory that is too large to be walked is seen through windows: its head, its end, and a piece between.
What is known of it then is known by place, exactly; what rests on all of its records is not to be had.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from conformance.contract.bounds import MAX_LIMIT
from conformance.directory.windows import Places, end_of
from conformance.errors import Inconclusive
from conformance.http.api import Api, FullList, Value, as_query
from conformance.http.exchange import Exchange
from conformance.http.request import Id, Query

Row = dict[str, Any]

HEAD = 3
"""Pages of the head window: a directory that has no more is walked whatever the budget."""

_PIECE = 2
"""Pages of the window in the middle, and of that at the end."""

_LISTS = 5
"""What a whole walk costs in all, in walks: what the filters leave of a list is listed too."""

_SHARE = 0.4
"""The share of the budget that walking may cost."""


@dataclass
class Directory:
    """The profiles of one organisation, in the order of the list, or of a slice of it.

    ``rows`` are as the list gave them, each once. ``problem`` says why the directory is not known as a
    whole; predictions are then not to be had. ``base`` holds the filters that make it a slice. ``size`` is
    how many profiles there are where only windows were seen, None where all were.
    """

    rows: list[Row] = field(default_factory=list)
    pages: tuple[Exchange, ...] = ()
    problem: str | None = None
    seed: int = 0
    base: Query = ()
    size: int | None = None

    @property
    def complete(self) -> bool:
        """Whether every record was seen."""
        return self.problem is None and self.size is None

    @cached_property
    def ids(self) -> Sequence[str]:
        """All ids in the order of the list, lower-cased; a place that no window shows is inconclusive."""
        self._known()
        if self.size is None:
            return self.seen
        return Places({place: record for place, record, _ in self.by_place()}, self.size)

    @cached_property
    def seen(self) -> list[str]:
        """The ids of the profiles that were seen, in the order of the list."""
        return list(self.by_id)

    @property
    def total(self) -> int:
        """How many profiles there are."""
        self._known()
        return len(self.rows) if self.size is None else self.size

    @cached_property
    def by_id(self) -> dict[str, Row]:
        """Id → row, of the profiles that were seen."""
        return {Id(str(row.get("id"))): row for row in self.rows}

    def by_place(self) -> Iterator[tuple[int, str, Exchange]]:
        """Place in the list, id, and the page that showed it."""
        for page in self.pages:
            for place, record in enumerate(page.ids, _start(page)):
                yield place, record, page

    def borders(self) -> list[int]:
        """The offsets at which one page of a window follows another."""
        starts = [_start(page) for page in self.pages]
        return [start for start in starts if start - MAX_LIMIT in starts]

    def windows(self) -> list[tuple[int, int]]:
        """From which place on, counted from 0, and up to which it was seen; none where it was walked."""
        found: list[tuple[int, int]] = []
        for page in self.pages if self.size is not None else ():
            start = _start(page)
            if found and found[-1][1] == start:
                start = found.pop()[0]
            found.append((start, _start(page) + len(page.ids)))
        return found

    def _known(self) -> None:
        if self.problem:
            raise Inconclusive(f"the directory could not be walked: {self.problem}")

    def require(self, records: int, why: str) -> None:
        """There are at least so many profiles.

        :raises Inconclusive: with what cannot be seen without them.
        """
        if self.total < records:
            raise Inconclusive(
                f"the directory has {self.total} of the {records} profiles needed: {why}"
            )

    def of(self, **filters: Value | None) -> Query:
        """The query of the profiles that the filters leave."""
        return (*self.base, *as_query(**filters))

    def where(self, test: Callable[[Row], bool]) -> list[str]:
        """The ids of the profiles that pass a test, in the order of the list.

        :raises Inconclusive: where not every profile was seen.
        """
        self._known()
        if not self.complete:
            raise Inconclusive(f"of {self.size} profiles only windows were seen")
        return [Id(str(row.get("id"))) for row in self.rows if test(row)]

    def matching(self, **members: object) -> list[str]:
        """The ids of the profiles whose members have exactly these values."""
        return self.where(
            lambda row: all(row.get(name) is value for name, value in members.items())
        )

    def both(self, member: str) -> tuple[list[str], list[str]]:
        """The ids with the boolean member true, and those with it false: a witness and a counter-witness.

        :raises Inconclusive: where one of the two is lacking.
        """
        yes, no = self.matching(**{member: True}), self.matching(**{member: False})
        for found, value in ((yes, "true"), (no, "false")):
            if not found:
                raise Inconclusive(
                    f"no profile has {member} {value}, so a filter that does nothing cannot be seen"
                )
        return yes, no

    def page_size_dividing_total(self) -> int:
        """A page size from 1 to 100, the largest below the total, that divides the total without rest."""
        self.require(1, "an empty directory has no last page")
        sizes = [size for size in range(1, MAX_LIMIT + 1) if self.total % size == 0]
        return max([size for size in sizes if size < self.total] or [self.total])

    def sample(self, ids: Sequence[str], count: int, purpose: str) -> list[str]:
        """So many of the ids (all, if there are fewer), chosen by the seed, in the order of the list.

        The first and the last are always among them: faults like to sit at the edges.
        """
        if len(ids) <= count:
            return list(ids)
        edges = [0, len(ids) - 1][:count]
        inner = random.Random(f"{self.seed}:{purpose}").sample(
            range(1, len(ids) - 1), count - len(edges)
        )
        return [ids[index] for index in sorted({*edges, *inner})]

    def again(self, api: Api) -> Directory:
        """The same directory as it is now, seen as it was seen before.

        :raises Inconclusive: where it could not be asked for.
        """
        if self.size is None:
            return from_walk(api.full_list(self.base), self.seed, self.base)
        return _through_windows(api, self.size, self.seed)


def _start(page: Exchange) -> int:
    return int(dict(page.request.query).get("offset", 0))


def walkable(budget: int) -> int:
    """How many pages a directory may have to be walked, with so many requests to spend."""
    return max(HEAD, int(budget * _SHARE / _LISTS))


def learn(api: Api, seed: int, most_pages: int, before: Directory | None = None) -> Directory:
    """What there is to know of the directory of the credential's organisation.

    :param before: what was known of it, so that its end is looked for where it was.

    Never raises for what the target answers: a list that cannot be walked is a directory with a problem,
    and the cases on pagination say what is broken.
    """
    try:
        whole = replace(api, most_pages=HEAD).full_list()
        if whole.cut and most_pages > HEAD and not _goes_on(api, whole, most_pages * MAX_LIMIT):
            # One page more: where the last one is full, it shows that nothing follows.
            whole = replace(api, most_pages=most_pages + 1).full_list()
        # A list that repeats itself at its head has no place that could be relied on.
        if not whole.cut or len(set(whole.ids)) != len(whole.ids):
            return from_walk(whole, seed)
        if before is not None and before.size is not None:
            again = before.again(api)
            if not again.problem and again.windows()[-1][1] == again.size:
                return again
        near = before.size if before is not None else None
        return _through_windows(
            api, end_of(api, at_least=whole.total, near=near, give=MAX_LIMIT), seed
        )
    except Inconclusive as reason:
        return Directory(problem=str(reason), seed=seed)


def _goes_on(api: Api, head: FullList, offset: int) -> bool:
    """Whether the list has a record there, and one that did not come before."""
    page = api.list(limit=1, offset=offset)
    return page.is_page and bool(set(page.ids) - set(head.ids))


def from_walk(whole: FullList, seed: int, base: Query = ()) -> Directory:
    """The directory that a walk has seen, each profile once."""
    return Directory(_rows(whole.pages), whole.pages, walk_problem(whole), seed, base)


def _rows(pages: Sequence[Exchange]) -> list[Row]:
    rows: dict[str, Row] = {}
    for page in pages:
        for row in page.rows:
            rows.setdefault(Id(str(row.get("id"))), row)
    return list(rows.values())


def walk_problem(whole: FullList) -> str | None:
    """Why a walk has not seen the list as a whole, None where it has."""
    if whole.problem is None:
        different = len(set(whole.ids))
        if different != len(whole.ids):
            return f"{len(whole.ids) - different} of {different} records came twice on the way"
        if whole.cut:
            return f"it has more than {len(whole.ids)} profiles, too many to be walked"
        return None
    if not whole.problem.is_page:
        return f"a page was answered {whole.problem.summary()}"
    return "a page brought only records that had come before"


def _offsets(size: int, seed: int) -> list[int]:
    """Where to look into a list of so many records: the same places for the same seed and size."""
    # In whole pages, so that a server that knows no other offsets is seen through all the same.
    pages = -(-size // MAX_LIMIT)
    last = max(pages - _PIECE, HEAD)
    middle = random.Random(f"{seed}:middle").randrange(HEAD, max(last - _PIECE, HEAD) + 1)
    starts = [middle, last] if middle + _PIECE <= last else [last]
    chosen = [*range(HEAD), *(start + page for start in starts for page in range(_PIECE))]
    return [page * MAX_LIMIT for page in chosen if page < pages]


def _through_windows(api: Api, size: int, seed: int) -> Directory:
    """A directory of so many records, unless its end is no longer there."""
    offsets = _offsets(size, seed)
    # The head as the walk has asked for it, so that memory answers.
    queries = [(*as_query(limit=MAX_LIMIT), *as_query(offset=at or None)) for at in offsets]
    *pages, end = api.lists(*queries, as_query(limit=1, offset=size))
    broken = next((page for page in pages if not page.is_page), None)
    problem = None
    if broken is not None:
        problem = f"a page was answered {broken.summary()}"
    elif set(end.ids) - set(pages[-1].ids):
        problem = f"its end is no longer at {size}"
    return Directory(_rows(pages), tuple(pages), problem, seed, size=size)
