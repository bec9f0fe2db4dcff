"""The world of a target, learned from the exchanges of a run: rows, their order, members of locations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from conformance.diagnosis.requests import PAGING
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION
from conformance.model.rows import ModelDirectory, Row
from conformance.target.credentials import OTHER, OWN

_SORT_KEYS = ("created_at", "name", "display_name", "last_name", "updated_at", "email", "id")


def learned(
    exchanges: Sequence[Exchange], given: Sequence[str] = (), *, beside: bool = False
) -> dict[str, ModelDirectory]:
    """Return key → what its organisation holds, as far as the exchanges show it.

    :param given: location ids of the settings.
    :param beside: whether a location also has the profiles that are listed for it beside other filters.
    """
    shown = {key: _shown(exchanges, key) for key in (OWN, OTHER)}
    owners = _owners(shown)
    found: dict[str, ModelDirectory] = {}
    resource = {key: _locations(exchanges, key) for key in shown}
    places = {item.lower() for ids in (given, *resource.values()) for item in ids or ()}
    for key, occurrences in shown.items():
        if not any(occurrences.values()) and not _pages(exchanges, key):
            continue
        rows = {
            record: _value(seen) for record, seen in occurrences.items() if owners[record] == key
        }
        pages = [_own_part(item, rows) for item in _pages(exchanges, key)]
        ordered = _in_order(rows, pages)
        found[key] = ModelDirectory(
            [rows[record] for record in ordered],
            locations=resource[key],
            members={
                place: ids
                for place, ids in _members(exchanges, key, rows, beside=beside).items()
                if place in places
            },
        )
    return found


def _pages(exchanges: Iterable[Exchange], key: str) -> list[Exchange]:
    return [
        item
        for item in exchanges
        if item.request.credential == key and item.request.path == COLLECTION and item.is_page
    ]


def _shown(exchanges: Iterable[Exchange], key: str) -> dict[str, list[tuple[bool, Row]]]:
    """Return id → its occurrences with a key, each with whether it was in the plain list."""
    shown: dict[str, list[tuple[bool, Row]]] = defaultdict(list)
    for item in exchanges:
        if item.request.credential != key or not item.request.path.startswith(COLLECTION):
            continue
        plain = {name for name, _ in item.request.query} <= PAGING and not item.request.headers
        if item.is_page:
            for record, row in zip(item.ids, item.rows, strict=True):
                shown[record].append((plain, row))
        elif item.is_record:
            row = item.member("data")
            shown[str(row.get("id")).lower()].append((False, row))
    return shown


def _owners(shown: Mapping[str, Mapping[str, Sequence[tuple[bool, Row]]]]) -> dict[str, str]:
    """Return id → the key that it belongs to: the one that lists it without filters, or more often."""
    weights: dict[str, Counter[str]] = defaultdict(Counter)
    for key, occurrences in shown.items():
        for record, seen in occurrences.items():
            weights[record][key] += sum(1000 if plain else 1 for plain, _ in seen)
    # On a tie the second organisation owns it: its key reads little but its own list.
    return {
        record: OTHER if weight[OTHER] >= weight[OWN] else OWN for record, weight in weights.items()
    }


def _value(seen: Sequence[tuple[bool, Row]]) -> Row:
    """Return a row as most responses show it, with a value for each member that any of them has."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    values: dict[tuple[str, str], Any] = {}
    for plain, row in seen:
        for name, value in row.items():
            text = repr(value)
            counts[name][text] += 2 if plain else 1
            values[name, text] = value
    return {name: values[name, texts.most_common(1)[0][0]] for name, texts in counts.items()}


def _own_part(page: Exchange, rows: Mapping[str, Row]) -> list[str]:
    return [record for record in dict.fromkeys(page.ids) if record in rows]


def _in_order(rows: Mapping[str, Row], pages: Sequence[Sequence[str]]) -> list[str]:
    """Return the ids in the order of the list.

    That is the order of a member if it explains all pages but a few, otherwise a merge of the pages.
    """
    pairs = Counter(pair for page in pages for pair in pairwise(page) if pair[0] != pair[1])
    for name in _SORT_KEYS:
        for sign in (1, -1):
            ranks = _ranks(rows, name, sign)
            if ranks is None:
                continue
            against = sum(count for (a, b), count in pairs.items() if ranks[a] > ranks[b])
            if against * 20 <= sum(pairs.values()):
                place = _merged(rows, {pair: n for pair, n in pairs.items() if _flat(ranks, pair)})
                position = {record: at for at, record in enumerate(place)}
                return sorted(rows, key=lambda record: (ranks[record], position[record]))
    return _merged(rows, pairs)


def _flat(ranks: Mapping[str, int], pair: tuple[str, str]) -> bool:
    return ranks[pair[0]] == ranks[pair[1]]


def _ranks(rows: Mapping[str, Row], name: str, sign: int) -> dict[str, int] | None:
    texts = {record: row.get(name) for record, row in rows.items()}
    if not all(isinstance(text, str) for text in texts.values()):
        return None
    order = {text: at for at, text in enumerate(sorted({str(text) for text in texts.values()}))}
    return {record: sign * order[str(text)] for record, text in texts.items()}


def _merged(rows: Mapping[str, Row], pairs: Mapping[tuple[str, str], int]) -> list[str]:
    """Return the ids in an order that contradicts as few neighbours on pages as possible."""
    after: dict[str, set[str]] = defaultdict(set)
    before: Counter[str] = Counter()
    for (one, other), count in pairs.items():
        if count >= pairs.get((other, one), 0) and other not in after[one]:
            after[one].add(other)
            before[other] += 1
    waiting = dict.fromkeys(rows)
    free = [record for record in waiting if not before[record]]
    result: list[str] = []
    while waiting:
        if not free:  # a circle: cut it where the fewest records must come before
            free = [min(waiting, key=lambda record: before[record])]
        record = free.pop()
        if record not in waiting:
            continue
        del waiting[record]
        result.append(record)
        for following in sorted(after[record], reverse=True):
            before[following] -= 1
            if before[following] <= 0 and following in waiting:
                free.append(following)
    return result


def _locations(exchanges: Iterable[Exchange], key: str) -> list[str] | None:
    pages = [
        item.ids
        for item in exchanges
        if item.request.credential == key and item.request.path == "/locations" and item.is_page
    ]
    return list(dict.fromkeys(record for ids in pages for record in ids)) if pages else None


def _members(
    exchanges: Iterable[Exchange], key: str, rows: Mapping[str, Row], *, beside: bool
) -> dict[str, frozenset[str]]:
    """Return location → ids of its profiles: those listed for it alone, or also beside other filters.

    Alone, a first page that is the last one too decides: other pages may have lost the filter.
    """
    whole: dict[str, set[str]] = defaultdict(set)
    alone: dict[str, set[str]] = defaultdict(set)
    others: dict[str, set[str]] = defaultdict(set)
    for item in _pages(exchanges, key):
        parameters = dict(item.request.query)
        location = parameters.pop("location_id", None)
        if isinstance(location, str) and not item.request.headers:
            found = alone if parameters.keys() <= PAGING else others
            found[location.lower()].update(_own_part(item, rows))
            at_start = parameters.get("offset", "0") == "0"
            if found is alone and at_start and item.member("meta", "has_more") is False:
                whole[location.lower()].update(_own_part(item, rows))
    if beside:
        return {name: frozenset(alone[name] | others[name]) for name in {**alone, **others}}
    return {
        name: frozenset(whole[name] or alone[name] or others[name]) for name in {**alone, **others}
    }
