"""What the universal cases judge: the exchanges of a run that are lists, records or errors of this API."""

from __future__ import annotations

import re
from collections.abc import Iterable

from conformance.contract.bounds import DEFAULT_LIMIT
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION

FILTERS = frozenset({"is_active", "is_bookable_online", "location_id"})
_PARAMETERS = FILTERS | {"limit", "offset", "search"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST = 255
_SEGMENT = re.compile(rf"{COLLECTION}/[\w.~-]+")


def binding(transcript: Iterable[Exchange]) -> list[Exchange]:
    """The exchanges that the contract binds.

    Left out are the sibling resource, and paths that a proxy in front may refuse by itself because no
    server should ever see them; the cases that send these judge them on their own. So is a body that was
    too long: it is a finding by itself, and nothing more can be said of it.
    """
    return [
        item
        for item in transcript
        if (item.request.path == COLLECTION or _SEGMENT.fullmatch(item.request.path))
        and not item.cut
    ]


def is_a_proxys(exchange: Exchange) -> bool:
    """Whether a proxy in front has refused by itself what no server should ever see.

    NUL, control characters, bytes that are no UTF-8, a segment longer than the name of any file: many answer
    that with a page of their own, and nothing can be said by it of the envelope of the API behind.
    """
    values = [value for _, value in exchange.request.query]
    odd = any(isinstance(value, bytes) or _CONTROL.search(value) for value in values)
    long = len(exchange.request.path.rsplit("/", 1)[1]) > _LONGEST
    return (odd or long) and 400 <= exchange.status < 500 and not isinstance(exchange.json, dict)


def reads(transcript: Iterable[Exchange]) -> list[Exchange]:
    """The answers to GET."""
    return [item for item in binding(transcript) if item.request.method == "GET"]


def is_list(exchange: Exchange) -> bool:
    """Whether the list was asked for."""
    return exchange.request.path == COLLECTION


def pages_of(transcript: Iterable[Exchange], *, plain: bool = True) -> list[Exchange]:
    """Pages of the list.

    :param plain: only those whose limit and offset are known: given once in digits, or absent.
    """
    pages = [item for item in reads(transcript) if is_list(item) and item.is_page]
    return [page for page in pages if _plain(page)] if plain else pages


def _plain(exchange: Exchange) -> bool:
    values: dict[str, list[str]] = {"limit": [], "offset": []}
    for name, value in exchange.request.query:
        if name in values:
            values[name].append(value if isinstance(value, str) else "")
    if any(name not in _PARAMETERS for name, _ in exchange.request.query):
        return False
    return all(
        len(found) <= 1 and all(re.fullmatch("[0-9]{1,9}", text) for text in found)
        for found in values.values()
    )


def asked(page: Exchange) -> tuple[int, int]:
    """The limit and the offset that were asked for, the defaults where they were not."""
    query = dict(page.request.query)
    return int(query.get("limit", DEFAULT_LIMIT)), int(query.get("offset", 0))


def errors_of(transcript: Iterable[Exchange]) -> list[Exchange]:
    """The answers with a body that are no success."""
    return [
        item for item in binding(transcript) if item.status >= 400 and item.request.method != "HEAD"
    ]
