"""What the doctor asks, in the order of what matters most: the keys, the places, the ends, the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt

from conformance.contract.bounds import MAX_LIMIT
from conformance.contract.document import Contract
from conformance.doctor.asking import Asker, Survey
from conformance.errors import Untestable
from conformance.http.api import as_query
from conformance.http.client import Client
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.judging.session import LOCATIONS
from conformance.judging.untestable import refuse_untestable
from conformance.target.credentials import OTHER, OWN

_FEW_PAGES = 3
_MOST_PROBES = 4
_FIRST_PROBE = 600
_STRIDE = 10
_PLACES = {OWN: 3, OTHER: 2}
"""Locations of each organisation that the cases look at."""


@dataclass
class Seen:
    """What both keys have shown.

    ``caps`` is whether a limit of 101 is answered with a page, None where it was not asked.
    """

    own: Survey
    other: Survey | None = None
    caps: bool | None = None

    @property
    def usable(self) -> list[Survey]:
        """The keys that were given a list."""
        return [known for known in (self.own, self.other) if known is not None and known.usable]

    def wanted(self, known: Survey, given: Sequence[str]) -> list[str]:
        """The locations that the cases look at with a key.

        :param given: those that were named for the own organisation.
        """
        listed = known.locations or []
        if known is self.own:
            return list(dict.fromkeys([*given, *listed]))[: _PLACES[OWN]]
        own = {*given, *(self.own.locations or [])}
        return [location for location in listed if location not in own][: _PLACES[OTHER]]


def look(client: Client, contract: Contract) -> Seen:
    """Ask, and never more than may be.

    :raises Untestable: where the target cannot be judged at all.
    """
    asker = Asker(client)
    seen = Seen(_first(asker, OWN))
    if not isinstance(seen.own.first, Exchange):
        raise Untestable(str(seen.own.first))
    refuse_untestable(seen.own.first, contract)
    if client.target.other_key is not None:
        seen.other = _first(asker, OTHER)
    if not seen.own.usable:
        return seen
    for known in seen.usable:
        _list_locations(asker, known)
    given = client.target.location_ids
    for known in seen.usable:
        _look_at(asker, known, seen.wanted(known, given)[:1])
    for known in seen.usable:
        # A directory of a few pages is seen as a whole; of the other's, one more page is kept in hand.
        _walk(asker, known, _FEW_PAGES if known is seen.own else 2)
    _measure(asker, seen.own)
    if seen.own.whole and seen.own.least <= MAX_LIMIT:
        answer = asker.ask(Request(query=as_query(limit=MAX_LIMIT + 1)))
        seen.caps = answer.is_page if isinstance(answer, Exchange) else None
    if seen.other is not None and seen.other.usable:
        _measure(asker, seen.other)
    for known in seen.usable:
        _look_at(asker, known, seen.wanted(known, given))
    return seen


def _first(asker: Asker, credential: str) -> Survey:
    request = Request(query=as_query(limit=MAX_LIMIT), credential=credential)
    known = Survey(credential, asker.ask(request))
    if known.usable and isinstance(known.first, Exchange):
        _take(known, known.first)
    return known


def _list_locations(asker: Asker, known: Survey) -> None:
    query = as_query(limit=MAX_LIMIT)
    answer = asker.ask(Request(path=LOCATIONS, query=query, credential=known.credential))
    known.locations_answer = answer
    if isinstance(answer, Exchange) and answer.is_page:
        known.locations = [row["id"] for row in answer.rows if isinstance(row.get("id"), str)]


def _look_at(asker: Asker, known: Survey, locations: Sequence[str]) -> None:
    for location in locations:
        if location not in known.places and asker.left > 0:
            page = asker.page(known, location_id=location)
            if page is not None:
                known.places[location] = page


def _take(known: Survey, page: Exchange) -> None:
    """Put a page behind those that there are; one without a new record is the end."""
    if page.ids and set(page.ids) <= known.walked:
        known.unsized = "a page brought only records that had come before"
        return
    known.pages.append(page)
    more = page.member("meta", "has_more")
    known.least = max(known.least, len(known.walked) + (more is True))
    # A full page that says "no more" might lie, and the next one would show it.
    if not page.ids or (more is False and len(page.ids) < MAX_LIMIT):
        known.whole, known.least = True, len(known.walked)
        known.most = known.least


def _walk(asker: Asker, known: Survey, pages: int) -> None:
    """Ask for what follows, up to so many pages in all."""
    while not known.whole and known.unsized is None and len(known.pages) < pages and asker.left > 0:
        offset = len(known.walked)
        page = asker.page(known, offset=offset)
        if page is None:
            known.unsized = f"no page came at offset {offset}"
            return
        _take(known, page)


def _measure(asker: Asker, known: Survey) -> None:
    """Find the end by asking further on, in strides that grow, then between what is and what is not there."""
    for _ in range(_MOST_PROBES):
        if known.whole or known.unsized is not None or asker.left <= 0:
            return
        if _within_reach(asker, known):
            break
        if known.most is not None and known.most - known.least < MAX_LIMIT:
            return
        _probe(asker, known, _next_offset(known))
    if _within_reach(asker, known):
        _walk(asker, known, len(known.pages) + asker.left)


def _within_reach(asker: Asker, known: Survey) -> bool:
    """Whether what is not seen yet fits into the requests that are left."""
    if known.most is None:
        return False
    return known.most - len(known.pages) * MAX_LIMIT <= asker.left * MAX_LIMIT


def _next_offset(known: Survey) -> int:
    if known.most is not None:
        return isqrt(known.least * known.most)
    return _FIRST_PROBE if known.least < _FIRST_PROBE else _rounded(known.least) * _STRIDE


def _rounded(number: int) -> int:
    """The number with nothing but its first digit."""
    power: int = 10 ** (len(str(number)) - 1)
    return number // power * power


def _probe(asker: Asker, known: Survey, offset: int) -> None:
    page = asker.page(known, offset=offset)
    if page is None:
        known.unsized = f"no page came at offset {offset}"
        return
    if not page.ids:
        known.most = min(offset, known.most or offset)
        return
    if set(page.ids) <= known.walked:
        known.unsized = f"the page at offset {offset} brought only records that had come before"
        return
    known.apart.append(page)
    end = offset + len(page.ids)
    more = page.member("meta", "has_more")
    known.least = max(known.least, end + (more is True))
    if more is False:
        known.most = end
