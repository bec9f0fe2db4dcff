"""Defects that show in two responses, of which a part must be the same, or must differ."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.contract.verdict import Finding
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION, Request
from conformance.reproduction.history import History
from conformance.reproduction.relations import spelled_in
from conformance.text.uuids import UUID

_MOST_WRITES = 4
_STATE = {"RO-05": "the write methods", "RO-07": "the reads"}
"""Requirement on what requests change → those requests."""


@dataclass(frozen=True)
class Pair:
    """Two responses of which a part must be the same, or must differ.

    ``before`` are sent before both, ``between`` after the first one. If ``varies``, the same request had
    another response in the run, so that the second one is sent several times.
    """

    first: Exchange
    first_pipe: str
    second: Exchange
    second_pipe: str
    between: tuple[Exchange, ...] = ()
    same: bool = True
    before: tuple[Exchange, ...] = ()
    varies: bool = False


def pair_of(
    requirement: str,
    finding: Finding,
    exchange: Exchange,
    mentioned: Iterable[Exchange],
    history: History,
) -> Pair | None:
    """Return the two responses that a finding compares, if no line of one of them shows it."""
    if requirement in _STATE and (exchange.is_page or exchange.is_record):
        return _around(requirement, exchange, history)
    if requirement == "RET-02" and exchange.is_record:
        found = _row_and_record(finding, exchange, history)
        if found is not None:
            return found
    if requirement == "RET-02" and exchange.is_page:
        return _two_rows(finding, exchange, history)
    for other in mentioned:
        if requirement in ("ENV-08", "ENV-16"):
            pipe = "| jq -c .meta.request_id"
            return Pair(other, pipe, exchange, pipe, same=False)
        if other.request.sent == exchange.request.sent and other.json != exchange.json:
            return _repeated(other, exchange, history)
    return None


def _repeated(other: Exchange, exchange: Exchange, history: History) -> Pair:
    """Return the two responses to one request, with the requests of their turn."""
    pipe = "| jq -c '[.data[].id]'" if exchange.is_page else "| jq -cS .data"
    turn = history.turn(max(other, exchange, key=lambda item: item.number))
    numbers = [item.number for item in turn]
    for first, second in ((other, exchange), (exchange, other)):
        if first.number in numbers:
            index = numbers.index(first.number)
            return Pair(first, pipe, second, pipe, turn[index + 1 :], before=turn[:index])
    return Pair(other, pipe, exchange, pipe, history.turn(exchange))


def _row_and_record(finding: Finding, exchange: Exchange, history: History) -> Pair | None:
    """Return a row of the list and the same profile as it is retrieved."""
    found = re.match(r"\w+", finding.received)
    record = exchange.member("data", "id")
    page = _page_of(record, exchange, history)
    if found is None or page is None:
        return None
    member = found.group()
    pipe = f"| jq -c {shlex.quote(f'.data.{member}')}"
    received = exchange.member("data", member)
    varies = any(item.member("data", member) != received for item in history.same(exchange))
    again = history.asked_otherwise(
        exchange, lambda item: repr(item.member("data", member)) if item.is_record else None
    )
    between = (exchange,) if again else ()
    return Pair(page, _of_row(record, member), exchange, pipe, between, varies=varies)


def _two_rows(finding: Finding, exchange: Exchange, history: History) -> Pair | None:
    """Return a row of the list and the same profile in a filtered list."""
    found = re.match(rf"(\w+)(?:, \w+)* differs? in ({UUID})", finding.received)
    if found is None:
        return None
    record = spelled_in(found.group(2), exchange)
    page = _page_of(record, exchange, history)
    pipe = _of_row(record, found.group(1))
    return None if page is None else Pair(page, pipe, exchange, pipe)


def _of_row(record: object, member: str) -> str:
    program = f".data[] | select(.id == {json.dumps(record)}) | .{member}"
    return f"| jq -c {shlex.quote(program)}"


def _around(requirement: str, after: Exchange, history: History) -> Pair | None:
    """Return the responses before and after requests that must change nothing."""
    first = next((item for item in history.same(after) if item.number < after.number), None)
    if first is None:
        return None
    pipe = "| jq -cS .data"
    turn = history.turn(after)
    if turn:
        # The server may be in the state that the last of these leaves: another one undoes that.
        read = next((item for item in reversed(turn) if item.record_asked_for), turn[-1])
        return Pair(first, pipe, after, pipe, turn, before=_unlike(read, history))
    between: dict[object, Exchange] = {}
    for item in history.transcript[first.number : after.number - 1]:
        is_wanted = item.request.writes if requirement == "RO-05" else _reads_one(item.request)
        if is_wanted:
            between.setdefault((item.request.method, item.request.path.count("/")), item)
    return Pair(first, pipe, after, pipe, tuple(between.values())[: 2 * _MOST_WRITES])


def _unlike(exchange: Exchange, history: History) -> tuple[Exchange, ...]:
    """Return a request that retrieves another profile in the same way, if the run has one."""
    asked = exchange.request
    for item in history.transcript:
        request = item.request
        is_alike = (request.method, request.credential, request.headers, request.query) == (
            asked.method,
            asked.credential,
            asked.headers,
            asked.query,
        )
        other = item.record_asked_for
        if is_alike and item.is_record and other not in (None, exchange.record_asked_for):
            return (item,)
    return ()


def _page_of(record: object, exchange: Exchange, history: History) -> Exchange | None:
    """Return a page of the unfiltered list that has a profile."""
    for item in history.transcript:
        request = item.request
        plain = not request.headers and request.credential == exchange.request.credential
        unfiltered = all(name in ("limit", "offset") for name, _ in request.query)
        if plain and item.is_page and unfiltered and record in [row.get("id") for row in item.rows]:
            return item
    return None


def _reads_one(request: Request) -> bool:
    return request.method == "GET" and request.path.startswith(f"{COLLECTION}/")
