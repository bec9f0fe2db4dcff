"""The part of the grammar that is about search: which fields, which comparison, which rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from conformance.diagnosis.context import Context, Plan
from conformance.diagnosis.grammar_filters import given, rows_without, without_rows
from conformance.diagnosis.hypotheses import Change, What
from conformance.diagnosis.lawful import NOTHING, Lawful
from conformance.model.parameters import Filters
from conformance.model.rows import Row
from conformance.text.folding import folded

FIELDS = ("name", "display_name", "email")
_NEEDS = given("search")
INNER_LIMIT = (
    "the query of the search has a limit of its own, before filters and paging",
    "remove the limit of the inner query",
)
_INDEX = "the search index, or its list of columns, differs from the documented three members"

Matches = Callable[[Lawful, str, Row], bool]


def searches(rows: Sequence[Row]) -> Iterator[What]:
    """Yield what a server can do with a search term.

    :param rows: the profiles that were seen.
    """
    yield from _fields(rows)
    yield from _terms()
    usually = "the search uses another query than the list, with a condition of its own"
    for text, test in rows_without(rows):
        yield What(
            f"a search does not find profiles whose {text}",
            usually,
            "search in all profiles that the list holds",
            "found",
            found_without(test),
            needs=_NEEDS,
            narrow="null" in text,
            rank=1,
        )

    joined = any(row.get(name) is None for row in rows for name in FIELDS)
    if joined:
        yield What(
            "a search does not find profiles with a null among `name`, `display_name` and `email`",
            "the members are joined into one text, and a null makes the whole text null (`a || b`)",
            "join them with a function that skips null (`concat_ws`), or search in each of them",
            "found",
            found_without(lambda row: any(row.get(name) is None for name in FIELDS)),
            needs=_NEEDS,
            rank=1,
        )


def found_without(test: Callable[[Row], bool]) -> Change:
    """Return a change that takes rows from what a search finds, but not from the list of an empty term."""
    change = without_rows(test)

    def apply(service: Lawful, context: Context, plan: Plan) -> None:
        if plan.filters.search is not None:
            change(service, context, plan)

    return apply


def _fields(rows: Sequence[Row]) -> Iterator[What]:
    for name in FIELDS:
        others = tuple(field for field in FIELDS if field != name)
        yield What(
            f"a search does not look in `{name}`",
            _INDEX,
            f"add `{name}` to the search",
            "found",
            _by(lambda s, term, row, fields=others: _held(s, term, row, fields)),  # type: ignore[misc]
            needs=_NEEDS,
        )
        yield What(
            f"the letter case of a term counts in `{name}`",
            "a comparison that tells letter case apart (LIKE on a binary collation, a plain `==`)",
            "fold the letter case of both sides, or use a collation that does",
            "found",
            _by(
                lambda s, term, row, name=name, rest=others: (
                    _held(s, term, row, rest)  # type: ignore[misc]
                    or _cased(term, row, name)
                )
            ),
            needs=_NEEDS,
        )
        yield What(
            f"a search looks in `{name}` for the whole value only",
            "an exact comparison in place of a search",
            f"search for the words of `{name}`",
            "found",
            _by(
                lambda s, term, row, name=name, rest=others: (
                    _held(s, term, row, rest)  # type: ignore[misc]
                    or s.fold(str(row.get(name))) == s.fold(term)
                )
            ),
            needs=_NEEDS,
            rank=1,
        )
        yield What(
            f"a search looks at the first word of `{name}` only",
            "a prefix match (`LIKE 'term%'`) on the whole value",
            f"search for every word of `{name}`",
            "found",
            _by(
                lambda s, term, row, name=name, rest=others: (
                    _held(s, term, row, rest)  # type: ignore[misc]
                    or s.fold(str(row.get(name) or "")).startswith(s.fold(term))
                )
            ),
            needs=_NEEDS,
            rank=1,
        )
    for name in sorted(
        {name for row in rows for name, value in row.items() if isinstance(value, str)}
    ):
        if name not in (*FIELDS, "id", "created_at", "updated_at"):
            yield What(
                f"a search looks in `{name}` too",
                _INDEX,
                f"remove `{name}` from the search",
                "found",
                _by(lambda s, term, row, name=name: _held(s, term, row, (*FIELDS, name))),  # type: ignore[misc]
                needs=_NEEDS,
            )
    yield What(
        "the letter case of a term counts",
        "a comparison that tells letter case apart (LIKE on a binary collation, a plain `==`)",
        "fold the letter case of both sides, or use a collation that does",
        "found",
        _by(lambda _, term, row: any(_cased(term, row, name) for name in FIELDS)),
        needs=_NEEDS,
    )
    yield What(
        "the letter case of letters beyond ASCII counts in a search",
        "a comparison that folds ASCII only (SQLite's `LIKE` and `lower`, the collation C)",
        "fold the letter case of both sides by the rules of Unicode",
        "found",
        _by(
            lambda _, term, row: any(_cased(term, row, name, _ascii_lower) for name in FIELDS),
            lambda term: not term.isascii(),
        ),
        needs=_NEEDS,
    )


def _terms() -> Iterator[What]:
    usually = "the term is changed before it is searched for (normalised, split, escaped, cut)"
    fix = "search for the term as it was sent, with both sides in the same form"
    changes: tuple[tuple[str, Callable[[str], str | None], int], ...] = (
        ("a search finds nothing", lambda _: NOTHING, 1),
        ("digits are removed from the term", lambda text: re.sub(r"\d", "", text) or None, 0),
        (
            "signs are removed from the term",
            lambda text: re.sub(r"[^\w\s]|_", "", text).strip() or None,
            0,
        ),
        (
            "only the first word of the term is searched for",
            lambda text: text.split(" ")[0] or None,
            1,
        ),
        (
            "only the last word of the term is searched for",
            lambda text: text.split(" ")[-1] or None,
            1,
        ),
        ("the last character of the term is dropped", lambda text: text[:-1] or None, 2),
        ("accented letters are removed from the term", lambda text: _ascii(text) or NOTHING, 1),
        (
            "the index has names without accents, and the term keeps its accents",
            lambda text: text if folded(text) == text.lower() else NOTHING,
            1,
        ),
        (
            "the part behind a sign is dropped from the term",
            lambda text: re.split(r"[^\w\s]", text)[0] or None,
            1,
        ),
    )
    for title, change, rank in changes:
        yield What(title, usually, fix, "query", _term(change), needs=_NEEDS, rank=rank)
    yield What(
        "a term that holds a sign is not divided into words",
        "the term is split in another way than the fields, so an address or a double name is one word",
        "split the term and the fields in the same way",
        "query",
        _term(lambda text: NOTHING if re.search(r"[^\w\s]", text) else text),
        needs=_NEEDS,
    )
    yield What(
        "an address is stored with its capital letters, and is compared with the term in lower case",
        "only one side of a comparison is put into lower case",
        "store addresses in lower case, or use an index on `lower(email)`",
        "found",
        _by(
            lambda _, term, row: row.get("email") == term.lower(),
            lambda term: "@" in term,
        ),
        needs=_NEEDS,
        rank=1,
    )
    yield What(
        "`%` and `_` in a term are wildcards",
        "the term is put into a LIKE pattern without escaping",
        "escape `%`, `_` and the escape character",
        "found",
        _by(
            lambda s, term, row: any(_like(s, term, row, name) for name in FIELDS),
            lambda term: "%" in term or "_" in term,
        ),
        needs=_NEEDS,
    )
    yield What(
        "a term matches a part of a word",
        "LIKE '%term%' beside or in place of the index",
        "use the same comparison for every search",
        "found",
        _by(
            lambda s, term, row: any(s.fold(term) in s.fold(str(row.get(n) or "")) for n in FIELDS)
        ),
        needs=_NEEDS,
        rank=1,
    )


def _ascii(text: str) -> str:
    return text.encode("ascii", "ignore").decode()


def inner_limits(lengths: Sequence[int]) -> Iterator[What]:
    """Yield limits of what a search finds before the filters select from it; from numbers that were seen."""
    for most in sorted(set(lengths) - {0, 20, 100}):
        yield What(
            f"a search finds at most {most} profiles",
            *INNER_LIMIT,
            "found",
            _first(most),
            needs=_NEEDS,
            learned=True,
        )


def _first(most: int) -> Change:
    def change(service: Lawful, _: Context, plan: Plan) -> None:
        alone = Filters(search=plan.filters.search)
        kept = set(service.matching(plan.directory, alone)[:most])
        plan.found = [at for at in plan.found if at in kept]

    return change


def _by(matches: Matches, concerns: Callable[[str], bool] = bool) -> Change:
    """Return a change that searches by another comparison; the other filters stay as they are."""
    kept: dict[tuple[int, str], set[int]] = {}

    def change(service: Lawful, _: Context, plan: Plan) -> None:
        term = plan.filters.search
        if term is None or term == NOTHING or not concerns(term):
            return
        rows = plan.directory.rows
        key = id(plan.directory), term
        if key not in kept:
            kept[key] = {at for at, row in enumerate(rows) if matches(service, term, row)}
        rest = service.matching(plan.directory, plan.filters._replace(search=None))
        plan.found = [at for at in rest if at in kept[key]]

    return change


def _held(service: Lawful, term: str, row: Row, fields: Sequence[str]) -> bool:
    """Return whether some fields together hold all words of a term, as the service reads it."""
    wanted = service.search_units(term)
    held = [part for name in fields for part in service.units(row, name)]
    tests = [any(service.term_matches(unit, part) for part in held) for unit in wanted]
    return bool(tests) and (any(tests) if service.combine == "any" else all(tests))


def _cased(term: str, row: Row, name: str, fold: Callable[[str], str] = str) -> bool:
    text = row.get(name)
    if not isinstance(text, str):
        return False
    words = re.split(r"[\W_]+", fold(text))
    return all(word in words for word in re.split(r"[\W_]+", fold(term)) if word)


def _ascii_lower(text: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in text)


def _like(service: Lawful, term: str, row: Row, name: str) -> bool:
    text = row.get(name)
    if not isinstance(text, str):
        return False
    pattern = "".join(
        ".*" if char == "%" else "." if char == "_" else re.escape(char)
        for char in service.fold(term)
    )
    return re.search(pattern, service.fold(text), re.DOTALL) is not None


def _term(change: Callable[[str], str | None]) -> Change:
    def apply(_: Lawful, __: Context, plan: Plan) -> None:
        if plan.filters.search is not None and plan.filters.search != NOTHING:
            plan.filters = plan.filters._replace(search=change(plan.filters.search))

    return apply
