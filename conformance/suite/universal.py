"""What universal cases judge: the exchanges of a run that are lists, profiles or errors of this API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote

from conformance.contract.bounds import DEFAULT_LIMIT, MAX_LIMIT
from conformance.errors import Inconclusive
from conformance.http.exchange import Exchange, Transcript
from conformance.http.gateways import is_by_gateway
from conformance.http.request import COLLECTION, Request
from conformance.suite.beyond import CLAIMED_NAMES, MAY_BE_UNKNOWN
from conformance.target.credentials import CREDENTIALS

FILTERS = frozenset({"is_active", "is_bookable_online", "location_id"})
_PARAMETERS = FILTERS | {"limit", "offset", "search"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST_SEGMENT = 255
_LONG = 1000
"""Characters from which on a path with its query, or a header, may be too long for a proxy."""

_HARMLESS = re.compile(r"[\w\s@.,:+-]*")
"""Texts that no firewall takes for an attack, unless they start a comment in SQL."""

_TOO_LONG = (414, 431)
_FIREWALL = (403, 406)
_ORGANISATION = ("x-org", "x-tenant")
_SEGMENT = re.compile(rf"{COLLECTION}/[\w.~-]+")


def covered(transcript: Iterable[Exchange]) -> list[Exchange]:
    """Return the exchanges that the contract covers.

    Left out are ``/locations``, and paths that no server should ever see, which a proxy may refuse by
    itself: the cases that send these judge them. A response that exceeds a bound, and one of a gateway for a
    request that crashes the server, are left out too: each is a finding by itself, and nothing else can be
    judged by it.
    """
    return _those(transcript, _is_covered)


def _those(transcript: Iterable[Exchange], judge: Callable[[Exchange], bool]) -> list[Exchange]:
    """Return the exchanges of which something is true; most universal cases ask the same."""

    def find() -> list[Exchange]:
        return [item for item in transcript if item.fact(judge)]

    return (
        transcript.derived(judge.__name__, find) if isinstance(transcript, Transcript) else find()
    )


def _is_covered(item: Exchange) -> bool:
    return (
        (item.request.path == COLLECTION or _SEGMENT.fullmatch(item.request.path) is not None)
        and item.excess is None
        and not item.broken
        and not is_by_gateway(item)
    )


def is_beyond(request: Request) -> bool:
    """Return whether a request goes so far beyond the contract that its response may too.

    A condition may be answered with 304 or 412, and a proxy may refuse a malformed credential by itself: the
    cases that send these judge them. Headers that name an organisation are left to the contract.
    """
    headers = [name for name, _ in request.headers if not name.lower().startswith(_ORGANISATION)]
    return (
        bool(headers or request.content)
        or request.method in MAY_BE_UNKNOWN
        or CREDENTIALS[request.credential].is_malformed
        or not CLAIMED_NAMES.isdisjoint(name for name, _ in request.query)
    )


def is_from_proxy(exchange: Exchange) -> bool:
    """Return whether a proxy may have refused the request itself, so that no envelope can be expected.

    Many proxies respond with a page of their own to NUL, control characters, bytes that are not UTF-8, and
    a path segment longer than any file name.
    """
    if is_too_long(exchange) or is_from_firewall(exchange):
        return True
    values = [value for _, value in exchange.request.query]
    odd = any(isinstance(value, bytes) or _CONTROL.search(value) for value in values)
    long = len(exchange.request.path.rsplit("/", 1)[1]) > _LONGEST_SEGMENT
    return (odd or long) and 400 <= exchange.status < 500 and not isinstance(exchange.json, dict)


def may_be_cut(request: Request) -> bool:
    """Return whether a proxy may refuse a request by closing the connection: it is too long or malformed."""
    return (
        len(request.target) >= _LONG
        or request.method in MAY_BE_UNKNOWN
        or CREDENTIALS[request.credential].is_malformed
    )


def is_too_long(exchange: Exchange) -> bool:
    """Return whether a long request was refused as too long, with any body."""
    request = exchange.request
    longest = max([len(request.target), *(len(value) for _, value in request.headers)])
    long = longest > _LONG or len(request.path.rsplit("/", 1)[1]) > _LONGEST_SEGMENT
    return long and exchange.status in _TOO_LONG


def is_from_firewall(exchange: Exchange) -> bool:
    """Return whether a firewall took the request for an attack and responded in place of the API."""
    if exchange.status not in _FIREWALL or exchange.is_error:
        return False
    path = unquote(exchange.request.path.rsplit("/", 1)[1], errors="surrogateescape")
    texts = [path, *(text for pair in exchange.request.query for text in pair)]
    return any(
        isinstance(text, bytes) or "--" in text or not _HARMLESS.fullmatch(text) for text in texts
    )


def reads(transcript: Iterable[Exchange]) -> list[Exchange]:
    """Return the exchanges with GET, without those that go beyond the contract."""
    return _those(transcript, _is_read)


def _is_read(item: Exchange) -> bool:
    return item.request.method == "GET" and item.fact(_is_covered) and not is_beyond(item.request)


def is_list(exchange: Exchange) -> bool:
    """Return whether the list was requested."""
    return exchange.request.path == COLLECTION


def successes(transcript: Iterable[Exchange]) -> list[Exchange]:
    """Return the exchanges with GET and status 200."""
    return [item for item in reads(transcript) if item.status == 200]


def errors_of(transcript: Iterable[Exchange]) -> list[Exchange]:
    """Return the exchanges with status 400 or above, HEAD left out: its responses have no body."""
    return [
        item for item in covered(transcript) if item.status >= 400 and item.request.method != "HEAD"
    ]


def with_envelope(transcript: Iterable[Exchange]) -> list[Exchange]:
    """Return the exchanges whose response must have an envelope, which only GET requires."""
    return [
        item
        for item in reads(transcript)
        if item.status not in (204, 304) and not item.fact(is_from_proxy)
    ]


def errors_with_envelope(transcript: Iterable[Exchange]) -> list[Exchange]:
    """Return the errors whose response must have an envelope."""
    return [item for item in with_envelope(transcript) if item.status >= 400]


def parsed(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """Return the exchanges whose body is strict JSON; of any other body, no more can be judged."""
    return [item for item in exchanges if item.json_problem is None]


def pages_of(transcript: Iterable[Exchange], *, plain: bool = True) -> list[Exchange]:
    """Return the pages of the list.

    :param plain: only those whose limit and offset are known: absent, or given once in digits. With a zero
        in front, which a server may refuse or take for no number, they are not.
    """
    if plain:
        return [item for item in reads(transcript) if item.fact(_is_plain_page)]
    return [
        item
        for item in covered(transcript)
        if item.request.method == "GET" and is_list(item) and item.is_page
    ]


def _is_plain_page(item: Exchange) -> bool:
    return is_list(item) and _is_plain(item) and item.is_page


def limits_refused(transcript: Iterable[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    """Yield refusals of a limit in range, each with a page of another limit at the same offset.

    Without other parameters: a filter may be what a server refuses.
    """
    plain = [
        item
        for item in reads(transcript)
        if is_list(item)
        and item.fact(_is_plain)
        and {name for name, _ in item.request.query} <= {"limit", "offset"}
    ]
    pages = {(page.request.identity, requested(page)[1]): page for page in plain if page.is_page}
    for item in plain:
        limit, offset = requested(item)
        page = pages.get((item.request.identity, offset))
        is_sent = any(name == "limit" for name, _ in item.request.query)
        in_range = is_sent and 1 <= limit <= MAX_LIMIT
        if item.status in (400, 422) and in_range and page is not None:
            yield item, page


def _is_plain(exchange: Exchange) -> bool:
    values: dict[str, list[str]] = {"limit": [], "offset": []}
    for name, value in exchange.request.query:
        if name in values:
            values[name].append(value if isinstance(value, str) else "")
    if any(name not in _PARAMETERS for name, _ in exchange.request.query):
        return False
    return all(
        len(found) <= 1 and all(re.fullmatch("0|[1-9][0-9]{0,8}", text) for text in found)
        for found in values.values()
    )


def requested(page: Exchange) -> tuple[int, int]:
    """Return the limit and the offset of a request, the defaults if it has none."""
    query = dict(page.request.query)
    return int(query.get("limit", DEFAULT_LIMIT)), int(query.get("offset", 0))


def pages_with_more(transcript: Iterable[Exchange]) -> list[Exchange]:
    """Return the pages with ``has_more`` true.

    :raises Inconclusive: if there is none.
    """
    pages = [page for page in pages_of(transcript) if page.member("meta", "has_more") is True]
    if not pages:
        raise Inconclusive("no page with has_more true was received")
    return pages


def every(
    exchanges: Iterable[Exchange],
    what: str,
    holds: Callable[[Exchange], bool],
    wanted: str,
    received: Callable[[Exchange], object],
) -> None:
    """Expect that something holds for each of the exchanges.

    :param what: what the exchanges are, in the singular.
    :param wanted: what is expected of each.
    :param received: says what an exchange has instead.
    :raises Inconclusive: if there is no exchange.
    """
    judged = 0
    for exchange in exchanges:
        judged += 1
        if not holds(exchange):
            raise exchange.breach(wanted, str(received(exchange)))
    if not judged:
        raise Inconclusive(f"no {what} was received")


def is_integer(value: object) -> bool:
    """Return whether a JSON value is an integer, which true and false are not."""
    return isinstance(value, int) and not isinstance(value, bool)
