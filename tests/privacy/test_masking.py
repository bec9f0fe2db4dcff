"""Masks: reports contain no personal data, and equal values have equal masks."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.privacy.masking import Disguise, Mask
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


@pytest.mark.parametrize("term", ["Ann Example", "|ann,name.neq.zq || *:*", "ann-example"])
def test_names_among_other_signs_are_hidden_in_terms(term: str) -> None:
    hidden = Disguise(known(), TARGET).term(term)
    url = masked(f"http://target/clinician-profiles?search={term.replace(' ', '%20')}")
    for text in (hidden, url):
        assert "ann" not in text.lower()
    assert len(hidden) == len(term)


def test_terms_that_the_suite_made_up_stay() -> None:
    assert Disguise(known(), TARGET).term("o'zqx Ann 黃小明") == "o'zqx Ann 黃小明"
