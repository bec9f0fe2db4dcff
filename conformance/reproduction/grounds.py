"""What the expectation of a finding rests on: other responses, without which a line decides nothing.

A suite takes what is right from the lists that it has read. If these are wrong, one response alone may be
what a correct server sends too, so the lines show both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from conformance.contract.verdict import Finding
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION
from conformance.reproduction import probes
from conformance.reproduction.probes import Probe
from conformance.reproduction.relations import (
    ENDED,
    Check,
    Step,
    joined_listed,
    joined_times,
    place,
    spelled_in,
    whole,
)
from conformance.text.uuids import UUID

_UNEXPECTED = re.compile(rf"unexpected records?: ({UUID})")
_SHARED = re.compile(rf"(?:profile|record)s?\b[^:;]*: ({UUID})")
_SELECTING = frozenset({"is_active", "is_bookable_online", "location_id", "search"})


def related(
    check: Check, finding: Finding, exchange: Exchange, transcript: Sequence[Exchange]
) -> Check:
    """Return the check with the responses that its expectation comes from."""
    if exchange.request.headers:
        return check
    found = (
        find(check, finding, exchange, transcript)
        for find in (_PAGE if exchange.is_page else (_retrieved,))
    )
    return next((item for item in found if item is not None), check)


def _step(probe: Probe, exchange: Exchange) -> Step:
    return Step((exchange,), probe, probe.read(exchange) or "")


def _retrieved(
    check: Check, finding: Finding, exchange: Exchange, transcript: Sequence[Exchange]
) -> Check | None:
    """Return the check with a page that lists the profile, if it cannot be retrieved.

    A list may have profiles that a correct one has not.
    """
    record = exchange.record_asked_for
    if record is None or exchange.status != 404 or not finding.expected.startswith("200"):
        return None
    pages = [
        page
        for page in transcript
        if _is_plain(page, exchange.request.credential) and record in page.ids
    ]
    if not pages:
        return None
    page = min(pages, key=lambda page: len(page.request.query))
    return replace(check, rests_on=(_step(probes.listed(spelled_in(record, page)), page),))


def _is_plain(page: Exchange, credential: str) -> bool:
    """Return whether an exchange is a page of the list that a key has."""
    request = page.request
    return (
        page.is_page
        and not request.headers
        and (request.method, request.path, request.credential) == ("GET", COLLECTION, credential)
    )


def _both(
    _: Check, finding: Finding, exchange: Exchange, transcript: Sequence[Exchange]
) -> Check | None:
    """Return the check of a profile that is on pages that have no profile in common.

    The lists of two keys, if both have it: then nothing says whose it is. Or two pages of one list.
    """
    found = _SHARED.search(finding.received)
    if found is None:
        return None
    record = found.group(1).lower()
    if finding.expected == "each record once in the list":
        others = [page for page in _beside(exchange, transcript) if record in page.ids]
    elif "of another organisation" in finding.received:
        others = _of_another_key(record, exchange, transcript)
    else:
        return None
    if not others or record not in exchange.ids:
        return None
    pages = (others[0], exchange)
    return Check(joined_times(spelled_in(record, exchange)), "1", "2", pages=pages)


def _of_another_key(
    record: str, exchange: Exchange, transcript: Sequence[Exchange]
) -> list[Exchange]:
    """Return the pages of another key with a profile that is in the whole list of this key too."""
    request = exchange.request
    holding = [page for page in transcript if page.is_page and record in page.ids]
    unfiltered = [page for page in holding if not _filters(page)]
    if not any(_is_plain(page, request.credential) for page in unfiltered):
        return []
    return sorted(
        (
            page
            for page in holding
            if page.request.identity != request.identity
            and _is_plain(page, page.request.credential)
        ),
        key=lambda page: (page.request.query != request.query, len(page.request.query)),
    )


def _filters(exchange: Exchange) -> set[tuple[str, str | bytes]]:
    return {pair for pair in exchange.request.query if pair[0] in _SELECTING}


def _ending(
    check: Check, finding: Finding, exchange: Exchange, transcript: Sequence[Exchange]
) -> Check | None:
    """Return the check of ``has_more`` with what is behind the page: nothing, or the record that follows."""
    if "has_more" not in finding.expected:
        return None
    end = place(exchange)[1] + len(exchange.ids)
    step = None
    if check.received == "true":
        empty = (item for item in _beside(exchange, transcript) if not item.ids)
        other = next((item for item in empty if place(item)[1] == end), None)
        step = None if other is None else _step(probes.COUNT, other)
    elif (check.expected, check.received) == ("true", "false"):
        step = _covering(end, exchange, transcript)
    return None if step is None else replace(check, rests_on=(step,))


def _spelled(
    check: Check, _: Finding, exchange: Exchange, transcript: Sequence[Exchange]
) -> Check | None:
    """Return the check of how many records a search has, with the same search in another letter case."""
    if check.probe is not probes.COUNT:
        return None
    for other in _spelled_otherwise(exchange, transcript):
        count = probes.COUNT.read(other)
        if count is not None and count != check.received:
            return replace(check, expected=count, rests_on=(_step(check.probe, other),))
    return None


def _sliced(
    check: Check, finding: Finding, exchange: Exchange, transcript: Sequence[Exchange]
) -> Check | None:
    """Return the check of a page with another page of the same list."""
    words = f"{finding.expected} {finding.received} {finding.detail or ''}"
    if not re.search("other records?|another order|in the order|unexpected|missing|offset", words):
        return None
    return _placed(exchange, transcript) or _short(check, exchange, transcript)


def _covering(position: int, exchange: Exchange, transcript: Sequence[Exchange]) -> Step | None:
    """Return the record that another page of the same list has at a position of the list."""
    for other in _beside(exchange, transcript):
        index = position - place(other)[1]
        if 0 <= index < len(other.ids) and place(other)[1] >= 0:
            probe = probes.at(index)
            if probe.read(other) is not None:
                return _step(probe, other)
    return None


def _short(check: Check, exchange: Exchange, transcript: Sequence[Exchange]) -> Check | None:
    """Return the check of how many records a page has, with the first that another page has behind it."""
    counts = (check.expected, check.received)
    if check.probe is not probes.COUNT or not all(count.isdecimal() for count in counts):
        return None
    if int(check.received) >= int(check.expected):
        return None
    step = _covering(place(exchange)[1] + len(exchange.ids), exchange, transcript)
    return None if step is None else replace(check, rests_on=(step,))


def _past_the_end(
    check: Check, finding: Finding, exchange: Exchange, transcript: Sequence[Exchange]
) -> Check | None:
    """Return the check of a page that must be empty, with the list that ends before it."""
    if finding.expected != "an empty list":
        return None
    for other in _beside(exchange, transcript):
        pages = whole(other, transcript) if place(other)[1] == 0 else ()
        count = sum(len(page.rows) for page in pages)
        is_behind = count <= place(exchange)[1]
        if pages and is_behind and pages[-1].member("meta", "has_more") is False:
            step = Step(pages, ENDED, f"[{count},false]", joined=True)
            return replace(check, rests_on=(step,))
    return None


def _lacking(
    _: Check, finding: Finding, exchange: Exchange, transcript: Sequence[Exchange]
) -> Check | None:
    """Return the check with the whole list, which lacks the record."""
    found = re.search(UUID, finding.received)
    if found is None or "that the list lacks" not in finding.received:
        return None
    plain = [("limit", value) for name, value in exchange.request.query if name == "limit"]
    for other in transcript:
        asked = other.request
        is_list = asked.path == exchange.request.path
        if is_list and list(asked.query) == plain and _is_plain(other, exchange.request.credential):
            pages = whole(other, transcript)
            if pages and not any(found.group().lower() in page.ids for page in pages):
                return _without(spelled_in(found.group(), exchange), pages)
    return None


def _without(record: str, pages: tuple[Exchange, ...]) -> Check:
    """Return the check of a record that a list must not have, as another list lacks it."""
    if len(pages) == 1:
        step = _step(probes.listed(record), pages[0])
    else:
        step = Step(pages, joined_listed(record), "false", joined=True)
    return Check(probes.listed(record), "false", "true", rests_on=(step,))


def _placed(exchange: Exchange, transcript: Sequence[Exchange]) -> Check | None:
    """Return the check of a record that another page of the list has at another place."""
    for other in _beside(exchange, transcript):
        start = place(exchange)[1] - place(other)[1]
        for index, record in enumerate(exchange.ids):
            here = start + index
            if not 0 <= here < len(other.ids) or other.ids[here] == record:
                continue
            one, two = probes.at(index), probes.at(here)
            wanted, received = two.read(other), one.read(exchange)
            if wanted is not None and received is not None and wanted != received:
                return Check(one, wanted, received, rests_on=(Step((other,), two, wanted),))
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
        if other.is_page and _list_of(other) == base and place(other) != place(exchange):
            yield other


def _list_of(exchange: Exchange) -> object:
    request = exchange.request
    selecting = frozenset(pair for pair in request.query if pair[0] not in ("limit", "offset"))
    return request.method, request.path, selecting, request.credential, request.headers


def _alone(
    _: Check, finding: Finding, exchange: Exchange, transcript: Sequence[Exchange]
) -> Check | None:
    """Return the check of a list with several filters, with the lists of some of them alone."""
    filters = _filters(exchange)
    is_meant = (
        finding.expected.startswith("exactly")
        or "each list on their own" in finding.expected
        or re.search("the same list without .* lacks", finding.received) is not None
    )
    if not is_meant or len(filters) < 2:
        return None
    lists = list(_narrower(exchange, transcript))
    unexpected = _UNEXPECTED.search(f"{finding.received}; {finding.detail or ''}")
    record = unexpected.group(1).lower() if unexpected else ""
    if record in exchange.ids:
        for _names, pages in lists:
            if not any(record in page.ids for page in pages):
                return _without(spelled_in(record, exchange), pages)
        return None
    ends = exchange.member("meta", "has_more") is False and place(exchange)[1] == 0
    alone = {next(iter(names)): pages for names, pages in lists if len(names) == 1}
    if not ends or alone.keys() != filters:
        return None
    first = next(iter(alone.values()))
    for record in (record for page in first for record in page.ids):
        found = (_listing(record, pages) for pages in alone.values())
        steps = tuple(step for step in found if step is not None)
        if len(steps) == len(alone) and record not in exchange.ids:
            return Check(steps[0].probe, "true", "false", steps)
    return None


def _narrower(
    exchange: Exchange, transcript: Sequence[Exchange]
) -> Iterator[tuple[set[tuple[str, str | bytes]], tuple[Exchange, ...]]]:
    """Yield the complete lists with some of the filters of a list, each with its filters."""
    request = exchange.request
    filters = _filters(exchange)
    for other in transcript:
        asked = other.request
        alike = (asked.path, asked.credential, asked.headers) == (
            request.path,
            request.credential,
            request.headers,
        )
        names = _filters(other)
        if other.is_page and alike and names and names < filters and place(other)[1] == 0:
            pages = whole(other, transcript)
            if pages and pages[-1].member("meta", "has_more") is False:
                yield names, pages


def _listing(record: str, pages: Sequence[Exchange]) -> Step | None:
    """Return the page that has a record."""
    page = next((page for page in pages if record in page.ids), None)
    return None if page is None else _step(probes.listed(spelled_in(record, page)), page)


_PAGE = (_both, _ending, _spelled, _sliced, _lacking, _alone, _past_the_end)
