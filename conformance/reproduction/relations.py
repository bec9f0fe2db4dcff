"""Checks that rest on more than one response: pages that are joined, lists that are compared."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from conformance.contract.verdict import Finding
from conformance.http.exchange import Exchange
from conformance.reproduction import probes
from conformance.reproduction.probes import Probe
from conformance.text.uuids import UUID

LISTED = re.compile(
    rf"(missing|unexpected record\w*|returned more than once)[^:;]*: (?:id )?({UUID})"
)
_UNEXPECTED = re.compile(rf"unexpected records?: ({UUID})")


def _nothing(_: Exchange) -> str | None:
    return None


JOINED = Probe("records of all pages", _nothing, pipe="| jq -s '[.[].data[]] | length'")


def joined_listed(record: str) -> Probe:
    """Return the probe of whether one of several pages has a record."""
    program = shlex.quote(f"any(.[].data[]; .id == {json.dumps(record)})")
    return Probe(f"{record} is on a page", _nothing, pipe=f"| jq -s {program}")


def joined_times(record: str) -> Probe:
    """Return the probe of how often several pages have a record."""
    program = shlex.quote(f"[.[].data[] | select(.id == {json.dumps(record)})] | length")
    return Probe(f"rows with the id {record}", _nothing, pipe=f"| jq -s {program}")


@dataclass(frozen=True)
class Check:
    """What shows a finding.

    ``expected`` is what a correct server prints, in words if it is not one value. ``other`` is the exchange
    that the response is compared with, by ``other_probe`` if not by the same one. ``pages`` are joined into
    one list that the probe reads; ``lacking`` are the pages of a list that has not the record of the probe.
    """

    probe: Probe
    expected: str
    received: str
    other: Exchange | None = None
    other_probe: Probe | None = None
    pages: tuple[Exchange, ...] = ()
    lacking: tuple[Exchange, ...] = ()


def joined(finding: Finding, exchange: Exchange, transcript: Sequence[Exchange]) -> Check | None:
    """Return the check of a list that is joined from pages, the last of which is the exchange."""
    if "in the list without a filter" in finding.expected:
        return _missing_in_list(finding, exchange, transcript)
    wanted = re.match(r"exactly ([\d,]+) records?", finding.expected)
    received = re.match(r"([\d,]+) records?\Z", finding.received)
    if wanted is None or received is None or not exchange.is_page:
        return None
    number = received.group(1).replace(",", "")
    pages = _pages(exchange, transcript)
    ids = [record for page in pages for record in page.ids]
    if len(pages) < 2 or str(len(ids)) != number:
        return None
    expected = wanted.group(1).replace(",", "")
    if expected != number:
        return Check(JOINED, expected, number, pages=pages)
    for kind, record in LISTED.findall(finding.detail or ""):
        spellings = (spelled_in(record, page) for page in pages)
        spelled = next((item for item in spellings if item != record), record)
        if kind.startswith("returned"):
            count = str(ids.count(record.lower()))
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
    pages = _whole(exchange, transcript)
    if missing is None or missing.group(1) != "missing" or not pages:
        return None
    record = missing.group(2)
    spellings = (spelled_in(record, page) for page in transcript if page.is_page)
    spelled = next((item for item in spellings if item != record), record)
    if any(record.lower() in page.ids for page in pages):
        return None
    return Check(joined_listed(spelled), "true", "false", pages=pages)


def _whole(exchange: Exchange, transcript: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """Return all pages of the list of an exchange, from its first to its last one, if the run has them."""
    known = {_place(item): item for item in transcript if item.is_page}
    base, _ = _place(exchange)
    pages: list[Exchange] = []
    offset = 0
    while page := known.get((base, offset)):
        pages.append(page)
        offset += len(page.rows)
        if page.member("meta", "has_more") is not True or not page.rows:
            return tuple(pages)
    return ()


def _pages(exchange: Exchange, transcript: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """Return the pages of a list up to an exchange: each starts where the one before it ended."""
    known = {_place(item): item for item in transcript[: exchange.number] if item.is_page}
    base, end = _place(exchange)
    pages: list[Exchange] = []
    offset = 0
    while offset < end:
        page = known.get((base, offset))
        if page is None or not page.rows:
            return ()
        pages.append(page)
        offset += len(page.rows)
    return (*pages, exchange) if offset == end else ()


def _place(exchange: Exchange) -> tuple[object, int]:
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


_SELECTING = frozenset({"is_active", "is_bookable_online", "location_id", "search"})


def related(
    check: Check, finding: Finding, exchange: Exchange, transcript: Sequence[Exchange]
) -> Check:
    """Return the check with the request that it is compared with, if the expectation comes from another list.

    A page is a slice of a list that other pages show too, and a list with two filters holds what each
    filter lists alone.
    """
    if not exchange.is_page or exchange.request.headers:
        return check
    if "has_more" in finding.expected and check.received == "true":
        end = _place(exchange)[1] + len(exchange.ids)
        for other in _beside(exchange, transcript):
            if _place(other)[1] == end and not other.ids:
                return replace(check, other=other, other_probe=probes.COUNT)
    for other in _spelled_otherwise(exchange, transcript):
        count = probes.COUNT.read(other)
        if check.probe is probes.COUNT and count is not None and count != check.received:
            return replace(check, expected=count, other=other)
    words = f"{finding.expected} {finding.received} {finding.detail or ''}"
    if re.search("other records?|another order|in the order|unexpected|missing|offset", words):
        slice_of = _placed(exchange, transcript)
        if slice_of is not None:
            return slice_of
    if "that the list lacks" in finding.received:
        return _lacking(check, finding, exchange, transcript)
    if "each list on their own" in words or finding.expected.startswith("exactly"):
        return _alone(check, finding, exchange, transcript)
    return check


def _lacking(
    check: Check, finding: Finding, exchange: Exchange, transcript: Sequence[Exchange]
) -> Check:
    """Return the check with the whole list, which lacks the record."""
    found = re.search(UUID, finding.received)
    plain = [("limit", value) for name, value in exchange.request.query if name == "limit"]
    request = exchange.request
    for other in transcript:
        asked = other.request
        is_list = asked.path == request.path and asked.credential == request.credential
        if other.is_page and is_list and not asked.headers and list(asked.query) == plain:
            pages = _whole(other, transcript)
            if found and pages and not any(found.group().lower() in page.ids for page in pages):
                spelled = spelled_in(found.group(), exchange)
                return replace(check, probe=probes.listed(spelled), lacking=pages)
    return check


def _placed(exchange: Exchange, transcript: Sequence[Exchange]) -> Check | None:
    """Return the check of a record that another page of the list has at another place."""
    for other in _beside(exchange, transcript):
        start = _place(exchange)[1] - _place(other)[1]
        for index, record in enumerate(exchange.ids):
            here = start + index
            if not 0 <= here < len(other.ids) or other.ids[here] == record:
                continue
            one, two = probes.at(index), probes.at(here)
            wanted, received = two.read(other), one.read(exchange)
            if wanted is not None and received is not None and wanted != received:
                return Check(one, wanted, received, other, two)
    return None


def _spelled_otherwise(exchange: Exchange, transcript: Sequence[Exchange]) -> Iterator[Exchange]:
    """Yield the exchanges with the same search in another letter case."""

    def key(item: Exchange, folded: bool) -> object:
        request = item.request
        query = [(n, v.lower() if folded and isinstance(v, str) else v) for n, v in request.query]
        return request.method, request.path, request.credential, request.headers, query

    if any(name == "search" for name, _ in exchange.request.query):
        for other in transcript:
            alike = other.is_page and key(other, True) == key(exchange, True)
            if alike and key(other, False) != key(exchange, False):
                yield other


def _beside(exchange: Exchange, transcript: Sequence[Exchange]) -> Iterator[Exchange]:
    """Yield pages of the same list with another limit or offset."""
    base = _list_of(exchange)
    for other in transcript:
        if other.is_page and _list_of(other) == base and _place(other) != _place(exchange):
            yield other


def _list_of(exchange: Exchange) -> object:
    request = exchange.request
    selecting = frozenset(pair for pair in request.query if pair[0] not in ("limit", "offset"))
    return request.method, request.path, selecting, request.credential, request.headers


def _alone(
    check: Check, finding: Finding, exchange: Exchange, transcript: Sequence[Exchange]
) -> Check:
    """Return the check with the list of one filter, which lacks an unexpected record."""
    request = exchange.request
    filters = [pair for pair in request.query if pair[0] in _SELECTING]
    unexpected = _UNEXPECTED.search(f"{finding.received}; {finding.detail or ''}")
    if unexpected is None or len(filters) < 2:
        return check
    spelled = spelled_in(unexpected.group(1), exchange)
    probe = probes.listed(spelled)
    for other in transcript:
        asked = other.request
        narrower = {pair for pair in asked.query if pair[0] in _SELECTING}
        offset = dict(asked.query).get("offset", "0")
        if (
            other.is_page
            and narrower < set(filters)
            and narrower
            and (asked.path, asked.credential, asked.headers)
            == (request.path, request.credential, request.headers)
            and offset == "0"
            and other.member("meta", "has_more") is False
            and probe.read(other) == "false"
            and probe.read(exchange) == "true"
        ):
            return Check(probe, "false", "true", other)
    return check
