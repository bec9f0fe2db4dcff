"""Diagnosis of runs on models that make one decision in another way: named, or not at all, never wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from conformance.contract.verdict import CaseResult
from conformance.diagnosis import diagnose
from conformance.diagnosis.diagnose import Diagnosis, diagnosed
from conformance.diagnosis.explanations import Explanation
from conformance.diagnosis.search import OutOfTime, Search
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.model.manners import Manners, OutOfRange, SearchReading
from conformance.model.matching import Positions
from conformance.model.rows import ModelDirectory, id_of
from conformance.model.service import Service
from conformance.target.credentials import OTHER
from tests.support.deviating import (
    ActiveByDefault,
    AnyKey,
    EmailIsNotSearched,
    FalseIsAbsent,
    ForeignIsFound,
    FullMeansMore,
    Ignored,
    InactiveIsLost,
    Inverted,
    LastIsLost,
    LocationLostBehindAnOffset,
    NewestAreNotFound,
    NotFoundIsCached,
    NullHides,
    PageNumber,
    RoleIsSearched,
    SevensAreOne,
)
from tests.support.marks import broad
from tests.support.model_rows import (
    LOCATION,
    OTHER_DIRECTORY,
    OTHER_LOCATION,
    OWN_DIRECTORY,
    REQUESTS,
    SECOND_LOCATION,
    UNKNOWN,
    listed,
    retrieved,
    word_of,
)

WORDS = [word_of(OWN_DIRECTORY.rows[at:], "name") for at in (0, 9, 20, 31)]
MORE = [
    *(listed(limit=100, is_active=value) for value in (True, False)),
    *(listed(limit=100, is_bookable_online=value) for value in (True, False)),
    *(listed(limit=limit, offset=offset) for limit in (7, 10) for offset in (10, 50, 53, 55)),
    *(listed(search=word, is_active=value, limit=100) for word in WORDS for value in (True, False)),
    *(listed(search=case(word), limit=100) for word in WORDS for case in (str.upper, str.lower)),
    *(listed(location_id=place, is_active=False) for place in (LOCATION, SECOND_LOCATION)),
    *(listed(location_id=place, limit=100) for place in (LOCATION, SECOND_LOCATION, UNKNOWN)),
    *(listed(location_id=place, limit=5, offset=2) for place in (LOCATION, SECOND_LOCATION)),
    *(listed(search=row["email"]) for row in OWN_DIRECTORY.rows[:12] if row["email"]),
    *(listed(search=text) for text in ("a-b", "x.y", "A@b")),
    *(retrieved(id_of(row)) for row in OWN_DIRECTORY.rows[:30:2]),
    *(retrieved(id_of(row)) for row in OTHER_DIRECTORY.rows[:8]),
    Request(path="/locations", query=(("limit", "100"),), credential=OTHER),
    listed(OTHER, limit=100),
    listed(OTHER, limit=100, location_id=OTHER_LOCATION),
]


def exchanges_of(service: Service) -> list[Exchange]:
    requests = list(dict.fromkeys([*REQUESTS, *MORE]))
    found = []
    for number, request in enumerate(requests, 1):
        reply = service.answer(request)
        url = f"http://target.test/api-v1{request.shown_target}"
        found.append(
            Exchange(number, request, url, reply.status, reply.headers, reply.body, elapsed=0.0)
        )
    return found


def findings(exchanges: Sequence[Exchange], right: Sequence[Exchange]) -> list[CaseResult]:
    """Return a finding for each response that differs from the right one."""

    def judged(exchange: Exchange) -> Any:
        return exchange.status, exchange.ids, exchange.member("meta", "has_more")

    differing = [a for a, b in zip(exchanges, right, strict=True) if judged(a) != judged(b)]
    assert differing
    found = tuple(item.finding("the right response", item.summary()) for item in differing)
    return [CaseResult("case", "FIL-17", found)]


def diagnosis_of(kind: type[Service], manners: Manners | None = None) -> Diagnosis:
    directories = OWN_DIRECTORY, OTHER_DIRECTORY
    exchanges = exchanges_of(kind(*directories, manners))
    results = findings(exchanges, exchanges_of(Service(*directories, manners)))
    return diagnosed(results, exchanges, seconds=20)


NAMED = [
    (Inverted, "`is_active` is inverted"),
    (Ignored, "`is_bookable_online` is ignored"),
    (ActiveByDefault, "Without `is_active`, only profiles whose `is_active` is true are listed"),
    (FullMeansMore, "`has_more` is true on every full page"),
    (EmailIsNotSearched, "A search does not look in `email`"),
    (RoleIsSearched, "A search looks in `role` too"),
    (InactiveIsLost, "A profile whose `is_active` is false is not found by its id"),
    (ForeignIsFound, "Another organisation's profile is found by its id"),
    (AnyKey, "A request without a valid key is answered as with your key"),
    (NotFoundIsCached, "A 404 to another key is repeated for the key that owns the profile"),
    (
        NullHides,
        "A search does not find profiles with a null among `name`, `display_name` and `email`",
    ),
    (NewestAreNotFound, "A search does not find the newest profiles"),
]


@pytest.mark.parametrize(("kind", "title"), NAMED, ids=lambda item: getattr(item, "__name__", ""))
def test_the_decision_is_named(kind: type[Service], title: str) -> None:
    (cause,) = diagnosis_of(kind).causes
    stated = [cause.title, *cause.candidates]
    assert any(text.rstrip(".") == title for text in stated), stated
    assert cause.explained
    assert cause.agreeing > 50
    assert cause.usually.endswith(".")
    assert cause.fix.endswith(".")


def test_a_location_is_known_by_its_first_page_where_others_lose_the_filter() -> None:
    (cause,) = diagnosis_of(LocationLostBehindAnOffset).causes
    stated = [cause.title, *cause.candidates]
    assert any(text.startswith("`location_id` is ignored if `offset` is") for text in stated)


@pytest.mark.parametrize("kind", [FalseIsAbsent, LastIsLost, PageNumber])
def test_what_is_stated_is_about_what_is_wrong(kind: type[Service]) -> None:
    """Several hypotheses fit these, or the run shows too little: what is stated must still be right."""
    words = {FalseIsAbsent: "is_", LastIsLost: "record", PageNumber: "offset"}
    for cause in diagnosis_of(kind).causes:
        assert all(words[kind] in text for text in (cause.title, *cause.candidates) if text)


@pytest.mark.parametrize(
    "manners",
    [
        Manners(limit_above=OutOfRange.CLAMP, offset_below=OutOfRange.CLAMP),
        *broad(
            Manners(search_reading=SearchReading.SUBSTRING, folds_accents=False),
            Manners(search_reading=SearchReading.PREFIXES, refuses_unknown_parameters=True),
        ),
    ],
)
def test_lawful_manners_hide_no_cause(manners: Manners) -> None:
    (cause,) = diagnosis_of(Inverted, manners).causes
    assert cause.title == "`is_active` is inverted"


class Strange(Service):
    """Leaves out every profile whose id has an odd digit sum: no hypothesis says that."""

    def order(self, directory: ModelDirectory, found: Positions) -> Positions:
        rows = directory.rows
        return (
            [at for at in found if sum(map(ord, id_of(rows[at]))) % 3] if len(found) < 60 else found
        )


def test_nothing_is_stated_of_what_the_grammar_does_not_know() -> None:
    assert diagnosis_of(Strange) == Diagnosis()


class Both(Inverted, FullMeansMore):
    pass


def test_two_decisions_are_told_apart() -> None:
    titles = {cause.title for cause in diagnosis_of(Both).causes}
    assert titles <= {"`is_active` is inverted", "`has_more` is true on every full page"}
    assert "`is_active` is inverted" in titles


@pytest.mark.parametrize(
    "numbers",
    [(0, 4), *broad(((0, 1),), ((1, 7),), ((4, 6, 8),), ((1, 4, 7),))],
    ids=lambda found: "-".join(map(str, found)),
)
def test_each_of_several_decisions_is_named(numbers: tuple[int, ...]) -> None:
    """Decisions about different parameters: responses in which two of them meet hide neither."""
    chosen = [NAMED[number] for number in numbers]
    kind = type("Several", tuple(one for one, _ in chosen), {})
    causes = diagnosis_of(kind).causes
    stated = {text.rstrip(".") for cause in causes for text in (cause.title, *cause.candidates)}
    assert stated >= {title for _, title in chosen}
    assert len(causes) == len(chosen)


def test_a_cause_is_stated_beside_what_the_grammar_does_not_know() -> None:
    kind = type("Several", (EmailIsNotSearched, ForeignIsFound, SevensAreOne), {})
    stated = {
        text for cause in diagnosis_of(kind).causes for text in (cause.title, *cause.candidates)
    }
    assert "Another organisation's profile is found by its id" in stated


def test_what_was_found_when_the_time_is_up_is_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    best = Search._best

    def once(search: Search) -> Explanation | None:
        nonlocal steps
        steps += 1
        if steps > 1:
            raise OutOfTime
        return best(search)

    monkeypatch.setattr(Search, "_best", once)
    found = diagnosis_of(type("Several", (Inverted, ForeignIsFound), {}))
    assert len(found.causes) == 1
    assert found.problem is not None


def test_a_diagnosis_names_no_person() -> None:
    texts = json.dumps([diagnosis_of(kind).written() for kind, _ in NAMED[5:7]])
    values = {
        word
        for row in OWN_DIRECTORY.rows
        for name in ("name", "email", "display_name")
        for word in str(row[name] or "").split()
        if len(word) > 4
    }
    assert not [word for word in values if word in texts]


def test_a_diagnosis_is_written_and_read() -> None:
    found = diagnosis_of(Inverted)
    assert Diagnosis.read(json.loads(json.dumps(found.written()))) == found


def test_a_green_run_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnose, "learned", None)  # a call would fail
    assert diagnosed([CaseResult("case", "FIL-01")], []) == Diagnosis()


def test_a_failure_is_named_and_costs_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    exchanges = exchanges_of(Service(OWN_DIRECTORY, OTHER_DIRECTORY))
    results = [CaseResult("case", "FIL-01", (exchanges[0].finding("a", "b"),))]
    assert (
        diagnosed(results, exchanges, seconds=0).problem
        == "it took more than 0 s of processor time"
    )
    monkeypatch.setattr(diagnose, "learned", None)
    assert diagnosed(results, exchanges).problem == "it failed: TypeError"


def test_a_body_that_is_too_long_is_not_compared() -> None:
    exchanges = exchanges_of(Inverted(OWN_DIRECTORY, OTHER_DIRECTORY))
    exchanges = [replace(item, cut=True) for item in exchanges]
    results = [CaseResult("case", "FIL-01", (exchanges[0].finding("a", "b"),))]
    assert diagnosed(results, exchanges) == Diagnosis()
