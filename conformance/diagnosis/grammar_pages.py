"""The part of the grammar that is about pages: limit, offset, order, ``has_more``, ``next_offset``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from conformance.diagnosis.context import Context, Plan
from conformance.diagnosis.grammar_ends import more_as
from conformance.diagnosis.grammar_filters import given
from conformance.diagnosis.hypotheses import Change, What
from conformance.diagnosis.lawful import Lawful
from conformance.diagnosis.literals import FILTERS
from conformance.model.parameters import Filters
from conformance.model.rows import id_of

_BOUND = "check the number against the documented bounds before the query"
_DIALECT = (
    "each framework has its own paging (`page`, `skip`, `offset`), and one was taken for another"
)
DEFAULT = ("the default of the framework was kept", "set the default to 20")
LARGEST = (
    "the largest page size of the framework or of a gateway is smaller than 100",
    "raise the largest page size to 100",
)
"""What usually leads to a default or a bound that is learned from the responses, and how it is mended."""


def bounds(contexts: Sequence[Context]) -> Iterator[What]:
    """Yield what a server can do with ``limit`` and ``offset``; some numbers come from its responses."""
    yield What(
        "a `limit` out of range is in force as it is",
        "the parameter is used without a check of its range",
        _BOUND,
        limits=_limit_as_given,
        needs=given("limit"),
    )
    yield What(
        "a `limit` out of range is in force as it is",
        "the parameter is used without a check of its range",
        _BOUND,
        "more",
        more_as(lambda _, p: p.offset + len(p.ids) < p.total),
        limits=_limit_as_given,
        needs=given("limit"),
    )
    yield What(
        "`limit` is ignored",
        "the parameter is not read, or the page size is a constant",
        "read `limit` and pass it to the query",
        limits=lambda _, __: [20],
        needs=given("limit"),
    )
    sizes = {item.seen.limit for item in contexts if type(item.seen.limit) is int}
    for size in sorted(sizes - {20, 100}):
        if 1 <= size <= 1000:
            yield What(
                f"without `limit`, {size} is in force instead of 20",
                *DEFAULT,
                limits=lambda _, __, size=size: [size],  # type: ignore[misc]
                needs=frozenset({"`limit` is absent"}),
                learned=True,
            )
            yield What(
                f"a `limit` above {size} is reduced to {size}",
                *LARGEST,
                limits=lambda _, limits, size=size: [min(n, size) for n in limits],  # type: ignore[misc]
                needs=given("limit"),
                learned=True,
            )
    offsets: tuple[tuple[str, Callable[[int, int], int], str], ...] = (
        ("is ignored", lambda _, __: 0, "read `offset`"),
        ("skips one record too many", lambda at, _: at + 1, "count records from 0"),
        ("skips one record too few", lambda at, _: max(at - 1, 0), "count records from 0"),
        ("is read as the number of a page", lambda at, size: at * size, "skip records, not pages"),
        (
            "is read as the number of a page from 1",
            lambda at, size: max(at - 1, 0) * size,
            "skip records, not pages",
        ),
        (
            "is rounded down to a multiple of `limit`",
            lambda at, size: at // size * size if size else 0,
            "pass the offset to the query as it is, not as the number of a page",
        ),
    )
    for title, number, fix in offsets:
        for change in (_offset(number), _skip(number)):
            yield What(f"`offset` {title}", _DIALECT, fix, "query", change, needs=given("offset"))
    for change in (_offset(lambda at, _: at + 1), _skip(lambda at, _: at + 1)):
        yield What(
            "without `offset`, the first record is skipped",
            "the default of the framework counts records from 1",
            "start at 0 if `offset` is absent",
            "query",
            change,
            needs=frozenset({"`offset` is absent"}),
        )
    yield from _last_offsets(contexts)
    yield What(
        "an `offset` past the end returns the first page",
        "the position is wrapped or reset if nothing is found there",
        "return an empty page",
        "query",
        _wrapped,
        needs=given("offset"),
        rank=1,
    )


def _limit_as_given(context: Context, limits: Sequence[int]) -> list[int]:
    text = context.first("limit") or ""
    return (
        [int(text)] if text.lstrip("-").isascii() and text.lstrip("-").isdigit() else list(limits)
    )


def _offset(number: Callable[[int, int], int]) -> Change:
    def change(_: Lawful, __: Context, plan: Plan) -> None:
        plan.offset = number(plan.offset, plan.limit)

    return change


def _skip(number: Callable[[int, int], int]) -> Change:
    """Return a change of where the page starts; what is said about the next page may follow either."""

    def change(_: Lawful, __: Context, plan: Plan) -> None:
        plan.skip = number(plan.offset, plan.limit)

    return change


def _last_offsets(contexts: Sequence[Context]) -> Iterator[What]:
    """Yield the largest offset that is in force, from ``next_offset`` on pages that come too early."""
    starts = Counter(
        item.seen.next - len(item.seen.ids)
        for item in contexts
        if type(item.seen.next) is int and isinstance(item.seen.ids, tuple)
    )
    asked = [int(text) for c in contexts if (text := c.first("offset")) and text.isdecimal()]
    rounded = {size for size in (100, 200, 250, 500, 1000) if any(at > size for at in asked)}
    for most in sorted(rounded | {at for at, count in starts.items() if count > 1 and at > 0}):
        for change in (_offset, _skip):
            yield What(
                f"an `offset` above {most} is reduced to {most}",
                "the query has a largest offset, to keep deep pages cheap",
                "remove the limit, or page by a key inside the query",
                "query",
                change(lambda at, _, most=most: min(at, most)),  # type: ignore[misc]
                needs=given("offset"),
                learned=True,
            )


def _wrapped(service: Lawful, _: Context, plan: Plan) -> None:
    if plan.offset >= len(service.matching(plan.directory, plan.filters)):
        plan.offset = 0


def pages(contexts: Sequence[Context]) -> Iterator[What]:
    """Yield what a server can do with the rows of a page."""
    usually = (
        "an index is off by one, or `limit` and `limit + 1` were confused when looking for more"
    )
    fix = "take exactly `limit` records, and drop the extra one only if it was asked for"
    yield What("the last record of each page is missing", usually, fix, "rows", _cut(0, -1))
    yield What("the first record of each page is missing", usually, fix, "rows", _cut(1, None))
    yield What(
        "the first record of each list is missing", usually, fix, "found", _cut_found(1, None)
    )
    yield What("the last record of each list is missing", usually, fix, "found", _cut_found(0, -1))
    yield What("a page holds one record too many", usually, fix, "rows", _one_more)
    # Before and after what is said about the next page.
    yield What("a full page lacks its last record", usually, fix, "rows", _full_cut, rank=1)
    yield What("a full page lacks its last record", usually, fix, "next", _full_cut, rank=1)
    yield What("the last record of each page is missing", usually, fix, "next", _cut(0, -1))
    yield What("the first record of each page is missing", usually, fix, "next", _cut(1, None))
    for name in FILTERS:
        yield What(
            f"`{name}` is applied after paging",
            "the page is read from the database first and filtered in code",
            "filter in the query, before limit and offset",
            "rows",
            _after_paging((name,)),
            needs=given(name),
            rank=1,
        )
    for names in (FILTERS, FILTERS[:3]):
        yield What(
            "filters are applied after paging",
            "the page is read from the database first and filtered in code",
            "filter in the query, before limit and offset",
            "rows",
            _after_paging(names),
            needs=frozenset({"a filter or search is given"}),
        )
    lengths = {len(item.seen.ids) for item in contexts if isinstance(item.seen.ids, tuple)}
    for most in sorted(lengths - {0, 20, 100}):
        yield What(
            f"no more than {most} records are found",
            "the query has a limit of its own, before the page is taken",
            "remove the limit of the inner query",
            "found",
            _cut_found(0, most),
            learned=True,
            rank=2,
        )


def _cut(start: int, end: int | None) -> Change:
    def change(_: Lawful, __: Context, plan: Plan) -> None:
        plan.ids = plan.ids[start:end]

    return change


def _cut_found(start: int, end: int | None) -> Change:
    def change(_: Lawful, __: Context, plan: Plan) -> None:
        plan.found = plan.found[start:end]

    return change


def _one_more(_: Lawful, __: Context, plan: Plan) -> None:
    start = max(plan.offset, 0)
    page = plan.found[start : start + plan.limit + 1]
    plan.ids = [id_of(plan.directory.rows[at]) for at in page]


def _full_cut(_: Lawful, __: Context, plan: Plan) -> None:
    if len(plan.ids) == plan.limit:
        plan.ids = plan.ids[:-1]


def _after_paging(names: Sequence[str]) -> Change:
    def change(service: Lawful, _: Context, plan: Plan) -> None:
        unfiltered = Filters(
            *(None if name in names else getattr(plan.filters, name) for name in Filters._fields)
        )
        every = service.matching(plan.directory, unfiltered)
        kept = set(plan.found)
        page = [at for at in every[plan.offset : plan.offset + plan.limit] if at in kept]
        plan.ids = [id_of(plan.directory.rows[at]) for at in page]
        plan.counted = len(every[plan.offset : plan.offset + plan.limit])
        plan.total = len(every)

    return change


def orders() -> Iterator[What]:
    """Yield other orders of the list."""
    usually = "the query has no ORDER BY, or sorts by another column for this request"
    fix = "sort every list by the same unique key"
    yield What("the list is in reverse order", usually, fix, "found", _reversed)
    for name in ("name", "display_name", "last_name", "created_at", "updated_at", "email", "id"):
        for down in (False, True):
            direction = "in falling order" if down else ""
            yield What(
                f"the list is sorted by `{name}` {direction}".rstrip(),
                usually,
                fix,
                "found",
                _sorted(name, down),
                rank=1,
            )


def _reversed(_: Lawful, __: Context, plan: Plan) -> None:
    plan.found = plan.found[::-1]


def _sorted(name: str, down: bool) -> Change:
    def change(_: Lawful, __: Context, plan: Plan) -> None:
        rows = plan.directory.rows
        plan.found = sorted(
            plan.found,
            key=lambda at: (rows[at].get(name) is None, str(rows[at].get(name))),
            reverse=down,
        )

    return change
