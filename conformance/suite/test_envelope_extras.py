"""What lists and headers say beside the data: the rate limit, and no total count."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import cast

from conformance.contract.cases import requirement
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http import rate_headers
from conformance.http.exchange import Exchange, Transcript
from conformance.http.quota import CLOCKS_DIFFER, HOUR
from conformance.http.request import Query
from conformance.suite.pages import binding, is_a_proxys
from conformance.suite.test_envelope import every, is_integer, successes

_Left = tuple[Exchange, int]
"""An answer, and how many requests it says that the key has left."""

_COUNT = re.compile(r"count|records|results", re.IGNORECASE)
_PAGE = re.compile(r"max|min|limit|page|per_", re.IGNORECASE)
_MEASURES = frozenset(
    [
        *("ms", "us", "ns", "millis", "milliseconds", "seconds", "secs"),
        *("time", "duration", "elapsed", "took", "latency", "bytes", "cost"),
    ]
)
"""Words that make a total one of something else than records: ``total_time_ms``."""


def _to_a_key(transcript: Transcript) -> list[Exchange]:
    return [
        item
        for item in binding(transcript)
        if item.request.identity != "anonymous"
        and item.status != 401
        and item.request.method in ("GET", "HEAD")
        and not is_a_proxys(item)
    ]


@requirement("ENV-13", universal=True)
def test_answers_to_a_key_tell_its_rate_limit(transcript: Transcript) -> None:
    def holds(item: Exchange) -> bool:
        return None not in (rate_headers.limit(item), rate_headers.remaining(item))

    every(
        _to_a_key(transcript),
        "answer to a key",
        holds,
        "X-RateLimit-Limit and X-RateLimit-Remaining, each a number",
        lambda item: (
            f"{item.header('x-ratelimit-limit')} and {item.header('x-ratelimit-remaining')}"
        ),
    )


@requirement("ENV-14", universal=True)
def test_remaining_requests_never_rise(transcript: Transcript) -> None:
    """Only answers of which one was there before the other was asked for can be compared.

    At the top of an hour a key is counted anew, once. What was under way then is left out. Several nodes come
    to the hour one after the other: until all have, some answer by the old count.
    """
    compared = 0
    for identity in ("own", "other"):
        answers = [
            (item, left)
            for item in _to_a_key(transcript)
            if item.request.identity == identity
            and (left := rate_headers.remaining(item)) is not None
        ]
        answers.sort(key=lambda answer: answer[0].at)
        turned = [0, 0]
        while answers:
            pairs = list(_one_after_the_other(answers))
            compared += len(pairs)
            rise = next((pair for pair in pairs if pair[1][1] > pair[0][1]), None)
            if rise is None:
                break
            (earlier, value), (later, remaining) = rise
            before, turn = _hours(earlier, -CLOCKS_DIFFER), _hours(later, +CLOCKS_DIFFER)
            if all(new <= max(old) for new, *old in zip(turn, turned, before, strict=True)):
                raise later.breach(
                    f"at most {value} left, as exchange {earlier.number} said", f"{remaining} left"
                )
            turned = turn
            answers = [
                (item, left)
                for item, left in answers
                if item.at >= _ended(later) and (left > value or item.at > later.at + CLOCKS_DIFFER)
            ]
    if not compared:
        raise Inconclusive("no two answers with X-RateLimit-Remaining came one after the other")


def _one_after_the_other(answers: Sequence[_Left]) -> Iterator[tuple[_Left, _Left]]:
    """Each answer behind the one with the lowest number of those that had come when it was asked for.

    :param answers: in the order in which they were asked for.
    """
    by_end = sorted(answers, key=lambda answer: _ended(answer[0]))
    lowest: _Left | None = None
    come = 0
    for answer in answers:
        # It stops at the answer itself at the latest, which may have taken no time at all.
        while by_end[come] is not answer and _ended(by_end[come][0]) <= answer[0].at:
            if lowest is None or by_end[come][1] <= lowest[1]:
                lowest = by_end[come]
            come += 1
        if lowest is not None:
            yield lowest, answer


def _ended(exchange: Exchange) -> float:
    return exchange.at + exchange.elapsed


def _hours(exchange: Exchange, leeway: float) -> list[int]:
    """The number of the hour so many seconds from the answer: by the clock that dates it, and by ours.

    Requests need not be counted by the clock that dates answers, which may be a proxy's or be slow.
    """
    ours = datetime.fromisoformat(exchange.started_at).timestamp()
    theirs = rate_headers.date(exchange)
    return [int((moment + leeway) // HOUR) for moment in (ours if theirs is None else theirs, ours)]


@requirement("ENV-15", universal=True)
def test_no_total_count(transcript: Transcript, directory: Directory) -> None:
    """A number beside the data that is named as a total, or as a count and equals the size of the list."""
    lists = [item for item in successes(transcript) if item.is_page]
    size = len(directory.by_id) if directory.size is None else directory.size
    found = [
        (item, path, value)
        for item in lists
        for path, value in _numbers({key: item.json[key] for key in item.json if key != "data"})
    ]
    values: dict[tuple[str, Query], set[int]] = {}
    for item, path, value in found:
        values.setdefault((path, _filters(item)), set()).add(value)
    for item, path, value in found:
        name = path.rsplit(".", 1)[-1]
        # What goes up from answer to answer is no count of records, also where it comes by the size.
        steady = len(values[path, _filters(item)]) == 1
        counts = steady and value == size and value > len(item.rows) and _counts_records(name)
        if counts or _is_total(name):
            raise item.breach("no total count", f"{path} {value}")
    if not any(item.member("meta", "has_more") is True for item in lists):
        raise Inconclusive("no page was seen whose list goes on behind it")


def _numbers(members: dict[str, object], path: str = "") -> Iterator[tuple[str, int]]:
    """Every integer among the members, however deep, with its path."""
    for name, value in members.items():
        if is_integer(value):
            yield f"{path}{name}", cast("int", value)
        elif isinstance(value, dict):
            yield from _numbers(value, f"{path}{name}.")


def _filters(page: Exchange) -> Query:
    """What a page was asked for beside its place: pages of one list have the same."""
    return tuple(sorted(pair for pair in page.request.query if pair[0] not in ("limit", "offset")))


def _is_total(name: str) -> bool:
    words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}
    return "total" in name.lower() and not words & _MEASURES


def _counts_records(name: str) -> bool:
    return name != "offset" and bool(_COUNT.search(name)) and not _PAGE.search(name)
