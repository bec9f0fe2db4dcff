"""Masks: reports contain no personal data, and equal values have equal masks."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.privacy.disguise import Disguise
from conformance.privacy.masking import Mask
from conformance.privacy.personal_data import PersonalData
from tests.support.masked import ROWS, TARGET, exchange


def known(*bodies: Any) -> PersonalData:
    """The personal data in a list of the rows and in other bodies."""
    answers = [exchange({"data": ROWS, "meta": {}})]
    return PersonalData(
        [*answers, *(exchange(body, number=number) for number, body in enumerate(bodies, 2))]
    )


def masked(text: str, salt: str = "target") -> str:
    return Mask(known(), salt).text(text)


@pytest.mark.parametrize(
    "value",
    ["Dr Ann Example", "ann_example@example.org", "7654321", "https://example.org/ann.jpg"],
)
def test_personal_data_are_masked_everywhere(value: str) -> None:
    text = masked(f"received {value!r}, expected {value}")
    assert value not in text
    assert len(set(re.findall(r"masked-[a-z-]+-[0-9a-f]{8}", text))) == 1


@pytest.mark.parametrize("shown", [repr, lambda text: json.dumps(text, ensure_ascii=False)])
def test_single_words_are_masked_in_quotation_marks(shown: Any) -> None:
    """Words of the suite such as list may also be surnames."""
    assert "Ann" not in masked(f"name {shown('Ann')}, expected {shown('Sister Ann')}")
    assert "night" not in masked(f"bio is {shown(ROWS[0]['bio'])}")
    assert masked("an example of a list") == "an example of a list"


def test_equal_values_have_equal_masks_and_other_targets_have_others() -> None:
    assert masked("7654321") == masked("7654321") != masked("7654321", "another")


@pytest.mark.parametrize(
    "term",
    ["example", "EXAMPLE", "Ann", "sails", "ann_example%40example.org", "somebody%40else.org"],
)
def test_search_term_from_a_profile_is_masked_in_a_url(term: str) -> None:
    text = masked(f"curl -sS 'http://target/clinician-profiles?search={term}&limit=100'")
    assert term not in text
    assert text.endswith("&limit=100'")


@pytest.mark.parametrize("query", ["search=zqxjkvwpf", "search=o%27zqx", "search=", "limit=100"])
def test_other_parameters_stay(query: str) -> None:
    url = f"http://target/clinician-profiles?{query}"
    assert masked(url) == url


def test_run_and_replay_have_the_same_masks() -> None:
    """The run knows the values of profiles, the replay only their pseudonyms."""
    one = known()
    disguise = Disguise(one, TARGET)
    answer = disguise.answer(exchange({"data": ROWS, "meta": {}}), Request())
    assert isinstance(answer, Exchange)
    two = PersonalData([answer])
    template = (
        "{name}; name is {first_name!r} and {bio!r}, {registration_number} ?search={last_name}"
    )
    texts = [template.format(**item.rows[0]) for item in (exchange({"data": ROWS}), answer)]
    assert texts[0] != texts[1]
    assert Mask(one, "t", disguise.value).text(texts[0]) == Mask(two, "t").text(texts[1])


def test_headers_that_the_suite_makes_up_stay() -> None:
    """A response may hold the same words, as an echo or by chance."""
    data = known([{"name": "Proto Invalid"}])
    sent = Request(headers=(("X-Forwarded-Host", "zqx.invalid"), ("Forwarded", "proto=https")))
    assert Disguise(data, TARGET).request(sent) == sent


def test_headers_that_are_sent_back_have_the_pseudonyms_of_the_response() -> None:
    received = [("etag", '"ann example"'), ("set-cookie", "who=Ann; Path=/")]
    disguise = Disguise(known(), TARGET, received)
    headers = (("If-None-Match", '"ann example"'), ("Cookie", "who=Ann"))
    hidden = disguise.request(Request(headers=headers)).headers
    assert hidden == tuple((name, disguise.text(value)) for name, value in headers)
    assert "ann" not in str(hidden).lower()


def test_a_word_of_an_id_that_is_no_uuid_is_hidden_everywhere() -> None:
    rows = [{"id": "last_name-1", "first_name": "last_name"}]
    answer = exchange({"data": rows, "meta": {}}, number=2)
    disguise = Disguise(known({"data": rows, "meta": {}}), TARGET)
    hidden = disguise.answer(answer, Request())
    assert isinstance(hidden, Exchange)
    row = json.loads(hidden.body)["data"][0]
    assert row["first_name"] == disguise.value("last_name") != "last_name"


@pytest.mark.parametrize("code", ["UNAUTHORIZED", "NO_SUCH_THING"])
def test_an_error_code_stays_though_a_profile_holds_its_word(code: str) -> None:
    error = {"error": {"code": code, "message": "-"}, "meta": {}, "data": None}
    row = {"data": [{"name": "Una Unauthorized", "role": "NO_SUCH_THING", "bio": f'"{code}'}]}
    data = PersonalData([exchange(row), exchange(error, 401, 2)])
    shown = Disguise(data, TARGET).answer(exchange(error, 401, 2), Request())
    assert isinstance(shown, Exchange)
    assert json.loads(shown.body)["error"]["code"] == code
    assert Mask(data, "target").text(f"401 {code}") == f"401 {code}"


@pytest.mark.parametrize("term", ["Ann Example", "|ann,name.neq.zq || *:*", "ann-example"])
def test_names_among_other_signs_are_hidden_in_terms(term: str) -> None:
    hidden = Disguise(known(), TARGET).term(term)
    url = masked(f"http://target/clinician-profiles?search={term.replace(' ', '%20')}")
    for text in (hidden, url):
        assert "ann" not in text.lower()
    assert len(hidden) == len(term)


def test_terms_that_the_suite_made_up_stay() -> None:
    assert Disguise(known(), TARGET).term("o'zqx Ann 黃小明") == "o'zqx Ann 黃小明"


def test_a_group_of_an_id_stays_in_a_url_though_a_profile_holds_it() -> None:
    """A transcript keeps it, so the report of its replay shows it too."""
    rows = [{"id": "deadbeefdead-1", "bio": "deadbeefdead"}]
    data = known({"data": rows, "meta": {}})
    url = "http://target/clinician-profiles?search=deadbeefdead"
    assert Disguise(data, TARGET).term("deadbeefdead") == "deadbeefdead"
    assert Mask(data, "target").text(url) == url


@pytest.mark.parametrize("path", ["/{}", "/{}/", "//{}", "/{}/x", "/../{}"])
def test_an_id_that_is_a_name_is_hidden_wherever_it_stands_in_a_path(path: str) -> None:
    disguise = Disguise(known(), TARGET)
    whole = "/clinician-profiles" + path
    hidden = disguise.request(Request(path=whole.format("Ann"))).path
    assert hidden == whole.format(disguise.value("Ann"))
    assert disguise.value("Ann") != "Ann"


def test_an_id_that_is_a_name_is_masked_in_a_url() -> None:
    text = masked(
        "curl -sS 'http://target/clinician-profiles/Ann' http://target/clinician-profiles/Ann/"
    )
    assert "Ann" not in text
    record = ROWS[0]["id"]
    for kept in (record, "0", "unknown"):
        line = f"http://target/clinician-profiles/{kept}?limit=1"
        assert masked(line) == line


def test_a_part_of_a_name_of_the_contract_does_not_hide_it() -> None:
    data = known({"data": [{"role": "is_bookable"}], "meta": {}})
    line = "http://target/clinician-profiles?is_bookable_online=true"
    assert Mask(data, "target").text(line) == line
    assert "is_bookable" not in Mask(data, "target").text("role is 'is_bookable'")


@pytest.mark.parametrize("shown", [repr, json.dumps])
def test_a_word_behind_an_escape_is_masked(shown: Any) -> None:
    """The last letter of an escape is no part of the word."""
    text = masked(f"created_at {shown(chr(0x202E) + 'Ann' + chr(9) + 'Example')}")
    assert "Ann" not in text
    assert "Example" not in text
