"""Pages of what a filter or a search leaves join as those of the whole list do."""

from __future__ import annotations

import pytest

from conformance.api import MAX_LIMIT, Api, as_query
from conformance.cases import requirement
from conformance.directory import Directory
from conformance.expect import expect
from conformance.session import Locations
from conformance.suite.pages import asked
from conformance.verdict import Inconclusive
from conformance.words import Lexicon


@requirement("PAG-13")
@pytest.mark.parametrize(("member", "value"), [("is_active", True), ("is_bookable_online", False)])
def test_filtered_pages_join_into_the_filtered_list(
    api: Api, directory: Directory, member: str, value: bool
) -> None:
    directory.both(member)
    if not pages_of_result(api, **{member: value}):
        raise Inconclusive(
            f"{member}={str(value).lower()} leaves fewer than two profiles, as two pages need"
        )


@requirement("PAG-13")
def test_pages_of_two_filters_join_into_the_filtered_list(api: Api, directory: Directory) -> None:
    pairs = [(True, True), (True, False), (False, True), (False, False)]
    active, bookable = max(
        pairs,
        key=lambda pair: len(directory.matching(is_active=pair[0], is_bookable_online=pair[1])),
    )
    if not pages_of_result(api, is_active=active, is_bookable_online=bookable):
        raise Inconclusive(
            "no two profiles agree in both booleans, as two pages of a filtered list need"
        )


@requirement("PAG-13")
def test_every_filtered_list_announces_its_end(
    api: Api, directory: Directory, locations: Locations
) -> None:
    """The lists that other cases filter, at no further cost."""
    directory.require(1, "an empty directory has no last page")
    booleans = ("is_active", "is_bookable_online")
    queries = [as_query(**{name: value}) for name in booleans for value in (True, False)]
    for location in locations.own[:1]:
        queries += [as_query(location_id=location, **{name: False}) for name in booleans]
    for whole in api.wholes(queries):
        for page in whole.joined().pages:
            expect(page).announces(whole.total, asked(page)[1])


@requirement("PAG-14")
def test_pages_of_a_search_join_into_its_result(api: Api, lexicon: Lexicon) -> None:
    shared = lexicon.shared()
    if not shared or not pages_of_result(api, search=shared[0]):
        raise Inconclusive(
            "no word of a name is found in two profiles, as two pages of a result need"
        )


def pages_of_result(api: Api, **filters: str | bool) -> bool:
    """The list that the filters leave, as pages: both sides of its end, one record behind and none.

    Which records the filters must leave is another requirement's; here they are taken as they come.

    :returns: whether the list has the two records that two pages need.
    """
    whole = api.wholes([as_query(**filters)])[0].joined()
    total = whole.total
    for page in whole.pages:
        _, offset = asked(page)
        expect(page).announces(total, offset)
    if total < 2:
        return False
    half = min(total // 2, MAX_LIMIT)
    plan = [(half, total - half), (half, max(total - half - 1, 0))]
    queries = [
        (*as_query(**filters), *as_query(limit=limit, offset=start)) for limit, start in plan
    ]
    for page, (limit, start) in zip(api.lists(*queries), plan, strict=True):
        expect(page).part(whole.ids, start, limit).announces(total, start)
    return True
