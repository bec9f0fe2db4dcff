"""Pages: where they start and end, whether two of them are the same, and which ones to request."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

from conformance.contract.bounds import DEFAULT_LIMIT, MAX_LIMIT
from conformance.contract.verdict import Breach
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http.api import Api, FullList, as_query, item_path
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import Query, Request, Turn
from conformance.suite.expect import counted, expect, require_page, same_ids
from conformance.suite.universal import FILTERS, pages_of, requested

EDITED = 3
"""Records that edits may move between two requests in a row."""

EARLY = -1
"""Stands for a small page near the start of a list, instead of a number of records that follow a page."""

EARLY_AND_LAST = (EARLY, 0)
ENDS = {
    ("is_active", True): EARLY_AND_LAST,
    ("is_active", False): (0,),
    ("is_bookable_online", True): (1,),
    ("is_bookable_online", False): (0,),
}
"""Boolean filter → how many records follow each page that is requested of its list, beside the first page."""

_SHARE = 5
"""Divides a list: the size of an early page.

A database that sorts by a value that records share often keeps their order as long as it sorts the complete
result. For a page that ends before the middle it selects the first records in another way.
"""

_AFTER_HEAD = MAX_LIMIT - 2
"""A limit of the plain list that other cases do not use: they take round numbers and odd ones."""

_SHORT = 10
"""Records of a list that is too short for an early page."""


def shorter_than(directory: Directory) -> int:
    """Return a limit below the number of records, so that a page is not the complete list."""
    return max(min(DEFAULT_LIMIT, directory.total - 1), 1)


def announced(directory: Directory, *, more: bool) -> None:
    """Expect the right ``has_more`` on the pages that the directory was read by.

    :param more: judge the pages that records follow; else the ones that none follow and that are not full.
    """
    for page in directory.pages:
        limit, offset = requested(page)
        follows = offset + len(page.rows) < directory.total
        if follows is more and (follows or len(page.rows) < limit):
            expect(page).meta(has_more=follows)


def unused_limit(transcript: Transcript) -> int:
    """Return the largest limit below the maximum that no request has used."""
    used = {requested(page)[0] for page in pages_of(transcript)} | {_AFTER_HEAD}
    return next((limit for limit in range(MAX_LIMIT - 1, 0, -1) if limit not in used), 1)


def reading(api: Api, record: str) -> list[Request]:
    """Return requests, to be sent in turn: a profile, and a page by HEAD and by GET.

    The page is one that no other case requests, so that no cache has it.
    """
    page = api.request(query=as_query(limit=_AFTER_HEAD))
    return api.turns(
        [api.request(path=item_path(record)), replace(page, method="HEAD"), page],
        "reading",
        Turn.OF_ITS_KEY,
    )


@dataclass(frozen=True)
class OtherLists:
    """Pages of the plain list, requested right after other lists.

    ``after_filter`` and ``after_offset`` are its first page after a filtered list and after ``later``, a
    page that is requested by ``offset`` alone; ``zero`` is the page with offset 0.
    """

    after_filter: Exchange
    later: Exchange
    after_offset: Exchange
    zero: Exchange


def after_other_lists(api: Api) -> OtherLists:
    """Request the plain list after a filtered list and after a later page.

    A server that keeps parameters for the next request of a key gives itself away.
    """
    _, *pages = api.in_turn(
        [
            api.request(query=as_query(is_active=False, limit=1)),
            api.request(),
            api.request(query=as_query(offset=DEFAULT_LIMIT)),
            api.request(),
            api.request(query=as_query(limit=DEFAULT_LIMIT, offset=0)),
        ],
        "after other lists",
    )
    return OtherLists(*pages)


def same_page(before: Exchange, after: Exchange) -> None:
    """Expect the same records in the same order, in two responses with few or no requests between them.

    A change of the data explains one or two other records, but neither another order nor other records for
    the most part.
    """
    require_page(before)
    require_page(after)
    if before.ids == after.ids:
        return
    if any(len(set(page.ids)) < len(page.ids) for page in (before, after)):
        same_ids(set(before.ids), list(dict.fromkeys(after.ids)), after)
        raise Inconclusive("a record is listed twice, so that orders cannot be compared")
    changed = len(set(before.ids) ^ set(after.ids))
    moved = moved_between(before.ids, after.ids)
    if changed > len(before.ids) // 2 or moved > EDITED:
        received = [f"{counted(changed)} in only one of the two"] if changed else []
        received += [f"{counted(moved)} in another order"] if moved else []
        raise after.breach(
            f"the {counted(len(before.ids))} of exchange {before.number} in their order",
            " and ".join(received),
            certain=True,
        )
    expect(after).ids(before.ids)


def moved_between(first: Sequence[str], second: Sequence[str]) -> int:
    """Return how many of the ids in both lists would have to move to make their order the same.

    That is the number of common ids less the length of the longest subsequence that both have in order.
    """
    index_of = {record: index for index, record in enumerate(first)}
    common = [index_of[record] for record in second if record in index_of]
    smallest_ends: list[int] = []  # by length, the smallest last index of an ascending subsequence
    for index in common:
        at = bisect_left(smallest_ends, index)
        smallest_ends[at : at + 1] = [index]
    return len(common) - len(smallest_ends)


def later_pages(result: FullList, ends: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return limits and offsets of pages that are not the first page of a list.

    A page at the end starts as early as it can if it is the only one, because a wrong record may be anywhere.
    Of two pages, each is a half of the list. A list of one record has no later page: then it is the empty
    page after that record.

    :param ends: how many records follow each page; of a short list, one record follows an early page.
    """
    total = result.total
    if total < 2:
        return [(DEFAULT_LIMIT, 1)]
    if EARLY in ends and total >= _SHORT:
        return [
            early_page(result),
            *later_pages(result, tuple(end for end in ends if end != EARLY)),
        ]
    if not ends:
        return []
    following = [abs(end) for end in ends]
    most = total // 2 if len(ends) > 1 else total - 1 - following[0]
    size = max(min(most, MAX_LIMIT), 1)
    return [(size, max(total - size - end, 0)) for end in following]


def further_ends(result: FullList, ends: tuple[int, ...]) -> tuple[int, ...]:
    """Return those of ``ends`` that tell more: a list of several pages was read by later pages already.

    The ends of :data:`EARLY_AND_LAST` always do: the last page is full.
    """
    return ends if ends == EARLY_AND_LAST or len(result.pages) < 2 else ()


def early_page(result: FullList) -> tuple[int, int]:
    """Return limit and offset of a small page in the first half of a list, after its first page.

    If the list is in groups of records with the same value of a member, as in a list that is sorted by it,
    the page starts within a group: the order there may be undefined. A transcript hides the order of values,
    but not which ones are the same.
    """
    size = min(max(result.total // _SHARE, 1), DEFAULT_LIMIT)
    rows = [row for page in result.pages for row in page.rows][: result.total // 2]
    names = rows[0] if rows else ()
    grouping = [name for name in names if _in_groups([row.get(name) for row in rows])]
    starts = range(size, max(len(rows) - size, size + 1))

    def shared(start: int) -> int:
        before, after = rows[start - 1 : start], rows[start : start + 1]
        return sum(
            one.get(name) == two.get(name) for one in before for two in after for name in grouping
        )

    return size, max(starts, key=shared)


def _in_groups(values: Sequence[object]) -> bool:
    """Return whether all values are texts, and the same ones, of which there are some, follow each other."""
    texts = [value for value in values if isinstance(value, str)]
    different = len(set(texts))
    return len(texts) == len(values) > different > 1 and len(list(groupby(texts))) == different


def pages_join(
    api: Api,
    query: Query,
    directory: Directory,
    ends: tuple[int, ...] = EARLY_AND_LAST,
) -> bool:
    """Expect that later pages of a list are slices of it, each with the right ``has_more``.

    Which records the list must have is another requirement: here the list is taken as it was received.

    :param directory: the list without filters.
    :param ends: how many records follow the pages that are requested.
    :returns: whether the list has the two records that two pages need.
    """
    result = api.full_list(query).must_join()
    each_once(result)
    announces_its_end(api, result, directory)
    plan = later_pages(result, further_ends(result, ends))
    queries = [(*query, *as_query(limit=limit, offset=start)) for limit, start in plan]
    for page, (limit, start) in zip(api.lists(*queries), plan, strict=True):
        for check in (
            partial(expect(page).slice_of, result.ids, start, limit),
            partial(expect(page).announces, result.total, start),
        ):
            unlike_plain(api, page, result.total, directory, check)
    return result.total > 1


def each_once(result: FullList) -> None:
    """Expect that a list has each record once."""
    if len(set(result.ids)) != len(result.ids):
        same_ids(set(result.ids), result.ids, result.pages[-1])


def announces_its_end(api: Api, result: FullList, directory: Directory) -> None:
    """Expect the right ``has_more`` on the pages by which a filtered list was read."""
    for page in result.pages:
        check = partial(expect(page).announces, result.total, requested(page)[1])
        unlike_plain(api, page, result.total, directory, check)


def unlike_plain(
    api: Api, page: Exchange, total: int, directory: Directory, check: Callable[[], object]
) -> None:
    """Check a page of a filtered list; if pages without filters are wrong too, no filter is the cause.

    Only after a breach, the page of the list without filters is requested that has the same limit and, in
    the first half of the list, the same offset, otherwise the same distance from the end.

    :param total: the number of records of the filtered list.
    :param directory: the list without filters.
    :raises Inconclusive: if that page is wrong too.
    """
    try:
        check()
    except Breach:
        limit, offset = requested(page)
        start = offset if offset + limit <= total // 2 else directory.total - (total - offset)
        plain = api.list(limit=limit, offset=start) if start >= 0 else page
        if plain is not page and not _is_right(plain, directory):
            raise Inconclusive(
                f"the list without filters is paged wrongly too: exchange {plain.number}"
            ) from None
        raise


def _is_right(page: Exchange, directory: Directory) -> bool:
    limit, offset = requested(page)
    try:
        expect(page).page().announces(directory.total, offset)
        if directory.complete:
            expect(page).slice_of(directory.ids, offset, limit)
    except (Breach, Inconclusive):
        return False
    return True


def filters_of(page: Exchange) -> Query:
    """Return the query of a page without limit and offset: it is the same for all pages of one list."""
    return tuple(sorted(pair for pair in page.request.query if pair[0] not in ("limit", "offset")))


def end_of(page: Exchange) -> int:
    """Return the number of records of the list up to the last one on a page."""
    return requested(page)[1] + len(page.rows)


def known_ends(pages: Sequence[Exchange]) -> dict[tuple[str, Query], int]:
    """Return where lists end at the latest, as an empty page or one with ``has_more`` false shows.

    :returns: identity and filters → number of records; a list that no page ends is left out.
    """
    ends: dict[tuple[str, Query], int] = {}
    for page in pages:
        if not page.rows or page.member("meta", "has_more") is False:
            key = page.request.identity, filters_of(page)
            ends[key] = min(ends.get(key, end_of(page)), end_of(page))
    return ends


def both_kinds(pages: Sequence[Exchange]) -> None:
    """Require a page before the end of a list and one at its end.

    :raises Inconclusive: if one of them is missing.
    """
    for kind in (True, False):
        if not any(page.member("meta", "has_more") is kind for page in pages):
            raise Inconclusive(f"no page with has_more {str(kind).lower()} was received")


def cut_by_limit(transcript: Transcript, kind: str) -> None:
    """Require a page of a filtered list or of a search result that its limit cuts.

    :param kind: filter or search.
    :raises Inconclusive: if there is none, so that what holds for pages was not judged on such a page.
    """
    names = {"search"} if kind == "search" else FILTERS
    short = False
    for page in pages_of(transcript):
        # A term of blanks may be read as no term.
        parameters = {name for name, value in page.request.query if value.strip()}
        limit = requested(page)[0]
        more = page.member("meta", "has_more") is True
        if parameters & names and ((more and len(page.rows) == limit) or len(page.rows) > limit):
            return
        short |= bool(parameters & names) and more
    if short:
        raise Inconclusive(f"each page of a {kind} with has_more true deviates from its limit")
    lacking = "no word finds" if kind == "search" else "no filter matches"
    raise Inconclusive(f"no page of a {kind} was as long as its limit: {lacking} two profiles")
