"""The requests of the doctor, the most important first: keys, locations, ends of the lists, the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.contract.bounds import MAX_LIMIT
from conformance.contract.document import Contract
from conformance.doctor.survey import KeySurvey, Surveyor
from conformance.errors import Inconclusive, Untestable
from conformance.http.api import Api, as_query
from conformance.http.client import Client
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.judging.session import LOCATIONS
from conformance.judging.untestable import refuse_untestable
from conformance.privacy.text_notes import Notes
from conformance.target.credentials import OTHER, OWN

_FEW_PAGES = {OWN: 3, OTHER: 2}
"""Pages that are read before the end of the list is searched for."""

_MOST_PROBES = 4
_USED_LOCATIONS = {OWN: 3, OTHER: 2}
"""Locations of each organisation that the cases use."""


@dataclass
class TargetSurvey:
    """What both keys have shown.

    ``clamps`` is whether a limit of 101 returns a page, None if that was not requested.
    """

    own: KeySurvey
    other: KeySurvey | None = None
    clamps: bool | None = None

    @property
    def usable(self) -> list[KeySurvey]:
        """The surveys of the keys that got a list."""
        return [known for known in (self.own, self.other) if known is not None and known.usable]

    def used_locations(self, known: KeySurvey, given: Sequence[str]) -> list[str]:
        """Return the locations that the cases use with a key.

        :param given: location ids of the settings; they belong to the own organisation.
        """
        listed = known.locations or []
        if known is self.own:
            return list(dict.fromkeys([*given, *listed]))[: _USED_LOCATIONS[OWN]]
        own = {*given, *(self.own.locations or [])}
        return [location for location in listed if location not in own][: _USED_LOCATIONS[OTHER]]


def probe(client: Client, contract: Contract) -> TargetSurvey:
    """Survey a target within the bound of requests.

    :raises Untestable: if the target cannot be judged at all.
    """
    surveyor = Surveyor(client)
    found = TargetSurvey(_first(surveyor, OWN))
    if not isinstance(found.own.first, Exchange):
        raise Untestable(str(found.own.first))
    refuse_untestable(found.own.first, contract, Notes())
    if client.target.other_key is not None:
        found.other = _first(surveyor, OTHER)
    if not found.own.usable:
        return found
    for known in found.usable:
        _list_locations(surveyor, known)
    given = client.target.location_ids
    for known in found.usable:
        _list_members(surveyor, known, found.used_locations(known, given)[:1])
    for known in found.usable:
        # A directory of a few pages is read completely; one request more is kept for the own directory.
        _read(surveyor, known, _FEW_PAGES[known.credential])
    _measure(surveyor, found.own)
    if found.own.complete and found.own.least <= MAX_LIMIT:
        answer = surveyor.send(Request(query=as_query(limit=MAX_LIMIT + 1)))
        found.clamps = answer.is_page if isinstance(answer, Exchange) else None
    if found.other is not None and found.other.usable:
        _measure(surveyor, found.other)
    for known in found.usable:
        _list_members(surveyor, known, found.used_locations(known, given))
    return found


def _first(surveyor: Surveyor, credential: str) -> KeySurvey:
    request = Request(query=as_query(limit=MAX_LIMIT), credential=credential)
    known = KeySurvey(credential, surveyor.send(request))
    if known.usable:
        _read(surveyor, known, 1)
    return known


def _list_locations(surveyor: Surveyor, known: KeySurvey) -> None:
    query = as_query(limit=MAX_LIMIT)
    answer = surveyor.send(Request(path=LOCATIONS, query=query, credential=known.credential))
    known.locations_answer = answer
    if isinstance(answer, Exchange) and answer.is_page:
        known.locations = [row["id"] for row in answer.rows if isinstance(row.get("id"), str)]


def _list_members(surveyor: Surveyor, known: KeySurvey, locations: Sequence[str]) -> None:
    """Request the profiles of locations."""
    for location in locations:
        if location not in known.at_location and surveyor.left > 0:
            page = surveyor.page(known, location_id=location)
            if page is not None:
                known.at_location[location] = page


def _read(surveyor: Surveyor, known: KeySurvey, pages: int) -> None:
    """Read the list from its start, up to a number of pages in all."""
    api = Api(surveyor.send_all, known.credential)
    while not known.complete and known.size_problem is None and len(known.pages) < pages:
        if known.pages and surveyor.left <= 0:
            return
        # One page more each time: the client answers the pages before it from memory.
        api.most_pages = len(known.pages) + 1
        try:
            known.take(api.full_list())
        except Inconclusive as reason:
            known.size_problem = str(reason)


def _measure(surveyor: Surveyor, known: KeySurvey) -> None:
    """Search for the end of the list, then read the list if it is short enough."""
    for _ in range(_MOST_PROBES):
        if known.complete or known.size_problem is not None or surveyor.left <= 0:
            return
        if _within_reach(surveyor, known):
            break
        if known.most is not None and known.most - known.least < MAX_LIMIT:
            return
        offset = known.extent.next_offset()
        known.take_probe(offset, surveyor.page(known, offset=offset))
    if _within_reach(surveyor, known):
        _read(surveyor, known, len(known.pages) + surveyor.left)


def _within_reach(surveyor: Surveyor, known: KeySurvey) -> bool:
    """Return whether the requests that are left suffice to read the rest of the list."""
    if known.most is None:
        return False
    return known.most - len(known.pages) * MAX_LIMIT <= surveyor.left * MAX_LIMIT
