"""At depth deep: locations and words of profiles for which a standard run has no requests."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from conformance.contract.cases import Depth, requirement
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.directory.words import words
from conformance.errors import BudgetExhausted
from conformance.http.api import Api, as_query, item_path
from conformance.http.request import Turn
from conformance.judging.session import Locations
from conformance.suite.filtering import MOST_LOCATIONS, narrows
from conformance.suite.profiles import moment
from conformance.suite.searching import each_is_found
from conformance.suite.witnesses import Pair, spread

_MOST_FURTHER = 12
"""Further locations whose lists are requested."""

_MOST_EDITED = 12
_MOST_OTHERS = 8
"""Profiles that are searched for by a word: those that were edited last, and others from all over."""

_MOST_KEPT = 11
"""Times that a refusal is repeated: the connections of a pool are 5 to 10 by default."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@requirement("FIL-07", depth=Depth.DEEP, last=True)
def test_every_further_location_narrows_the_list(
    api: Api, listed: Directory, locations: Locations
) -> None:
    """A clinician with several rows at one location, as after a return, is listed once."""
    if "location_id" in dict(listed.base):
        return
    further = locations.own[MOST_LOCATIONS : MOST_LOCATIONS + _MOST_FURTHER]
    queries = [(*as_query(location_id=location), *listed.base) for location in further]
    for result in api.full_lists(queries):
        narrows(api, listed, result)


@requirement("SRCH-01", depth=Depth.DEEP, last=True)
def test_rare_words_of_edited_profiles_find_them(
    api: Api, directory: Directory, lexicon: Lexicon
) -> None:
    """An index that an edit does not reach still has the old name."""
    directory.require(1, "in an empty directory every search finds nothing")
    rarest = [
        pair for record in _edited_last(directory) for pair in _rarest(lexicon, directory, record)
    ]
    edited = rarest[:_MOST_EDITED]
    others = spread([pair for pair in rarest if pair not in edited], directory, _MOST_OTHERS)
    each_is_found(api, lexicon, directory, [*edited, *others])


@requirement("ROB-01", depth=Depth.DEEP, last=True)
def test_repeated_refusals_use_nothing_up(
    api: Api, locations: Locations, unknown: list[str]
) -> None:
    """An early way back may keep a connection of the pool, so that none is left after some requests.

    Without that many requests left, the other cases suffice.
    """
    foreign = [location for location in locations.other if location not in locations.own][:1]
    for request in (
        *(api.request(query=as_query(location_id=location)) for location in foreign),
        api.request(path=item_path(unknown[0])),
        api.request(query=as_query(is_active="zqx")),
    ):
        with suppress(BudgetExhausted):
            api.many(api.turns([request] * _MOST_KEPT, "repeat of a refusal", Turn.NO))
    with suppress(BudgetExhausted):
        answer = api.afresh("after refusals").list()
        if answer.status >= 500:
            raise answer.breach("no server error", str(answer.status))


def _edited_last(directory: Directory) -> list[str]:
    """Return the ids of all profiles: those that were edited last, then those that never were."""

    def edited(record: str) -> datetime:
        row = directory.by_id[record]
        changed = moment(row.get("updated_at"))
        return _NEVER if changed is None or row["updated_at"] == row.get("created_at") else changed

    return sorted(directory.seen, key=edited, reverse=True)


def _rarest(lexicon: Lexicon, directory: Directory, record: str) -> list[Pair]:
    """Return the word of a profile's name that fewest profiles have, as a list; an empty one if none has."""
    found = sorted(words(directory.by_id[record].get("name")))
    return [(min(found, key=lexicon.frequency.__getitem__), record)] if found else []
