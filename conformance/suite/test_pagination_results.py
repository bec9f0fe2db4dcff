"""Pages of what a filter or a search leaves join as those of the whole list do."""

from __future__ import annotations

import pytest

from conformance.contract.bounds import DEFAULT_LIMIT, MAX_LIMIT
from conformance.contract.cases import requirement
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.http.exchange import Transcript
from conformance.http.request import Query
from conformance.judging.session import Locations
from conformance.suite.expect import expect
from conformance.suite.full_lists import count_with, last
from conformance.suite.pages import FILTERS, asked, pages_of

BOTH_SIDES = (0, 1)
ENDS = {
    ("is_active", True): BOTH_SIDES,
    ("is_active", False): (0,),
    ("is_bookable_online", True): (1,),
    ("is_bookable_online", False): (0,),
}
"""Boolean filter → how many records lie behind its pages that are asked for, the first one excepted."""

_PAGED = (("is_active", True), ("is_bookable_online", False))
"""Those that must be long enough to be paged at all."""


@requirement("PAG-13")
@pytest.mark.parametrize(("member", "value"), list(ENDS))
def test_filtered_pages_join_into_the_filtered_list(
    api: Api, listed: Directory, member: str, value: bool
) -> None:
    listed.require(1, "an empty directory has no later page")
    paged = pages_of_result(api, listed.of(**{member: value}), ENDS[member, value])
    if (member, value) not in _PAGED:
        return
    listed.both(member)
    if not paged:
        raise Inconclusive(
            f"{member}={str(value).lower()} leaves fewer than two profiles, as two pages need"
        )


@requirement("PAG-13")
def test_pages_of_two_filters_join_into_the_filtered_list(api: Api, listed: Directory) -> None:
    pairs = [(True, True), (True, False), (False, True), (False, False)]
    active, bookable = max(
        pairs,
        key=lambda pair: len(listed.matching(is_active=pair[0], is_bookable_online=pair[1])),
    )
    if not pages_of_result(api, listed.of(is_active=active, is_bookable_online=bookable)):
        raise Inconclusive(
            "no two profiles agree in both booleans, as two pages of a filtered list need"
        )


@requirement("PAG-13")
def test_every_filtered_list_announces_its_end(
    api: Api, directory: Directory, listed: Directory, locations: Locations
) -> None:
    """The lists that other cases filter, at no further cost."""
    listed.require(1, "an empty directory has no last page")
    booleans = ("is_active", "is_bookable_online")
    queries = [listed.of(**{name: value}) for name in booleans for value in (True, False)]
    if "location_id" not in dict(listed.base):
        for location in locations.own[:1]:
            queries += [listed.of(location_id=location, **{name: False}) for name in booleans]
    for whole in api.full_lists(queries):
        for page in whole.joined().pages:
            expect(page).announces(whole.total, asked(page)[1])
    if not directory.complete:
        end_of_the_active(api, directory)


def end_of_the_active(api: Api, directory: Directory) -> None:
    """Both sides of the end of a filtered list that is too large to be listed."""
    total = count_with(api, directory, "is_active")
    start = total - DEFAULT_LIMIT
    if start < 1:
        raise Inconclusive(
            f"is_active=true leaves {total} profiles, too few for a page and one more"
        )
    query = as_query(is_active=True)
    offsets = (start, start - 1)
    pages = [(*query, *as_query(limit=DEFAULT_LIMIT, offset=offset)) for offset in offsets]
    plan = [last(query, total), *pages, last(query, total)]
    before, *seen, after = api.in_turn(
        [api.request(query=item) for item in plan], "end of the active"
    )
    if len(before.rows) != 1 or len(after.rows) != 1:
        raise Inconclusive("the end of the list moved while it was looked at")
    for page, offset in zip(seen, offsets, strict=True):
        expect(page).announces(total, offset)


@requirement("PAG-14")
def test_pages_of_a_search_join_into_its_result(api: Api, lexicon: Lexicon) -> None:
    shared = lexicon.shared()
    if not shared or not pages_of_result(api, as_query(search=shared[0])):
        raise Inconclusive(
            "no word of a name is found in two profiles, as two pages of a result need"
        )


_CUT = [
    pytest.param(kind, marks=requirement(identifier, universal=True))
    for identifier in ("LIM-03", "PAG-04", "PAG-05")
    for kind in ("filter", "search")
]


@pytest.mark.parametrize("kind", _CUT)
def test_a_result_was_cut_into_pages(transcript: Transcript, kind: str) -> None:
    """What pages must meet shows on those of a result only if one was seen that its limit has cut off."""
    names = {"search"} if kind == "search" else FILTERS
    for page in pages_of(transcript):
        asked_for = {name for name, _ in page.request.query}
        if asked_for & names and len(page.rows) >= asked(page)[0]:
            return
    lacking = "no word" if kind == "search" else "no filter"
    raise Inconclusive(
        f"no page of a {kind} was seen that its limit had cut off: {lacking} leaves two profiles"
    )


def pages_of_result(api: Api, query: Query, ends: tuple[int, ...] = BOTH_SIDES) -> bool:
    """The list that a query leaves, as pages: both sides of its end, one record behind and none.

    Which records the filters must leave is another requirement's; here they are taken as they come.

    :param ends: how many records lie behind the pages that are asked for.
    :returns: whether the list has the two records that two pages need.
    """
    whole = api.full_list(query).joined()
    for page in whole.pages:
        _, offset = asked(page)
        expect(page).announces(whole.total, offset)
    plan = later_pages(whole.total, ends)
    queries = [(*query, *as_query(limit=limit, offset=start)) for limit, start in plan]
    for page, (limit, start) in zip(api.lists(*queries), plan, strict=True):
        expect(page).part(whole.ids, start, limit).announces(whole.total, start)
    return whole.total > 1


def later_pages(total: int, ends: tuple[int, ...]) -> list[tuple[int, int]]:
    """Limits and offsets of pages that are not the first; of a list with one page, what is behind it.

    Where one is enough, it begins as early as it can: what does not belong there may stand anywhere. Of two,
    each is a second half, so that the page number is odd as well.
    """
    if total < 2:
        return [(DEFAULT_LIMIT, 1)]
    if len(ends) > 1:
        half = min(total // 2, MAX_LIMIT)
        return [(half, max(total - half - behind, 0)) for behind in ends]
    size = max(min(total - 1 - ends[0], MAX_LIMIT), 1)
    return [(size, total - size - ends[0])]
