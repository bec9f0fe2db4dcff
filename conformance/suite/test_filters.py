"""Filters: exactly the profiles that match, with one filter and with several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from conformance.contract.cases import Depth, requirement
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.http.exchange import Exchange
from conformance.judging.session import Locations, Session, Spare
from conformance.suite.additions import changes_nothing
from conformance.suite.carried import refused_beside_others
from conformance.suite.combined import both_list, both_values_at, with_either_value
from conformance.suite.expect import counted, expect, missing_from
from conformance.suite.filtering import (
    MOST_LOCATIONS,
    at_locations,
    counts_add_up,
    exactly,
    heads_match,
    independent_of_page_size,
    keeps_on_later_page,
    largest_at_a_location,
    narrows,
    same_records,
    telling_offset,
)
from conformance.suite.limits import refused_rather_than_bounded
from conformance.suite.universal import is_from_firewall
from conformance.suite.values import first_group
from conformance.text.uuids import is_uuid

Observe = Callable[[str, str, object], None]

BOOLEANS = [(True, True), (True, False), (False, True), (False, False)]
MALFORMED_LOCATIONS = ["first group", "too long"]
UUID_NOTATIONS = ("urn:uuid:{}", "{{{}}}", "{}\n")


@requirement("FIL-01", depth=Depth.SMOKE)
def test_is_active_true_lists_the_active(api: Api, directory: Directory, listed: Directory) -> None:
    active, _ = listed.both("is_active")
    undecided = listed.undecided("is_active")
    exactly(api, listed.of(is_active=True), active, undecided, listed, is_active=True)
    heads_match(api, directory, is_active=True)


@requirement("FIL-02")
def test_is_active_false_lists_the_inactive(
    api: Api, directory: Directory, listed: Directory
) -> None:
    _, inactive = listed.both("is_active")
    undecided = listed.undecided("is_active")
    exactly(api, listed.of(is_active=False), inactive, undecided, listed, is_active=False)
    heads_match(api, directory, is_active=False)


@requirement("FIL-03")
def test_without_is_active_both_are_listed(
    api: Api, directory: Directory, listed: Directory
) -> None:
    """That true lists only active profiles, and false only inactive ones, is judged by FIL-01 and FIL-02."""
    counts_add_up(api, directory, "is_active")
    active, inactive = api.full_lists([listed.of(is_active=True), listed.of(is_active=False)])
    filtered = set(active.joined().ids) | set(inactive.joined().ids)
    missing = filtered - set(listed.ids)
    if missing:
        if len(listed.pages) > 1:
            independent_of_page_size(api, listed.base, set(listed.ids))
        raise listed.pages[0].breach(
            "every profile of is_active=true and of is_active=false in the list without a filter",
            missing_from(filtered, missing, "profile"),
        )
    listed.both("is_active")


@requirement("FIL-04")
def test_is_bookable_online_true_lists_the_bookable(
    api: Api, directory: Directory, listed: Directory
) -> None:
    bookable, _ = listed.both("is_bookable_online")
    undecided = listed.undecided("is_bookable_online")
    query = listed.of(is_bookable_online=True)
    exactly(api, query, bookable, undecided, listed, is_bookable_online=True)
    heads_match(api, directory, is_bookable_online=True)


@requirement("FIL-05")
def test_is_bookable_online_false_lists_the_rest(
    api: Api, session: Session, directory: Directory, listed: Directory
) -> None:
    """In a large directory the count of all costs a dozen requests, so that one filter's has to suffice."""
    _, others = listed.both("is_bookable_online")
    undecided = listed.undecided("is_bookable_online")
    query = listed.of(is_bookable_online=False)
    exactly(api, query, others, undecided, listed, is_bookable_online=False)
    heads_match(api, directory, is_bookable_online=False)
    if session.depth is Depth.DEEP:
        counts_add_up(api, directory, "is_bookable_online")


@requirement("FIL-06")
@pytest.mark.parametrize(("active", "bookable"), BOOLEANS)
def test_two_booleans_list_what_matches_both(
    api: Api, directory: Directory, listed: Directory, active: bool, bookable: bool
) -> None:
    listed.both("is_active")
    listed.both("is_bookable_online")
    query = listed.of(is_active=active, is_bookable_online=bookable)
    members = {"is_active": active, "is_bookable_online": bookable}
    both_list(api, query, listed.ids, listed, members)
    if not bookable:  # in a large directory, whose slice has been judged with all four combinations
        heads_match(api, directory, pages=1, **members)


@requirement("FIL-07")
def test_location_narrows_the_list(
    api: Api, directory: Directory, listed: Directory, locations: Locations
) -> None:
    """The list of a location is a part of the whole list, and ends before it."""
    results = at_locations(api, listed, locations)
    for _, result in results:
        narrows(api, listed, result)
    size = directory.total if "location_id" in dict(listed.base) else listed.total
    narrowed = [(query, result) for query, result in results if 0 < result.total < size]
    if not narrowed:
        raise Inconclusive(
            "no known location has some clinicians and not all: give --location-id of one that has"
        )
    query, result = max(narrowed, key=lambda pair: pair[1].total)
    keeps_on_later_page(api, query, result)
    if not directory.complete:
        location = str(dict(query)["location_id"])
        expect(api.list(location_id=location, limit=1, offset=directory.total - 1)).empty()


@requirement("FIL-08")
def test_location_and_a_boolean_list_what_matches_both(
    api: Api, directory: Directory, listed: Directory, locations: Locations
) -> None:
    results = at_locations(api, listed, locations)
    results.sort(key=lambda pair: pair[1].joined().total, reverse=True)
    members = ("is_active", "is_bookable_online")
    # In one batch; the others are read only if this location has no profile with one of the values.
    api.full_lists(
        [query for member in members for query in with_either_value(results[0][0], member)]
    )
    for member in members:
        # A location with both values is enough. If none has both, other locations may have.
        both_values = any(both_values_at(api, listed, member, *pair) for pair in results)
        listed.both(member)
        if not both_values and any(result.ids for _, result in results):
            further = replace(locations, own=locations.own[MOST_LOCATIONS:])
            for pair in at_locations(api, listed, further) if further.own else []:
                both_values_at(api, listed, member, *pair)
    if not any(0 < result.total < directory.total for _, result in results):
        raise Inconclusive("no known location has some clinicians and not all")


@requirement("FIL-09")
def test_order_of_parameters_changes_nothing(api: Api, listed: Directory) -> None:
    listed.both("is_active")
    listed.both("is_bookable_online")
    listed.require(6, "a page with records before and after it is needed")
    start = telling_offset(listed, "is_active", "is_bookable_online", 3)
    parts = listed.of(is_active=True, is_bookable_online=False, limit=3, offset=start)
    # The whole list, which other cases request too, tells what the page must have.
    whole = api.full_list(listed.of(is_active=True, is_bookable_online=False)).joined()
    reverse = api.lists(tuple(reversed(parts)))[0]
    changes_nothing(api, reverse, whole.ids[start : start + 3], parts)


@requirement("FIL-09")
def test_filter_before_or_behind_a_location_is_the_same(
    api: Api, listed: Directory, locations: Locations
) -> None:
    listed.both("is_active")
    query, _ = largest_at_a_location(api, listed, locations)
    inactive = as_query(is_active=False)
    after, before = api.full_lists([(*query, *inactive), (*inactive, *query)])
    same_records(after, before)


@requirement("FIL-09")
def test_filter_before_or_behind_a_search_is_the_same(
    api: Api, listed: Directory, lexicon: Lexicon
) -> None:
    listed.both("is_active")
    shared = lexicon.shared()
    if not shared:
        raise Inconclusive("no word of three letters occurs in the names of two profiles")
    after, before = api.full_lists(
        [as_query(search=shared[0], is_active=False), as_query(is_active=False, search=shared[0])]
    )
    same_records(after, before)


@requirement("FIL-10")
def test_location_that_does_not_exist_lists_nothing(
    api: Api, directory: Directory, unknown: list[str]
) -> None:
    directory.require(1, "in an empty directory every list is empty")
    expect(api.list(location_id=unknown[0])).page().empty(certain=True)


def _malformed_location(
    session: Session, api: Api, spare: Spare, unknown: list[str], kind: str
) -> Exchange:
    """Request a value that is not a UUID, derived from an existing location if one is known."""
    if kind == "first group":
        own = first_group(session.locations.own)
        refused = refused_beside_others(session, api, unknown, "location_id", own)
        return refused or spare.api.list(location_id=first_group(spare.locations))
    known = [location for location in spare.locations if is_uuid(location)]
    location = known[0] if known else "123e4567-e89b-12d3-a456-426614174000"
    return spare.api.list(location_id=f"{location}0")


@requirement("FIL-11")
@pytest.mark.parametrize("kind", MALFORMED_LOCATIONS)
def test_malformed_location_never_lists_everything(
    session: Session, api: Api, spare: Spare, unknown: list[str], observe: Observe, kind: str
) -> None:
    spare.directory.require(1, "in an empty directory every list is empty")
    answer = _malformed_location(session, api, spare, unknown, kind)
    expect(answer).refusal_or_page()
    if answer.is_page:
        expect(answer).empty(certain=True)
    observe(
        f"location-id-{kind.replace(' ', '-')}",
        f"The response to a malformed location_id: {kind}.",
        _records_or_refusal(answer),
    )


@requirement("FIL-11", depth=Depth.DEEP, last=True)
def test_other_notation_of_a_location_that_does_not_exist(
    api: Api, directory: Directory, unknown: list[str]
) -> None:
    """A validator may accept a notation that the database behind it refuses, with a server error."""
    directory.require(1, "in an empty directory every list is empty")
    texts = [pattern.format(unknown[0]) for pattern in UUID_NOTATIONS]
    texts.append(unknown[0].replace("-", ""))
    for answer in api.lists(*(as_query(location_id=text) for text in texts)):
        if is_from_firewall(answer):
            continue
        expect(answer).refusal_or_page()
        if answer.is_page:
            expect(answer).empty(certain=True)


@requirement("FIL-12")
@pytest.mark.parametrize("kind", MALFORMED_LOCATIONS)
def test_malformed_location_is_refused(
    session: Session, api: Api, spare: Spare, unknown: list[str], kind: str
) -> None:
    answer = _malformed_location(session, api, spare, unknown, kind)
    refused_rather_than_bounded(answer, empty=True)


@requirement("FIL-19")
def test_unknown_location_in_capital_letters(spare: Spare, unknown: list[str]) -> None:
    """A UUID is the same in either letter case, so this one is no location's."""
    spare.directory.require(1, "in an empty directory every list is empty")
    answer = spare.api.list(location_id=unknown[-1].upper())
    expect(answer).refusal_or_page()
    if answer.is_page:
        expect(answer).empty(certain=True)


@requirement("FIL-16")
def test_empty_location_does_not_list_everything(spare: Spare, observe: Observe) -> None:
    """Many frameworks treat an empty parameter as an absent one."""
    spare.directory.require(1, "in an empty directory every list is empty")
    answer = spare.api.list(location_id="")
    observe(
        "location-id-empty",
        "The response to a malformed location_id: empty.",
        _records_or_refusal(answer),
    )
    expect(answer).refusal_or_page()
    if answer.is_page:
        expect(answer).empty(certain=True)


@requirement("FIL-13")
@pytest.mark.parametrize(("member", "value"), [("is_active", "AAA"), ("is_bookable_online", "")])
def test_malformed_boolean(
    session: Session,
    api: Api,
    spare: Spare,
    unknown: list[str],
    observe: Observe,
    member: str,
    value: str,
) -> None:
    refused = refused_beside_others(session, api, unknown, member, value)
    answer = refused or spare.api.list(**{member: value})
    expect(answer).refusal_or_page()
    name = f"{member}-{'malformed' if value else 'empty'}".replace("_", "-")
    observe(
        name, f"The response to {member} {value or 'without a value'}.", _records_or_refusal(answer)
    )


@requirement("FIL-14")
@pytest.mark.parametrize(("member", "value"), [("is_active", "AAA"), ("is_bookable_online", "")])
def test_malformed_boolean_is_refused(
    session: Session, api: Api, spare: Spare, unknown: list[str], member: str, value: str
) -> None:
    refused = refused_beside_others(session, api, unknown, member, value)
    refused_rather_than_bounded(refused or spare.api.list(**{member: value}))


@requirement("FIL-15")
@pytest.mark.parametrize("value", ["TRUE", "1", "yes"])
def test_other_spelling_of_true(
    session: Session, api: Api, spare: Spare, unknown: list[str], observe: Observe, value: str
) -> None:
    """Frameworks differ in the spellings that they accept as true."""
    refused = refused_beside_others(session, api, unknown, "is_active", value)
    answer = refused or spare.api.list(is_active=value)
    expect(answer).refusal_or_page()
    same = answer.is_page and answer.ids == spare.api.list(is_active=True).ids
    observe(
        f"is-active-as-{value.lower()}",
        f"The response to is_active={value}.",
        "the list of is_active=true" if same else _records_or_refusal(answer),
    )


def _records_or_refusal(answer: Exchange) -> str:
    return (
        f"answered with {counted(len(answer.rows))}"
        if answer.is_page
        else f"refused {answer.status}"
    )
