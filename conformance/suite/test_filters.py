"""Filters: exactly the profiles that match, alone and together, and nothing that a filter was not told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from conformance.contract.cases import Depth, requirement
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.errors import Inconclusive
from conformance.http.api import Api, FullList, as_query
from conformance.http.exchange import Exchange
from conformance.http.request import Query
from conformance.judging.session import Locations, Spare
from conformance.suite.expect import counted, expect, same_ids, shown
from conformance.suite.full_lists import counts_add_up, heads_match

Observe = Callable[[str, str, object], None]

NO_UUID = {"empty": ""}
_MOST_LOCATIONS = 3


def exactly(whole: FullList, wanted: list[str]) -> None:
    """The list holds these records, in whatever order."""
    surplus = set(whole.ids) - set(wanted)
    # What moves shifts those that are on the next page; on one page nobody is missed.
    missing = set(wanted) - set(whole.ids) if len(whole.pages) == 1 else set()
    if whole.cut and surplus:
        # Wrong already, however long it is.
        same_ids(wanted, list(whole.ids), whole.pages[-1], surplus)
    same_ids(wanted, list(whole.joined().ids), whole.pages[-1], surplus | missing)


@requirement("FIL-01", depth=Depth.SMOKE)
def test_is_active_true_lists_the_active(api: Api, directory: Directory, listed: Directory) -> None:
    active, _ = listed.both("is_active")
    exactly(api.full_list(listed.base, is_active=True), active)
    heads_match(api, directory, is_active=True)


@requirement("FIL-02")
def test_is_active_false_lists_the_inactive(
    api: Api, directory: Directory, listed: Directory
) -> None:
    _, inactive = listed.both("is_active")
    exactly(api.full_list(listed.base, is_active=False), inactive)
    heads_match(api, directory, is_active=False)


@requirement("FIL-03")
def test_without_is_active_both_are_listed(
    api: Api, directory: Directory, listed: Directory
) -> None:
    """True and false are disjoint, and together they are the list without the filter."""
    counts_add_up(api, directory, "is_active")
    active, inactive = api.full_lists([listed.of(is_active=True), listed.of(is_active=False)])
    overlap = set(active.joined().ids) & set(inactive.joined().ids)
    if overlap:
        raise inactive.pages[0].breach(
            "no profile under both is_active=true and is_active=false",
            f"{counted(len(overlap))}: {shown(overlap)}",
        )
    missing = (set(active.ids) | set(inactive.ids)) - set(listed.ids)
    if missing:
        raise listed.pages[0].breach(
            "every profile that is_active=true or is_active=false lists",
            f"{counted(len(missing))} missing from the list without a filter: {shown(missing)}",
        )
    listed.both("is_active")


@requirement("FIL-04")
def test_is_bookable_online_true_lists_the_bookable(
    api: Api, directory: Directory, listed: Directory
) -> None:
    bookable, _ = listed.both("is_bookable_online")
    exactly(api.full_list(listed.base, is_bookable_online=True), bookable)
    heads_match(api, directory, is_bookable_online=True)


@requirement("FIL-05")
def test_is_bookable_online_false_lists_the_rest(
    api: Api, directory: Directory, listed: Directory
) -> None:
    _, others = listed.both("is_bookable_online")
    exactly(api.full_list(listed.base, is_bookable_online=False), others)
    heads_match(api, directory, is_bookable_online=False)
    counts_add_up(api, directory, "is_bookable_online")


@requirement("FIL-06")
@pytest.mark.parametrize(
    ("active", "bookable"), [(True, True), (True, False), (False, True), (False, False)]
)
def test_two_booleans_list_what_matches_both(
    api: Api, directory: Directory, listed: Directory, active: bool, bookable: bool
) -> None:
    listed.both("is_active")
    listed.both("is_bookable_online")
    exactly(
        api.full_list(listed.base, is_active=active, is_bookable_online=bookable),
        listed.matching(is_active=active, is_bookable_online=bookable),
    )
    heads_match(api, directory, is_active=active, is_bookable_online=bookable)


def known_locations(locations: Locations) -> list[str]:
    """The locations to ask for.

    :raises Inconclusive: where none is known.
    """
    if not locations.own:
        raise Inconclusive("no location is known: give --location-id")
    return locations.own[:_MOST_LOCATIONS]


def at_locations(api: Api, listed: Directory, locations: Locations) -> list[tuple[Query, FullList]]:
    """Query and list of each of the locations to ask for, within what is known as a whole.

    :raises Inconclusive: where no location is known.
    """
    if "location_id" in dict(listed.base):
        return [(listed.base, api.full_list(listed.base))]
    queries = [
        (*as_query(location_id=location), *listed.base) for location in known_locations(locations)
    ]
    return list(zip(queries, api.full_lists(queries), strict=True))


def largest_at_a_location(
    api: Api, listed: Directory, locations: Locations
) -> tuple[Query, FullList]:
    """The longest of these lists."""
    return max(at_locations(api, listed, locations), key=lambda pair: pair[1].joined().total)


@requirement("FIL-07")
def test_location_narrows_the_list(
    api: Api, directory: Directory, listed: Directory, locations: Locations
) -> None:
    placed = at_locations(api, listed, locations)
    for _, whole in placed:
        strangers = set(whole.joined().ids) - set(listed.ids)
        if strangers:
            raise whole.pages[0].breach(
                "profiles of the organisation",
                f"{counted(len(strangers))} that its list lacks: {shown(strangers)}",
            )
        if len(set(whole.ids)) != len(whole.ids):
            same_ids(set(whole.ids), list(whole.ids), whole.pages[0])
    size = directory.total if "location_id" in dict(listed.base) else listed.total
    narrowed = [(query, whole) for query, whole in placed if 0 < whole.total < size]
    if not narrowed:
        raise Inconclusive(
            "no known location has some clinicians and not all: give --location-id of one that has"
        )
    query, whole = max(narrowed, key=lambda pair: pair[1].total)
    half = max(whole.total // 2, 1)
    start = whole.total - min(half, 50)
    page = api.lists((*query, *as_query(limit=min(half, 50), offset=start)))[0]
    expect(page).part(whole.ids, start, 50).announces(whole.total, start)
    if not directory.complete:
        # Somebody is not at the location, so its list is shorter than that of all.
        location = str(dict(query)["location_id"])
        expect(api.list(location_id=location, limit=1, offset=directory.total - 1)).empty()


@requirement("FIL-08")
def test_location_and_a_boolean_list_what_matches_both(
    api: Api, directory: Directory, listed: Directory, locations: Locations
) -> None:
    placed = at_locations(api, listed, locations)
    placed.sort(key=lambda pair: pair[1].joined().total, reverse=True)
    for member in ("is_active", "is_bookable_online"):
        # One with both values says it all; where all seem to have the same, others may be hidden.
        shown = any(_both_at(api, listed, member, *pair) for pair in placed)
        listed.both(member)
        if not shown and any(whole.ids for _, whole in placed):
            further = replace(locations, own=locations.own[_MOST_LOCATIONS:])
            for pair in at_locations(api, listed, further) if further.own else []:
                _both_at(api, listed, member, *pair)
    if not any(0 < whole.total < directory.total for _, whole in placed):
        raise Inconclusive("no known location has some clinicians and not all")


def _both_at(api: Api, listed: Directory, member: str, query: Query, whole: FullList) -> bool:
    """The lists of true and of false there are those of the location that have the value.

    :returns: whether neither of them is empty.
    """
    lists = api.full_lists([(*query, *as_query(**{member: value})) for value in (True, False)])
    for value, both in zip((True, False), lists, strict=True):
        matching = set(listed.matching(**{member: value}))
        exactly(both, [record for record in whole.ids if record in matching])
    return all(both.ids for both in lists)


@requirement("FIL-09")
def test_order_of_parameters_changes_nothing(api: Api, listed: Directory) -> None:
    listed.both("is_active")
    listed.both("is_bookable_online")
    listed.require(6, "a page with a page before it and behind it is needed")
    both, active, others = (
        listed.matching(is_active=True, is_bookable_online=False),
        listed.matching(is_active=True),
        listed.matching(is_bookable_online=False),
    )

    def tells(start: int) -> bool:
        """Whether a page from there on is another one where either filter is lost."""
        page = both[start : start + 3]
        return bool(page) and page not in (active[start : start + 3], others[start : start + 3])

    start = next((place for place in range(1, listed.total) if tells(place)), 1)
    parts = listed.of(is_active=True, is_bookable_online=False, limit=3, offset=start)
    whole = api.full_list(listed.base, is_active=True, is_bookable_online=False).joined()
    for page in api.lists(parts, tuple(reversed(parts))):
        expect(page).part(whole.ids, start, 3)


@requirement("FIL-09")
def test_filter_before_or_behind_a_location_is_the_same(
    api: Api, listed: Directory, locations: Locations
) -> None:
    listed.both("is_active")
    query, _ = largest_at_a_location(api, listed, locations)
    inactive = as_query(is_active=False)
    behind, before = api.full_lists([(*query, *inactive), (*inactive, *query)])
    same_ids(set(behind.joined().ids), list(before.joined().ids), before.pages[0])


@requirement("FIL-09")
def test_filter_before_or_behind_a_search_is_the_same(
    api: Api, listed: Directory, lexicon: Lexicon
) -> None:
    listed.both("is_active")
    shared = lexicon.shared()
    if not shared:
        raise Inconclusive("no word of three letters occurs in the names of two profiles")
    behind, before = api.full_lists(
        [as_query(search=shared[0], is_active=False), as_query(is_active=False, search=shared[0])]
    )
    same_ids(set(behind.joined().ids), list(before.joined().ids), before.pages[0])


@requirement("FIL-10")
def test_location_that_does_not_exist_lists_nothing(
    api: Api, directory: Directory, unknown: list[str]
) -> None:
    directory.require(1, "an empty directory lists nothing whatever is asked")
    expect(api.list(location_id=unknown[0])).empty(certain=True)


def malformed(spare: Spare, kind: str) -> str:
    """A value that is no UUID in any notation, made from a location that exists where one is known."""
    if kind in NO_UUID:
        return NO_UUID[kind]
    known = spare.locations[0] if spare.locations else "123e4567-e89b-12d3-a456-426614174000"
    return known[:8] if kind == "first group" else f"{known}0"


@requirement("FIL-11")
@pytest.mark.parametrize("kind", [*NO_UUID, "first group", "too long"])
def test_malformed_location_never_lists_everything(
    spare: Spare, observe: Observe, kind: str
) -> None:
    spare.directory.require(1, "an empty directory lists nothing whatever is asked")
    answer = spare.api.list(location_id=malformed(spare, kind))
    expect(answer).refusal_or_page()
    if answer.is_page:
        expect(answer).empty(certain=True)
    name = kind.replace(" ", "-")
    observe(
        f"location-id-{name}", f"The answer to a location_id that is wrong: {kind}.", _taken(answer)
    )


@requirement("FIL-12")
@pytest.mark.parametrize("kind", [*NO_UUID, "first group", "too long"])
def test_malformed_location_is_refused(spare: Spare, kind: str) -> None:
    expect(spare.api.list(location_id=malformed(spare, kind))).refusal()


@requirement("FIL-13")
@pytest.mark.parametrize(("member", "value"), [("is_active", "AAA"), ("is_bookable_online", "")])
def test_malformed_boolean(spare: Spare, observe: Observe, member: str, value: str) -> None:
    answer = spare.api.list(**{member: value})
    expect(answer).refusal_or_page()
    name = f"{member}-{'malformed' if value else 'empty'}".replace("_", "-")
    observe(name, f"The answer to {member} that is {value or 'empty'}.", _taken(answer))


@requirement("FIL-14")
@pytest.mark.parametrize(("member", "value"), [("is_active", "AAA"), ("is_bookable_online", "")])
def test_malformed_boolean_is_refused(spare: Spare, member: str, value: str) -> None:
    expect(spare.api.list(**{member: value})).refusal()


def _taken(answer: Exchange) -> str:
    return (
        f"answered with {counted(len(answer.rows))}"
        if answer.is_page
        else f"refused {answer.status}"
    )
