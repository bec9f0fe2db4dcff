"""Checks that rest on more than one response: pages that are joined, lists that are compared."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.contract.verdict import Finding
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION
from conformance.reproduction import probes
from conformance.reproduction.probes import Probe
from conformance.text.uuids import UUID

LISTED = re.compile(
    rf"(missing|unexpected record\w*|returned more than once)[^:;]*: (?:id )?({UUID})"
)


def _nothing(_: Exchange) -> str | None:
    return None


JOINED = Probe("records of all pages", _nothing, pipe="| jq -s '[.[].data[]] | length'")
ENDED = Probe(
    "records of all pages and has_more of the last",
    _nothing,
    pipe="| jq -cs '[([.[].data[]] | length), .[-1].meta.has_more]'",
)


def joined_listed(record: str) -> Probe:
    """Return the probe of whether one of several pages has a record."""
    program = shlex.quote(f"any(.[].data[]; .id == {json.dumps(record)})")
    return Probe(f"{record} is on a page", _nothing, pipe=f"| jq -s {program}")


def joined_times(record: str) -> Probe:
    """Return the probe of how often several pages have a record."""
    program = shlex.quote(f"[.[].data[] | select(.id == {json.dumps(record)})] | length")
    return Probe(f"rows with the id {record}", _nothing, pipe=f"| jq -s {program}")


@dataclass(frozen=True)
class Step:
    """What a finding rests on: one response, or pages that are joined, and what a probe reads there."""

    pages: tuple[Exchange, ...]
    probe: Probe
    received: str
    joined: bool = False


@dataclass(frozen=True)
class Check:
    """What shows a finding.

    ``expected`` is what a correct server prints, in words if it is not one value. ``rests_on`` are the
    responses that the expectation comes from. ``pages`` are joined into one list that the probe reads.
    ``shown_by`` is the exchange that shows the finding, if not the one that it names.
    """

    probe: Probe
    expected: str
    received: str
    rests_on: tuple[Step, ...] = ()
    pages: tuple[Exchange, ...] = ()
    shown_by: Exchange | None = None


def joined(finding: Finding, exchange: Exchange, transcript: Sequence[Exchange]) -> Check | None:
    """Return the check of a list that is joined from pages, the last of which is the exchange."""
    for words, find in (
        ("in the list without a filter", _missing_in_list),
        ("the profile in the list", _on_no_page),
        ("no profile in common", _in_common),
        ("lists too", _in_common),
    ):
        if words in finding.expected:
            return find(finding, exchange, transcript)
    wanted = re.match(r"exactly ([\d,]+) records?", finding.expected)
    received = re.match(r"([\d,]+) records?\Z", finding.received)
    if wanted is None or received is None or not exchange.is_page:
        return None
    number = received.group(1).replace(",", "")
    pages = _pages(exchange, transcript)
    ids = [record for page in pages for record in page.ids]
    if len(pages) < 2 or str(len(ids)) != number:
        return None
    if (leap := _leap(pages)) is not None:
        return leap
    expected = wanted.group(1).replace(",", "")
    if expected != number:
        ends = exchange.member("meta", "has_more") is False
        if ends and int(number) < int(expected):
            # The pages may have all of their records: then it is the end that is wrong.
            return Check(ENDED, f"[{expected},false]", f"[{number},false]", pages=pages)
        return Check(JOINED, expected, number, pages=pages)
    return _of_record(finding, pages)


def _leap(pages: Sequence[Exchange]) -> Check | None:
    """Return the check of a page whose ``next_offset`` is not where it ends.

    The pages themselves show nothing: with offsets that leave out a record, a correct server leaves it out.
    """
    probe = probes.both("data", "meta.next_offset")
    for page in pages[:-1]:
        count, end = len(page.rows), place(page)[1] + len(page.rows)
        wanted, received = f"[{count},{end}]", probe.read(page)
        if received not in (None, wanted, f"[{count},null]"):
            return Check(probe, wanted, str(received), shown_by=page)
    return None


def _of_record(finding: Finding, pages: tuple[Exchange, ...]) -> Check | None:
    """Return the check of a record that the pages lack, or have too often."""
    for kind, record in LISTED.findall(finding.detail or ""):
        spellings = (spelled_in(record, page) for page in pages)
        spelled = next((item for item in spellings if item != record), record)
        if kind.startswith("returned"):
            count = str(sum(page.ids.count(record.lower()) for page in pages))
            return Check(joined_times(spelled), "1", count, pages=pages)
        is_missing = kind == "missing"
        return Check(
            joined_listed(spelled),
            json.dumps(is_missing),
            json.dumps(not is_missing),
            pages=pages,
        )
    return None


def _missing_in_list(
    finding: Finding, exchange: Exchange, transcript: Sequence[Exchange]
) -> Check | None:
    """Return the check of a record that no page of a list has."""
    missing = LISTED.search(f"{finding.received}; {finding.detail or ''}")
    pages = whole(exchange, transcript)
    if missing is None or missing.group(1) != "missing" or not pages:
        return None
    record = missing.group(2)
    if any(record.lower() in page.ids for page in pages):
        return None
    asked = exchange.request
    holding = [
        page
        for page in transcript
        if page.is_page and record.lower() in page.ids and page.request.path == asked.path
    ]
    # A filter may list a record that the list is right to lack.
    own = (page for page in holding if page.request.credential == asked.credential)
    listing = next((page for page in own if not page.request.headers), None)
    if listing is None:
        return Check(joined_listed(record), "true", "false", pages=pages)
    spelled = spelled_in(record, listing)
    step = Step((listing,), probes.listed(spelled), "true")
    return Check(joined_listed(spelled), "true", "false", rests_on=(step,), pages=pages)


def _in_common(
    finding: Finding, exchange: Exchange, transcript: Sequence[Exchange]
) -> Check | None:
    """Return the check of a profile that the lists of two keys have, if no page alone shows it."""
    asked = exchange.request
    plain = [
        page
        for page in (exchange, *transcript)
        if page.is_page
        and page.request.path == asked.path
        and {name for name, _ in page.request.query} <= {"limit", "offset"}
        and not page.request.headers
    ]
    theirs = [page for page in plain if page.request.identity != asked.identity]
    named = re.findall(UUID, finding.received)
    for record in (item.lower() for item in named or exchange.ids):
        one = (page for page in plain if page not in theirs and record in page.ids)
        own = next(one, None)
        other = next((page for page in theirs if record in page.ids), None)
        if own is not None and other is not None:
            return Check(joined_times(spelled_in(record, own)), "1", "2", pages=(other, own))
    return None


def _on_no_page(_: Finding, exchange: Exchange, transcript: Sequence[Exchange]) -> Check | None:
    """Return the check of a profile that is retrieved, and that no page of the list has."""
    record = exchange.member("data", "id")
    asked = exchange.request
    for page in transcript:
        request = page.request
        names = {name for name, _ in request.query}
        is_list = request.credential == asked.credential and not request.headers
        if page.is_page and is_list and names <= {"limit"} and request.path == COLLECTION:
            pages = whole(page, transcript)
            if pages and not any(str(record).lower() in item.ids for item in pages):
                step = Step((exchange,), probes.STATUS, str(exchange.status))
                return Check(joined_listed(str(record)), "true", "false", (step,), pages)
    return None


def whole(exchange: Exchange, transcript: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """Return all pages of the list of an exchange, from its first to its last one, if the run has them."""
    known = {place(item): item for item in transcript if item.is_page}
    base, _ = place(exchange)
    pages: list[Exchange] = []
    offset = 0
    while page := known.get((base, offset)):
        pages.append(page)
        offset += len(page.rows)
        if page.member("meta", "has_more") is not True or not page.rows:
            return tuple(pages)
    return ()


def _pages(exchange: Exchange, transcript: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """Return the pages of a list up to an exchange: each starts where the one before it sends a client."""
    known = {place(item): item for item in transcript[: exchange.number] if item.is_page}
    base, end = place(exchange)
    pages: list[Exchange] = []
    offset = 0
    while offset < end:
        page = known.get((base, offset))
        if page is None or not page.rows:
            return ()
        pages.append(page)
        following = page.member("meta", "next_offset")
        is_ahead = isinstance(following, int) and following > offset
        offset = following if is_ahead else offset + len(page.rows)
    return (*pages, exchange) if offset == end else ()


def place(exchange: Exchange) -> tuple[object, int]:
    """Return which list a page belongs to, and its offset."""
    request = exchange.request
    offset = next((value for name, value in request.query if name == "offset"), "0")
    others = tuple(pair for pair in request.query if pair[0] != "offset")
    number = (
        int(offset) if isinstance(offset, str) and offset.isascii() and offset.isdigit() else -1
    )
    return (request.method, request.path, others, request.credential, request.headers), number


def spelled_in(record: str, exchange: Exchange) -> str:
    """Return an id in the spelling that the target uses."""
    found = (row.get("id") for row in exchange.rows)
    return next((str(item) for item in found if str(item).lower() == record.lower()), record)
