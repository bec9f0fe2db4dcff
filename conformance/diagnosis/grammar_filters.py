"""The part of the grammar that is about filters: which are in force, and how they are combined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations as pairs_of
from typing import Any

from conformance.diagnosis.context import Context, Plan
from conformance.diagnosis.hypotheses import Change, What
from conformance.diagnosis.lawful import Lawful
from conformance.diagnosis.literals import FILTERS
from conformance.model.parameters import Filters
from conformance.model.rows import Row, id_of

BOOLEANS = ("is_active", "is_bookable_online")


def given(name: str) -> frozenset[str]:
    """Return the literal that a parameter is given."""
    return frozenset({f"`{name}` is given"})


def with_filter(name: str, value: Callable[[Any], Any]) -> Change:
    """Return a change of one filter in force."""

    def change(_: Lawful, __: Context, plan: Plan) -> None:
        old = getattr(plan.filters, name)
        plan.filters = plan.filters._replace(**{name: value(old)})

    return change


def filters() -> Iterator[What]:
    """Yield what a server can do with each filter alone."""
    for name in FILTERS:
        yield What(
            f"`{name}` is ignored",
            "the parameter is not read, is read under another name, or its value is skipped by a test for "
            "truth (`if (value)`)",
            "read the parameter and apply it whenever it is present: test for absence, not for truth",
            "query",
            with_filter(name, lambda _: None),
            needs=given(name),
        )
    for name in BOOLEANS:
        yield from _boolean(name)
    usually = "the query joins another table, and an inner join drops or repeats rows"
    yield What(
        "profiles without a location are left out",
        usually,
        "use an outer join, or no join where no location is given",
        "found",
        _placed,
        rank=1,
    )
    yield What(
        "a profile is listed once for each of its locations",
        usually,
        "select profiles with EXISTS, or make the rows distinct",
        "found",
        _once_for_each,
        rank=1,
    )
    yield What(
        "the two boolean filters are read in each other's place",
        "the arguments of the query are in the wrong order",
        "pass the values of filters by name",
        "query",
        _swapped,
    )
    yield What(
        "both boolean filters are ignored",
        "the values are combined or tested for truth before they are applied",
        "apply each filter whenever it is present: test for absence, not for truth",
        "query",
        _no_booleans,
        needs=given(BOOLEANS[0]) | given(BOOLEANS[1]),
    )
    yield What(
        "all filters are ignored",
        "the request takes another path through the code, which reads no filter",
        "read the filters for every request to the list",
        "query",
        _no_filters,
        needs=frozenset({"2 or more filters are given"}),
        rank=2,
    )
    yield What(
        "an unknown location lists the profiles without a location",
        "the id is looked up first, and null is compared if it is not found",
        "return an empty list if no location has the id",
        "found",
        _without_location,
        needs=given("location_id"),
    )
    for name in FILTERS:
        yield What(
            f"`{name}` finds nothing",
            "the value is compared in another form than it is stored in (letter case, spaces, type)",
            "bring both sides of the comparison to one form",
            "found",
            nothing,
            needs=given(name),
            rank=3,
        )


def _boolean(name: str) -> Iterator[What]:
    yield What(
        f"`{name}` is inverted",
        "the condition is negated, or the column holds the opposite (`disabled`, `hidden`)",
        "remove the negation, or map the column",
        "query",
        with_filter(name, lambda old: None if old is None else not old),
        needs=given(name),
    )
    for value in (True, False):
        word = str(value).lower()
        yield What(
            f"`{name}` counts as `{word}` whatever its value",
            "a text is converted by its truth (`Boolean('false')` is true), or its presence is taken for the "
            "value",
            "compare the text with `true` and `false`, and refuse everything else",
            "query",
            with_filter(name, lambda _, value=value: value),  # type: ignore[misc]
            needs=given(name),
            rank=1,
        )
        yield What(
            f"without `{name}`, only profiles whose `{name}` is {word} are listed",
            "the filter has a default value, or a scope of the model applies to every query",
            f"apply the filter only if `{name}` is present",
            "query",
            with_filter(name, lambda _, value=value: value),  # type: ignore[misc]
            needs=frozenset({f"`{name}` is absent"}),
        )
        yield What(
            f"profiles whose `{name}` is {word} are left out",
            "a scope of the model, or a join that drops rows, applies to this query too",
            "remove the condition from this query",
            "found",
            without_rows(lambda row, value=value: row.get(name) is value),  # type: ignore[misc]
            rank=2,
        )


def _without_location(service: Lawful, _: Context, plan: Plan) -> None:
    known = {
        item.lower() for item in plan.directory.locations or ()
    } | plan.directory.members.keys()
    if plan.filters.location_id not in known:
        placed: set[str] = set().union(*plan.directory.members.values())
        rest = service.matching(plan.directory, plan.filters._replace(location_id=None))
        plan.found = [at for at in rest if plan.directory.ids[at] not in placed]


def _placed(_: Lawful, __: Context, plan: Plan) -> None:
    known: set[str] = set().union(*plan.directory.members.values())
    plan.found = [at for at in plan.found if id_of(plan.directory.rows[at]) in known]


def _once_for_each(_: Lawful, __: Context, plan: Plan) -> None:
    counts = Counter(record for ids in plan.directory.members.values() for record in ids)
    rows = plan.directory.rows
    plan.found = [at for at in plan.found for _ in range(max(counts[id_of(rows[at])], 1))]


def _swapped(_: Lawful, __: Context, plan: Plan) -> None:
    old = plan.filters
    plan.filters = old._replace(is_active=old.is_bookable_online, is_bookable_online=old.is_active)


def _no_booleans(_: Lawful, __: Context, plan: Plan) -> None:
    plan.filters = plan.filters._replace(is_active=None, is_bookable_online=None)


def _no_filters(_: Lawful, __: Context, plan: Plan) -> None:
    plan.filters = Filters()


def nothing(_: Lawful, __: Context, plan: Plan) -> None:
    plan.found = []


def without_rows(test: Callable[[Row], bool]) -> Change:
    """Return a change that leaves out the rows that pass a test."""

    def change(_: Lawful, __: Context, plan: Plan) -> None:
        plan.found = [at for at in plan.found if not test(plan.directory.rows[at])]

    return change


def lost_rows(rows: Sequence[Row]) -> Iterator[What]:
    """Yield which profiles a list can leave out because of a value that they lack.

    :param rows: the profiles that were seen.
    """
    for text, test in rows_without(rows):
        if "null" in text:
            yield What(
                f"profiles whose {text} are left out",
                "an inner join, a comparison with null, or a condition that belongs to another query",
                "compare with null explicitly, and use outer joins",
                "found",
                without_rows(test),
                narrow=True,
                rank=2,
            )


def combinations() -> Iterator[What]:
    """Yield how filters can be combined otherwise than by AND."""
    yield What(
        "filters are combined with OR instead of AND",
        "conditions are joined with OR, or a chain of conditions replaces the earlier one",
        "join all conditions with AND, each in parentheses",
        "found",
        _any_of(FILTERS),
        needs=frozenset({"2 or more filters are given"}),
    )
    for name, other in pairs_of(FILTERS, 2):
        yield What(
            f"`{other}` and `{name}` are combined with OR instead of AND",
            "`a AND b OR c` without parentheses: AND binds first",
            "put the alternatives of the search in parentheses",
            "found",
            _any_of((other, name)),
            needs=given(other) | given(name),
        )
    for name in FILTERS:
        yield What(
            f"if `{name}` is given, the other filters are ignored",
            "each filter has a query of its own, and the first that is present returns",
            "build one query from all conditions",
            "query",
            _only(name),
            needs=given(name) | {"2 or more filters are given"},
            rank=1,
        )


def _any_of(names: Sequence[str]) -> Change:
    def change(service: Lawful, _: Context, plan: Plan) -> None:
        rest = Filters(
            *(None if name in names else getattr(plan.filters, name) for name in Filters._fields)
        )
        parts: set[int] = set()
        for name in names:
            value = getattr(plan.filters, name)
            if value is not None:
                alone = rest._replace(**{name: value})
                parts.update(service.matching(plan.directory, alone))
        every = service.matching(plan.directory, Filters())
        plan.found = [at for at in every if at in parts]

    return change


def _only(name: str) -> Change:
    def change(_: Lawful, __: Context, plan: Plan) -> None:
        plan.filters = Filters(**{name: getattr(plan.filters, name)})

    return change


def rows_without(rows: Sequence[Row]) -> Iterator[tuple[str, Callable[[Row], bool]]]:
    """Yield predicates on rows that hold for some of the rows and not for all: text and test."""
    tests: list[tuple[str, Callable[[Row], bool]]] = [
        (f"`{name}` is {str(value).lower()}", _has(name, value))
        for name in BOOLEANS
        for value in (True, False)
    ]
    times = Counter(row.get("created_at") for row in rows)
    tests += [
        (
            "`created_at` is that of another profile too",
            lambda row: times[row.get("created_at")] > 1,
        ),
        (
            "`updated_at` is not `created_at`",
            lambda row: row.get("updated_at") != row.get("created_at"),
        ),
        ("`name` has letters beyond ASCII", lambda row: not str(row.get("name")).isascii()),
    ]
    usual, count = times.most_common(1)[0] if times else (None, 0)
    if count > 2:
        tests.append(
            (
                "`created_at` is the one that most profiles have",
                lambda row: row.get("created_at") == usual,
            )
        )
    names = sorted({name for row in rows for name in row})
    tests += [(f"`{name}` is null", _has(name, None)) for name in names]
    for text, test in tests:
        if 0 < sum(map(test, rows)) < len(rows):
            yield text, test


def _has(name: str, value: object) -> Callable[[Row], bool]:
    return lambda row: name in row and row[name] is value
