"""The part of the grammar that is about members of profiles. All of it is induced from the responses:

which member, how its value is changed, in which operation, and in which profiles.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from conformance.diagnosis.context import Context
from conformance.diagnosis.forms import NOT_JUDGED, Aspect, Deviation, Unit
from conformance.diagnosis.grammar_rows import repeated
from conformance.diagnosis.usual_members import OTHERWISE, USUALLY
from conformance.diagnosis.values import MEMBERS, MISSING, damaged, equal, misformed, places
from conformance.directory.searched import SEARCHED
from conformance.model.rows import Row

_SECRET = re.compile(r"pass(word|wd)?|hash|token|secret|api_?key", re.IGNORECASE)
_ABOUT = frozenset({"OBJ", "RET-02", "RET-06", "RO-07", "ROB-09", "ROB-02"})
_SELECTING = {
    **dict.fromkeys(("is_active", "is_bookable_online"), "FIL"),
    **dict.fromkeys(SEARCHED, "SRCH"),
}
"""Member → the area whose findings compare its values with what was asked for."""

_MOST_NAMED = 3
_LENGTHS = (10, 20, 30, 32, 40, 50, 60, 64, 80, 100, 120, 128, 140, 160, 200, 255)
_HOLDS = (
    ("`%`", re.compile("%")),
    ("a sign of HTML", re.compile("[<>&\"']")),
    ("a character beyond ASCII", re.compile(r"[^\x00-\x7f]")),
    ("a letter of another script", re.compile(r"[\u0250-\uffff]")),
    ("a zero at its beginning", re.compile("^0")),
    ("only digits", re.compile(r"^\d+$")),
)
_NO_ROW: Row = {}


@dataclass(frozen=True)
class Occurrence:
    """A profile in a response; ``record`` is its id in lower case, ``place`` its index on the page."""

    context: Context
    record: str
    row: Row
    place: int


@dataclass(frozen=True)
class MemberUnit(Unit):
    """One member of a profile in a response."""

    record: str = ""
    name: str = ""


def occurrences(contexts: Sequence[Context]) -> list[Occurrence]:
    """Return all profiles in the responses of the two documented operations."""
    found = []
    for context in contexts:
        exchange = context.exchange
        if context.operation == "list" and exchange.is_page:
            times = Counter(exchange.ids)
            ids = zip(exchange.ids, exchange.rows, strict=True)
            found += [
                Occurrence(context, str(record), row, at)
                for at, (record, row) in enumerate(ids)
                if times[record] == 1  # an id of several profiles tells nothing about any of them
            ]
        elif context.operation == "retrieve" and exchange.is_record:
            row = exchange.member("data")
            found.append(Occurrence(context, str(row.get("id")).lower(), row, 0))
    return found


def members(contexts: Sequence[Context]) -> Iterator[Deviation]:
    """Yield what is wrong with members of profiles."""
    yield from repeated(contexts)
    every = occurrences(contexts)
    if not every:
        return
    truth = _truth(every)
    profiles = places(truth)
    shown: dict[str, list[MemberUnit]] = defaultdict(list)
    for item in every:
        for name in MEMBERS:
            clause = misformed(name, item.row.get(name, MISSING))
            if clause:
                shown[clause].append(_unit(item, name, truth, profiles))
    misshaped = {(u.context.number, u.record, u.name) for units in shown.values() for u in units}
    for clause, unit in _differing(every, truth, profiles, misshaped):
        shown[clause].append(unit)
    for clause, units in shown.items():
        yield from _grouped(clause, units, every, truth, profiles)
    yield from _further(every, truth, profiles)


def _truth(every: Sequence[Occurrence]) -> dict[str, Row]:
    """Return id → the profile with its right values: of two values, the one that is not a damaged other.

    Otherwise it is the value of the lists without a search or filter.
    """
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    values: dict[tuple[str, str, str], Any] = {}
    for item in every:
        plain = "there is no filter and no search" in item.context.literals
        for name, value in item.row.items():
            if name in MEMBERS:
                text = repr(value)
                counts[item.record, name][text] += 3 if plain else 1
                values[item.record, name, text] = value
    rows: dict[str, Row] = defaultdict(dict)
    for (record, name), texts in counts.items():
        rows[record][name] = values[record, name, texts.most_common(1)[0][0]]
    for (record, name), texts in counts.items():
        seen = [values[record, name, text] for text in texts]
        if len(seen) == 2 and misformed(name, rows[record][name]):
            seen = [value for value in seen if not misformed(name, value)] or seen
            rows[record][name] = seen[0]
        elif len(seen) == 2 and not equal(name, *seen):
            rows[record][name] = _original(name, rows[record][name], seen, rows[record])
    return dict(rows)


def _original(name: str, usual: Any, seen: Sequence[Any], row: Row) -> Any:
    """Return which of two values the other one was made from; the usual one if that cannot be told."""
    one, other = seen
    forth, back = damaged(name, one, other, row), damaged(name, other, one, row)
    directed = ("cut", "null", "blank", "HTML", "question", "accents", "zeros", "decoded", "empty")
    if any(word in forth for word in directed) and not any(word in back for word in directed):
        return one
    if any(word in back for word in directed) and not any(word in forth for word in directed):
        return other
    if forth.startswith("has the value of") != back.startswith("has the value of"):
        return one if forth.startswith("has the value of") else other
    return usual


def _unit(
    item: Occurrence, name: str, truth: Mapping[str, Row], profiles: Mapping[str, frozenset[str]]
) -> MemberUnit:
    literals: Set[str] = profiles.get(item.record, frozenset())
    value = truth.get(item.record, _NO_ROW).get(name)
    term = (item.context.first("search") or "").lower()
    if term and isinstance(value, str) and term in value.lower():
        literals = literals | {"the value holds the term that is searched for"}
    if misformed(name, value):
        # No response has the right value, so no more can be a condition than that there is one.
        about_it = f"the profile's `{name}` "
        there_is = {"there is a value"} if value is not None else set()
        literals = {text for text in literals if not text.startswith(about_it)} | there_is
    else:
        literals = literals | _of_value(value)
    return MemberUnit(item.context, frozenset(literals), item.record, name)


@lru_cache(maxsize=20_000)
def _of_text(text: str) -> frozenset[str]:
    return frozenset(
        [
            *(
                f"the value has more than {length} characters"
                for length in _LENGTHS
                if len(text) > length
            ),
            *(f"the value holds {what}" for what, pattern in _HOLDS if pattern.search(text)),
            "there is a value",
        ]
    )


def _of_value(value: Any) -> frozenset[str]:
    """Return what is true of the right value of a member, for conditions."""
    if value is None:
        return frozenset({"the value is null"})
    return _of_text(value) if isinstance(value, str) else frozenset({"there is a value"})


def _differing(
    every: Sequence[Occurrence],
    truth: Mapping[str, Row],
    profiles: Mapping[str, frozenset[str]],
    misshaped: set[tuple[int, str, str]],
) -> Iterator[tuple[str, MemberUnit]]:
    """Yield the values that differ from those of the same profile in other responses."""
    kinds: dict[tuple[str, str], set[str]] = defaultdict(set)
    found: list[tuple[str, MemberUnit]] = []
    for item in every:
        right = truth[item.record]
        for name in MEMBERS:
            value = item.row.get(name, MISSING)
            if value is right.get(name, MISSING) or equal(name, value, right.get(name, MISSING)):
                continue
            if (item.context.number, item.record, name) in misshaped:
                continue
            kinds[item.record, name].add(repr(value))
            clause = damaged(name, right.get(name), value, right) or "has another value"
            found.append((clause, _unit(item, name, truth, profiles)))
    for clause, unit in found:
        several = len(kinds[unit.record, unit.name]) > 1 and "tags of HTML" not in clause
        yield ("changes from response to response" if several else clause), unit


def _grouped(
    clause: str,
    units: Sequence[MemberUnit],
    every: Sequence[Occurrence],
    truth: Mapping[str, Row],
    profiles: Mapping[str, frozenset[str]],
) -> Iterator[Deviation]:
    """Yield one deviation for the members that deviate alike."""
    names = sorted({unit.name for unit in units}, key=MEMBERS.index)
    marked = {(unit.context.number, unit.record, unit.name) for unit in units}
    others = [
        unit
        for item in every
        for name in names
        if (item.context.number, item.record, name) not in marked
        for unit in [_unit(item, name, truth, profiles)]
    ]
    usually, fix = next(((u, f) for word, u, f in USUALLY if word in clause), OTHERWISE)
    requirements = _ABOUT | {_SELECTING[name] for name in names if name in _SELECTING}
    requirements |= {"ENV-12"} if clause == "has another value" else frozenset()
    aspect = Aspect(
        lambda _: NOT_JUDGED,
        requirements,
        usually,
        fix,
        re.compile("|".join(map(re.escape, names))),
    )
    changed = {(unit.record, unit.name) for unit in units}
    beside = {unit.context.number for unit in others if (unit.record, unit.name) in changed}
    yield Deviation(
        f"{_named(names)} {clause}", aspect, list(units), list(others), frozenset(beside)
    )


def _named(names: Sequence[str]) -> str:
    if len(names) > _MOST_NAMED:
        return f"each of {len(names)} members"
    return (
        ", ".join(f"`{name}`" for name in names[:-1])
        + (" and " if names[1:] else "")
        + f"`{names[-1]}`"
    )


def _further(
    every: Sequence[Occurrence], truth: Mapping[str, Row], profiles: Mapping[str, frozenset[str]]
) -> Iterator[Deviation]:
    """Yield members that a profile should not have, and ids that occur twice on a page."""
    secrets: dict[str, list[Unit]] = defaultdict(list)
    found: set[tuple[int, int]] = set()
    for item in every:
        for path in _secrets(item.row):
            secrets[path].append(_unit(item, "id", truth, profiles))
            found.add((item.context.number, item.place))
    others = [
        _unit(item, "id", truth, profiles)
        for item in every
        if secrets and (item.context.number, item.place) not in found
    ]
    aspect = partial(Aspect, lambda _: NOT_JUDGED)
    for path, units in secrets.items():
        yield Deviation(
            f"a profile has a member `{path}`, which is named as a secret",
            aspect(
                frozenset({"OBJ-13"}),
                "the model is serialized with all its columns",
                "list the members that are sent, in place of those that are not",
            ),
            units,
            list(others),
        )


def _secrets(row: Row) -> Iterator[str]:
    for name, value in row.items():
        if name not in MEMBERS and _SECRET.search(name):
            yield re.sub(r"[^\w.-]", "", name)[:40]
        if name not in MEMBERS and isinstance(value, dict):
            yield from (
                re.sub(r"[^\w.-]", "", f"{name}.{inner}")[:40]
                for inner in value
                if _SECRET.search(inner)
            )
