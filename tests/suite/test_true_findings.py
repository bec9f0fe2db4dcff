"""A requirement fails only if the exchange that it shows breaks it: servers with another cause."""

from __future__ import annotations

import random
from typing import Any

import pytest

from conformance.contract.cases import Case
from conformance.contract.document import load
from conformance.directory.directory import from_walk
from conformance.http.api import FullList
from conformance.proof import catalogue
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.store import Identity, Row, Store
from tests.support.rows import page, row
from tests.support.servers import judged, red


class PagesRepeatTheFirst(ClinicianApi):
    """Lists the first record of a page of two or more twice, in another place each time."""

    turn = 0

    def list_profiles(self, context: Context, identity: Identity) -> Body:
        body = super().list_profiles(context, identity)
        rows = body["data"]
        self.turn += 1
        if len(rows) > 1:
            rows.insert(1 + self.turn % (len(rows) - 1), rows[0])
        return body


class NoOrderAmongTies(ClinicianApi):
    """Lists records in another order each time."""

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        random.shuffle(rows)
        return rows, has_more


class NumbersForIds(ClinicianApi):
    """Numbers the profiles of each organisation by itself: the same numbers are no shared profiles."""

    def list_profiles(self, context: Context, identity: Identity) -> Body:
        body = super().list_profiles(context, identity)
        start = int(context.request.query_params.get("offset", 0))
        for number, profile in enumerate(body["data"], start + 1):
            profile["id"] = str(number)
        return body


class NoIds(ClinicianApi):
    """Lists profiles without an id."""

    def list_profile(self, row: Row) -> Body:
        profile = super().list_profile(row)
        del profile["id"]
        return profile


class HeadOfUnknownIdsFails(ClinicianApi):
    """Fails on HEAD for an id that no organisation has."""

    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        known = {one.id for one in self.store.data.clinicians()}
        if context.request.method == "HEAD" and context.clinician_id not in known:
            raise RuntimeError("no connection")
        return super().retrieve_profile(context, identity)


class LaterPagesFail(ClinicianApi):
    """Returns nothing but the plain list."""

    def list_profiles(self, context: Context, identity: Identity) -> Body:
        if context.request.query_params:
            raise RuntimeError("no such plan")
        return super().list_profiles(context, identity)


def variant(name: str) -> ClinicianApi:
    """Return the server of a fault of the catalogue."""
    (found,) = catalogue.load(load()).only([name]).faults
    return found.api(Store.of(found.data()), RateLimiter())


def outcome(api: ClinicianApi, cases: list[Case], *prefixes: str) -> dict[str, Any]:
    """Return the result of a run with the cases of these requirements or areas."""
    chosen = [case for case in cases if case.requirement.startswith(prefixes)]
    assert chosen
    return judged(api, chosen)[1]


def areas(found: dict[str, Any]) -> set[str]:
    return {identifier.split("-")[0] for identifier in found}


@pytest.mark.parametrize(
    "name",
    [
        "no-header-is-the-first-organisation",
        "any-test-key-is-valid",
        "key-is-cut-to-its-column",
        "any-scheme-will-do",
    ],
)
def test_a_wrong_key_that_is_accepted_is_no_leak(name: str, cases: list[Case]) -> None:
    assert areas(red(outcome(variant(name), cases, "AUTH", "ORG"))) == {"AUTH"}


@pytest.mark.parametrize(
    "name",
    [
        "full-page-means-more",
        "count-is-rounded-up",
        "end-repeats-the-last-record",
        "later-pages-repeat-records",
        "default-offset-of-one",
        "read-ahead-is-sent",
        "large-pages-are-ordered-otherwise",
        "unknown-id-forbidden",
        "unknown-location-ignored",
        "nothing-found-gives-all",
        "request-id-of-the-url",
    ],
)
def test_a_fault_with_the_callers_own_records_is_no_leak(name: str, cases: list[Case]) -> None:
    """Nor does it hide: what is red without isolation is shown by the proof."""
    assert red(outcome(variant(name), cases, "ORG")) == {}


@pytest.mark.parametrize("api", [PagesRepeatTheFirst, NoOrderAmongTies, NumbersForIds, NoIds])
def test_records_that_cannot_be_told_apart_are_no_leak(
    api: type[ClinicianApi], cases: list[Case]
) -> None:
    found = red(outcome(api(), cases, "ORG", "PAG-1", "OBJ-0"))
    assert found
    assert "ORG" not in areas(found)


def test_a_record_that_is_listed_twice_is_no_other_order(cases: list[Case]) -> None:
    found = red(outcome(PagesRepeatTheFirst(), cases, "LIM-10", "PAG-10", "PAG-12", "OBJ-04"))
    assert set(found) == {"PAG-12"}
    assert "returned twice" in found["PAG-12"][0]["received"]


def test_an_order_that_changes_is_no_effect_of_an_unknown_parameter(cases: list[Case]) -> None:
    found = red(outcome(NoOrderAmongTies(), cases, "ROB-02", "ORG-11", "FIL-09", "PAG-10"))
    assert set(found) == {"PAG-10"}


def test_pages_of_different_limits_are_no_repetition(cases: list[Case]) -> None:
    api = variant("large-pages-are-ordered-otherwise")
    assert set(red(outcome(api, cases, "PAG-10", "PAG-11", "ROB-02"))) == {"PAG-11"}


def test_a_boolean_of_another_type_does_not_make_filters_wrong(cases: list[Case]) -> None:
    found = red(outcome(variant("booleans-are-numbers"), cases, "FIL-0", "OBJ-06"))
    assert set(found) == {"OBJ-06"}


def test_a_directory_that_could_not_be_read_is_not_called_empty(cases: list[Case]) -> None:
    result = outcome(LaterPagesFail(), cases, "RET", "OBJ", "PAG")
    reasons = [row["reason"] or "" for row in result["requirements"]]
    assert not any("empty" in reason for reason in reasons)


def test_data_that_are_listed_in_another_order_have_not_changed(cases: list[Case]) -> None:
    for api in (NoOrderAmongTies(), PagesRepeatTheFirst()):
        assert outcome(api, cases, "PAG-1", "LIM-10")["directory"]["moved"] is False


def test_repeated_records_are_counted_once() -> None:
    ids = ("a", "a", "a", "b", "c", "c")
    whole = FullList(ids, (page([row(1)]),))
    assert from_walk(whole, 0).problem == "2 of 3 records were returned more than once"


def test_a_server_error_beside_a_404_reveals_no_foreign_id(cases: list[Case]) -> None:
    """Under load, one of two requests fails by chance, whatever their ids."""
    chosen = [case for case in cases if case.requirement == "ORG-09"]
    _, result, _ = judged(HeadOfUnknownIdsFails(Store.seeded(), RateLimiter()), chosen)
    assert "ORG-09" not in red(result)
