"""Filters on a directory that is too large to be listed: what its first pages hold, and how many it has."""

from __future__ import annotations

from conformance.contract.bounds import MAX_LIMIT
from conformance.directory.directory import Directory
from conformance.directory.windows import end_of
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.http.request import Query
from conformance.suite.expect import counted, expect, shown

_GIVE = 20
"""The part of the directory by which a share that was estimated from windows may be off."""


def heads_match(api: Api, directory: Directory, **members: bool) -> None:
    """The filter on a directory that is too large to be listed: what its first pages hold has the values.

    On one that was walked, the whole list says it all.
    """
    if directory.complete:
        return
    first = as_query(**members, limit=MAX_LIMIT)
    pages = api.lists(first, (*first, *as_query(offset=MAX_LIMIT)))
    for page in pages:
        expect(page).page()
        wrong = [
            row for row in page.rows if any(row.get(name) is not members[name] for name in members)
        ]
        if wrong:
            raise page.breach(
                f"profiles with {' and '.join(f'{name} {value}' for name, value in members.items())}",
                f"{counted(len(wrong))} without: {shown([str(row.get('id')) for row in wrong])}",
            )
    known = [
        row for row in directory.rows if all(row.get(name) is members[name] for name in members)
    ]
    if known and not pages[0].rows:
        raise pages[0].breach(f"profiles, such as {known[0].get('id')}", "an empty list")


def counts_add_up(api: Api, directory: Directory, member: str) -> None:
    """True and false of a directory that is too large to be listed: together as many as there are.

    The end of the one list is looked for; that of the other follows by arithmetic.
    """
    if directory.complete:
        return
    query = as_query(**{member: True})
    for again in (api, api.afresh(f"{member} counted again")):
        total = directory.total
        if again is not api:
            total = end_of(again, near=total, give=MAX_LIMIT)
        yes = count_with(again, directory, member)
        if yes in (0, total):
            raise Inconclusive(f"no profile has {member} {str(not yes).lower()}")
        rest = total - yes
        ends = [last((), total), last(query, yes)]
        # The others' end between two looks at both of these: whatever moves, moves one of them.
        plan = [*ends, last(as_query(**{member: False}), rest), *ends]
        *before, page, whole, part = api.in_turn(
            [api.request(query=item) for item in plan], f"{again.repeat} {member} adds up"
        )
        if all(len(end.rows) == 1 for end in (*before, whole, part)):
            expect(page).page()
            if len(page.rows) != 1:
                raise page.breach(
                    f"the last of {counted(rest)} with {member} false, "
                    f"as the list has {total} and {yes} of them are true",
                    counted(len(page.rows)),
                )
            return
    raise Inconclusive("the ends of lists moved each time that they were looked at")


def last(query: Query, total: int) -> Query:
    """The query of the last record of so many: a page with room for one more."""
    return (*query, *as_query(limit=2, offset=total - 1))


def count_with(api: Api, directory: Directory, member: str) -> int:
    """How many profiles the filter leaves with the member true, where they are too many to be listed."""
    share = sum(row.get(member) is True for row in directory.rows) / max(len(directory.rows), 1)
    near = round(directory.total * share)
    return end_of(api, as_query(**{member: True}), near=near, give=directory.total // _GIVE)
