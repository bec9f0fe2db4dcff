"""Pagination: pages join into the list, each record once, and the last page says that it is the last."""

from __future__ import annotations

from collections import Counter
from math import inf

from conformance.contract.bounds import DEFAULT_LIMIT, MAX_LIMIT
from conformance.contract.cases import Depth, requirement
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import Turn
from conformance.judging.session import Session
from conformance.suite.expect import counted, expect, require_page, shown
from conformance.suite.known import must_be_listed
from conformance.suite.paging import (
    EDITED,
    after_other_lists,
    announced,
    both_kinds,
    filters_of,
    known_ends,
    same_page,
    shorter_than,
    unused_limit,
)
from conformance.suite.universal import pages_of, pages_with_more, requested
from conformance.suite.walking import (
    follow_next_offset,
    has_end_of,
    no_record_twice,
    records_behind,
    sample_windows,
    second_page_size,
)
from conformance.text.wording import written

BEYOND = 2**31 - 1


@requirement("PAG-01", depth=Depth.SMOKE)
def test_has_more_while_a_record_lies_behind(api: Api, directory: Directory) -> None:
    """One record after the page is enough."""
    directory.require(2, "no page is followed by a record")
    # The second page is so large that the next page would not be full.
    limits = sorted({1, min(MAX_LIMIT, directory.total - 1)})
    pages = api.lists(
        *(as_query(limit=limit, offset=directory.total - limit - 1) for limit in limits)
    )
    for page, limit in zip(pages, limits, strict=True):
        expect(page).announces(directory.total, directory.total - limit - 1)
    announced(directory, more=True)


@requirement("PAG-01", universal=True, depth=Depth.SMOKE)
def test_no_page_of_the_whole_list_ends_before_its_end(transcript: Transcript) -> None:
    """A page may be right once, and wrong when it is repeated. Its end is that of another page too."""
    pages = [page for page in pages_of(transcript) if page.rows and not filters_of(page)]
    for page in pages:
        if page.member("meta", "has_more") is not False:
            continue
        same = [one for one in pages if one.request.identity == page.request.identity]
        if not any(has_end_of(page, one) for one in same if one is not page):
            continue
        # Both before and after it: the records may have been deleted, or created.
        earlier = [one for one in same if one.number < page.number]
        later = [one for one in same if one.number > page.number]
        behind = min(len(records_behind(page, some, same)) for some in (earlier, later))
        if behind > EDITED:
            raise page.breach(
                "meta.has_more true", f"meta.has_more false, {counted(behind)} follow"
            )


@requirement("PAG-02")
def test_last_page_that_is_not_full_says_no_more(api: Api, directory: Directory) -> None:
    directory.require(1, "an empty directory has no last page")
    # A page with room for one more record. If no page of the directory has room for many, one that has.
    rest = min(DEFAULT_LIMIT - 1, directory.total)
    plan = [(rest + 1, rest)]
    if not directory.complete or directory.total % MAX_LIMIT == 0:
        plan.append((DEFAULT_LIMIT, min(3, directory.total)))
    queries = [as_query(limit=limit, offset=directory.total - rest) for limit, rest in plan]
    for page, (_, rest) in zip(api.lists(*queries), plan, strict=True):
        expect(page).announces(directory.total, directory.total - rest)
    announced(directory, more=False)


@requirement("PAG-03", depth=Depth.SMOKE)
def test_page_that_ends_exactly_at_the_end_says_no_more(api: Api, directory: Directory) -> None:
    """The last full page is the last page: a client that trusts has_more must not ask for an empty one."""
    total = directory.total
    sizes = {directory.page_size_dividing_total(), 1, MAX_LIMIT}
    fitting = sorted(size for size in sizes if size <= total)
    pages = api.lists(*(as_query(limit=size, offset=total - size) for size in fitting))
    for page, size in zip(pages, fitting, strict=True):
        expect(page).announces(total, total - size)


@requirement("PAG-04", universal=True, depth=Depth.SMOKE)
def test_next_offset_is_null_exactly_without_more(transcript: Transcript) -> None:
    pages = pages_of(transcript)
    for page in pages:
        more, following = page.member("meta", "has_more"), page.member("meta", "next_offset")
        if isinstance(more, bool) and (following is None) is more:
            raise page.breach(
                f"next_offset {'an offset' if more else 'null'}, as has_more is {str(more).lower()}",
                f"next_offset {'null or absent' if following is None else written(following)}",
            )
    both_kinds(pages)


@requirement("PAG-05", universal=True, depth=Depth.SMOKE)
def test_next_offset_is_where_the_page_ends(transcript: Transcript) -> None:
    judged = 0
    for page in pages_of(transcript):
        following = page.member("meta", "next_offset")
        if page.member("meta", "has_more") is not True or following is None:
            continue
        judged += 1
        _, offset = requested(page)
        if following != offset + len(page.rows) or not isinstance(following, int):
            raise page.breach(
                f"next_offset {offset + len(page.rows)} (offset {offset} and {counted(len(page.rows))})",
                f"next_offset {written(following)}",
            )
    if not judged:
        raise Inconclusive("no page with has_more true and a next_offset was received")


@requirement("PAG-06", universal=True)
def test_page_with_more_behind_is_not_empty(transcript: Transcript) -> None:
    for page in pages_with_more(transcript):
        if not page.rows:
            raise page.breach("at least one record, as has_more is true", "0 records")


@requirement("PAG-07", universal=True)
def test_page_with_more_behind_is_full(transcript: Transcript) -> None:
    """Only pages before the end of their list: an empty page, or a last one, is judged elsewhere."""
    ends = known_ends(pages_of(transcript))
    for page in pages_with_more(transcript):
        limit, offset = requested(page)
        end = ends.get((page.request.identity, filters_of(page)), inf)
        if not page.rows or offset + len(page.rows) >= end:
            continue
        if len(page.rows) not in (page.member("meta", "limit"), limit):
            raise page.breach(
                "as many records as meta.limit, as has_more is true",
                f"{counted(len(page.rows))}, meta.limit {written(page.member('meta', 'limit'))}",
            )


@requirement("PAG-08", depth=Depth.SMOKE)
def test_offset_at_the_end_is_an_empty_last_page(api: Api, directory: Directory) -> None:
    directory.require(1, "in an empty directory the end is the start")
    expect(api.list(limit=shorter_than(directory), offset=directory.total)).end()


@requirement("PAG-08")
def test_offset_at_the_end_of_a_filtered_list_is_an_empty_last_page(
    api: Api, listed: Directory
) -> None:
    listed.require(1, "in an empty directory the end is the start")
    query = listed.of(is_active=True)
    total = api.full_list(query).joined().total
    expect(api.lists((*query, *as_query(limit=DEFAULT_LIMIT, offset=total)))[0]).end()


@requirement("PAG-09")
def test_offset_past_the_end_is_an_empty_last_page(api: Api, directory: Directory) -> None:
    directory.require(1, "an empty directory has no other page that could be returned")
    expect(api.list(limit=shorter_than(directory), offset=directory.total + 1)).end()


@requirement("PAG-09")
def test_offset_far_past_the_end_is_an_empty_last_page(
    api: Api, directory: Directory, lexicon: Lexicon
) -> None:
    """Of a search, if a word is known: the page may overflow, and a search engine has a window of its own."""
    directory.require(1, "an empty directory has no other page that could be returned")
    word = next(iter(lexicon.shared() or lexicon.rare()), None)
    query = as_query(search=word) if word else ()
    answer = api.lists((*query, *as_query(limit=shorter_than(directory), offset=BEYOND)))[0]
    expect(answer).end()


@requirement("PAG-09", depth=Depth.DEEP, last=True)
def test_offset_far_past_the_end_of_the_whole_list(api: Api, directory: Directory) -> None:
    directory.require(1, "an empty directory has no other page that could be returned")
    expect(api.list(limit=shorter_than(directory), offset=BEYOND)).end()


@requirement("PAG-10")
def test_a_repeated_page_is_the_same_page(api: Api, transcript: Transcript) -> None:
    """Repeated at once, after other lists, and after the rest of the run."""
    # A URL that no cache has, and nothing else in parallel: of two replicas, each gets one of the requests.
    size = unused_limit(transcript)
    fresh = api.request(query=as_query(limit=size))
    first, second = api.many(api.turns([fresh, fresh], "repeat", Turn.ALONE))
    lists = after_other_lists(api)
    for before, after in ((first, second), (lists.after_filter, lists.after_offset)):
        same_page(before, after)
    # This was requested long before, so other records are no certain finding.
    expect(lists.after_filter).ids(require_page(api.list()).ids)
    if len(first.ids) < 2:
        raise Inconclusive("the directory has fewer than 2 profiles: one record has only one order")


@requirement("PAG-10")
def test_a_repeated_search_for_two_words_is_the_same_page(api: Api, lexicon: Lexicon) -> None:
    """The results of each word may be joined in any order. Without such words, the other case suffices."""
    words = lexicon.together()
    if words:
        search = api.request(query=as_query(search=" ".join(words)))
        # Two profiles have the same order by chance every other time.
        first, *others = api.many(api.turns([search] * 3, "repeat of a search", Turn.OF_ITS_KEY))
        for other in others if first.is_page else ():
            same_page(first, other)


@requirement("PAG-11")
def test_a_page_is_a_slice_of_the_list(api: Api, directory: Directory) -> None:
    directory.require(2, "one record has only one order")
    windows = sample_windows(directory)
    queries = [as_query(limit=limit, offset=offset) for limit, offset in windows]
    for page, (limit, offset) in zip(api.lists(*queries), windows, strict=True):
        expect(page).page().slice_of(directory.ids, offset, limit)


@requirement("PAG-11")
def test_every_page_size_walks_the_same_list(api: Api, directory: Directory) -> None:
    directory.require(2, "one record has only one order")
    size, end = second_page_size(directory)
    starts = range(0, end, size)
    pages = api.lists(*(as_query(limit=size, offset=start or None) for start in starts))
    for page, start in zip(pages, starts, strict=True):
        expect(page).slice_of(directory.ids, start, size)


@requirement("PAG-12", depth=Depth.SMOKE)
def test_walking_visits_every_record_once(directory: Directory) -> None:
    """On the pages of the largest size, by which the directory was read."""
    if not directory.pages:
        raise Inconclusive(f"the directory could not be read: {directory.problem}")
    for page in directory.pages:
        expect(page).page()
    no_record_twice(directory)
    if directory.total < 2:
        raise Inconclusive("the directory has fewer than 2 profiles, so it has only one page")


@requirement("PAG-12", universal=True)
def test_no_page_of_the_whole_list_has_a_record_twice(transcript: Transcript) -> None:
    """No change of the data explains it. That two profiles have one id is judged elsewhere."""
    for page in pages_of(transcript):
        twice = [record for record, count in Counter(page.ids).items() if count > 1]
        alike = [record for record in twice if not _differ(page, record)]
        if alike and not filters_of(page):
            raise page.breach(
                "each record once on a page", f"{counted(len(alike))} twice: {shown(alike)}"
            )


def _differ(page: Exchange, record: str) -> bool:
    """Return whether the rows with an id are of different profiles."""
    first, *others = [row for one, row in zip(page.ids, page.rows, strict=True) if one == record]
    return any(other != first for other in others)


@requirement("PAG-12")
def test_the_list_has_the_known_profiles(api: Api, session: Session, directory: Directory) -> None:
    """Without --known-id, a profile that each list lacks cannot be missed."""
    if session.target.known_ids:
        must_be_listed(api, session, directory)


@requirement("PAG-12")
def test_following_next_offset_visits_every_record_once(api: Api, directory: Directory) -> None:
    """As a client does that uses next_offset and stops at has_more false."""
    size, end = second_page_size(directory)
    directory.require(size + 1, "the list has only one page")
    follow_next_offset(api, directory, size, 0, end)
    if end < directory.total:
        start = directory.total - 2 * size - 1
        for known, _ in directory.windows()[-1:]:
            start = max(start, known)
        follow_next_offset(api, directory, size, start, directory.total)
