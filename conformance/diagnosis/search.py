"""Searches the grammar for the hypotheses that explain what deviates: one layer after the other."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations as pairs_of

from conformance.diagnosis import (
    grammar_access,
    grammar_ends,
    grammar_filters,
    grammar_foreign,
    grammar_pages,
    grammar_search,
    results,
)
from conformance.diagnosis.causes import Cause, is_left_out
from conformance.diagnosis.context import Context, in_range
from conformance.diagnosis.forms import collapsed, is_weak
from conformance.diagnosis.hypotheses import Layer, What
from conformance.diagnosis.lawful import Lawful

SECONDS = 2.0
"""Processor time that a diagnosis may take."""

_STEPS = 6
_REPRESENTATIVES = 12
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
_OF_TERM = re.compile("^(the term|a word is)")

_PLAIN = 2
ENOUGH = 4
MOST_RIVALS = 3
"""Hypotheses, or conditions of one, among which a run may leave the choice; with more it states nothing."""


class OutOfTime(Exception):
    """The diagnosis has used up its processor time."""


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
    def shared(self) -> bool:
        """Whether only its condition may be stated: there are too many rivals, but they agree in that."""
        return (
            len(self.others) >= MOST_RIVALS
            and bool(self.layer.when)
            and len(self.whens) < MOST_RIVALS
            and self.support >= MOST_RIVALS
        )


class Search:
    """Explains the exchanges of one run.

    :param service: the lawful model of the target.
    :param contexts: the exchanges that can be compared.
    :param deadline: the processor time at which it ends with :class:`OutOfTime`.
    :param without: titles of decisions that are left out of the grammar.
    """

    def __init__(
        self,
        service: Lawful,
        contexts: Sequence[Context],
        deadline: float,
        without: Collection[str] = (),
    ) -> None:
        self.service = service
        self._without = without
        self.contexts = list(contexts)
        for context in self.contexts:
            context.literals |= frozenset(results.literals(service, context))
        self.layers: list[Layer] = []
        self.taken: list[Explanation] = []
        self._deadline = deadline
        self.dirty: list[Context] = []
        self.clean: list[Context] = []
        self.observed: list[Cause] = []
        self._compare()

    def leave_out(self, numbers: Collection[int]) -> None:
        """Leave out exchanges that another cause explains."""
        if numbers:
            self.contexts = [item for item in self.contexts if item.number not in numbers]
            self._compare()

    def run(self) -> None:
        """Take the best hypothesis, and go on with what still deviates, until none explains anything."""
        for _ in range(_STEPS):
            if not self.dirty:
                return
            best = self._best()
            if best is None:
                return
            self.taken.append(best)
            self.layers.append(best.layer)
            self._compare()

    def claimed(self) -> list[Explanation]:
        """Return the explanations that may be stated; see :meth:`_may_be_stated`."""
        return [item for item in self.taken if self._may_be_stated(item)]

    def _may_be_stated(self, item: Explanation) -> bool:
        """Return whether an explanation is well enough supported to be stated.

        It leaves no deviating response about the same parameters unexplained, has few rivals, and rests on
        more than one request if it has a condition, or a number that was learned from the responses.
        """
        what = item.layer.what
        support = item.support
        kinds = len({context.kind for context in item.explained})
        if what.learned and kinds < 2 and support < ENOUGH:
            return False
        if support < _least(item):
            return False
        if len(item.whens) > MOST_RIVALS and not frozenset.intersection(*item.whens):
            return False
        if what.narrow and support < ENOUGH:
            return False
        if len(item.others) >= MOST_RIVALS and not item.shared:
            return False
        about = _about(item.explained)
        if any(about & _subjects(context) for context in self.dirty):
            return False
        # Several decisions about the same parameters, each under a condition, are one that is not known.
        conditional = bool(item.layer.when) or support < ENOUGH
        return not any(
            (conditional or other.layer.when) and about & _about(other.explained)
            for other in self.taken
            if other is not item
        )

    def _compare(self) -> None:
        self.dirty, self.clean = [], []
        for context in self.contexts:
            self._tick()
            agrees = self.service.agrees(context, self.layers)
            (self.clean if agrees else self.dirty).append(context)

    def _tick(self) -> None:
        if time.process_time() > self._deadline:
            raise OutOfTime

    def _best(self) -> Explanation | None:
        found = [item for what in self._known() if (item := self._tried(what)) is not None]
        if not found:
            return None

        def rank(item: Explanation) -> tuple[int, int, int]:
            return (-len(item.explained), len(item.layer.when), item.layer.what.rank)

        best = min(found, key=rank)
        numbers = {context.number for context in best.explained}
        # What holds always needs no rival that holds under a condition, if enough requests support it.
        plain = not best.layer.when and best.support >= _PLAIN
        best.others = [
            item
            for item in sorted(found, key=rank)
            if item is not best
            and {context.number for context in item.explained} == numbers
            and len(item.layer.when) <= len(best.layer.when) + (0 if plain else 1)
            and item.layer.what.rank <= best.layer.what.rank + 1
            and not item.layer.what.title.startswith(best.layer.what.title)
            and (is_weak(best.layer.when) or not is_weak(item.layer.when))
        ]
        return best

    def _known(self) -> Iterator[What]:
        return (what for what in self._grammar() if not is_left_out(what.title, self._without))

    def _grammar(self) -> Iterator[What]:
        rows = [row for item in self.service.directories.values() for row in item.rows]
        own = next(iter(self.service.directories.values())).rows
        kinds = {literal for context in self.dirty for literal in context.literals}
        if "the operation is list" in kinds:
            yield from grammar_filters.filters()
            yield from grammar_filters.lost_rows(own)
            yield from grammar_filters.combinations()
            yield from grammar_foreign.foreign()
            yield from grammar_pages.bounds(self.dirty)
            yield from grammar_pages.pages(self.dirty)
            yield from grammar_ends.ends()
            yield from grammar_pages.orders()
            if "`search` is given" in kinds:
                yield from grammar_search.searches(own)
                pages = [c.seen.ids for c in self.dirty if isinstance(c.seen.ids, tuple)]
                yield from grammar_search.inner_limits([len(ids) for ids in pages])
        if "the operation is retrieve" in kinds:
            yield from grammar_access.retrieves(rows)
        yield from grammar_access.access()
        yield from grammar_foreign.selections()

    def _tried(self, what: What) -> Explanation | None:
        """Return what a decision explains and when it is made; None if it explains nothing."""
        layer = Layer(what)
        layers = [*self.layers, layer]
        representatives = _representatives(self.dirty, what)
        self._tick()
        if not any(self.service.agrees(context, layers) for context in representatives):
            return None
        explained = [c for c in self.dirty if what.applies(c) and self.service.agrees(c, layers)]
        against = [
            context
            for context in self.clean
            if what.applies(context) and self._contradicts(context, layers, what)
        ]
        self._tick()
        whens = collapsed(induced(explained, against, _excluded(what)))
        if not whens:
            return None
        return Explanation(Layer(what, whens[0]), explained, whens)

    def _contradicts(self, context: Context, layers: Sequence[Layer], what: What) -> bool:
        if what.status is not None:
            return context.seen.status != what.status
        odd = not in_range(context.first("limit"), 1, 100)
        if context.seen.status in context.refusals and what.limits is not None and odd:
            # A value that is refused here is not accepted, whatever is accepted elsewhere.
            return self.service.readings_differ(context, self.layers, layers)
        return not self.service.agrees(context, layers)


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
    left = {literal: [c for c in unwanted if literal in c.literals] for literal in sorted(common)}
    single = [literal for literal, rest in left.items() if not rest]
    if single:
        return [frozenset({literal}) for literal in single]
    useful = sorted(
        (
            literal
            for literal, rest in left.items()
            if len(rest) < len(unwanted) and not _ABSENT.search(literal)
        ),
        key=lambda literal: (len(left[literal]), literal),
    )[:_MOST_WHENS]
    return [
        frozenset(pair)
        for pair in pairs_of(useful, 2)
        if not any(pair[1] in context.literals for context in left[pair[0]])
    ]


def _least(item: Explanation) -> int:
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


def _excluded(what: What) -> re.Pattern[str] | None:
    """Return the literals under which a decision is not made: those about a page that is not yet known."""
    if what.access or what.key is not None:
        return _EXCLUDED
    searched = "`search` is given" in what.needs and what.stage == "found"
    return None if searched or what.stage in ("more", "next") else _EMPTY


def _representatives(contexts: Iterable[Context], what: What) -> list[Context]:
    """Return a few exchanges of different kinds that a decision can matter for."""
    kinds: dict[tuple[object, ...], list[Context]] = {}
    for context in contexts:
        if what.applies(context):
            kinds.setdefault(context.kind, []).append(context)
    chosen = [group[0] for group in kinds.values()]
    return chosen[:_REPRESENTATIVES]


def _target(context: Context) -> tuple[object, ...]:
    return context.request.method, context.request.target, context.request.credential


def _about(contexts: Iterable[Context]) -> frozenset[str]:
    return frozenset().union(*(_subjects(context) for context in contexts))


def _subjects(context: Context) -> frozenset[str]:
    """Return what a request is about, for whether two deviations may have one cause."""
    names = [name for name in context.parameters if name not in ("limit", "offset")]
    return frozenset({*(names or [context.operation])})
