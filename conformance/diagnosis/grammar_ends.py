"""The part of the grammar that is about the end of a list: ``has_more``, ``next_offset``, ``meta.limit``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from conformance.diagnosis.answers import UNKNOWN
from conformance.diagnosis.context import Context, Plan
from conformance.diagnosis.hypotheses import Change, What
from conformance.diagnosis.lawful import Lawful
from conformance.model.parameters import Filters

Counting = Callable[[Lawful, Plan], Any]


def ends() -> Iterator[What]:
    """Yield what a server can say about the end of a list."""
    usually = "`has_more` is worked out by a comparison that is off by one, or from another count"
    fix = "read one record more than `limit`, and say whether it was there"
    mores: tuple[tuple[str, Counting], ...] = (
        ("true on every full page", lambda _, p: len(p.ids) >= p.limit > 0),
        ("always true", lambda _, __: True),
        ("always false", lambda _, __: False),
        ("true on every page with records", lambda _, p: bool(p.ids)),
        ("false if one record follows", lambda _, p: _follows(p, p.total - 1)),
        ("true if the page ends at the last record", lambda _, p: _follows(p, p.total + 1)),
        ("true if a page lacks one record to be full", lambda _, p: p.more or _almost(p, p.limit)),
        (
            "true on a page that is full but for one record",
            lambda _, p: bool(p.ids) and len(p.ids) >= p.limit - 1,
        ),
        (
            "a comparison of `limit` with the number of records, without `offset`",
            lambda _, p: bool(p.ids) and p.limit < p.total,
        ),
        (
            "counted over all profiles, not those that match",
            lambda s, p: _follows(p, len(s.matching(p.directory, Filters()))),
        ),
        (
            "counted over what the search alone finds",
            lambda s, p: _follows(
                p, len(s.matching(p.directory, Filters(search=p.filters.search)))
            ),
        ),
        (
            "counted over what the filters without the search select",
            lambda s, p: _follows(p, len(s.matching(p.directory, p.filters._replace(search=None)))),
        ),
        ("true only if a full page follows", lambda _, p: _follows(p, p.total - p.limit + 1)),
    )
    for title, value in mores:
        yield What(f"`has_more` is {title}", usually, fix, "more", more_as(value))
    usually = "`next_offset` is worked out from another number than the offset and the records of the page"
    fix = "return `offset` plus the number of records on the page, or null at the end"
    nexts: tuple[tuple[str, Counting], ...] = (
        ("the number of records on the page", lambda _, p: len(p.ids) if p.more else None),
        ("`offset` plus `limit`, also at the end", lambda _, p: p.offset + p.limit),
        (
            "`offset` plus the number of records, also at the end",
            lambda _, p: p.offset + len(p.ids),
        ),
        ("one too large", lambda _, p: p.next + 1 if p.next else p.next),
        ("one too small", lambda _, p: p.next - 1 if p.next else p.next),
        ("always null", lambda _, __: None),
        ("the offset of this page", lambda _, p: p.offset if p.more else None),
        ("0 at the end instead of null", lambda _, p: p.next or 0),
        (
            "the number of the next page",
            lambda _, p: p.offset // max(p.limit, 1) + 1 if p.more else None,
        ),
        (
            "`offset` plus 20, whatever `limit` is",
            lambda _, p: p.offset + 20 if p.more else None,
        ),
        (
            "at most 20 higher than `offset`",
            lambda _, p: p.offset + min(len(p.ids), 20) if p.more else None,
        ),
        ("the number of all records at the end", lambda _, p: p.next if p.more else p.total),
    )
    for title, following in nexts:
        yield What(f"`next_offset` is {title}", usually, fix, "next", _next(following))
    usually, fix = (
        "`meta.limit` repeats another number than the one in force",
        "return the limit in force",
    )
    shown: tuple[tuple[str, Callable[[Context, Plan], Any]], ...] = (
        ("`meta.limit` is the number of records on the page", lambda _, p: len(p.ids)),
        ("`meta.limit` is always 20", lambda _, __: 20),
        ("`meta.limit` is always 100", lambda _, __: 100),
        ("`meta.limit` repeats the parameter, not the limit in force", _asked_limit),
        ("`meta.limit` is one too large", lambda _, p: p.limit + 1),
    )
    for title, limit in shown:
        yield What(title, usually, fix, "next", _limit(limit), rank=1)


def _follows(plan: Plan, total: int) -> bool:
    return bool(plan.ids) and plan.offset + len(plan.ids) < total


def _almost(plan: Plan, size: int) -> bool:
    return bool(plan.ids) and len(plan.ids) == size - 1


def _asked_limit(context: Context, plan: Plan) -> Any:
    text = context.first("limit") or ""
    return int(text) if text.isascii() and text.isdigit() else UNKNOWN if text else plan.limit


def more_as(value: Counting) -> Change:
    """Return a change of ``has_more``."""

    def change(service: Lawful, _: Context, plan: Plan) -> None:
        plan.more = value(service, plan)

    return change


def _next(value: Counting) -> Change:
    def change(service: Lawful, _: Context, plan: Plan) -> None:
        plan.next = value(service, plan)

    return change


def _limit(value: Callable[[Context, Plan], Any]) -> Change:
    def change(_: Lawful, context: Context, plan: Plan) -> None:
        plan.shown_limit = value(context, plan)

    return change
