"""Lists with several filters are compared with those of each filter."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from conformance.contract.verdict import Breach
from conformance.directory.directory import Directory
from conformance.http.api import Api, FullList
from conformance.http.client import ExchangeOrError
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.suite.combined import both_list, both_values_at
from tests.support.rows import ID, page, row

ROWS = [row(number, is_active=number < 4) for number in range(6)]
PLACE = (("location_id", "here"),)


def answering(
    at_place: set[int], at_place_beside_a_filter: set[int], *, ignores_the_filter: bool = False
) -> Api:
    """Return an API whose list of a location depends on whether another filter is given."""

    def answer(request: Request) -> Exchange:
        query = dict(request.query)
        found = list(range(len(ROWS)))
        if "is_active" in query and not ("location_id" in query and ignores_the_filter):
            found = [n for n in found if json.dumps(ROWS[n]["is_active"]) == query["is_active"]]
        if "location_id" in query:
            place = at_place_beside_a_filter if "is_active" in query else at_place
            found = [n for n in found if n in place]
        meta = {"limit": 100, "has_more": False, "next_offset": None}
        return page([ROWS[n] for n in found], 7, **meta)

    def ask(requests: Sequence[Request]) -> list[ExchangeOrError]:
        return [answer(request) for request in requests]

    return Api(ask)


def judge(api: Api) -> None:
    here: FullList = api.full_list(PLACE)
    both_values_at(api, Directory(ROWS), "is_active", PLACE, here)


def test_a_location_and_a_filter_list_what_each_lists() -> None:
    judge(answering({1, 2, 5}, {1, 2, 5}))


def test_a_record_that_a_filter_adds_is_compared_with_the_list_without_it() -> None:
    """The list of the location may be what is wrong, so nothing is said of how many there should be."""
    with pytest.raises(Breach) as breach:
        judge(answering({1, 2}, {1, 2, 5}))
    (finding,) = breach.value.findings
    assert finding.received == "1 record that the same list without `is_active` lacks"
    assert finding.expected == "none of them"
    assert ID.format(5) in finding.witnesses
    assert "exchange 7" in str(finding.detail)


def test_what_the_list_without_a_filter_lacks_must_match_the_filter_all_the_same() -> None:
    """A list may have a profile only beside a filter, but never one that the filter excludes."""
    query = (*PLACE, ("is_active", "false"))
    members, possible = {"is_active": False}, [ID.format(number) for number in (1, 4)]
    listed = Directory(ROWS)
    both_list(answering({5}, {4, 5}), query, [ID.format(5)], listed, members, possible)
    careless = answering({1, 5}, {1, 5}, ignores_the_filter=True)
    with pytest.raises(Breach) as breach:
        both_list(careless, query, [ID.format(n) for n in (1, 5)], listed, members, possible)
    assert ID.format(1) in breach.value.findings[0].witnesses


def test_a_record_that_is_missing_beside_the_filter_is_counted() -> None:
    with pytest.raises(Breach) as breach:
        judge(answering({0, 1, 2}, {1, 2}))
    assert breach.value.findings[0].expected == "exactly 3 records"
