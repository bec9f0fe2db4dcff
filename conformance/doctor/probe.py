"""What the doctor asks, in the order of what matters most: the keys, the places, the ends, the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt

from conformance.contract.bounds import MAX_LIMIT
from conformance.contract.document import Contract
from conformance.doctor.survey import KeySurvey, Surveyor
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
class TargetSurvey:
    """What both keys have shown.

    ``caps`` is whether a limit of 101 is answered with a page, None where it was not asked.
    """

    own: KeySurvey
    other: KeySurvey | None = None
    caps: bool | None = None

    @property
    def usable(self) -> list[KeySurvey]:
        """The keys that were given a list."""
        return [known for known in (self.own, self.other) if known is not None and known.usable]

    def wanted(self, known: KeySurvey, given: Sequence[str]) -> list[str]:
        """The locations that the cases look at with a key.

        :param given: those that were named for the own organisation.
        """
        listed = known.locations or []
        if known is self.own:
            return list(dict.fromkeys([*given, *listed]))[: _PLACES[OWN]]
        own = {*given, *(self.own.locations or [])}
        return [location for location in listed if location not in own][: _PLACES[OTHER]]


def probe(client: Client, contract: Contract) -> TargetSurvey:
    """Ask, and never more than may be.

    :raises Untestable: where the target cannot be judged at all.
    """
    surveyor = Surveyor(client)
    seen = TargetSurvey(_first(surveyor, OWN))
    if not isinstance(seen.own.first, Exchange):
        raise Untestable(str(seen.own.first))
    refuse_untestable(seen.own.first, contract)
    if client.target.other_key is not None:
        seen.other = _first(surveyor, OTHER)
    if not seen.own.usable:
        return seen
    for known in seen.usable:
        _list_locations(surveyor, known)
    given = client.target.location_ids
    for known in seen.usable:
        _look_at(surveyor, known, seen.wanted(known, given)[:1])
    for known in seen.usable:
        # A directory of a few pages is seen as a whole; of the other's, one more page is kept in hand.
        _walk(surveyor, known, _FEW_PAGES if known is seen.own else 2)
    _measure(surveyor, seen.own)
    if seen.own.whole and seen.own.least <= MAX_LIMIT:
        answer = surveyor.ask(Request(query=as_query(limit=MAX_LIMIT + 1)))
        seen.caps = answer.is_page if isinstance(answer, Exchange) else None
    if seen.other is not None and seen.other.usable:
        _measure(surveyor, seen.other)
    for known in seen.usable:
        _look_at(surveyor, known, seen.wanted(known, given))
    return seen


def _first(surveyor: Surveyor, credential: str) -> KeySurvey:
    request = Request(query=as_query(limit=MAX_LIMIT), credential=credential)
    known = KeySurvey(credential, surveyor.ask(request))
    if known.usable and isinstance(known.first, Exchange):
        _take(known, known.first)
    return known


def _list_locations(surveyor: Surveyor, known: KeySurvey) -> None:
    query = as_query(limit=MAX_LIMIT)
    answer = surveyor.ask(Request(path=LOCATIONS, query=query, credential=known.credential))
    known.locations_answer = answer
    if isinstance(answer, Exchange) and answer.is_page:
        known.locations = [row["id"] for row in answer.rows if isinstance(row.get("id"), str)]


def _look_at(surveyor: Surveyor, known: KeySurvey, locations: Sequence[str]) -> None:
    for location in locations:
        if location not in known.places and surveyor.left > 0:
            page = surveyor.page(known, location_id=location)
            if page is not None:
                known.places[location] = page


def _take(known: KeySurvey, page: Exchange) -> None:
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


def _walk(surveyor: Surveyor, known: KeySurvey, pages: int) -> None:
    """Ask for what follows, up to so many pages in all."""
    while (
        not known.whole and known.unsized is None and len(known.pages) < pages and surveyor.left > 0
    ):
        offset = len(known.walked)
        page = surveyor.page(known, offset=offset)
        if page is None:
            known.unsized = f"no page came at offset {offset}"
            return
        _take(known, page)


def _measure(surveyor: Surveyor, known: KeySurvey) -> None:
    """Find the end by asking further on, in strides that grow, then between what is and what is not there."""
    for _ in range(_MOST_PROBES):
        if known.whole or known.unsized is not None or surveyor.left <= 0:
            return
        if _within_reach(surveyor, known):
            break
        if known.most is not None and known.most - known.least < MAX_LIMIT:
            return
        _probe(surveyor, known, _next_offset(known))
    if _within_reach(surveyor, known):
        _walk(surveyor, known, len(known.pages) + surveyor.left)


def _within_reach(surveyor: Surveyor, known: KeySurvey) -> bool:
    """Whether what is not seen yet fits into the requests that are left."""
    if known.most is None:
        return False
    return known.most - len(known.pages) * MAX_LIMIT <= surveyor.left * MAX_LIMIT


def _next_offset(known: KeySurvey) -> int:
    if known.most is not None:
        return isqrt(known.least * known.most)
    return _FIRST_PROBE if known.least < _FIRST_PROBE else _rounded(known.least) * _STRIDE


def _rounded(number: int) -> int:
    """The number with nothing but its first digit."""
    power: int = 10 ** (len(str(number)) - 1)
    return number // power * power


def _probe(surveyor: Surveyor, known: KeySurvey, offset: int) -> None:
    page = surveyor.page(known, offset=offset)
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
