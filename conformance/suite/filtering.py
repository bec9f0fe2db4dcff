"""Filtered lists: complete ones, and those of a directory that is too large to be read completely."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from conformance.contract.bounds import DEFAULT_LIMIT, MAX_LIMIT
from conformance.contract.verdict import Breach
from conformance.directory.directory import Directory
from conformance.directory.windows import end_of
from conformance.errors import Inconclusive
from conformance.http.api import Api, FullList, as_query
from conformance.http.request import Id, Query
from conformance.judging.session import Locations
from conformance.suite.expect import counted, expect, require_page, same_ids, shown
from conformance.suite.paging import EARLY, each_once, later_pages

MOST_LOCATIONS = 3
"""Locations that cases use for their requests."""

_SMALL = 40
"""The page size of a second reading of a list."""

_MARGIN = 20
"""Divides the size of a directory: the margin of a share that was estimated from windows."""


def exactly(
    api: Api,
    query: Query,
    wanted: Collection[str],
    either: Collection[str] = (),
    plain: Directory | None = None,
    **members: bool,
) -> None:
    """Expect that a list has exactly these records, in any order.

    If records are missing from a list of several pages, it is read again with another page size.

    :param either: records that the list may have or not.
    :param plain: the list without filters.
    :param members: the values that all records of the list must have.
    :raises Inconclusive: if the page size changes which records the list has, or if it is the list without
        filters that lacks records.
    """
    result = api.full_list(query)
    try:
        has_exactly(result, wanted, either)
    except Breach:
        if plain is not None and not set(wanted) - set(result.ids):
            _unlisted(result, plain, members, {*wanted, *either})
        if len(result.pages) > 1 and set(wanted) - set(result.ids):
            independent_of_page_size(api, query, set(result.ids))
        raise


def _unlisted(
    result: FullList, plain: Directory, members: Mapping[str, bool], expected: set[str]
) -> None:
    """Raise the doubt that is left if all unexpected records match, and the list without filters lacks them.

    :raises Inconclusive: if that is so.
    """
    rows = [row for page in result.pages for row in page.rows]
    unexpected = {Id.of(row): row for row in rows}
    for record in expected:
        unexpected.pop(Id(record), None)
    matching = [
        record not in plain.by_id and all(row.get(name) is members[name] for name in members)
        for record, row in unexpected.items()
    ]
    if matching and all(matching):
        raise Inconclusive(
            f"the list without filters lacks {counted(len(matching))} that the filtered list has"
        )


def has_exactly(result: FullList, wanted: Collection[str], either: Collection[str] = ()) -> None:
    """Expect that a list has these records, and beside them none but ``either``. A repeat counts once."""
    received = set(result.ids)
    unexpected = received - set(wanted) - set(either)
    if result.cut and unexpected:
        # The part that was read is enough for a finding.
        same_ids(wanted, [*wanted, *unexpected], result.pages[-1], unexpected)
    # A change of the data can move a record to another page, but not off the only one.
    missing = set(wanted) - received if len(result.pages) == 1 else set()
    records = sorted(set(result.joined().ids) - (set(either) - set(wanted)))
    same_ids(wanted, records, result.pages[-1], unexpected | missing)


def independent_of_page_size(api: Api, query: Query, received: set[str]) -> None:
    """Require that a list has the same records if it is read with another page size.

    :raises Inconclusive: if it has not: that pages join is judged by pagination.
    """
    most = len(received) // _SMALL + 2
    queries = [
        (*query, *as_query(limit=_SMALL, offset=page * _SMALL or None)) for page in range(most)
    ]
    again = {record for page in api.lists(*queries) for record in page.ids}
    if again != received:
        raise Inconclusive("two reads of the list with other page sizes had different records")


def same_records(one: FullList, two: FullList, like: str = "") -> None:
    """Expect that the second list has exactly the records of the first, in any order, repeats aside.

    :param like: what the first list is, for the finding.
    """
    received = list(dict.fromkeys(two.joined().ids))
    same_ids(set(one.joined().ids), received, two.pages[0], like=like)


def narrows(api: Api, listed: Directory, result: FullList) -> None:
    """Expect that the list of a location has none but records of the list without it, each once.

    :raises Inconclusive: if an unexpected record can be retrieved, so that the other list lacks it.
    """
    lacking = set(result.joined().ids) - set(listed.ids)
    if lacking and api.get(min(lacking)).is_record:
        raise Inconclusive(f"the list without a location lacks {min(lacking)}")
    subset_of(set(listed.ids), result)


def subset_of(ids: set[str], result: FullList) -> None:
    """Expect that a list has none but these records of the organisation, each once."""
    unexpected = set(result.joined().ids) - ids
    if unexpected:
        raise result.pages[0].breach(
            "only profiles of the organisation",
            f"{counted(len(unexpected), 'profile')} that its unfiltered list lacks: "
            f"{shown(unexpected)}",
        )
    each_once(result)


def known_locations(locations: Locations) -> list[str]:
    """Return the locations for requests.

    :raises Inconclusive: if none is known.
    """
    if not locations.own:
        raise Inconclusive("no location is known: give --location-id")
    return locations.own[:MOST_LOCATIONS]


def at_locations(api: Api, listed: Directory, locations: Locations) -> list[tuple[Query, FullList]]:
    """Return query and list of each location for requests, within the list that is known completely.

    :raises Inconclusive: if no location is known.
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
    """Return the longest of the lists of :func:`at_locations`, with its query."""
    return max(at_locations(api, listed, locations), key=lambda pair: pair[1].joined().total)


def keeps_on_later_page(api: Api, query: Query, result: FullList) -> None:
    """Expect that a later page of a location's list has none but the records of that list."""
    limit, start = later_pages(result, (EARLY,))[0]
    page = require_page(api.lists((*query, *as_query(limit=limit, offset=start)))[0])
    if unexpected := set(page.ids) - set(result.ids):
        raise page.breach(
            "only records of the location's list",
            f"{counted(len(unexpected), 'unexpected record')}: {shown(unexpected)}",
            witnesses=unexpected,
        )


def telling_offset(listed: Directory, one: str, other: str, size: int) -> int:
    """Return an offset above 0 at which a page shows whether either of two filters is ignored.

    The filters are that the first member is true and the second false. 1 if there is no such offset.
    """
    both = listed.matching(**{one: True, other: False})
    first, second = listed.matching(**{one: True}), listed.matching(**{other: False})

    def tells(start: int) -> bool:
        page = both[start : start + size]
        return bool(page) and page not in (
            first[start : start + size],
            second[start : start + size],
        )

    return next((start for start in range(1, listed.total) if tells(start)), 1)


def heads_match(api: Api, directory: Directory, pages: int = 2, **members: bool) -> None:
    """Expect that the first pages of a filtered list hold only profiles with the values of the filter.

    Does nothing for a directory that was read completely: its complete list has been judged.
    """
    if directory.complete:
        return
    first = as_query(**members, limit=MAX_LIMIT)
    offsets = [None, *(page * MAX_LIMIT for page in range(1, pages))]
    heads = api.lists(*((*first, *as_query(offset=offset)) for offset in offsets))
    for page in heads:
        require_page(page)
        wrong = [
            row for row in page.rows if any(row.get(name) is not members[name] for name in members)
        ]
        if wrong:
            raise page.breach(
                f"profiles with {' and '.join(f'{name} {value}' for name, value in members.items())}",
                f"{counted(len(wrong))} without: {shown([Id.of(row) for row in wrong])}",
            )
    matching = [
        row for row in directory.rows if all(row.get(name) is members[name] for name in members)
    ]
    if matching and not heads[0].rows:
        raise heads[0].breach(
            f"at least one profile: {matching[0].get('id')} matches", "an empty list"
        )


def counts_add_up(api: Api, directory: Directory, member: str) -> None:
    """Expect that true and false of a boolean filter have as many profiles as the list without the filter.

    Only for a directory that is too large to be read completely. The end of the list with true is searched
    for; the end of the list with false follows by arithmetic.
    """
    if directory.complete:
        return
    query = as_query(**{member: True})
    for attempt in (api, api.afresh(f"{member} counted again")):
        total = directory.total
        if attempt is not api:
            total = end_of(attempt, near=total, give=MAX_LIMIT)
        yes = count_with(attempt, directory, member)
        if yes in (0, total):
            raise Inconclusive(f"no profile has {member} {str(not yes).lower()}")
        rest = total - yes
        ends = [last_record((), total), last_record(query, yes)]
        # Between two checks of the other ends: a change of the data moves at least one of them.
        plan = [*ends, last_record(as_query(**{member: False}), rest), *ends]
        *before, page, end, end_of_true = api.in_turn(
            [api.request(query=item) for item in plan], f"{attempt.repeat} {member} adds up"
        )
        if all(len(item.rows) == 1 for item in (*before, end, end_of_true)):
            expect(page).page()
            if len(page.rows) != 1:
                raise page.breach(
                    f"the last of {counted(rest)} with {member} false, "
                    f"as the list has {total} and {yes} of them are true",
                    counted(len(page.rows)),
                )
            return
    raise Inconclusive("the ends of the lists moved each time that they were requested")


def last_record(query: Query, total: int) -> Query:
    """Return the query of the last record of a list, with room for one more on the page."""
    return (*query, *as_query(limit=2, offset=total - 1))


def count_with(api: Api, directory: Directory, member: str) -> int:
    """Return the number of profiles with the member true, in a directory too large to be read completely."""
    share = sum(row.get(member) is True for row in directory.rows) / max(len(directory.rows), 1)
    near = round(directory.total * share)
    return end_of(api, as_query(**{member: True}), near=near, give=directory.total // _MARGIN)


def end_of_the_active(api: Api, directory: Directory) -> None:
    """Expect the right ``has_more`` around the end of a filtered list that is too large to be read."""
    total = count_with(api, directory, "is_active")
    start = total - DEFAULT_LIMIT
    if start < 1:
        raise Inconclusive(
            f"{total} profiles match is_active=true, too few for a full page and one more record"
        )
    query = as_query(is_active=True)
    offsets = (start, start - 1)
    pages = [(*query, *as_query(limit=DEFAULT_LIMIT, offset=offset)) for offset in offsets]
    plan = [last_record(query, total), *pages, last_record(query, total)]
    before, *answers, after = api.in_turn(
        [api.request(query=item) for item in plan], "end of the active"
    )
    if len(before.rows) != 1 or len(after.rows) != 1:
        raise Inconclusive("the end of the list moved while it was judged")
    for page, offset in zip(answers, offsets, strict=True):
        expect(page).announces(total, offset)
