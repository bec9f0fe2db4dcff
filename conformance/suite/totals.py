"""Total counts: numbers beside the data of a list, or in a header, that give away how many records it has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from conformance.http.exchange import Exchange
from conformance.http.request import Query
from conformance.suite.paging import filters_of
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

_OF_RECORDS = frozenset(
    [
        *("x", "wp", "total", "count", "number", "size", "of", "list", "result", "results"),
        *("record", "records", "item", "items", "row", "rows", "hit", "hits", "page", "pages"),
        *("clinician", "clinicians", "profile", "profiles", "pagination", "paging", "totalcount"),
    ]
)
"""Words of a header that is a total of records. Another header may be a total of requests or queries."""

_NUMBER = re.compile("[0-9]{1,9}")
_OF = re.compile(r"\bof\s{1,3}([0-9]{1,9})\b")
_RANGE = re.compile(
    r"(?!bytes )[a-z-]{1,40} (?:[0-9]{1,9}-[0-9]{1,9}|\*)/([0-9]{1,9})", re.IGNORECASE
)
"""``Content-Range`` with a total (RFC 9110, section 14.4), of anything but bytes."""


def total_count(lists: Sequence[Exchange], size: int) -> tuple[Exchange, str, int] | None:
    """Return the first total count in the lists: the exchange, the path of the member, and its value.

    That is a number whose name has the word total, or one that is named as a count of records and equals
    the size of the directory in all pages of one list, in at least two if it is a filtered list. A header
    that is named as a total of something else is one if it equals the size.

    :param size: the number of profiles that are known.
    :returns: None if there is none.
    """
    found = [
        (item, path, value)
        for item in lists
        for path, value in (
            *_numbers({key: item.json[key] for key in item.json if key != "data"}),
            *_in_headers(item),
        )
    ]
    values: dict[tuple[str, Query], list[int]] = {}
    for item, path, value in found:
        values.setdefault((path, filters_of(item)), []).append(value)
    for item, path, value in found:
        name = path.rsplit(".", 1)[-1]
        # A number that rises from response to response can equal the size by chance, once.
        known, filters = values[path, filters_of(item)], filters_of(item)
        constant = len(set(known)) == 1 and (len(known) > 1 or not filters)
        is_size = constant and value == size and value > len(item.rows)
        header = name.startswith(_HEADER)
        if is_total(name) and (
            is_size or not header or _words(name[len(_HEADER) :]) <= _OF_RECORDS
        ):
            return item, path, value
        if is_size and counts_records(name):
            return item, path, value
    return None


def of_two_lists(
    lists: Sequence[Exchange], sizes: Mapping[Query, int]
) -> tuple[Exchange, str, int] | None:
    """Return the first number that is the size of each of two lists of different sizes, whatever its name.

    :param lists: pages that were requested with one key.
    :param sizes: filters → the number of profiles that they list.
    """
    found: dict[str, dict[Query, list[tuple[Exchange, int]]]] = {}
    for item in lists:
        filters = filters_of(item)
        if filters in sizes:
            for path, value in _everywhere(item):
                found.setdefault(path, {}).setdefault(filters, []).append((item, value))
    for path, by_filters in found.items():
        values = [
            (value, sizes[filters], item)
            for filters, pairs in by_filters.items()
            for item, value in pairs
        ]
        beyond = {size for _, size, item in values if size > len(item.rows)}
        if len(beyond) > 1 and all(value == size for value, size, _ in values):
            value, _, item = values[0]
            return item, path, value
    return None


def _everywhere(page: Exchange) -> Iterator[tuple[str, int]]:
    """Yield all numbers beside the data, in headers, and in texts such as ``1 to 20 of 263``."""
    beside = {name: page.json[name] for name in page.json if name != "data"}
    yield from _numbers(beside)
    yield from _in_headers(page)
    for path, text in _texts(beside):
        if match := _OF.search(text):
            yield path, int(match[1])


def _texts(members: dict[str, object], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in members.items():
        if isinstance(value, str):
            yield f"{path}{name}", value
        elif isinstance(value, dict):
            yield from _texts(value, f"{path}{name}.")


_HEADER = "the header "


def _in_headers(page: Exchange) -> Iterator[tuple[str, int]]:
    """Yield the number in each header that is one, and the total of ``Content-Range``."""
    for name, text in page.headers:
        if name.lower() == "content-range" and (found := _RANGE.fullmatch(text.strip())):
            yield "the total of Content-Range", int(found[1])
        elif _NUMBER.fullmatch(text.strip()):
            yield f"{_HEADER}{name}", int(text)


def _numbers(members: dict[str, object], path: str = "") -> Iterator[tuple[str, int]]:
    """Yield the path and the value of every integer among the members, at any depth."""
    for name, value in members.items():
        if is_integer(value):
            yield f"{path}{name}", cast("int", value)
        elif isinstance(value, dict):
            yield from _numbers(value, f"{path}{name}.")


def is_total(name: str) -> bool:
    """Return whether a member is named as a total, and not as a total of time or the like."""
    return "total" in name.lower() and not _words(name) & _MEASURES


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(name)}


def counts_records(name: str) -> bool:
    """Return whether a member is named as a count of records, and not as a count on one page."""
    return name != "offset" and bool(_COUNT.search(name)) and not _PAGE.search(name)
