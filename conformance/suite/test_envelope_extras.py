"""What lists and headers say beside the data: the rate limit, and no total count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import cast

from conformance.cases import requirement
from conformance.directory import Directory
from conformance.exchange import Exchange, Transcript
from conformance.suite.pages import binding
from conformance.suite.test_envelope import every, is_integer, successes
from conformance.verdict import Inconclusive

_COUNT = re.compile(r"count|records|results", re.IGNORECASE)
_PAGE = re.compile(r"max|min|limit|page|per_", re.IGNORECASE)


def _to_a_key(transcript: Transcript) -> list[Exchange]:
    return [
        item
        for item in binding(transcript)
        if item.request.identity != "anonymous"
        and item.status != 401
        and item.request.method in ("GET", "HEAD")
    ]


@requirement("ENV-13", universal=True)
def test_answers_to_a_key_tell_its_rate_limit(transcript: Transcript) -> None:
    def holds(item: Exchange) -> bool:
        values = (item.header("x-ratelimit-limit"), item.header("x-ratelimit-remaining"))
        return all(value is not None and value.strip().isdigit() for value in values)

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
    """Only answers of which one was there before the other was asked for can be compared."""
    compared = 0
    for identity in ("own", "other"):
        answers = [
            (item, int(text))
            for item in _to_a_key(transcript)
            if item.request.identity == identity
            and (text := (item.header("x-ratelimit-remaining") or "").strip()).isdigit()
        ]
        lowest: tuple[Exchange, int] | None = None
        for item, remaining in answers:
            before = [
                pair for pair in [lowest] if pair is not None and _ended_before(pair[0], item)
            ]
            for earlier, value in before:
                compared += 1
                if remaining > value and _hour(earlier) == _hour(item):
                    raise item.breach(
                        f"at most {value} left, as exchange {earlier.number} said",
                        f"{remaining} left",
                    )
            if lowest is None or remaining <= lowest[1] or _hour(lowest[0]) != _hour(item):
                lowest = (item, remaining)
    if not compared:
        raise Inconclusive("no two answers with X-RateLimit-Remaining came one after the other")


def _ended_before(earlier: Exchange, later: Exchange) -> bool:
    return earlier.at + earlier.elapsed <= later.at


def _hour(exchange: Exchange) -> datetime:
    """The hour of the answer by the target's clock, else by ours."""
    text = exchange.header("date")
    try:
        moment = (
            parsedate_to_datetime(text) if text else datetime.fromisoformat(exchange.started_at)
        )
    except ValueError:
        moment = datetime.fromisoformat(exchange.started_at)
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


@requirement("ENV-15", universal=True)
def test_no_total_count(transcript: Transcript, directory: Directory) -> None:
    """A number beside the data that is named as a total, or as a count and equals the size of the list."""
    lists = [item for item in successes(transcript) if item.is_page]
    for item in lists:
        for path, value in _numbers({key: item.json[key] for key in item.json if key != "data"}):
            if _is_total(path.rsplit(".", 1)[-1], value, item, directory):
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


def _is_total(name: str, value: int, page: Exchange, directory: Directory) -> bool:
    if name in ("limit", "next_offset", "offset"):
        return False
    if "total" in name.lower():
        return True
    counts = _COUNT.search(name) and not _PAGE.search(name) and value > len(page.rows)
    size = len(directory.by_id) if directory.size is None else directory.size
    return bool(counts) and value == size
