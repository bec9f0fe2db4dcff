"""Searches the grammar for the hypotheses that explain what deviates: one layer after the other."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property

from conformance.diagnosis import (
    grammar_access,
    grammar_ends,
    grammar_filters,
    grammar_foreign,
    grammar_index,
    grammar_pages,
    grammar_search,
    results,
)
from conformance.diagnosis.causes import Cause, is_left_out
from conformance.diagnosis.context import Context, in_range
from conformance.diagnosis.explanations import (
    ENOUGH,
    MOST_RIVALS,
    Explanation,
    about,
    excluded,
    induced,
    is_beside,
    least,
    subjects,
)
from conformance.diagnosis.forms import collapsed, is_weak
from conformance.diagnosis.hypotheses import Layer, What
from conformance.diagnosis.layered import Layered

SECONDS = 2.0
"""Processor time that a diagnosis may take."""

_STEPS = 6
_REPRESENTATIVES = 12
_PLAIN = 2


class OutOfTime(Exception):
    """The diagnosis has used up its processor time."""


class Search:
    """Explains the exchanges of one run.

    :param service: the lawful model of the target.
    :param contexts: the exchanges that can be compared.
    :param deadline: the processor time at which it ends with :class:`OutOfTime`.
    :param without: titles of decisions that are left out of the grammar.
    """

    def __init__(
        self,
        service: Layered,
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
        self._plain: dict[int, frozenset[str]] = {}
        self._deadline = deadline
        self.dirty: list[Context] = []
        self._of_ends: list[Context] = []
        self.clean: list[Context] = []
        self.observed: list[Cause] = []
        self.complete = True
        self._compare(self.layers)

    def leave_out(self, numbers: Collection[int]) -> None:
        """Leave out exchanges that another cause explains."""
        if numbers:
            self.contexts = [item for item in self.contexts if item.number not in numbers]
            self._compare(self.layers)

    def run(self) -> None:
        """Take the best hypothesis, and go on with what still deviates, until none explains anything.

        If the time runs out, the explanations taken so far are kept, and the rest counts as unexplained.
        """
        try:
            for _ in range(_STEPS):
                if not self.dirty:
                    return
                best = self._best()
                if best is None:
                    return
                self._compare([*self.layers, best.layer])
                self.taken.append(best)
        except OutOfTime:
            self.complete = False

    def likely(self, context: Context, item: Explanation) -> bool:
        """Return whether an explanation turns the likeliest response of the model into the one that was seen.

        Of a request that leaves several responses open, a case may know which one is right.
        """
        plain = next(iter(self.service.answers(context)), None)
        changed = next(iter(self.service.answers(context, [item.layer])), None)
        if plain is None or changed is None:
            return False
        return bool(plain.differs(context.seen)) and not changed.differs(context.seen)

    def claimed(self) -> list[Explanation]:
        """Return the explanations that may be stated; see :meth:`_may_be_stated`."""
        return [item for item in self.taken if self._may_be_stated(item)]

    def _may_be_stated(self, item: Explanation) -> bool:
        """Return whether an explanation is well enough supported to be stated.

        It leaves no deviating response about the same parameters unexplained, unless that has a cause of its
        own; it has few rivals, and rests on more than one request if it has a condition, or a number that was
        learned from the responses.
        """
        what = item.layer.what
        support = item.support
        kinds = len({context.kind for context in item.explained})
        if what.learned and kinds < 2 and support < ENOUGH:
            return False
        if support < least(item):
            return False
        if len(item.whens) > MOST_RIVALS and not frozenset.intersection(*item.whens):
            return False
        if what.narrow and support < ENOUGH:
            return False
        if len(item.others) >= MOST_RIVALS and not item.shared:
            return False
        # Several decisions about the same parameters, each under a condition, are one that is not known.
        conditional = bool(item.layer.when) or support < ENOUGH
        beside = [other for other in self.taken if other is not item and is_beside(other, item)]
        rivals = [
            context
            for other in self.taken
            if other is not item and other not in beside and (conditional or other.layer.when)
            for context in other.explained
        ]
        left = [*self.dirty, *rivals]
        # Where two causes meet, the model does not know which comes first.
        met = [c for c in left if any(other.common <= subjects(c) for other in beside)]
        if len(met) > len(item.explained) // 2:
            return False
        return self._are_apart([context for context in left if context not in met], item)

    def _are_apart(self, contexts: Iterable[Context], item: Explanation) -> bool:
        """Return whether those of the responses that are about the same parameters have a cause of their own.

        A response has one if it lacks what all explained requests have, and deviates in another way. It also
        has one if it shares a condition with responses about other parameters that deviate, under which
        nothing else is right, and which no explained request meets.
        """
        subject = about(item.explained)
        about_it = [context for context in contexts if subject & subjects(context)]
        if not about_it:
            return True
        ways = frozenset().union(*(self._deviation(context) for context in item.explained))
        explained = {context.number for context in item.explained}
        wrong, right = set[str](), set[str]()
        for context in self.contexts:
            if context.number in explained or self._is_accepted(context):
                right |= context.literals
            elif not subject & subjects(context):
                wrong |= context.literals
        wrong -= right
        return all(
            wrong & context.literals
            or not (item.common & subjects(context) or ways & self._deviation(context))
            for context in about_it
        )

    def _is_accepted(self, context: Context) -> bool:
        """Return whether a response without an error is as the lawful model expects it."""
        return context.seen.status < 400 and not self._deviation(context)

    def _deviation(self, context: Context) -> frozenset[str]:
        """Return how a response deviates from the lawful model, whatever was taken."""
        if context.number not in self._plain:
            self._plain[context.number] = frozenset(self.service.deviation(context))
        return self._plain[context.number]

    def _compare(self, layers: list[Layer]) -> None:
        """Separate the responses that deviate from the others, with these layers in the model."""
        dirty, clean, of_ends = list[Context](), list[Context](), list[Context]()
        for context in self.contexts:
            self._tick()
            facets = self.service.deviation(context, layers)
            (dirty if facets else clean).append(context)
            if facets and ("ids" not in facets or _is_cut(context)):
                of_ends.append(context)
        self.layers, self.dirty, self.clean, self._of_ends = layers, dirty, clean, of_ends

    def _tick(self) -> None:
        if time.process_time() > self._deadline:
            raise OutOfTime

    def _best(self) -> Explanation | None:
        hits = [(what, hit) for what in self._known() if (hit := self._hits(what))]
        found: list[Explanation] = []
        # Those that explain most first: what explains less than the best one need not be compared further.
        for what, hit in sorted(hits, key=lambda item: -len(item[1])):
            if found and len(hit) < len(found[0].explained):
                break
            if (item := self._tried(what, hit)) is not None:
                found.append(item)
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
                yield from self._searches
                yield from grammar_index.gaps(self.dirty, self.service)
                pages = [c.seen.ids for c in self.dirty if isinstance(c.seen.ids, tuple)]
                yield from grammar_search.inner_limits([len(ids) for ids in pages])
        if "the operation is retrieve" in kinds:
            yield from grammar_access.retrieves(rows)
        yield from grammar_access.access()
        yield from grammar_foreign.selections()

    @cached_property
    def _searches(self) -> list[What]:
        """What a server can do with a search term; it keeps what each term finds."""
        own = next(iter(self.service.directories.values())).rows
        return list(grammar_search.searches(own))

    def _hits(self, what: What) -> list[Context]:
        """Return the deviating exchanges that a decision explains."""
        layers = [*self.layers, Layer(what)]
        dirty = self._of_ends if what.stage in ("more", "next") and not what.limits else self.dirty
        representatives = _representatives(dirty, what)
        self._tick()
        if not any(self.service.agrees(context, layers) for context in representatives):
            return []
        found = [c for c in self.dirty if what.applies(c) and self.service.agrees(c, layers)]
        if what.access and what.stage == "rows" and not any(map(self._shows_foreign, found)):
            return []
        return found

    def _shows_foreign(self, context: Context) -> bool:
        """Return whether a page holds a record that is not known to be of its organisation."""
        directory = self.service.directories.get(context.request.credential)
        ids = context.seen.ids
        return (
            isinstance(ids, tuple)
            and directory is not None
            and not directory.by_id.keys() >= set(ids)
        )

    def _tried(self, what: What, explained: list[Context]) -> Explanation | None:
        """Return when a decision is made; None if no condition fits all responses."""
        layers = [*self.layers, Layer(what)]
        against = [
            context
            for context in self.clean
            if what.applies(context) and self._contradicts(context, layers, what)
        ]
        self._tick()
        whens = collapsed(induced(explained, against, excluded(what)))
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


def _is_cut(context: Context) -> bool:
    """Return whether a page may lack a record that ``next_offset`` counts."""
    ids, following = context.seen.ids, context.seen.next
    if not isinstance(ids, tuple) or type(following) is not int:
        return True
    return following != int(context.first("offset") or 0) + len(ids) if _plain(context) else True


def _plain(context: Context) -> bool:
    return in_range(context.first("offset"), 0, 10**9)


def _representatives(contexts: Iterable[Context], what: What) -> list[Context]:
    """Return a few exchanges of different kinds that a decision can matter for."""
    kinds: dict[tuple[object, ...], list[Context]] = {}
    for context in contexts:
        if what.applies(context):
            kinds.setdefault(context.kind, []).append(context)
    chosen = [group[0] for group in kinds.values()]
    return chosen[:_REPRESENTATIVES]
