"""A target makes the choices that the contract leaves open in several lawful ways."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.http.request import Request
from conformance.model.manners import (
    ErrorAnswer,
    Malformed,
    Manners,
    OutOfRange,
    Repeated,
    SearchReading,
)
from conformance.model.rows import ModelDirectory
from conformance.model.service import Service
from conformance.target.credentials import OTHER
from tests.support.model_rows import (
    OTHER_DIRECTORY,
    OWN_DIRECTORY,
    UNKNOWN,
    Shown,
    answer_of,
    listed,
    retrieved,
)


def model(**manners: Any) -> Service:
    return Service(OWN_DIRECTORY, OTHER_DIRECTORY, Manners(**manners))


def found(service: Service, **parameters: Any) -> Shown:
    return answer_of(service, listed(**parameters))


def test_a_target_may_clamp_each_bound() -> None:
    clamp = OutOfRange.CLAMP
    for side, sent, limit in (("above", 101, 100), ("below", 0, 1)):
        service = model(**{f"limit_{side}": clamp})
        assert found(service, limit=sent) == found(model(), limit=limit)
        assert found(service, limit=101 - sent).status == 400
    assert found(model(offset_below=clamp), offset=-1) == found(model(), offset=0)
    assert found(model(offset_above=clamp), offset=2**31) == found(model(), offset=2**31 - 1)
    assert found(model(offset_below=clamp), offset=2**31).status == 400


def test_a_target_may_ignore_a_malformed_value() -> None:
    service = model(malformed=Malformed.IGNORE)
    for parameters in ({"limit": "x"}, {"offset": "x"}, {"is_active": "1"}):
        assert found(service, **parameters) == found(model())
    assert found(service, location_id="x").status == 400


@pytest.mark.parametrize(("repeated", "limit"), [(Repeated.FIRST, 5), (Repeated.LAST, 6)])
def test_a_target_may_choose_among_repeated_values(repeated: Repeated, limit: int) -> None:
    request = Request(query=(("limit", "5"), ("limit", "6")))
    assert answer_of(model(repeated=repeated), request) == found(model(), limit=limit)


def test_a_target_may_refuse_unknown_parameters() -> None:
    assert found(model(refuses_unknown_parameters=True), colour="blue").code == "INVALID_PARAMETER"


@pytest.mark.parametrize(
    ("reading", "terms"),
    [
        (SearchReading.WORDS, {"ann", "zoe brown", "ANN lee"}),
        (SearchReading.PREFIXES, {"ann", "zoe brown", "ANN lee", "an", "bro zo", "le"}),
        (SearchReading.SUBSTRING, {"ann", "zoe brown", "an", "le", "e b", "nn"}),
    ],
)
def test_a_target_may_read_a_search_in_several_ways(
    reading: SearchReading, terms: set[str]
) -> None:
    rows = [
        {"id": "1", "name": "Zoë Brown", "display_name": None, "email": None},
        {"id": "2", "name": "Ann", "display_name": "Lee", "email": None},
    ]
    service = Service(ModelDirectory(rows), manners=Manners(search_reading=reading))
    all_terms = {"ann", "zoe brown", "ANN lee", "an", "bro zo", "le", "e b", "nn", "bob", "%"}
    assert {term for term in all_terms if found(service, search=term).rows} == terms
    exact = Service(
        ModelDirectory(rows), manners=Manners(search_reading=reading, folds_accents=False)
    )
    assert found(exact, search="zoe").rows == []
    assert found(exact, search="ZOË").rows == ["1"]


def test_a_target_has_codes_statuses_and_headers_of_its_own() -> None:
    service = model(
        unauthorized=ErrorAnswer(401, "NO_KEY", headers=(("www-authenticate", "Bearer realm=x"),)),
        invalid_id=ErrorAnswer(404, "NOT_FOUND"),
        invalid_parameter=ErrorAnswer(422, "INVALID"),
        record_not_found=ErrorAnswer(404, "NO_PROFILE"),
        method_not_allowed=ErrorAnswer(405, "READ_ONLY"),
        head=False,
        request_id_header=False,
        rate_limit_headers=False,
    )
    assert answer_of(service, listed()).headers == []
    assert answer_of(service, replace(listed(), credential="no key")).code == "NO_KEY"
    assert answer_of(service, retrieved("x"))[0] == 404
    assert found(service, limit=0)[0] == 422
    assert answer_of(service, retrieved(UNKNOWN)).code == "NO_PROFILE"
    assert answer_of(service, Request("POST")).code == "READ_ONLY"
    assert answer_of(service, Request("POST")).headers == ["allow"]
    assert answer_of(service, Request("HEAD")).status == 405


def test_a_key_may_get_an_error_instead_of_data() -> None:
    service = Service(OWN_DIRECTORY, ModelDirectory(error=ErrorAnswer(403, "FORBIDDEN")))
    assert found(service).status == 200
    assert answer_of(service, listed(OTHER)).code == "FORBIDDEN"
