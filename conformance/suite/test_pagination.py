"""Pages join into one list: nothing lost, nothing repeated, and an end that is announced where it is."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable

import pytest

from conformance.contract.bounds import DEFAULT_LIMIT, MAX_LIMIT
from conformance.contract.cases import Depth, requirement
from conformance.directory.directory import HEAD, Directory
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import Turn
from conformance.suite.expect import counted, expect, same_ids, shown
from conformance.suite.pages import asked, pages_of

BEYOND = 2**31 - 1
_SECOND_WALK = 7
_EDITED = 3


@requirement("PAG-01", depth=Depth.SMOKE)
def test_has_more_while_a_record_lies_behind(api: Api, directory: Directory) -> None:
    """One record behind the page is enough: asked for directly, and seen on every page of the walk."""
    directory.require(2, "no page can have a record behind it")
    # A page of one, and one so large that what lies behind it is no whole page.
    limits = sorted({1, min(MAX_LIMIT, directory.total - 1)})
    pages = api.lists(
        *(as_query(limit=limit, offset=directory.total - limit - 1) for limit in limits)
    )
    for page in pages:
        expect(page).meta(has_more=True)
    _announced(directory, behind=True)


@requirement("PAG-02")
def test_last_page_that_is_not_full_says_no_more(api: Api, directory: Directory) -> None:
    directory.require(1, "an empty directory has no last page")
    # A page with room for many more, and one with room for just one.
    plan = [
        (DEFAULT_LIMIT, min(3, directory.total)),
        (min(7, directory.total) + 1, min(7, directory.total)),
    ]
    queries = [as_query(limit=limit, offset=directory.total - rest) for limit, rest in plan]
    for page, (limit, rest) in zip(api.lists(*queries), plan, strict=True):
        start = directory.total - rest
        expect(page).part(directory.ids, start, limit).announces(directory.total, start)
    _announced(directory, behind=False)


def _announced(directory: Directory, *, behind: bool) -> None:
    """The pages of the walk that have records behind them say so, those that have none say that."""
    for page in directory.pages:
        limit, offset = asked(page)
        more = offset + len(page.rows) < directory.total
        if more is behind and (more or len(page.rows) < limit):
            expect(page).meta(has_more=more)


@requirement("PAG-03", depth=Depth.SMOKE)
def test_page_that_ends_exactly_at_the_end_says_no_more(api: Api, directory: Directory) -> None:
    """The last full page is the last page: a client that trusts has_more must not ask for an empty one."""
    total = directory.total
    sizes = {directory.page_size_dividing_total(), 1, DEFAULT_LIMIT, MAX_LIMIT}
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
                f"next_offset {'with an offset' if more else 'null'}, as has_more is {str(more).lower()}",
                f"next_offset {following}",
            )
    _both_kinds(pages)


def _both_kinds(pages: list[Exchange]) -> None:
    kinds = {page.member("meta", "has_more") for page in pages}
    for kind, name in ((True, "before the end"), (False, "at the end")):
        if kind not in kinds:
            raise Inconclusive(f"no page {name} of a list was seen")


@requirement("PAG-05", universal=True, depth=Depth.SMOKE)
def test_next_offset_is_where_the_page_ends(transcript: Transcript) -> None:
    seen = 0
    for page in pages_of(transcript):
        following = page.member("meta", "next_offset")
        if page.member("meta", "has_more") is not True or following is None:
            continue
        seen += 1
        _, offset = asked(page)
        if following != offset + len(page.rows) or not isinstance(following, int):
            raise page.breach(
                f"next_offset {offset + len(page.rows)} (offset {offset} and {counted(len(page.rows))})",
                f"next_offset {following}",
            )
    if not seen:
        raise Inconclusive("no page with a page behind it was seen")


@requirement("PAG-06", universal=True)
def test_page_with_more_behind_is_not_empty(transcript: Transcript) -> None:
    _pages_with_more(transcript, lambda page: len(page.rows) >= 1, "at least one record")


@requirement("PAG-07", universal=True)
def test_page_with_more_behind_is_full(transcript: Transcript) -> None:
    _pages_with_more(
        transcript,
        lambda page: len(page.rows) == page.member("meta", "limit"),
        "as many records as meta.limit says",
    )


def _pages_with_more(transcript: Transcript, test: Callable[[Exchange], bool], wanted: str) -> None:
    pages = [page for page in pages_of(transcript) if page.member("meta", "has_more") is True]
    if not pages:
        raise Inconclusive("no page with a page behind it was seen")
    for page in pages:
        if not test(page):
            raise page.breach(
                f"{wanted}, as has_more is true",
                f"{counted(len(page.rows))}, meta.limit {page.member('meta', 'limit')}",
            )


def shorter_than(directory: Directory) -> int:
    """A page size below the number of records, so that an end is told from a list of one page."""
    return max(min(DEFAULT_LIMIT, directory.total - 1), 1)


@requirement("PAG-08", depth=Depth.SMOKE)
def test_offset_at_the_end_is_an_empty_last_page(api: Api, directory: Directory) -> None:
    directory.require(1, "the end of an empty directory is its start")
    expect(api.list(limit=shorter_than(directory), offset=directory.total)).empty()


@requirement("PAG-08")
def test_offset_at_the_end_of_a_filtered_list_is_an_empty_last_page(
    api: Api, listed: Directory
) -> None:
    listed.require(1, "the end of an empty directory is its start")
    query = listed.of(is_active=True)
    total = api.full_list(query).joined().total
    expect(api.lists((*query, *as_query(limit=DEFAULT_LIMIT, offset=total)))[0]).empty()


@requirement("PAG-09")
@pytest.mark.parametrize("beyond", ["next", "far"])
def test_offset_past_the_end_is_an_empty_last_page(
    api: Api, directory: Directory, beyond: str
) -> None:
    directory.require(1, "an empty directory has no page that could come instead")
    offset = directory.total + 1 if beyond == "next" else BEYOND
    expect(api.list(limit=shorter_than(directory), offset=offset)).empty()


@requirement("PAG-10")
def test_a_repeated_page_is_the_same_page(api: Api, transcript: Transcript) -> None:
    """Asked for again, after others, and twice in turn: of two replicas, each answers once."""
    large = api.request(query=as_query(limit=MAX_LIMIT))
    # By a URL that nothing was kept of. Alone, as two replicas take turns in whatever is asked.
    size = _not_yet_asked(transcript)
    fresh = api.request(query=as_query(limit=size))
    first, second = api.many(api.turns([fresh, fresh], "repeat", Turn.ALONE))
    after_filter, after_offset, _ = after_other_lists(api)
    for before, after in ((first, second), (after_filter, after_offset)):
        expect(before).page()
        steady(before, after)
    # Asked for long before: in a list that is ordered by the last change, many may have come since.
    for before, after in ((api.list(), after_filter), (api.send(large), first)):
        expect(before).page()
        expect(after).part(before.ids, 0, MAX_LIMIT if after is after_filter else size)
    if len(first.ids) < 2:
        raise Inconclusive("the directory has fewer than 2 profiles: one record has only one order")


def _not_yet_asked(transcript: Transcript) -> int:
    """The largest limit below the maximum by which no page was asked for."""
    sizes = {asked(page)[0] for page in pages_of(transcript)}
    return next((size for size in range(MAX_LIMIT - 1, 0, -1) if size not in sizes), 1)


def after_other_lists(api: Api) -> tuple[Exchange, Exchange, Exchange]:
    """The plain list, right after a filtered one and right after a later page: what sticks to a key shows.

    The third answer is its first page by name, right after these.
    """
    _, after_filter, _, after_offset, zero = api.in_turn(
        [
            api.request(query=as_query(is_active=False, limit=1)),
            api.request(),
            api.request(query=as_query(limit=DEFAULT_LIMIT, offset=DEFAULT_LIMIT)),
            api.request(),
            api.request(query=as_query(limit=DEFAULT_LIMIT, offset=0)),
        ],
        "after other lists",
    )
    return after_filter, after_offset, zero


def steady(before: Exchange, after: Exchange) -> None:
    """The same records in the same order, in two answers right after each other.

    Data that move change a record or two between these, and neither the order nor most records.
    """
    expect(after).page()
    changed = len(set(before.ids) ^ set(after.ids))
    if changed > len(before.ids) // 2 or out_of_order(before.ids, after.ids) > _EDITED:
        raise after.breach(
            f"the {counted(len(before.ids))} of exchange {before.number} in their order",
            f"{counted(changed, 'other record')}, and another order"
            if changed
            else "another order",
            certain=True,
        )
    expect(after).ids(before.ids)


def out_of_order(first: list[str], second: list[str]) -> int:
    """How many of the records that both lists have would have to move for the order to be the same."""
    place = {record: index for index, record in enumerate(first)}
    rising: list[int] = []  # the least ends of rising runs, by their length
    common = [place[record] for record in second if record in place]
    for index in common:
        at = bisect_left(rising, index)
        rising[at : at + 1] = [index]
    return len(common) - len(rising)


@requirement("PAG-11")
def test_a_page_is_a_slice_of_the_list(api: Api, directory: Directory) -> None:
    """Windows of odd sizes and places, laid over the borders of other pages."""
    directory.require(2, "one record has only one order")
    draw = random.Random(f"{directory.seed}:windows")
    size = draw.randint(2, 50)
    windows = [(1, 0), (DEFAULT_LIMIT, 1)]
    if directory.complete:
        windows.append((size, draw.randrange(directory.total)))
    else:
        # Over the border of two of the pages that it is seen through, in the middle and at the end.
        borders = directory.borders()
        windows += [(size, border - draw.randint(1, size - 1)) for border in borders[-2:]]
    queries = [as_query(limit=limit, offset=max(offset, 0)) for limit, offset in windows]
    for page, (limit, offset) in zip(api.lists(*queries), windows, strict=True):
        expect(page).part(directory.ids, max(offset, 0), limit)


def second_walk(directory: Directory) -> tuple[int, int]:
    """A page size that is no divisor of 100, and how far few pages of it lead: to the end, if they can."""
    head = directory.total if directory.complete else HEAD * MAX_LIMIT
    least = max(-(-head // _SECOND_WALK), 1)
    sizes = [min(least | 1, MAX_LIMIT - 1), *range(least, min(head, MAX_LIMIT))]
    made = [row.get("created_at") for row in directory.rows[:head]]

    def parts(size: int) -> bool:
        """Whether a page ends between records of one second, whose order may be nobody's."""
        return any(made[end - 1] == made[end] for end in range(size, len(made), size))

    size = next(filter(parts, sizes), sizes[0])
    if directory.total <= size * _SECOND_WALK and directory.complete:
        return size, directory.total
    return size, min(head // size, _SECOND_WALK) * size


@requirement("PAG-11")
def test_every_page_size_walks_the_same_list(api: Api, directory: Directory) -> None:
    directory.require(2, "one record has only one order")
    size, end = second_walk(directory)
    starts = range(0, end, size)
    pages = api.lists(*(_window(size, start) for start in starts))
    for page, start in zip(pages, starts, strict=True):
        expect(page).part(directory.ids, start, size)


def _window(limit: int, offset: int) -> tuple[tuple[str, str | bytes], ...]:
    return as_query(limit=limit, offset=offset or None)


@requirement("PAG-12", depth=Depth.SMOKE)
def test_walking_visits_every_record_once(directory: Directory) -> None:
    """The walk that the directory was learned by, with pages as large as they can be, or its windows."""
    if not directory.pages:
        raise Inconclusive(f"the directory could not be walked: {directory.problem}")
    for page in directory.pages:
        expect(page).page()
    seen: dict[str, tuple[int, Exchange]] = {}
    for place, record, page in directory.by_place():
        first, earlier = seen.setdefault(record, (place, page))
        if first != place:
            again = [item for item in page.ids if seen.get(item, (place, page))[1] is not page]
            raise page.breach(
                "records that no page before had",
                f"{counted(len(again) or 1)} again: {shown(again or [record])}",
                f"exchange {earlier.number} had the first of them",
            )
    if directory.total < 2:
        raise Inconclusive("the directory has fewer than 2 profiles: a walk has only one page")


@requirement("PAG-12")
def test_following_next_offset_visits_every_record_once(api: Api, directory: Directory) -> None:
    """As a client does that knows nothing but next_offset, and stops where has_more is false."""
    size, end = second_walk(directory)
    directory.require(size + 1, "the walk has only one page")
    _follow(api, directory, size, 0, end)
    if end < directory.total:
        _follow(api, directory, size, directory.total - 2 * size - 1, directory.total)


def _follow(api: Api, directory: Directory, size: int, first: int, end: int) -> None:
    """From an offset on, where next_offset leads: to a place before the end, or to where the list ends."""
    most = (end - first) // size + 1
    offset = first or None
    seen: list[str] = []
    number = 0
    while True:
        number += 1
        page = api.list(limit=size, offset=offset)
        expect(page).page()
        seen.extend(page.ids)
        following = page.member("meta", "next_offset")
        if page.member("meta", "has_more") is not True or not isinstance(following, int):
            end = directory.total
            break
        if following <= (offset or 0) or (number > most and not page.rows):
            raise page.breach(
                f"an end within {most} pages",
                f"next_offset {following} behind offset {offset or 0}, on page {number}",
            )
        if number > most:
            raise Inconclusive(f"its pages are short: {number} of size {size} did not reach {end}")
        if end <= following < directory.total:
            end = following
            break
        offset = following
    same_ids(directory.ids[first:end], seen, page)
