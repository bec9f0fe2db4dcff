"""What an organisation's directory holds, learned by walking it once.

The directory predicts answers: which ids a filter leaves, which slice a page is. Where the data of a
target cannot make a case able to fail, asking the directory for a witness raises :class:`Inconclusive`
with the record that is lacking.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from conformance.api import MAX_LIMIT, Api, Whole
from conformance.exchange import Exchange
from conformance.verdict import Inconclusive

Row = dict[str, Any]


@dataclass
class Directory:
    """The profiles of one organisation, in the order of the list.

    ``rows`` are as the list gave them, ``ids`` lower-cased. ``problem`` says why the directory is not
    known as a whole; predictions are then not to be had.
    """

    rows: list[Row] = field(default_factory=list)
    pages: tuple[Exchange, ...] = ()
    problem: str | None = None
    seed: int = 0

    @cached_property
    def ids(self) -> list[str]:
        """All ids in the order of the list."""
        self._known()
        return [str(row.get("id")).lower() for row in self.rows]

    @property
    def total(self) -> int:
        """How many profiles there are."""
        self._known()
        return len(self.rows)

    @cached_property
    def by_id(self) -> dict[str, Row]:
        """Id → row."""
        return {str(row.get("id")).lower(): row for row in self.rows}

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

    def slice(self, offset: int, limit: int) -> list[str]:
        """The ids that a page must hold."""
        return self.ids[offset : offset + limit]

    def where(self, test: Callable[[Row], bool]) -> list[str]:
        """The ids of the profiles that pass a test, in the order of the list."""
        self._known()
        return [str(row.get("id")).lower() for row in self.rows if test(row)]

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


def learn(api: Api, seed: int) -> Directory:
    """Walk the directory of the credential's organisation.

    Never raises for what the target answers: a list that cannot be walked is a directory with a problem,
    and the cases on pagination say what is broken.
    """
    try:
        whole = api.whole()
    except Inconclusive as reason:
        return Directory(problem=str(reason), seed=seed)
    return from_walk(whole, seed)


def from_walk(whole: Whole, seed: int) -> Directory:
    """The directory that a walk has seen, each profile once."""
    rows: dict[str, Row] = {}
    for page in whole.pages:
        for row in page.rows:
            rows.setdefault(str(row.get("id")).lower(), row)
    return Directory(list(rows.values()), whole.pages, walk_problem(whole), seed)


def walk_problem(whole: Whole) -> str | None:
    """Why a walk has not seen the list as a whole, None where it has."""
    if whole.cut:
        return f"it has more than {len(whole.ids)} profiles, too many to be walked"
    if whole.problem is None:
        if len(set(whole.ids)) != len(whole.ids):
            return f"{len(whole.ids) - len(set(whole.ids))} records came twice on the way"
        return None
    if not whole.problem.is_page:
        return f"a page was answered {whole.problem.summary()}"
    return "a page brought only records that had come before"
