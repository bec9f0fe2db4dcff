"""The part of the grammar that several responses show together: refusals, request ids, counts of requests."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from conformance.diagnosis.context import Context
from conformance.diagnosis.forms import NOT_JUDGED, Aspect, Deviation, Unit
from conformance.http.exchange import Exchange


def refusals(contexts: Sequence[Context]) -> Iterator[Deviation]:
    """Yield how a 404 or 401 differs from that of an unknown id: what it says, and which headers it has."""
    found = [c for c in contexts if "the id is a UUID" in c.literals and not c.request.headers]
    for status, valid, about in (
        (404, True, frozenset({"ORG-02", "ORG-03", "ORG-04"})),
        (401, False, frozenset({"AUTH-08"})),
    ):
        some = [
            context
            for context in found
            if context.exchange.status == status
            and ("the key is valid" in context.literals) == valid
        ]
        yield from itertools.islice(_unlike(some, f"a {status}", about), 1)


def _unlike(contexts: Sequence[Context], name: str, about: frozenset[str]) -> Iterator[Deviation]:
    for what, part in _PARTS:
        usual: dict[str, Counter[object]] = defaultdict(Counter)
        for context in contexts:
            if "the id is unknown" in context.literals:
                usual[context.request.method][part(context.exchange)] += 1
        judged = [
            context
            for context in contexts
            if usual[context.request.method]
            and (what == "other headers" or context.request.method == "GET")
        ]
        shown = [
            c for c in judged if part(c.exchange) != usual[c.request.method].most_common(1)[0][0]
        ]
        if shown:
            named = what
            if what == "other headers":
                usually = usual[shown[0].request.method].most_common(1)[0][0]
                named = _named(part(shown[0].exchange), usually)
            yield Deviation(
                f"{name} has {named} than that of an unknown id",
                Aspect(lambda _: NOT_JUDGED, about, *TOLD),
                [Unit(context) for context in shown],
                [Unit(context) for context in judged if context not in shown],
            )


def _named(one: Any, other: Any) -> str:
    """Return which headers two responses do not share."""
    names = sorted(name for name in one ^ other if re.fullmatch(r"[\w-]{1,40}", name))
    return f"other headers ({', '.join(f'`{name}`' for name in names[:3])})"


TOLD = (
    "the profile is looked up first, and its organisation is checked afterwards",
    "add the organisation of the key to the query, so that both cases take one path",
)
_IDS_IN_TEXT = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PARTS: tuple[tuple[str, Callable[[Exchange], object]], ...] = (
    ("another `error.code`", lambda e: e.member("error", "code")),
    ("another `error.message`", lambda e: _IDS_IN_TEXT.sub("", str(e.member("error", "message")))),
    ("further members", lambda e: str(_shape(e.json))),
    ("other headers", lambda e: frozenset(name for name, _ in e.headers)),
)


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shape(item) for name, item in sorted(value.items())}
    return type(value).__name__


_ABOUT_IDS = frozenset({"ENV-08", "ENV-16"})
IDS = (
    "the request id is made from what does not change with every request, or a cache repeats the response",
    "make a random id for every response, behind every cache",
)
_PARTITIONS: tuple[tuple[str, Callable[[Exchange], object]], ...] = (
    ("requests with the same method and URL", lambda e: (e.request.method, e.request.target)),
    ("requests with the same URL", lambda e: e.request.target),
    ("requests of the same key", lambda e: e.request.credential),
    ("responses of the same second", lambda e: e.header("date")),
    ("responses with the same status", lambda e: e.status),
    ("responses with the same body", lambda e: str(e.member("data"))),
)


def repeated_ids(contexts: Sequence[Context]) -> Iterator[Deviation]:
    """Yield in which responses the request id is the same."""
    groups: dict[str, list[Context]] = defaultdict(list)
    for context in contexts:
        value = context.exchange.request_id
        if value:
            groups[value].append(context)
    several = [group for group in groups.values() if len(group) > 1]
    if not several:
        return
    shown = [context for group in several for context in group]
    others = [context for group in groups.values() if len(group) == 1 for context in group]
    aspect = Aspect(lambda _: NOT_JUDGED, _ABOUT_IDS, *IDS)
    clause = "`request_id` is the same in several responses"
    for what, key in _PARTITIONS:
        if len({key(c.exchange) for c in shown}) > 1 and _is_by(groups, shown, key):
            clause, others = f"`request_id` is the same in {what}", []
            break
    if all(
        context.exchange.header("age") is not None for group in several for context in group[1:]
    ):
        clause, others = "a cache repeats responses with their `request_id`", []
    elif all(_neighbours(group) for group in several) and len(several) * 3 > len(groups):
        clause, others = "`request_id` is the same in responses that follow each other", []
    yield Deviation(clause, aspect, [Unit(c) for c in shown], [Unit(c) for c in others])


def _is_by(
    groups: Mapping[str, Sequence[Context]],
    shown: Sequence[Context],
    key: Callable[[Exchange], object],
) -> bool:
    """Return whether responses share an id if and only if they share a key."""
    every = [context for group in groups.values() for context in group]
    alike = Counter(key(context.exchange) for context in every)
    if any(len({key(c.exchange) for c in group}) > 1 for group in groups.values()):
        return False
    counts = {key(c.exchange): len(group) for group in groups.values() for c in group}
    return all(counts[name] == count for name, count in alike.items()) and bool(shown)


def _neighbours(group: Sequence[Context]) -> bool:
    return len(group) == 2 and abs(group[0].number - group[1].number) <= 8


COUNTS = (
    "the limit is counted in several places (process, route, address) instead of once for each key",
    "count the requests of each key in one store",
)


def counts(contexts: Sequence[Context]) -> Iterator[Deviation]:
    """Yield how the remaining requests of a key deviate from a count that falls."""
    series: dict[str, list[tuple[Context, int]]] = defaultdict(list)
    for context in contexts:
        text = (context.exchange.header("x-ratelimit-remaining") or "").split(";")[0].strip()
        if text.isdigit() and "the key is valid" in context.literals:
            series[context.request.credential].append((context, int(text)))
    aspect = Aspect(lambda _: NOT_JUDGED, frozenset({"ENV-14", "ENV-17"}), *COUNTS)
    for items in series.values():
        steps = [(later, b - a) for (_, a), (later, b) in pairwise(items)]
        up = [context for context, step in steps if step > 0]
        # Requests that are pending together are counted in another order than they are recorded in.
        rise = max(n for _, n in items[-8:]) - min(n for _, n in items[:8])
        if len(items) > 10 and rise * 10 > len(items) * 8:
            yield Deviation(
                "`X-RateLimit-Remaining` counts up, not down", aspect, [Unit(c) for c in up]
            )
            return
    by_operation = {
        name: [(c, n) for items in series.values() for c, n in items if c.operation == name]
        for name in ("list", "retrieve")
    }
    mixed = sum(b > a for items in series.values() for (_, a), (_, b) in pairwise(items))
    apart = sum(b > a for items in by_operation.values() for (_, a), (_, b) in pairwise(items))
    if mixed > 5 and apart * 4 < mixed and len(series) == 1:
        yield Deviation(
            "list and retrieve count the requests of a key separately",
            aspect,
            [Unit(c) for items in by_operation.values() for c, _ in items],
        )
