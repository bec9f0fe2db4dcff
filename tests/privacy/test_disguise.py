"""Pseudonyms for a transcript: a replay of it reads the same, and no name stays in it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from conformance.diagnosis.causes import Cause
from conformance.diagnosis.diagnose import Diagnosis
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.privacy.disguise import Disguise
from conformance.privacy.personal_data import PersonalData
from conformance.suite.disclosure import FILE_PATH, SQL, STACK_TRACE
from tests.support.masked import ROWS, TARGET, exchange


def learned(*bodies: Any) -> tuple[PersonalData, Disguise]:
    """The personal data in a list of the rows and in other bodies, and its pseudonyms."""
    answers = [exchange(body, number=at) for at, body in enumerate([{"data": ROWS}, *bodies], 1)]
    known = PersonalData(answers)
    return known, Disguise(known, TARGET)


def test_a_sentence_with_urls_has_pseudonyms_in_them() -> None:
    """A name in a URL has no quotation marks around it."""
    _, disguise = learned()
    text = "The first: GET /clinician-profiles?search=ann; GET /clinician-profiles/Ann?limit=5; x"
    hidden = disguise.sentence(text)
    word = disguise.value("ann")
    assert word != "ann"
    assert f"?search={word}; GET /clinician-profiles/{word.title()}?limit=5; x" in hidden
    known = learned()[0]
    mask = Disguise(known, TARGET).mask()
    assert mask.text(text).lower().count("ann") == 0


def test_run_and_replay_mask_a_sentence_with_urls_alike() -> None:
    text = "GET /clinician-profiles?search=ann; GET /clinician-profiles/a/Example;b=1"
    _, disguise = learned()
    answer = disguise.answer(exchange({"data": ROWS}), Request())
    assert isinstance(answer, Exchange)
    replayed = Disguise(PersonalData([answer]), TARGET)
    assert replayed.mask().url(disguise.sentence(text)).count("masked-") == 2
    assert disguise.mask().url(text).count("masked-") == 2


@pytest.mark.parametrize("constant", ["null", "true", "false"])
def test_constants_between_strings_stay_though_a_profile_holds_them(constant: str) -> None:
    body = f'{{"data": null, "error": {{"details": [-10000000, {constant}, {constant}]}}}}'
    row = {"data": [{"name": f"{constant}, {constant}"}]}
    known = PersonalData([exchange(row), exchange(body.encode(), 400, 2)])
    hidden = Disguise(known, TARGET).answer(exchange(body.encode(), 400, 2), Request())
    assert isinstance(hidden, Exchange)
    assert json.loads(hidden.body) == json.loads(body)


def test_a_string_that_reads_like_a_constant_has_a_pseudonym_in_meta_too() -> None:
    row = {"data": [{"name": "NaN"}], "meta": {"next_offset": "NaN"}}
    hidden = Disguise(PersonalData([exchange(row)]), TARGET).answer(exchange(row), Request())
    assert isinstance(hidden, Exchange)
    body = json.loads(hidden.body)
    assert body["meta"]["next_offset"] == body["data"][0]["name"] != "NaN"


@pytest.mark.parametrize("number", ["1e+307", "-1E-7", "12345e2"])
def test_a_number_stays_one_though_a_profile_holds_its_letters(number: str) -> None:
    record = f'{{"data": [{{"id": {number}, "first_name": "1e+307"}}]}}'
    answer = exchange(record.encode())
    hidden = Disguise(PersonalData([answer]), TARGET).answer(answer, Request())
    assert isinstance(hidden, Exchange)
    assert isinstance(json.loads(hidden.body)["data"][0]["id"], float)


@pytest.mark.parametrize(
    ("text", "name", "pattern"),
    [
        ("/home/app/view.py:12", "view", FILE_PATH),
        ("SELECT id FROM people WHERE id = 1", "people", SQL),
        ("Traceback (most recent call last): people", "people", STACK_TRACE),
    ],
)
def test_what_a_server_discloses_is_found_in_a_replay_too(
    text: str, name: str, pattern: re.Pattern[str]
) -> None:
    """Even if a profile holds the same words."""
    _, disguise = learned({"data": [{"id": "1", "name": text, "role": "home app"}]})
    for hidden in (disguise.text(f"at {text} failed"), disguise.value(text)):
        assert name not in hidden
        assert pattern.search(hidden)


def test_causes_in_a_transcript_quote_no_name() -> None:
    _, disguise = learned()
    cause = Cause(
        'The member "Ann" is absent', "`x` is 'Ann Example'.", "", "", frozenset(), 1, 1, ("'Ann'",)
    )
    written = Diagnosis((cause,), None).written(disguise.sentence)
    assert "Ann" not in json.dumps(written)
    assert Diagnosis.read(written).causes[0].mechanism.startswith("`x` is '")


def test_an_id_with_a_key_in_it_is_sent_as_it_was_listed() -> None:
    """A hostile target makes ids of what it was sent."""
    place = "https://example/?$CONFORMANCE_API_KEY"
    answer = exchange({"data": [{"id": place, "name": "Ann Example"}]})
    disguise = Disguise(PersonalData([answer]), TARGET)
    hidden = disguise.answer(answer, Request())
    assert isinstance(hidden, Exchange)
    listed = json.loads(hidden.body)["data"][0]["id"]
    assert disguise.request(Request(query=(("location_id", place),))).query[0][1] == listed


def test_the_date_of_a_spoilt_time_stays() -> None:
    """Two times must compare as they did."""
    row = {"id": "1", "registration_number": "2017", "updated_at": "2017-03-06Tx17:12:00Z"}
    answer = exchange({"data": [row]})
    disguise = Disguise(PersonalData([answer]), TARGET)
    hidden = disguise.answer(answer, Request())
    assert isinstance(hidden, Exchange)
    assert json.loads(hidden.body)["data"][0]["updated_at"] == row["updated_at"]
    assert (
        disguise.mask().text(f"updated_at {row['updated_at']!r}").endswith(f"{row['updated_at']!r}")
    )


@pytest.mark.parametrize(
    "path", ["/home/app/x.py:1", "C:\\app\\x", "SELECT", "localhost", "Traceback (most recent"]
)
def test_the_inside_of_a_server_stays_in_a_body_that_is_not_json(path: str) -> None:
    body = f'{{"data": ["a" {path} Ann'.encode()
    known = PersonalData([exchange({"data": ROWS}), exchange(body, number=2)])
    hidden = Disguise(known, TARGET).answer(exchange(body, number=2), Request())
    assert isinstance(hidden, Exchange)
    assert path.encode() in hidden.body
    assert b"Ann" not in hidden.body


def test_a_url_of_the_target_is_no_url_of_the_suite() -> None:
    _, disguise = learned()
    text = 'received next_offset "https://x.example/"'
    assert "example" not in disguise.mask().text(text)
    assert "example" not in disguise.text('"https://x.example/"')
