"""Total counts: numbers beside the data of a list that give away how many records it has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import cast

from conformance.http.exchange import Exchange
from conformance.http.request import Query
from conformance.suite.universal import is_integer

_COUNT = re.compile(r"count|records|results", re.IGNORECASE)
_PAGE = re.compile(r"max|min|limit|page|per_", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_MEASURES = frozenset(
    [
        *("ms", "us", "ns", "millis", "milliseconds", "seconds", "secs"),
        *("time", "duration", "elapsed", "took", "latency", "bytes", "cost"),
    ]
)
"""Words of names that are totals of something else than records: ``total_time_ms``."""


def total_count(lists: Sequence[Exchange], size: int) -> tuple[Exchange, str, int] | None:
    """Return the first total count in the lists: the exchange, the path of the member, and its value.

    That is a number whose name has the word total, or one that is named as a count of records and equals
    the size of the directory in all pages of one list, in at least two if it is a filtered list.

    :param size: the number of profiles that are known.
    :returns: None if there is none.
    """
    found = [
        (item, path, value)
        for item in lists
        for path, value in _numbers({key: item.json[key] for key in item.json if key != "data"})
    ]
    values: dict[tuple[str, Query], list[int]] = {}
    for item, path, value in found:
        values.setdefault((path, _filters(item)), []).append(value)
    for item, path, value in found:
        name = path.rsplit(".", 1)[-1]
        # A number that rises from response to response can equal the size by chance, once.
        known, filters = values[path, _filters(item)], _filters(item)
        constant = len(set(known)) == 1 and (len(known) > 1 or not filters)
        is_size = constant and value == size and value > len(item.rows)
        if is_total(name) or (is_size and counts_records(name)):
            return item, path, value
    return None


def _numbers(members: dict[str, object], path: str = "") -> Iterator[tuple[str, int]]:
    """Yield the path and the value of every integer among the members, at any depth."""
    for name, value in members.items():
        if is_integer(value):
            yield f"{path}{name}", cast("int", value)
        elif isinstance(value, dict):
            yield from _numbers(value, f"{path}{name}.")


def _filters(page: Exchange) -> Query:
    """Return the query without limit and offset: it is the same for all pages of one list."""
    return tuple(sorted(pair for pair in page.request.query if pair[0] not in ("limit", "offset")))


def is_total(name: str) -> bool:
    """Return whether a member is named as a total, and not as a total of time or the like."""
    words = {word.lower() for word in _WORD.findall(name)}
    return "total" in name.lower() and not words & _MEASURES


def counts_records(name: str) -> bool:
    """Return whether a member is named as a count of records, and not as a count on one page."""
    return name != "offset" and bool(_COUNT.search(name)) and not _PAGE.search(name)
