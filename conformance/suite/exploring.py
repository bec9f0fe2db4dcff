"""Queries that hypothesis draws from values of the six parameters: valid and wrong ones, words of the data.

hypothesis only draws. The queries follow from the seed and the values, never from a response to one of
them, so that they can be sent in batches and a replay sends the same ones.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from conformance.contract.bounds import MAX_LIMIT
from conformance.directory.directory import Directory
from conformance.suite.known_lists import Combination, Lists
from conformance.suite.readings import (
    ALL,
    LIMIT,
    NOTHING,
    OFFSET,
    SEARCH,
    Parameters,
    Reading,
    Value,
)
from conformance.suite.values import FURTHER_LIMITS, FURTHER_OFFSETS, Pool, limit, offset

MOST = 1000
"""Queries that a run generates at most, however many requests it may send."""

_LIMITS = (*range(1, 13), 15, 19, 20, 21, 50, MAX_LIMIT - 1, MAX_LIMIT)
_OFFSETS = (0, 4, 5, 7, 10, 15, 20)
_SMALL = (1, 2, 3)
_OFTEN = {"word": (8, 1), "upper case": (5, 1), "known": (4, 2), "small": (3, 3)}
"""Class → how often its first value and its others are drawn, so that combinations select records."""


def explored(
    values: Pool, lists: Lists, seed: int, budget: int, rows: Sequence[Parameters] = ()
) -> list[Parameters]:
    """Return queries for a number of requests, the same for the same seed and values.

    :param budget: requests; the complete list of a combination costs one too.
    :param rows: queries to return before any are drawn.
    """
    found: dict[Parameters, int] = {}
    combined: set[Combination] = set()

    def take(several: Sequence[Parameters]) -> None:
        for parameters in several:
            key = lists.combination(parameters)
            cost = 1 + (key is not None and key not in combined)
            if sum(found.values()) + cost > budget:
                return
            found.setdefault(parameters, cost)
            if key is not None:
                combined.add(key)

    take(rows)
    further = tuple(_further(values, lists.listed).values.items())
    known = tuple((name, tuple(texts)) for name, texts in further)
    take(drawn(known, seed, budget - sum(found.values())))
    return list(found)


@lru_cache(maxsize=16)
def drawn(
    values: tuple[tuple[str, tuple[Value, ...]], ...], seed: int, count: int
) -> tuple[Parameters, ...]:
    """Return different queries, at most ``count``: most have one wrong value or none.

    :param values: parameter → its values.
    """
    if count < 1:
        return ()
    import hypothesis
    from hypothesis import strategies
    from hypothesis.configuration import set_hypothesis_home_dir

    # hypothesis stores files between runs, which must not be in the working directory of a run.
    set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "clinician-profiles-conformance")
    count = min(count, MOST)
    none = strategies.none()
    valid = [strategies.sampled_from(_weighted(known)) for _, known in values]
    wrong = strategies.sampled_from(
        [value for _, known in values for value in known if value.wrong]
    )
    found: dict[frozenset[Value], Parameters] = {}

    # An example is a query, and never fails: nothing is sent here.
    @hypothesis.seed(seed)
    @hypothesis.settings(
        database=None,
        deadline=None,
        max_examples=count + count // 2,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(
        strategies.tuples(*(none | usable | usable for usable in valid)),
        strategies.tuples(none | wrong, none | none | none | wrong),
        strategies.permutations([name for name, _ in values]),
    )
    def draw(
        some: tuple[Value | None, ...], bad: tuple[Value | None, ...], order: Sequence[str]
    ) -> None:
        chosen = {value.name: value for value in (*some, *bad) if value is not None}
        parameters = Parameters(tuple(chosen[name] for name in order if name in chosen))
        if len(chosen) > 1:
            found.setdefault(frozenset(parameters.values), parameters)

    draw()
    return tuple(found.values())[:count]


def _weighted(values: Sequence[Value]) -> list[Value]:
    """Return the valid ones of some values, each as often as it is to be drawn."""
    found: list[Value] = []
    seen: set[str] = set()
    for value in values:
        if not value.wrong:
            first, others = _OFTEN.get(value.kind, (1, 1))
            found += [value] * (others if value.kind in seen else first)
            seen.add(value.kind)
    return found


def _further(values: Pool, listed: Directory) -> Pool:
    """Return the values of a pool and further ones, which no other case sends alone."""
    ends = sorted({listed.total - 1, listed.total, listed.total + 1} - {-1})
    further: dict[str, list[Value]] = {
        LIMIT: [limit(text) for text in (*map(str, _LIMITS), *FURTHER_LIMITS)],
        OFFSET: [
            *(offset(str(number), "small") for number in _SMALL),
            *(offset(text) for text in (*map(str, (*_OFFSETS, *ends)), *FURTHER_OFFSETS)),
        ],
    }
    if not listed.base:
        # The contract leaves open whether an empty term finds everything or nothing.
        further[SEARCH] = [Value(SEARCH, "", "empty", Reading((ALL, NOTHING), refused=True))]
    found = {name: list(known) for name, known in values.values.items()}
    for name, more in further.items():
        known = {value.text for value in found[name]}
        found[name] += [value for value in more if value.text not in known]
    return Pool(found)
