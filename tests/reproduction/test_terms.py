"""A search term follows from a profile by places and letter case, and the lines do not hold it."""

from __future__ import annotations

import json

import pytest

from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.reproduction.terms import Derivation, Sources

ONE = "0f8fad5b-d9cb-469f-a165-70867728950e"
TWO = "6e888fa2-4d26-4148-ae7c-61ca09c0a11f"
ROWS = [
    {"id": ONE, "name": "Dr Anne-Marie O'Neill", "display_name": None, "email": "anne@x.example"},
    {"id": TWO, "name": "Łucja Neill", "display_name": "Łucja", "email": None},
]
PERSONAL = {"anne", "marie", "neill", "łucja", "anne@x.example"}


def sources(rows: list[dict[str, str | None]] = ROWS) -> Sources:
    body = json.dumps({"data": rows, "meta": {"limit": 20}}).encode()
    return Sources([Exchange(1, Request(), "http://t/clinician-profiles", 200, (), body, 0.0)])


def hidden(text: str) -> bool:
    return any(word in text.lower() for word in PERSONAL)


def derived(text: str, *preferred: str) -> Derivation | None:
    return sources().derivation(text, hidden, preferred)


@pytest.mark.parametrize(
    ("term", "record", "expression"),
    [
        ("Anne", ONE, ".name[3:7]"),
        ("ANNE", ONE, ".name[3:7] | ascii_upcase"),
        ("anne-marie", ONE, ".name[3:13] | ascii_downcase"),
        ("anne@x.example", ONE, ".email"),
        ("%Anne%", ONE, '("%" + .name[3:7] + "%")'),
        ("aNNE", ONE, "((.name[3:4] | ascii_downcase) + (.name[4:7] | ascii_upcase))"),
        ("Marie Neill", ONE, '(.name[8:13] + " " + .name[16:21])'),
        ("Łucja", TWO, ".name[0:5]"),
        ("ŁUCJA Neill", TWO, '((.name[0:5] | ascii_upcase) + " " + .name[6:11])'),
        ("anne' or 1=1", ONE, """((.name[3:7] | ascii_downcase) + "' or 1=1")"""),
    ],
)
def test_a_term_is_written_as_parts_of_a_profile(term: str, record: str, expression: str) -> None:
    found = derived(term)
    assert found is not None
    assert found.record == record
    value = next(row for row in ROWS if row["id"] == record)[found.member]
    assert value is not None
    assert found.expression(len(value)) == expression
    assert Derivation.of(json.loads(json.dumps(found.as_json()))) == found


def test_the_profile_that_the_finding_is_about_is_preferred() -> None:
    found, other = derived("Neill", TWO), derived("Neill")
    assert found is not None
    assert other is not None
    assert (found.record, other.record) == (TWO, ONE)


@pytest.mark.parametrize("term", ["zqx", "annette", "łUcJaß Anne", "'%_"])
def test_a_term_that_no_profile_has_is_not_derived(term: str) -> None:
    assert derived(term) is None
