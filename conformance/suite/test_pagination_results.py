"""Pagination of filtered lists and search results."""

from __future__ import annotations

import pytest

from conformance.contract.cases import requirement
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.http.exchange import Transcript
from conformance.judging.session import Locations
from conformance.suite.filtering import end_of_the_active, largest_at_a_location
from conformance.suite.paging import (
    EARLY,
    ENDS,
    announces_its_end,
    cut_by_limit,
    later_pages,
    pages_join,
)

_PAGED = (("is_active", True), ("is_bookable_online", False))
"""Filters whose lists must be long enough for two pages."""


@requirement("PAG-13")
@pytest.mark.parametrize(("member", "value"), list(ENDS))
def test_filtered_pages_join_into_the_filtered_list(
    api: Api, directory: Directory, listed: Directory, member: str, value: bool
) -> None:
    listed.require(1, "an empty directory has no later page")
    paged = pages_join(api, listed.of(**{member: value}), directory, ENDS[member, value])
    if (member, value) not in _PAGED:
        return
    listed.both(member)
    if not paged:
        raise Inconclusive(
            f"fewer than two profiles match {member}={str(value).lower()}, too few for two pages"
        )


@requirement("PAG-13")
def test_pages_of_two_filters_join_into_the_filtered_list(
    api: Api, directory: Directory, listed: Directory
) -> None:
    pairs = [(True, True), (True, False), (False, True), (False, False)]
    active, bookable = max(
        pairs,
        key=lambda pair: len(listed.matching(is_active=pair[0], is_bookable_online=pair[1])),
    )
    query = listed.of(is_active=active, is_bookable_online=bookable)
    if not pages_join(api, query, directory):
        raise Inconclusive(
            "no two profiles have the same values of both booleans, too few for two pages"
        )


@requirement("PAG-13")
def test_pages_of_a_location_join_into_its_list(
    api: Api, directory: Directory, listed: Directory, locations: Locations
) -> None:
    """On a page that the case for the location requests too."""
    if not locations.own:
        return
    query, result = largest_at_a_location(api, listed, locations)
    if len(set(result.ids)) < result.total:
        raise Inconclusive("the list of a location has a record twice, so its pages have no order")
    limit, start = later_pages(result, (EARLY,))[0]
    page = api.lists((*query, *as_query(limit=limit, offset=start)))[0]
    if set(page.ids) - set(result.ids):
        raise Inconclusive("a later page does not keep to the location")
    pages_join(api, query, directory, (EARLY,))


@requirement("PAG-13")
def test_every_filtered_list_announces_its_end(
    api: Api, directory: Directory, listed: Directory, locations: Locations
) -> None:
    """On lists that other cases request too, so that they cost no further request."""
    listed.require(1, "an empty directory has no last page")
    booleans = ("is_active", "is_bookable_online")
    queries = [listed.of(**{name: value}) for name in booleans for value in (True, False)]
    if "location_id" not in dict(listed.base) and locations.own:
        place, _ = largest_at_a_location(api, listed, locations)
        queries += [(*place, *as_query(**{name: False})) for name in booleans]
    for result in api.full_lists(queries):
        announces_its_end(api, result.joined(), directory)
    if not directory.complete:
        end_of_the_active(api, directory)


@requirement("PAG-14")
def test_pages_of_a_search_join_into_its_result(
    api: Api, directory: Directory, lexicon: Lexicon
) -> None:
    # A search may drop a frequent word: then the next one is taken. A server that drops parts of words from
    # a page that is cut already shows it by a word that others have as a part.
    words = [*(lexicon.contained()[:1] if directory.complete else ()), *lexicon.shared()[:3]]
    if not any(pages_join(api, as_query(search=word), directory) for word in words):
        raise Inconclusive("no word of a name finds two profiles, too few for two pages")


@requirement("LIM-03", universal=True)
@pytest.mark.parametrize("kind", ["filter", "search"])
def test_limits_of_filtered_lists_and_results_were_reached(
    transcript: Transcript, kind: str
) -> None:
    cut_by_limit(transcript, kind)


@requirement("PAG-04", universal=True)
@pytest.mark.parametrize("kind", ["filter", "search"])
def test_next_offset_of_filtered_lists_and_results_was_judged(
    transcript: Transcript, kind: str
) -> None:
    cut_by_limit(transcript, kind)


@requirement("PAG-05", universal=True)
@pytest.mark.parametrize("kind", ["filter", "search"])
def test_ends_of_filtered_pages_and_results_were_judged(transcript: Transcript, kind: str) -> None:
    cut_by_limit(transcript, kind)
