"""Parameters together: readings of values, the covering array, predictions, and the simplest failure."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import pytest

from conformance.contract.cases import Depth
from conformance.contract.document import load
from conformance.contract.verdict import Breach, Finding
from conformance.faults.breaches import together as breaches
from conformance.faults.lawful import together as lawful
from conformance.faults.questions import filters
from conformance.http.api import Api
from conformance.judging.given import unknown_ids
from conformance.judging.session import Session
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Row, Store
from conformance.suite import covering
from conformance.suite.exploring import drawn
from conformance.suite.prediction import Page, Prediction
from conformance.suite.readings import (
    ALL,
    ANY_LIMIT,
    NAMES,
    NOTHING,
    SELECTING,
    Parameters,
    Reading,
    Selects,
    boolean_reading,
    limit_reading,
    offset_reading,
)
from conformance.suite.together import (
    RESERVE,
    Together,
    explore,
    of_own,
    valid,
    wrong_filter,
    wrong_number,
)
from conformance.suite.values import boolean, limit, offset
from conformance.target.credentials import OTHER, OWN
from tests.support.asking import client_to
from tests.support.marks import broad
from tests.support.rows import ID, page, row
from tests.support.servers import surroundings, target_of

MANY = 2**31 - 1


@pytest.mark.parametrize(
    ("text", "meanings", "refused"),
    [
        ("1", (1,), False),
        ("100", (100,), False),
        ("101", (ANY_LIMIT,), True),
        ("0", (ANY_LIMIT,), True),
        ("-1", (ANY_LIMIT,), True),
        ("", (ANY_LIMIT,), True),
        ("05", (ANY_LIMIT,), True),
        ("abc", (ANY_LIMIT,), True),
    ],
)
def test_readings_of_a_limit(text: str, meanings: tuple[Any, ...], refused: bool) -> None:
    assert limit_reading(text) == Reading(meanings, refused)


@pytest.mark.parametrize(
    ("text", "meanings", "refused"),
    [
        ("0", (0,), False),
        (str(MANY), (MANY,), False),
        (str(MANY + 1), (MANY + 1,), True),
        (str(2**64), (2**64, 0), True),
        ("-1", (0,), True),
        ("0.5", (0, 1), True),
        ("", (0,), True),
    ],
)
def test_readings_of_an_offset(text: str, meanings: tuple[Any, ...], refused: bool) -> None:
    assert offset_reading(text) == Reading(meanings, refused)


def test_a_malformed_boolean_may_mean_all_one_value_or_nothing() -> None:
    assert boolean_reading("is_active", "true") == Reading((Selects("true"),))
    found = boolean_reading("is_active", "TRUE")
    assert found.refused
    assert set(found.meanings) == {ALL, NOTHING, Selects("true"), Selects("false")}


IDS = frozenset(ID.format(number) for number in range(5))
ORDER = tuple(sorted(IDS))
RIGHT = {"limit": 2, "has_more": True, "next_offset": 3}


@pytest.mark.parametrize(
    ("numbers", "meta", "problem"),
    [
        ((1, 2), {}, None),
        ((1,), {"next_offset": 2}, None),  # a short page that says that more follow
        ((1, 2), {"limit": 3}, "meta.limit 3"),
        ((1, 2), {"limit": True}, "meta.limit true"),
        ((1, 2), {"has_more": False}, "2 records, meta.has_more false"),
        ((1, 2), {"next_offset": None}, "2 records, meta.next_offset null"),
        ((1, 1), {}, "1 record returned more than once"),
        ((1, 9), {}, "1 unexpected record"),
        ((), {}, "0 records"),
        ((1, 2, 3), {}, "3 records"),
        ((2, 1), {}, "other records than the complete list has there"),
    ],
)
def test_how_a_page_differs(numbers: tuple[int, ...], meta: Any, problem: str | None) -> None:
    answer = page([row(number) for number in numbers], **(RIGHT | meta))
    found = Page(2, 1, IDS, ORDER).problem(answer)
    assert found is problem is None or str(found).startswith(str(problem))


def test_without_a_known_order_any_of_the_profiles_will_do() -> None:
    answer = page([row(4), row(2)], **RIGHT)
    assert Page(2, 1, IDS).problem(answer) is None
    assert Page(ANY_LIMIT, 1, IDS).problem(answer) is None
    assert Page(ANY_LIMIT, 1, IDS).problem(page([], limit=101)) == "meta.limit 101"


def test_a_prediction_says_what_a_correct_server_returns() -> None:
    parameters = Parameters((limit("101"), boolean("is_active", "true")))
    text = Prediction(parameters, (Page(ANY_LIMIT, 0, IDS),), True, False).text()
    assert text == (
        "400 or 422 for limit, or 200 with at most 5 records from offset 0 of the 5 profiles "
        "of the list with is_active alone, the limit in force"
    )


def pairs_of(rows: Any) -> set[Any]:
    return {pair for item in rows for pair in combinations(item.items(), 2)}


def test_the_array_covers_what_it_promises() -> None:
    valid_pairs = {
        ((one, kind), (other, more))
        for one, other in combinations(NAMES, 2)
        for kind, more in product(covering.VALID[one], covering.VALID[other])
    }
    rows = covering.valid_rows()
    assert valid_pairs <= pairs_of(rows)
    for three in combinations(NAMES, 3):
        assert {tuple(name in item for name in three) for item in rows} == {
            *product((True, False), repeat=3)
        }
    filters_present = {frozenset(set(SELECTING) & set(item)) for item in rows}
    assert len(filters_present) == 16
    spoiled = covering.spoiled_rows()
    assert all(len(covering.spoiling(item)) == 1 for item in spoiled)
    for name, kinds in covering.WRONG.items():
        for kind, other in product(kinds, (other for other in NAMES if other != name)):
            beside = {item[other] for item in spoiled if item.get(name) == kind}
            assert beside >= set(covering.VALID[other]), (name, kind, other)
    wrong_pairs = {
        ((one, kind), (other, more))
        for one, other in combinations(NAMES, 2)
        for kind, more in product(covering.WRONG[one], covering.WRONG[other])
    }
    assert wrong_pairs <= pairs_of(covering.wrong_rows())


def test_the_array_is_the_same_in_every_process() -> None:
    code = "from conformance.suite import covering as c; print(c.valid_rows(), c.spoiled_rows())"
    environment = surroundings() | {"PYTHONHASHSEED": "77", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{covering.valid_rows()} {covering.spoiled_rows()}\n"


VALUES = (
    ("limit", (limit("1"), limit("2"), limit("0"), limit("x"))),
    ("offset", (offset("0"), offset("3"), offset("-1"))),
    ("is_active", tuple(boolean("is_active", text) for text in ("true", "false", "x"))),
)


def test_queries_follow_from_the_seed() -> None:
    one = drawn.__wrapped__(VALUES, 1, 20)
    assert one == drawn.__wrapped__(VALUES, 1, 20) != drawn.__wrapped__(VALUES, 2, 20)
    assert len(one) == len({frozenset(item.values) for item in one}) <= 20
    assert all(len(item.values) > 1 for item in one)
    assert {len(item.wrong) for item in one} >= {0, 1, 2}
    assert drawn.__wrapped__(VALUES, 1, 0) == ()


@contextmanager
def session_on(api: type[ClinicianApi], depth: Depth = Depth.STANDARD) -> Iterator[Session]:
    server = EmbeddedServer(api(Store.seeded(), RateLimiter(100_000)))
    with server, client_to(target_of(server)) as client:
        session = Session(client, load(), depth=depth, seed=0)
        session.probe()
        session.learn()
        yield session


def together_on(session: Session) -> Together:
    return of_own(session, Api(session.client.ask), unknown_ids(0, 1))


def test_a_run_sends_few_requests_and_each_of_its_filters_tells() -> None:
    with session_on(ClinicianApi) as session:
        together = together_on(session)
        several = {kind: together.few(kind) for kind in (valid, wrong_number, wrong_filter)}
        assert [len(items) for items in several.values()] == [4, 5, 4]
        sent = session.client.total_sent
        for kind, items in several.items():
            together.judge(kind.__name__, lambda items=items: items)  # type: ignore[misc]
        assert session.client.total_sent == sent + 13
        present = {frozenset(set(item.names) & set(SELECTING)) for item in several[valid]}
        assert present == {frozenset(names) for names in combinations(SELECTING, 3)}


def failing(session: Session, kind: Any) -> Finding:
    together = together_on(session)
    with pytest.raises(Breach) as caught:
        together.judge("it", lambda: together.few(kind))
    return caught.value.findings[0]


@pytest.mark.parametrize(
    ("api", "kind", "simplest", "received"),
    [
        (breaches.ThirdFilterForgotten, valid, {*SELECTING[:3]}, "unexpected records"),
        (breaches.LimitUncappedBesideSearch, wrong_number, {"limit", "search"}, "meta.limit 1000"),
        (
            breaches.MalformedBooleanCrashesBesideSearch,
            wrong_filter,
            {"is_active", "search"},
            "500 INTERNAL_ERROR",
        ),
    ],
)
def test_a_finding_names_the_simplest_request(
    api: type[ClinicianApi], kind: Any, simplest: set[str], received: str
) -> None:
    with session_on(api) as session:
        finding = failing(session, kind)
        assert received in finding.received
        assert set(names_in(finding)) == simplest
        assert "found from one with" in str(finding.detail)
        sent = session.client.total_sent
        session.client.forget()
        assert failing(session, kind) == replace(finding, **changing(failing(session, kind)))
        # A confirmation sends the failing request and the lists that it is compared with.
        assert session.client.total_sent <= sent + 12


def names_in(finding: Finding) -> list[str]:
    return [part.split("=")[0] for part in str(finding.url).split("?")[1].split("&")]


def changing(finding: Finding) -> dict[str, Any]:
    return {"exchange": finding.exchange, "request_id": finding.request_id}


class DropsActiveBehindSearch(ClinicianApi):
    """Ignores ``is_active`` if it comes after ``search``."""

    def parse(self, pairs: Any, known: Any) -> ListQuery:
        query = super().parse(pairs, known)
        names = [name for name, _ in pairs]
        if query.search and "is_active" in names[names.index("search") :]:
            return replace(query, is_active=None)
        return query


class LosesTheLastOfTwelve(ClinicianApi):
    """Returns a record less if a filtered page has 2 to 29 records and more follow."""

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, more = super().fetch(query, organisation)
        if filters(query) and 2 < query.limit < 30 and len(rows) == query.limit != 20:
            return rows[:-1], False
        return rows, more


class ReordersLaterPages(ClinicianApi):
    """Orders later pages of a search with a filter by id."""

    def order(self, query: ListQuery) -> str:
        return "c.id" if query.search and filters(query) and query.offset else super().order(query)


@pytest.mark.parametrize(
    ("api", "whose"),
    [
        (DropsActiveBehindSearch, OWN),
        (DropsActiveBehindSearch, OTHER),
        (LosesTheLastOfTwelve, OTHER),
        (ReordersLaterPages, OWN),
    ],
)
def test_generated_queries_find_what_the_rows_do_not(api: type[ClinicianApi], whose: str) -> None:
    with session_on(api, Depth.DEEP) as session:
        client = Api(session.client.ask)
        with pytest.raises(Breach) as caught:
            explore(session, client, unknown_ids(0, 1), whose, "FIL-17", valid)
        assert caught.value.findings[0].identity == whose
        session.client.forget()
        with pytest.raises(Breach):
            explore(session, client, unknown_ids(0, 1), whose, "FIL-17", valid)


@pytest.mark.parametrize(
    "api",
    [
        ClinicianApi,
        *broad(
            lawful.CombinedInAnotherOrder,
            lawful.BoundsOnlySearches,
            lawful.MalformedBooleanMatchesNobody,
            lawful.UnknownLocationEndsEarly,
        ),
    ],
)
def test_no_row_and_no_query_is_a_false_alarm(api: type[ClinicianApi]) -> None:
    with session_on(api, Depth.DEEP) as session:
        client = Api(session.client.ask)
        for kind, whose in product((valid, wrong_number, wrong_filter), (OWN, OTHER)):
            explore(session, client, unknown_ids(0, 1), whose, kind.__name__, kind)
        left = {whose: session.client.left(whose) for whose in (OWN, OTHER)}
        assert all(number >= RESERVE for number in left.values()), left


def test_queries_end_where_the_budget_does() -> None:
    with session_on(ClinicianApi, Depth.DEEP) as session:
        session.client.bound(session.client.sent[OWN] + 20)
        explore(session, Api(session.client.ask), unknown_ids(0, 1), OWN, "FIL-17", valid)
        assert not session.failing
