"""Explanations: what is taken of a hypothesis, when it holds, and how well the exchanges support it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations as pairs_of

from conformance.diagnosis.context import Context
from conformance.diagnosis.forms import is_weak
from conformance.diagnosis.hypotheses import Layer, What

_MOST_WHENS = 40
_ABSENT = re.compile("is absent$|^there is no ")
"""Literals that are true of most requests: two of them fit anything."""

_EXCLUDED = re.compile(
    "^(it is the|more|the page|nothing matches|one profile|the number of matches)"
)
"""Literals about what a page holds, on which no check of a key depends."""

_EMPTY = re.compile(
    "^(nothing matches|one profile|the number of matches|the page is empty|the offset is at)"
)
_BEFORE = re.compile(r"\bbefore\b")
_OF_TERM = re.compile("^(the term|a word is)")

ENOUGH = 4
MOST_RIVALS = 3
"""Hypotheses, or conditions of one, among which a run may leave the choice; with more it states nothing."""


@dataclass(eq=False)
class Explanation:
    """A hypothesis that was taken, with the exchanges that it explains.

    ``whens`` are all conditions of the same length under which it agrees with the run; ``others`` are the
    hypotheses with another decision that explain the same exchanges.
    """

    layer: Layer
    explained: list[Context]
    whens: list[frozenset[str]]
    others: list[Explanation] = field(default_factory=list)

    @property
    def support(self) -> int:
        """The number of different requests that it explains."""
        return len({_target(context) for context in self.explained})

    @property
    def common(self) -> frozenset[str]:
        """What all explained requests are about; see :func:`subjects`."""
        return frozenset.intersection(*(subjects(context) for context in self.explained))

    @property
    def shared(self) -> bool:
        """Whether only its condition may be stated: there are too many rivals, but they agree in that."""
        return (
            len(self.others) >= MOST_RIVALS
            and bool(self.layer.when)
            and len(self.whens) < MOST_RIVALS
            and self.support >= MOST_RIVALS
        )


def induced(
    wanted: Sequence[Context],
    unwanted: Sequence[Context],
    excluded: re.Pattern[str] | None = None,
) -> list[frozenset[str]]:
    """Return the shortest conditions that hold for all wanted exchanges and for no unwanted one.

    An empty condition holds always.

    :param excluded: literals that no condition is made of.
    """
    if not unwanted:
        return [frozenset()]
    common = frozenset.intersection(*(context.literals for context in wanted))
    if excluded is not None:
        common = frozenset(literal for literal in common if not excluded.search(literal))
    # A condition on the request is simpler than one on earlier requests.
    ordered = sorted(common, key=lambda literal: (bool(_BEFORE.search(literal)), literal))
    left = {literal: [c for c in unwanted if literal in c.literals] for literal in ordered}
    single = [literal for literal, rest in left.items() if not rest]
    if single:
        return [frozenset({literal}) for literal in single]
    useful = sorted(
        (
            literal
            for literal, rest in left.items()
            if len(rest) < len(unwanted) and not _ABSENT.search(literal)
        ),
        key=lambda literal: (len(left[literal]), bool(_BEFORE.search(literal)), literal),
    )[:_MOST_WHENS]
    return [
        frozenset(pair)
        for pair in pairs_of(useful, 2)
        if not any(pair[1] in context.literals for context in left[pair[0]])
    ]


def least(item: Explanation) -> int:
    """Return how many requests must support an explanation, by how long its condition is.

    A request that carries many signs at once does not tell which one matters.
    """
    when = item.layer.when
    if is_weak(when):
        return ENOUGH
    if any(_OF_TERM.search(literal) for literal in when):
        return ENOUGH if len(when) > 1 else 2
    few = len(item.others) < MOST_RIVALS and (len(item.whens) <= 2 or len(when) == 1)
    return (0, 1, 2)[len(when)] if few else (0, 2, ENOUGH)[len(when)]


def is_beside(other: Explanation, item: Explanation) -> bool:
    """Return whether another explanation is well supported, and about something else than this one."""
    return (
        other.support >= ENOUGH
        and len(other.layer.when) <= 1
        and len(other.others) < MOST_RIVALS
        and bool(other.common)
        and not other.common & item.common
    )


def excluded(what: What) -> re.Pattern[str] | None:
    """Return the literals under which a decision is not made: those about a page that is not yet known."""
    if what.access or what.key is not None:
        return _EXCLUDED
    searched = "`search` is given" in what.needs and what.stage == "found"
    return None if searched or what.stage in ("more", "next") else _EMPTY


def _target(context: Context) -> tuple[object, ...]:
    return context.request.method, context.request.target, context.request.credential


def about(contexts: Iterable[Context]) -> frozenset[str]:
    """Return what requests are about; see :func:`subjects`."""
    return frozenset().union(*(subjects(context) for context in contexts))


def subjects(context: Context) -> frozenset[str]:
    """Return what a request is about, for whether two deviations may have one cause."""
    names = [name for name in context.parameters if name not in ("limit", "offset")]
    return frozenset({*(names or [context.operation])})
