"""Profiles that change places between two requests have one cause, in every list."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from conformance.contract.verdict import Finding
from conformance.diagnosis.ties import ties
from conformance.http.exchange import Exchange
from conformance.http.request import Query, Request

LIST: Query = ()
ACTIVE: Query = (("is_active", "true"),)
IMPORTED = {letter: index // 4 for index, letter in enumerate("abcdefghijklmnopqrst")}
"""Profiles of five imports, four profiles each."""


class Run:
    """Pages of one-letter profiles that follow each other."""

    def __init__(self, *pages: tuple[int, str], base: Query = LIST, dated: bool = True) -> None:
        self.exchanges: list[Exchange] = []
        self.dated = dated
        for offset, ids in pages:
            self.page(offset, ids, base)

    def page(self, offset: int, ids: str, base: Query = LIST) -> int:
        number = len(self.exchanges) + 1
        dates = (
            {letter: f"20{10 + when}" for letter, when in IMPORTED.items()} if self.dated else {}
        )
        body = {"data": [{"id": one, "created_at": dates.get(one, one)} for one in ids], "meta": {}}
        query = (*base, ("limit", str(len(ids))), ("offset", str(offset)))
        content = json.dumps(body).encode()
        item = Exchange(number, Request(query=query), "http://t.test", 200, (), content, 0.0)
        self.exchanges.append(item)
        return number


def finding(exchange: int, received: str = "another order") -> Finding:
    return Finding("the order of the list", received, None, exchange)


def explained(run: Run, *found: tuple[str, Finding]) -> tuple[str, set[tuple[str, int | None]]]:
    cause = ties(run.exchanges, found, ())
    return ("", set()) if cause is None else (cause.title, set(cause.findings))


WALKED = [(0, "abcdefghij"), (10, "klmnopqrst")]
TIED = "Profiles with the same `created_at` change places from one request to another"
UNTIED = "Pages of one list disagree on its order"


def test_records_of_one_import_that_change_places_are_named_by_their_date() -> None:
    run = Run(*WALKED, (0, "bacd"), (4, "hgfe"), (12, "pnmo"))
    found = [("PAG-11", finding(3)), ("PAG-13", finding(5))]
    assert explained(run, *found) == (TIED, {("PAG-11", 3), ("PAG-13", 5)})


def test_other_lists_follow_though_few_of_their_records_change_places() -> None:
    run = Run(*WALKED, (4, "hgfe"), (12, "pnmo"))
    run.page(0, "abcd", ACTIVE)
    filtered = run.page(0, "ba", ACTIVE)
    both = run.page(0, "ab", (*ACTIVE, ("search", "word")))
    beside = run.page(0, "ab", (("search", "word"),))
    found = [("PAG-11", finding(3)), ("PAG-13", finding(filtered)), ("FIL-17", finding(both))]
    expected = {(name, item.exchange) for name, item in found}
    assert explained(run, *found, ("SRCH-12", finding(beside))) == (TIED, expected)


@pytest.mark.parametrize(
    ("pages", "dated"),
    [
        ([(0, "abcdefghij"), (0, "cdefg")], True),
        ([(0, "abcdefghij"), (0, "acegi")], True),
        ([(0, "abcdefghij"), (0, "ba")], False),
        ([(0, "abcdefghij"), (10, "klmnopqrst")], True),
    ],
    ids=[
        "an offset that is too large",
        "every second record is lost",
        "two of ten",
        "no page differs",
    ],
)
def test_what_another_decision_may_explain_is_no_other_order(
    pages: Sequence[tuple[int, str]], dated: bool
) -> None:
    run = Run(*pages, dated=dated)
    assert explained(run, ("PAG-11", finding(2))) == ("", set())


def test_without_a_shared_value_many_must_change_places() -> None:
    run = Run((0, "abcdefghij"), (2, "hgfedc"), base=(("search", "word"),), dated=False)
    assert explained(run, ("PAG-14", finding(2))) == (
        f"{UNTIED} in lists with `search`",
        {("PAG-14", 2)},
    )


def test_what_meta_says_and_what_another_cause_explains_is_left() -> None:
    run = Run(*WALKED, (4, "hgfe"), (12, "pnmo"))
    found = [("PAG-11", finding(3)), ("PAG-01", finding(4, "meta.has_more true"))]
    assert explained(run, *found) == (TIED, {("PAG-11", 3)})
    assert ties(run.exchanges, found, {("PAG-11", 3)}) is None
