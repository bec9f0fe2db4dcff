"""Lists with several filters, judged by what each of the filters lists on its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from conformance.directory.directory import Directory
from conformance.http.api import Api, FullList, as_query
from conformance.http.exchange import Exchange
from conformance.http.request import Id, Query
from conformance.suite.expect import counted, shown
from conformance.suite.filtering import exactly
from conformance.suite.readings import BOOLEANS, SELECTING


def selecting(page: Exchange) -> list[str]:
    """Return the names of the filters and the search of a request."""
    return [name for name, _ in page.request.query if name in SELECTING]


def flags_of(page: Exchange) -> list[tuple[str, bool]]:
    """Return the boolean filters of a request; none if one is malformed or given twice."""
    flags = [(name, value) for name, value in page.request.query if name in BOOLEANS]
    is_valid = all(value in ("true", "false") for _, value in flags) and len(dict(flags)) == len(
        flags
    )
    return [(name, value == "true") for name, value in flags] if is_valid else []


def other_rows(page: Exchange, name: str, value: bool) -> list[str]:
    """Return the ids of the rows that a boolean filter excludes."""
    return [Id.of(row) for row in page.rows if row.get(name) is (not value)]


def both_values_at(
    api: Api, listed: Directory, member: str, query: Query, at_location: FullList
) -> bool:
    """Expect that a boolean filter and a location list what both list on their own.

    :returns: whether neither part is empty.
    """
    queries = with_either_value(query, member)
    parts = api.full_lists(queries)  # in one batch
    here = set(at_location.joined().ids)
    for value, each, part in zip((True, False), queries, parts, strict=True):
        _adds_none(part, at_location, listed, {member: value})
        both_list(api, each, here, listed, {member: value})
    return all(part.ids for part in parts)


def _adds_none(
    part: FullList, whole: FullList, listed: Directory, members: Mapping[str, bool]
) -> None:
    """Expect that a list with further filters has no record that matches them and is not in the one without.

    Which of the two lists is wrong, the two alone do not show.
    """
    matching = set(listed.matching(**members)) - set(whole.ids)
    for page in part.pages:
        if lacking := [record for record in page.ids if record in matching]:
            names = " and ".join(f"`{name}`" for name in members)
            raise page.breach(
                "none of them",
                f"{counted(len(lacking))} that the same list without {names} lacks",
                f"{counted(len(lacking), 'unexpected record')}: {shown(lacking)}; "
                f"compared with exchange {whole.pages[0].number}",
                witnesses=lacking,
            )


def with_either_value(query: Query, member: str) -> list[Query]:
    """Return the query with a boolean filter that is true, and with it false."""
    return [(*query, *as_query(**{member: value})) for value in (True, False)]


def both_list(
    api: Api,
    query: Query,
    others: Collection[str],
    listed: Directory,
    members: Mapping[str, bool],
    possible: Collection[str] = (),
) -> None:
    """Expect that a list with further filters has what these list on their own, among other records.

    If a filter is wrong on its own, which another requirement judges, both results are right: the part that
    the filter lists, and the part whose members have its value.

    :param others: the records that the list has without the further filters.
    :param members: the further filters.
    :param possible: records that the list without the further filters should have too.
    """
    alone = api.full_lists([listed.of(**{name: value}) for name, value in members.items()])
    parts = set(others).intersection(*(item.joined().ids for item in alone))
    matches = set(listed.matching(**members))
    matching = set(others) & matches
    either = (parts ^ matching) | (set(possible) & matches)
    exactly(api, query, parts & matching, either, listed, **members)
