"""Bodies in a transcript keep their form, and notes about hidden texts are found again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from conformance.errors import NotHeld
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.privacy.disguise import Disguise
from conformance.privacy.json_pieces import cut, decoded
from conformance.privacy.personal_data import PersonalData
from conformance.privacy.text_notes import Hidden, Notes
from conformance.target.target import Target
from tests.support.masked import ROWS, TARGET, exchange

LIST = exchange({"data": ROWS, "meta": {}})
NAMES = re.compile(r"\b(?:ann|example|sails|7654321)(?!\.test)\b", re.IGNORECASE)


def disguised(
    body: str | bytes, status: int = 200, query: Any = (), headers: Any = ()
) -> tuple[Exchange, Exchange]:
    """A response, and its form in a transcript that also has a list of the rows."""
    request = Request(query=query)
    data = body.encode() if isinstance(body, str) else body
    answer = Exchange(2, request, "", status, headers, data, 0.0)
    changed = Disguise(PersonalData([LIST, answer]), TARGET).answer(answer, request)
    assert isinstance(changed, Exchange)
    return answer, changed


def shape(body: bytes) -> str:
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "0", decoded(body)[0]))


BODIES = {
    "white space": '{ "data" :\t[ {"name":"Ann"  , "x" : 1.50} ] ,\r\n"meta": {"limit": 20}}\n\n',
    "twice": '{"data": [{"name": "Ann", "name": "Ann", "name": null}], "meta": {}, "meta": {}}',
    "constants": '{"data": [{"name": "Ann", "n": NaN, "m": -Infinity, "t": true}], "meta": {}}',
    "escapes": '{"data": [{"name": "A\\u006en \\ud83d\\ude00 \\u00C9\\/ \\n", "b": "Zo\\u00eb \\\\"}]}',
    "cut in a string": '{"data": [{"name": "Ann Exam',
    "cut in an escape": '{"data": [{"name": "Ann \\',
    "cut in a number": '{"data": [{"name": "Ann", "registration_number": 76543',
    "comma": '{"data": [{"name": "Ann",}], "meta": {},}',
    "no quotes": "{'data': [{'name': 'Ann Example'}]}",
    "bare": '[{"name": "Ann"}, "Example"]',
    "text": '"Ann Example"',
    "csv": "id,name\n1,Ann Example\n",
    "empty": "",
    "mark": '\ufeff{"data": [{"name": "Ann"}]}',
    "deep": '{"data": {"a": {"b": [{"c": ["Ann", {"d": "Example"}]}]}, "e": {}}, "meta": {}}',
    "deeper": "[" * 3000 + '"Ann"' + "]" * 3000,
}


@pytest.mark.parametrize("name", BODIES)
def test_only_letters_and_digits_of_a_body_change(name: str) -> None:
    answer, changed = disguised(BODIES[name])
    assert changed.json_problem == answer.json_problem
    assert len(changed.body) == len(answer.body)
    if name != "escapes":
        assert shape(changed.body) == shape(answer.body)
    assert not NAMES.search(changed.body.decode())
    assert repr(type(changed.json)) == repr(type(answer.json))


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_body_in_another_encoding_is_masked(encoding: str) -> None:
    body = '{"data": [{"name": "Ann Núñez"}], "meta": {}}'.encode(encoding)
    answer, changed = disguised(body)
    assert changed.json_problem == answer.json_problem
    assert len(changed.body) == len(body)
    assert "Ann" not in changed.body.decode(encoding, "replace")


@pytest.mark.parametrize(
    "text", [*BODIES.values(), '{"data": null, "error": {"a": ["b", {"c": 1}]}}']
)
@pytest.mark.parametrize("error", [False, True])
def test_joined_pieces_are_the_body(text: str, error: bool) -> None:
    assert "".join(piece.text for piece in cut(text, error=error)) == text


def test_impersonal_members_stay_and_numbers_are_masked() -> None:
    row = ROWS[0] | {"registration_number": 7654321, "phone": 442079460958, "years": 12}
    row |= {"created_at": "2024-01-02T03:04:05Z", "updated_at": "yesterday", "is_active": True}
    answer, changed = disguised(json.dumps({"data": [row], "meta": {"limit": 123456}}))
    assert changed.member("meta") == answer.member("meta")
    (other,) = changed.rows
    for name in ("id", "created_at", "updated_at", "is_active", "role", "years"):
        assert other[name] == row[name]
    for name in ("registration_number", "phone"):
        assert len(str(other[name])) == len(str(row[name]))
        assert other[name] != row[name]


@pytest.mark.parametrize("status", [200, 404])
def test_names_in_an_error_are_masked_and_the_rest_stays(status: int) -> None:
    message = "Traceback (most recent call last): SELECT name WHERE x; no dr ANN EXAMPLE, sails"
    error = {
        "code": "NOT_FOUND",
        "message": message,
        "details": ["at night", "ann_example@example.org"],
    }
    answer, changed = disguised(json.dumps({"data": None, "error": error, "meta": {}}), status)
    error = changed.member("error")
    assert error["code"] == "NOT_FOUND"
    assert error["message"].startswith(
        "Traceback (most recent call last): SELECT name WHERE x; no dr "
    )
    assert "ANN" not in error["message"]
    assert error["details"][0] == "at night"
    assert "example" not in error["details"][1]
    assert shape(changed.body) == shape(answer.body)


def test_names_in_headers_are_masked() -> None:
    headers = (
        ("content-type", "application/json; charset=utf-8"),
        ("content-length", "7654321"),
        ("location", "http://target.test/api-v1/people?name=Ann%20Example"),
        ("x-served-to", "Dr Ann Example <ann_example@example.org>"),
    )
    _, changed = disguised("{}", headers=headers)
    assert changed.headers[:2] == headers[:2]
    assert changed.header("location") != headers[2][1]
    assert not any(
        NAMES.search(value) for name, value in changed.headers if name != "content-length"
    )


@pytest.mark.parametrize(
    "term", ["example", "EXAMPLE", "Dr Ann Example", "ann_example@example.org", "night"]
)
def test_search_term_from_the_data_and_its_echo_get_the_same_pseudonym(term: str) -> None:
    body = json.dumps({"data": None, "error": {"message": f"nothing for {term}!"}})
    answer, changed = disguised(body, 400, (("search", term), ("limit", "20")))
    name, sent = changed.request.query[0]
    assert name == "search"
    assert isinstance(sent, str)
    assert sent.lower() != term.lower()
    assert changed.member("error", "message") == f"nothing for {sent}!"
    assert changed.request.query[1] == ("limit", "20")
    assert changed.url == TARGET.base_url + changed.request.target
    assert len(changed.url) == len(TARGET.base_url + answer.request.target)


@pytest.mark.parametrize(
    "term", ["zqxjkvwpf", "o'zqx", "zqx' OR ann = 'example", "the", "Dr", b"\xff"]
)
def test_search_term_of_the_suite_stays(term: str | bytes) -> None:
    text = term if isinstance(term, str) else "none"
    body = json.dumps({"data": None, "error": {"message": f"nothing for {text}!"}})
    answer, changed = disguised(body, 400, (("search", term),))
    assert changed.request == answer.request
    assert changed.body == answer.body


def test_search_term_is_not_replaced_within_longer_words() -> None:
    error = {
        "message": "nothing for ann at offset 65: Joanna, Ann20 Example, 7654321, Dr Ann Example"
    }
    body = json.dumps({"data": None, "error": error, "x": 20})
    query = (("search", "ann"), ("limit", "20"), ("offset", "65"))
    _, changed = disguised(body, 400, query)
    message = changed.member("error", "message")
    assert "Joanna" in message, "the data do not contain this name"
    assert not NAMES.search(message.replace("Ann20 ", ""))
    assert str(changed.request.query[0][1]) in message


def test_address_of_the_target_stays() -> None:
    target = Target("http://ann.test/api-v1", "pk_test_Ab12Cd34Ef56")
    disguise = Disguise(PersonalData([LIST]), target)
    answer = replace(LIST, headers=(("location", "http://ann.test/api-v1/ann"),))
    changed = disguise.answer(answer, Request())
    assert isinstance(changed, Exchange)
    assert str(changed.header("location")).startswith("http://ann.test/api-v1/")
    assert changed.header("location") != answer.header("location")


def test_date_of_birth_is_masked() -> None:
    row = {"name": "Ann", "date_of_birth": "1980-02-03T00:00:00Z", "since": "1980-02-03", "list": 7}
    _, changed = disguised(json.dumps({"data": [row], "meta": {}}))
    (other,) = changed.rows
    for name in ("date_of_birth", "since"):
        assert len(other[name]) == len(str(row[name]))
        assert "1980" not in other[name]
    assert other["list"] == 7


def test_id_stays_if_another_value_is_a_part_of_it() -> None:
    record = "7654321a-0000-4000-8000-000000000001"
    row = {
        "id": record,
        "name": "Ann",
        "token": "7654",
        "group": "7654321a",
        "made": "2024-01-02T03:04:05Z",
        "year": "2024",
    }
    _, changed = disguised(json.dumps({"data": [row], "meta": {"self": f"/{record}"}}))
    assert changed.rows[0]["id"] == record
    assert changed.member("meta", "self") == f"/{record}"
    assert changed.rows[0]["made"] == row["made"]
    assert changed.rows[0]["token"] != "7654"
    assert changed.rows[0]["group"] == "7654321a"


# Notes


def test_note_is_found_by_its_function_and_arguments() -> None:
    disguise = Disguise(PersonalData([LIST]), TARGET)
    notes = Notes()

    def about(name: str, term: str) -> list[Any]:
        return ["holders", Hidden(["an-id"], [name, None]), term]

    assert notes.recall(about("Dr Ann Example", "example"), lambda: {"example", "absent"}) == [
        *("absent", "example")
    ]
    written = notes.written(disguise.value, disguise.term)
    assert not NAMES.search(json.dumps(written))
    held = Notes(json.loads(json.dumps(written)))
    name, term = disguise.value("Dr Ann Example"), disguise.term("example")
    assert held.recall(about(name, term), lambda: pytest.fail("computed")) == ["absent", term]
    for other in (
        about(name, "another"),
        about("Dr Ann Example", term),
        ["holding", *about(name, term)[1:]],
    ):
        with pytest.raises(NotHeld, match="has no note on this"):
            held.recall(other, lambda: pytest.fail("computed"))
