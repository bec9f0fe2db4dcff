"""Every lawful response to a request, by the model over the learned world, with hypotheses laid over it.

A run asks for much that the contract leaves open. So the model has several responses to one request, and a
target agrees if it gives one of them. The manners of a target need no list of their own: a refusal that the
contract allows is read from the response itself, and so is the bound that a server applies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

from conformance.diagnosis.answers import Answer
from conformance.diagnosis.context import LAST_OFFSET, PLAIN_TERM, Context, Plan, in_range
from conformance.diagnosis.hypotheses import Layer
from conformance.diagnosis.lawful import NOTHING, Lawful
from conformance.model.manners import Manners
from conformance.model.parameters import Filters
from conformance.model.rows import ModelDirectory, id_of
from conformance.text.uuids import is_uuid

_MOST = 24
"""Readings of one request that are compared."""


class Layered(Lawful):
    """The lawful model, and hypotheses in layers over it. ``work`` counts the responses compared."""

    def __init__(
        self,
        directories: Mapping[str, ModelDirectory],
        manners: Manners,
        combine: str = "all",
    ) -> None:
        super().__init__(directories, manners, combine)
        self.work = 0

    # Responses

    def agrees(self, context: Context, layers: Sequence[Layer] = ()) -> bool:
        """Return whether the target gave a response that the model has."""
        return not self.deviation(context, layers)

    def deviation(self, context: Context, layers: Sequence[Layer] = ()) -> tuple[str, ...]:
        """Return the facets in which the response differs from the nearest one of the model."""
        if context.seen.status in context.refusals:
            return ()
        nearest: tuple[str, ...] | None = None
        for answer in islice(self.answers(context, layers), _MOST):
            self.work += 1
            facets = answer.differs(context.seen)
            if not facets:
                return ()
            if nearest is None or len(facets) < len(nearest):
                nearest = facets
        return nearest or ()

    def answers(self, context: Context, layers: Sequence[Layer] = ()) -> Iterator[Answer]:
        """Yield the responses of the model to a request, the likeliest first."""
        active = [layer for layer in layers if layer.active(context)]
        for layer in active:
            if layer.what.status is not None:
                yield Answer(layer.what.status)
                return
        credential = context.request.credential
        directory = self.directories.get(credential)
        for layer in active:
            if layer.what.key is not None:
                directory = self.directories.get(layer.what.key(context) or "", directory)
        if directory is None:
            yield from self._without_key(context, active)
            return
        yield from self._with_key(context, directory, active)

    def _without_key(self, context: Context, active: Sequence[Layer]) -> Iterator[Answer]:
        yield Answer(401)
        if context.operation in ("other", "write") or context.request.method != "GET":
            yield from (Answer(status) for status in (204, 404, 405, 501))
        if context.holder is not None:
            yield Answer(400)
            if context.holder in self.directories:
                yield from self._with_key(context, self.directories[context.holder], active)

    def _with_key(
        self, context: Context, directory: ModelDirectory, active: Sequence[Layer]
    ) -> Iterator[Answer]:
        if context.operation == "write":
            yield from (Answer(status) for status in (405, 404, 501, 403))
        elif context.operation == "retrieve":
            yield self._retrieved(context, directory, active)
        elif context.operation == "list" and context.request.method in ("GET", "HEAD"):
            for limit, offset, filters in self.readings(context, active):
                plan = Plan(directory, filters, limit, offset)
                yield from self._listed(context, plan, active)
        elif context.seen.status < 500:
            yield context.seen  # of other requests the model knows only that they must not fail

    def _retrieved(
        self, context: Context, directory: ModelDirectory, active: Sequence[Layer]
    ) -> Answer:
        if context.request.method not in ("GET", "HEAD"):
            return context.seen if context.seen.status < 500 else Answer(404)
        record = context.record.lower()
        row = self.find_record(directory, record)
        for layer in active:
            if layer.what.record is not None:
                row = layer.what.record(self, directory, record, row)
            if row is None and layer.what.any_record and isinstance(context.seen.ids, tuple):
                row = directory.by_id.get(context.seen.ids[0])
        if row is None:
            return Answer(404)
        return Answer(200) if context.request.method == "HEAD" else Answer(200, (id_of(row),))

    def _listed(self, context: Context, plan: Plan, active: Sequence[Layer]) -> Iterator[Answer]:
        def apply(stage: str) -> None:
            for layer in active:
                if layer.what.stage == stage and layer.what.change is not None:
                    layer.what.change(self, context, plan)

        if context.request.method == "HEAD":
            yield Answer(200)
            return
        plan.shown_limit = plan.limit
        apply("query")
        plan.found = list(self.matching(plan.directory, plan.filters))
        apply("found")
        plan.total = len(plan.found)
        start = max(plan.offset if plan.skip is None else plan.skip, 0)
        ids = plan.directory.ids
        page = plan.found[start : start + max(plan.limit, 0)]
        plan.ids = [ids[at] for at in page]
        apply("rows")
        starts = [plan.offset] if plan.skip is None else [plan.offset, plan.skip]
        count = len(plan.ids)
        lengths = [count] if plan.counted in (None, count) else [count, plan.counted or 0]
        # What follows may be worked out from where the page starts, or from where it should start.
        for base, length, following, by in product(starts, lengths, starts, lengths):
            plan.ids = plan.ids[:count]
            plan.more = bool(length) and base + length < plan.total
            apply("more")
            plan.next = following + by if plan.more else None
            apply("next")
            yield Answer(
                200, tuple(plan.ids), plan.shown_limit, plan.more, plan.next, unordered=plan.foreign
            )
            if len(plan.ids) != count:
                return

    def readings_differ(
        self, context: Context, one: Sequence[Layer], other: Sequence[Layer]
    ) -> bool:
        """Return whether two sets of hypotheses read the parameters of a request in other ways."""
        first, second = (
            {reading[:2] for reading in self.readings(context, [x for x in y if x.active(context)])}
            for y in (one, other)
        )
        return first != second

    # Readings of a request

    def readings(
        self, context: Context, active: Sequence[Layer]
    ) -> Iterator[tuple[int, int, Filters]]:
        """Yield the ways in which the contract allows the parameters to be read."""
        limits, offsets = self._limits(context), self._offsets(context)
        for layer in active:
            if layer.what.limits is not None:
                limits = layer.what.limits(context, limits)
            if layer.what.offsets is not None:
                offsets = layer.what.offsets(context, offsets)
        filters = (
            self._booleans(context, "is_active"),
            self._booleans(context, "is_bookable_online"),
            self._places(context),
            self._terms(context),
        )
        for limit, offset, active_, bookable, place, term in product(limits, offsets, *filters):
            yield limit, offset, Filters(active_, bookable, place, term)

    def _limits(self, context: Context) -> list[int]:
        texts = context.parameters.get("limit")
        others = [int(text) for text in context.variants.get("limit", ()) if in_range(text, 1, 100)]
        if texts is None:
            return [self.default_limit, *others]
        found = [int(text) for text in texts if in_range(text, 1, self.maximum_limit)]
        if len(found) < len(texts):
            # A server names the bound that it applies.
            applied = context.seen.limit
            fits = type(applied) is int and 1 <= applied <= self.maximum_limit
            found.append(applied if fits else self.default_limit)
        return list(dict.fromkeys([*found, *others]))

    def _offsets(self, context: Context) -> list[int]:
        texts = context.parameters.get("offset")
        if texts is None:
            return [0]
        found = [int(text) for text in texts if in_range(text, 0, 10**25)]
        if len(found) < len(texts) or any(number > LAST_OFFSET for number in found):
            found.append(0)
        return list(dict.fromkeys(found))

    def _booleans(self, context: Context, name: str) -> list[bool | None]:
        texts = context.parameters.get(name)
        if texts is None:
            return [None, True, False] if name in context.variants else [None]
        plain = {"true": True, "false": False}
        if all(text in plain for text in texts):
            return list(dict.fromkeys(plain[text] for text in texts))
        return [None, True, False]

    def _places(self, context: Context) -> list[str | None]:
        texts = context.parameters.get("location_id")
        if texts is None:
            return [None, *(text.lower() for text in context.variants.get("location_id", ()))]
        found: list[str | None] = []
        for text in texts:
            found.append(text.lower() if is_uuid(text) else NOTHING)
            if not text:
                found.append(None)
        return list(dict.fromkeys(found))

    def _terms(self, context: Context) -> list[str | None]:
        texts = context.parameters.get("search")
        if texts is None:
            return [None, *context.variants.get("search", ())]
        found: list[str | None] = []
        for text in texts:
            found.append(text or None)
            if not PLAIN_TERM.fullmatch(text):
                found.append(NOTHING)
            if not text.strip():
                found.append(None)
        return list(dict.fromkeys(found))
