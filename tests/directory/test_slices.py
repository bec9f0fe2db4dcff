"""A directory that is too large to be read completely is judged on windows and slices, equally strictly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.contract.bounds import MAX_LIMIT
from conformance.contract.cases import Case
from conformance.contract.document import load
from conformance.directory.directory import HEAD, Directory, learn, walkable
from conformance.directory.windows import PartialIds, end_of
from conformance.errors import Inconclusive
from conformance.http.api import MOST_PAGES, Api
from conformance.http.client import ExchangeOrError
from conformance.http.request import Request
from conformance.proof import catalogue
from conformance.proof.trial import attempt, judged
from conformance.reference import seed
from conformance.reference.server import EmbeddedServer
from conformance.target.target import Target
from tests.support.marks import broad
from tests.support.rows import page, row

LARGE = 4900
MOST = 1.5
"""The largest cost of a directory of any size, as a multiple of the cost of the seed data."""


def result_of(clinicians: int, cases: list[Case]) -> dict[str, Any]:
    with EmbeddedServer(clinicians=clinicians) as server:
        target = Target(server.base_url, server.own_key, server.other_key)
        result, problem = judged(target, cases)
    assert problem is None
    return result


@pytest.mark.broad
@pytest.mark.parametrize("clinicians", [LARGE, 20_000])
def test_a_large_directory_is_judged_in_full_at_the_cost_of_a_small_one(
    clinicians: int, cases: list[Case]
) -> None:
    small, large = (result_of(count, cases) for count in (seed.OWN_CLINICIANS, clinicians))
    assert (large["verdict"], large["exit_status"]) == ("conformant", 0)
    assert large["totals"] == small["totals"]
    assert large["requests"]["sent"] <= MOST * small["requests"]["sent"]
    directory = large["directory"]
    assert directory["total"] == clinicians
    assert directory["walked"] is False
    assert directory["records_seen"] == 700
    head, middle, end = directory["windows"]
    assert (head["first"], head["last"]) == (1, 300)
    assert middle["last"] - middle["first"] + 1 == 200
    assert (end["first"], end["last"]) == (clinicians - 199, clinicians)
    assert directory["slices"]
    assert all("search=" in item["query"] for item in directory["slices"])
    assert small["directory"]["walked"] is True
    assert small["directory"]["windows"] == small["directory"]["slices"] == []


# The same faults as on the seed data, if only a part of the directory is read


def large() -> seed.SeedData:
    return seed.build(LARGE)


# One of each area, and for pages both the end of the list and a large offset.
FOUND = (
    *broad(
        "end-is-not-found",
        "window-of-ten-thousand",
        "bookable-whatever-the-value",
        "everyone-retrieved",
        "newest-not-indexed",
        "post-leaves-draft",
    ),
)


@pytest.mark.timeout(360, method="thread")  # "post-leaves-draft" waits for about a minute
@pytest.mark.parametrize("name", FOUND)
def test_faults_are_found_in_a_large_directory_too(name: str, cases: list[Case]) -> None:
    variant = next(item for item in catalogue.load(load()).faults if item.name == name)
    trial = attempt(replace(variant, data=large), cases)
    assert trial.problem is None
    assert (trial.verdict, trial.exit_status) == ("non-conformant", 1)
    assert variant.requirement in trial.red


# The end


def served(size: int, most: int = MAX_LIMIT) -> Any:
    """Serve a list of ``size`` records in pages of at most ``most``."""
    asked: list[Request] = []

    def ask(requests: Sequence[Request]) -> list[ExchangeOrError]:
        answers: list[ExchangeOrError] = []
        for request in requests:
            asked.append(request)
            query = dict(request.query)
            start, limit = int(query.get("offset", 0)), min(int(query["limit"]), most)
            rows = [row(number) for number in range(start, min(start + limit, size))]
            answers.append(replace(page(rows, has_more=start + limit < size), request=request))
        return answers

    ask.asked = asked  # type: ignore[attr-defined]
    return ask


@settings(deadline=None)
@given(
    size=st.integers(0, 2**31 - 200),
    most=st.sampled_from([1, 7, 60, 99, MAX_LIMIT]),
    at_least=st.floats(0, 1),
)
def test_the_end_of_any_list_is_found(size: int, most: int, at_least: float) -> None:
    ask = served(size, most)
    assert end_of(Api(ask), at_least=int(size * at_least)) == size
    assert len(ask.asked) <= 70


@settings(deadline=None)
@given(
    size=st.integers(0, 10**6),
    guess=st.integers(0, 10**6),
    give=st.integers(0, 10**5),
)
def test_a_wrong_guess_costs_only_requests(size: int, guess: int, give: int) -> None:
    assert end_of(Api(served(size)), near=guess, give=give) == size


def test_a_good_guess_is_cheap() -> None:
    ask = served(123_456)
    assert end_of(Api(ask), near=123_456, give=MAX_LIMIT) == 123_456
    assert len(ask.asked) == 3


def test_the_search_in_a_list_without_an_end_stops() -> None:
    def endless(requests: Sequence[Request]) -> list[ExchangeOrError]:
        starts = [int(dict(request.query).get("offset", 0)) for request in requests]
        return [page([row(at + n) for n in range(MAX_LIMIT)], has_more=True) for at in starts]

    with pytest.raises(Inconclusive, match="no end before offset"):
        end_of(Api(endless))


def test_pages_that_contradict_each_other_show_no_end() -> None:
    def full_only_far_away(requests: Sequence[Request]) -> list[ExchangeOrError]:
        starts = [int(dict(request.query).get("offset", 0)) for request in requests]
        return [
            page([row(at + n) for n in range(MAX_LIMIT * (at > 5000))], has_more=at > 5000)
            for at in starts
        ]

    with pytest.raises(Inconclusive, match="pages contradict each other"):
        end_of(Api(full_only_far_away), at_least=300)


# Windows


def test_the_budget_decides_how_many_pages_are_read() -> None:
    assert [walkable(budget) for budget in (10, 100, 300, 1000)] == [HEAD, 8, 24, MOST_PAGES - 1]


@pytest.mark.parametrize(
    ("size", "complete"), [(300, True), (1000, True), (1001, False), (9999, False)]
)
def test_a_directory_is_read_completely_or_through_windows(size: int, complete: bool) -> None:
    ask = served(size)
    directory = learn(Api(ask), 0, 10)
    assert directory.problem is None
    assert directory.total == size
    assert directory.complete is complete
    assert directory.ids[:3] == [row(n)["id"] for n in range(3)]
    assert directory.ids[-1] == row(size - 1)["id"]
    assert len(ask.asked) <= 40


def test_a_position_outside_the_windows_is_inconclusive() -> None:
    directory = learn(Api(served(9999)), 0, 10)
    with pytest.raises(Inconclusive, match="position 300 is in none"):
        _ = directory.ids[295:305]
    with pytest.raises(Inconclusive, match="only parts of the list of 9999"):
        directory.matching(is_active=True)
    assert len(directory.ids) == 9999
    assert PartialIds({0: "a", 2: "c"}, 3)[-1] == "c"


@pytest.mark.parametrize("change", [-1, 1])
def test_an_end_that_moved_is_noticed(change: int) -> None:
    directory = learn(Api(served(9999)), 0, 10)
    assert directory.again(Api(served(9999))).problem is None
    second = directory.again(Api(served(9999 + change)))
    moved = (
        second.problem == "the list no longer ends at 9999 records" or second.seen != directory.seen
    )
    assert moved
    learned = learn(Api(served(9999 + change)), 0, 10, directory)
    assert (learned.problem, learned.total) == (None, 9999 + change)


def test_pages_shorter_than_the_limit_leave_gaps() -> None:
    directory = learn(Api(served(9999, 60)), 0, 10)
    assert directory.problem is None
    assert directory.total == 9999
    assert directory.ids[59] == row(59)["id"]
    with pytest.raises(Inconclusive):
        _ = directory.ids[60]


def test_a_list_that_ignores_the_offset_is_a_problem() -> None:
    def stuck(requests: Sequence[Request]) -> list[ExchangeOrError]:
        return [page([row(n) for n in range(MAX_LIMIT)], has_more=True) for _ in requests]

    directory: Directory = learn(Api(stuck), 0, 10)
    assert "only records of earlier pages" in str(directory.problem)
