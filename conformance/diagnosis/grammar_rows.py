"""The part of the grammar that is about which profiles a page holds: ids and profiles that occur twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from conformance.diagnosis.context import Context
from conformance.diagnosis.forms import NOT_JUDGED, Aspect, Deviation, Unit
from conformance.diagnosis.values import MEMBERS

JOINED = (
    "the query joins a table with several rows for one profile",
    "select profiles with EXISTS, or make the rows distinct",
)
ONE_ID = (
    "an import, a join or a default value gives several rows one id",
    "give each profile an id of its own, and put a unique key on the column",
)


def repeated(contexts: Sequence[Context]) -> Iterator[Deviation]:
    """Yield the pages on which different profiles have the same id."""
    shown: list[Unit] = []
    others: list[Unit] = []
    for context in contexts:
        exchange = context.exchange
        if context.operation != "list" or not exchange.is_page:
            continue
        rows: dict[str, set[str]] = defaultdict(set)
        for record, row in zip(exchange.ids, exchange.rows, strict=True):
            rows[str(record)].add(str({name: row.get(name) for name in MEMBERS if name != "id"}))
        several = any(len(texts) > 1 for texts in rows.values())
        (shown if several else others).append(Unit(context))
    alike = [context for context in contexts if _has_twice(context)]
    if alike and not shown:
        joined = Aspect(
            lambda _: NOT_JUDGED,
            frozenset({"OBJ-04", "PAG", "FIL", "SRCH"}),
            *JOINED,
        )
        yield Deviation(
            "a page holds the same profile more than once",
            joined,
            [Unit(context) for context in alike],
            [unit for unit in others if unit.context not in alike],
        )
    if shown:
        aspect = Aspect(
            lambda _: NOT_JUDGED,
            frozenset({"OBJ-04", "PAG", "FIL", "RET"}),
            *ONE_ID,
        )
        yield Deviation("different profiles have the same id in lists", aspect, shown, others)


def _has_twice(context: Context) -> bool:
    ids = context.exchange.ids if context.operation == "list" and context.exchange.is_page else []
    return len(set(ids)) < len(ids)
