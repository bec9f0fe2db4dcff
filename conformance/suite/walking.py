"""Reading a list again: with another page size, by next_offset, and in windows across page borders."""

from __future__ import annotations

import random
from collections.abc import Sequence

from conformance.contract.bounds import DEFAULT_LIMIT, MAX_LIMIT
from conformance.directory.directory import HEAD, Directory, Row
from conformance.errors import Inconclusive
from conformance.http.api import Api
from conformance.http.exchange import Exchange
from conformance.suite.expect import counted, expect, same_ids, shown
from conformance.suite.paging import end_of
from conformance.suite.profiles import is_another
from conformance.suite.universal import requested

_MOST_PAGES, _MOST_OF_FEW = 3, 6
"""Pages of a second reading, and of a list that fits into one page: few profiles have few equal times."""


def sample_windows(directory: Directory) -> list[tuple[int, int]]:
    """Return limits and offsets of pages that do not start where the pages of the directory start.

    In a directory that was seen through windows, one lies across a border of two pages in the middle, and
    one across a border at the end.
    """
    windows = [(DEFAULT_LIMIT, 1)]
    if directory.complete:
        # A second page size walks the whole list. One page that other cases request too starts elsewhere.
        limit, offset = DEFAULT_LIMIT, directory.total - DEFAULT_LIMIT + 1
        return [(limit, offset)] if offset > 0 and offset % limit else windows
    draw = random.Random(f"{directory.seed}:windows")
    size = draw.randint(2, 50)
    return [
        *windows,
        *(
            (size, max(border - draw.randint(1, size - 1), 0))
            for border in directory.borders()[-2:]
        ),
    ]


def second_page_size(directory: Directory) -> tuple[int, int]:
    """Return a page size for a second reading of the list, and the offset at which the reading ends.

    If there is a size by which a page ends between two records with the same ``created_at``, it is that:
    the order of these may be undefined. The end is that of the list if 3 pages (6 of a list that fits into
    one page) can reach it.
    """
    head = directory.total if directory.complete else HEAD * MAX_LIMIT
    most = _MOST_OF_FEW if head <= MAX_LIMIT else _MOST_PAGES
    least = max(-(-head // most), 1)
    # Odd ones first: other cases take round numbers.
    sizes = sorted(range(least, min(head, MAX_LIMIT)), key=lambda size: (size % 2 == 0, size))
    created = [row.get("created_at") for row in directory.rows[:head]]

    def separates(size: int) -> bool:
        return any(created[end - 1] == created[end] for end in range(size, len(created), size))

    size = next(filter(separates, sizes), min(least | 1, MAX_LIMIT - 1))
    if directory.total <= size * most and directory.complete:
        return size, directory.total
    return size, min(head // size, most) * size


def has_end_of(page: Exchange, other: Exchange) -> bool:
    """Return whether another page of a list has the last record of a page at the same position."""
    index = end_of(page) - 1 - requested(other)[1]
    return 0 <= index < len(other.ids) and other.ids[index] == page.ids[-1]


def records_behind(
    page: Exchange, pages: Sequence[Exchange], all_pages: Sequence[Exchange]
) -> set[str]:
    """Return the records of a list that some of its pages have after the end of one, and none before it.

    :param all_pages: the pages of the list, of which a record may be on several.
    """
    end = end_of(page)

    def cut(one: Exchange) -> int:
        return max(end - requested(one)[1], 0)

    before = {record for one in all_pages for record in one.ids[: cut(one)]}
    return {record for one in pages for record in one.ids[cut(one) :]} - before


def no_record_twice(directory: Directory) -> None:
    """Expect that the pages by which the directory was read have each record once.

    :raises Inconclusive: if two different profiles have the same id.
    """
    no_id_shared(directory)
    first: dict[str, tuple[int, Exchange]] = {}
    for position, record, page in directory.by_place():
        earlier, earlier_page = first.setdefault(record, (position, page))
        if earlier != position:
            repeated = [
                item for item in page.ids if first.get(item, (position, page))[1] is not page
            ]
            raise page.breach(
                "each record once in the list",
                f"{counted(len(repeated) or 1)} returned twice: {shown(repeated or [record])}",
                f"{record} is in exchange {earlier_page.number} too",
                certain=earlier_page
                is page,  # within one response, no change of the data explains it
            )


def no_id_shared(directory: Directory) -> None:
    """Require that no two profiles have the same id, so that an id tells which record was returned.

    :raises Inconclusive: if two have.
    """
    first: dict[str, Row] = {}
    for page in directory.pages:
        rows = dict(zip(page.ids, page.rows, strict=True))
        for record, row in zip(page.ids, page.rows, strict=True):
            if rows[record] != row or is_another(first.setdefault(record, row), row):
                raise Inconclusive(f"two different profiles have the id {record}")


def follow_next_offset(api: Api, directory: Directory, size: int, first: int, end: int) -> None:
    """Expect that pages read by next_offset have the records of the list, each once.

    :param first: the offset of the first page.
    :param end: the offset at which to stop, at most the number of records.
    :raises Inconclusive: if the pages are too short to reach the end.
    """
    most = (end - first) // size + 1
    offset = first or None
    received: list[str] = []
    number = 0
    while True:
        number += 1
        page = api.list(limit=size, offset=offset)
        expect(page).page()
        if not isinstance(page.member("meta", "has_more"), bool):
            raise Inconclusive(f"has_more of exchange {page.number} is not a boolean")
        received.extend(page.ids)
        following = page.member("meta", "next_offset")
        if page.member("meta", "has_more") is not True or not isinstance(following, int):
            end = directory.total
            break
        if following <= (offset or 0) or (number > most and not page.rows):
            raise page.breach(
                f"the end of the list within {most} pages",
                f"next_offset {following} after offset {offset or 0}, on page {number}",
            )
        if number > most:
            raise Inconclusive(
                f"the pages are short: {number} pages with limit {size} did not reach offset {end}"
            )
        if end <= following < directory.total:
            end = following
            break
        offset = following
    same_ids(directory.ids[first:end], received, page)
