"""A covering array of the six query parameters: which classes of values are sent together.

covertable builds it, without chance: the same classes give the same rows. It covers

* every pair of classes of valid values,
* every combination of three parameters of which each is present or absent, and of the four filters,
* every class of wrong values beside each class of valid values of every other parameter,
* every pair of classes of wrong values.

A strict server refuses a request for its first wrong value and looks at nothing else. So all but the last
rows have at most one. A class beside absent parameters is no row: other cases request each value alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations, product
from typing import Any, TypeVar, cast

from covertable import make

from conformance.suite.readings import BOOLEANS, NAMES, SELECTING

Item = TypeVar("Item")

Row = Mapping[str, str]
"""Parameter → the class of its value; parameters that are absent are left out."""

VALID: dict[str, tuple[str, ...]] = {
    "limit": ("some", "most"),
    "offset": ("some", "zero"),
    "is_active": ("true", "false"),
    "is_bookable_online": ("true", "false"),
    "location_id": ("known",),
    "search": ("word", "upper case"),
}
"""Classes of values that select records."""

WRONG: dict[str, tuple[str, ...]] = {
    "limit": ("above", "below", "malformed"),
    "offset": ("negative", "malformed"),
    "is_active": ("malformed",),
    "is_bookable_online": ("malformed",),
    "location_id": ("malformed",),
    "search": ("signs",),
}
"""Classes of values that a server may refuse."""

EMPTY: dict[str, tuple[str, ...]] = {
    "offset": ("past the end",),
    "location_id": ("unknown", "foreign"),
    "search": ("nonsense",),
}
"""Classes of valid values that select nothing."""

_SPOILS = "spoils"


def spoiling(row: Row) -> tuple[tuple[str, str], ...]:
    """Return the classes of a row that hide the others: wrong ones, and those that select nothing."""
    return tuple(
        (name, kind)
        for name, kind in row.items()
        if kind in WRONG[name] or kind in EMPTY.get(name, ())
    )


def is_wrong(row: Row) -> bool:
    """Return whether a row has a value that a server may refuse."""
    return any(kind in WRONG[name] for name, kind in row.items())


@cache
def valid_rows() -> tuple[Row, ...]:
    """Return the rows of valid values, those that cover most first."""
    return tuple(by_gain([*_valid_pairs(), *_presence()], goals))


@cache
def spoiled_rows() -> tuple[Row, ...]:
    """Return the rows with one class that hides the others, those that cover most first."""
    return tuple(by_gain(_spoiled(), goals))


def make_ready() -> None:
    """Make all rows, which takes a moment; each process that is forked afterwards has them."""
    valid_rows(), spoiled_rows(), wrong_rows()


@cache
def wrong_rows() -> tuple[Row, ...]:
    """Return rows in which every value may be refused."""
    return tuple(_made(WRONG))


def with_other_booleans(rows: Sequence[Row]) -> list[Row]:
    """Return the rows, each with every value of the boolean filters that it has."""
    found: dict[tuple[tuple[str, str], ...], Row] = {}
    for row in rows:
        for values in product(*(VALID[name] for name in BOOLEANS if name in row)):
            named = zip((name for name in BOOLEANS if name in row), values, strict=True)
            other = {**row, **dict(named)}
            found.setdefault(tuple(other.items()), other)
    return list(found.values())


def one_of_each(rows: Sequence[Row]) -> list[Row]:
    """Return the first row of each class that a server may refuse."""
    found: dict[tuple[tuple[str, str], ...], Row] = {}
    for row in rows:
        if is_wrong(row):
            found.setdefault(spoiling(row), row)
    return list(found.values())


def goals(row: Row) -> set[Any]:
    """Return what a row covers: pairs of classes, and which parameters are present together."""
    spoils = spoiling(row)
    pairs = set(combinations(row.items(), 2))
    if spoils:
        return {pair for pair in pairs if set(spoils) & set(pair)}
    present = [(name, name in row) for name in NAMES]
    triples = {three for three in combinations(present, 3) if sum(there for _, there in three) > 1}
    filters = tuple((name, there) for name, there in present if name in SELECTING)
    return pairs | triples | {filters}


def by_gain(candidates: Sequence[Item], covers: Callable[[Item], set[Any]]) -> list[Item]:
    """Return the items in an order in which each covers as much as possible that those before do not.

    :param covers: what an item covers. Items that cover nothing new are left out.
    """
    rest = [(item, covers(item)) for item in candidates]
    found = []
    while rest:
        item, best = max(rest, key=lambda pair: len(pair[1]))
        if not best:
            break
        found.append(item)
        rest = [(other, more - best) for other, more in rest if other is not item]
    return found


def _made(factors: Mapping[str, Sequence[Any]], **options: Any) -> Iterator[dict[str, Any]]:
    for row in make(dict(factors), **options):
        yield {name: cast("dict[str, Any]", row)[name] for name in factors}


def _valid_pairs() -> list[Row]:
    return list(_made(VALID))


def _presence() -> list[Row]:
    """Return rows for what is present; their values take turns in the classes of valid values."""
    found: list[Row] = []
    filters = [{"fields": list(SELECTING), "strength": len(SELECTING)}]
    present = dict.fromkeys(NAMES, (True, False))
    for number, row in enumerate(_made(present, strength=3, sub_models=filters)):
        found.append(
            {
                name: VALID[name][(number + place) % len(VALID[name])]
                for place, name in enumerate(NAMES)
                if row[name]
            }
        )
    return found


def _spoiled() -> list[Row]:
    """Return rows with one class that hides the others, beside valid values of all other parameters."""
    classes = [(name, kind) for group in (WRONG, EMPTY) for name in group for kind in group[name]]
    found: list[Row] = []
    for row in _made({_SPOILS: classes, **VALID}):
        name, kind = row.pop(_SPOILS)
        found.append(row | {name: kind})
    return found
