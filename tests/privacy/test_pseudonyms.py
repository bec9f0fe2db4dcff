"""Pseudonyms: they preserve the format of values and nothing of their content."""

from __future__ import annotations

import re
from functools import cache
from unittest import mock
from urllib.parse import urlsplit

import pytest

from conformance.directory.words import words
from conformance.privacy.pseudonyms import ADDRESS, Pseudonyms
from conformance.reference import seed
from conformance.text.terms import ABSENT, STOP_WORDS

PEOPLE = list(seed.build().clinicians())
TEXTS = sorted(
    {text for person in PEOPLE for text in person[2:14] if isinstance(text, str)}
    | {
        "Анна Кузнецова",
        "王 小明",
        "Ελένη Παπαδοπούλου",
        "فاطمة الحسيني",
        "שרה לוי",
        "Дәрігер Айгүл",
    }
    | {
        "प्रिया शर्मा",
        "Zoë Brontë-Núñez",
        "Straße",
        "MacGregor",
        "O'Brien",
        "İpek",
        "٣٤٥ ०१२",
        "💉 x²",
    }
)
RUNS = {run.lower() for text in TEXTS for run in re.findall(r"[^\W\d_]+|\d+", text)}


def pseudonyms(key: bytes = b"a key") -> Pseudonyms:
    return Pseudonyms(key, RUNS)


@cache
def usual() -> Pseudonyms:
    return pseudonyms()


def shape(text: str) -> list[tuple[object, ...]]:
    """The format of a text, character by character."""
    return [
        (
            *(char.isalpha(), char.isdecimal(), char.isupper(), char.islower(), char.isascii()),
            *(len(char.encode()), char if not char.isalnum() else ""),
        )
        for char in text
    ]


@pytest.mark.parametrize("text", [text for text in TEXTS if not text.isascii()] + TEXTS[::25])
def test_format_stays(text: str) -> None:
    other = usual().of(text)
    assert shape(other) == shape(text)
    assert bool(words(other)) is bool(words(text))


def test_pseudonyms_are_equal_for_equal_words_in_any_letter_case_only() -> None:
    names = pseudonyms()
    runs = sorted(RUNS)
    assert len({names.of(run) for run in runs}) == len(runs)
    # ß has no capital letter of the same length.
    for run in (run for run in runs if len(run.upper()) == len(run)):
        assert names.of(run.upper()).lower() == names.of(run).upper().lower()
    assert len({names.of(str(number)) for number in range(1000)}) == 1000


def test_pseudonyms_are_not_words_of_the_data_or_the_suite_or_stop_words() -> None:
    names = pseudonyms()
    for run in RUNS - STOP_WORDS - ADDRESS:
        other = names.of(run)
        assert other not in STOP_WORDS | ADDRESS | {*ABSENT}
        if len(run) >= (6 if run.isdecimal() else 3):
            assert other not in RUNS, run


def test_stop_words_become_stop_words_and_forms_of_address_stay() -> None:
    names = pseudonyms()
    assert {names.of(word) for word in STOP_WORDS} == STOP_WORDS
    assert names.of("Dr Will") != "Dr Will"
    assert names.of("Dr Will").startswith("Dr ")


@pytest.mark.broad
def test_pseudonyms_depend_on_the_key_and_not_on_the_order_of_the_data() -> None:
    texts = TEXTS[::10]
    alone = [pseudonyms().of(text) for text in texts]
    one, late, other = pseudonyms(), pseudonyms(), pseudonyms(b"another key")
    assert [one.of(text) for text in texts] == alone
    assert [late.of(text) for text in reversed(texts)] == alone[::-1]
    others = [text for text, found in zip(texts, alone, strict=True) if other.of(text) == found]
    assert all(
        re.fullmatch(r"(?:\W|Dr|Mr|Mrs|Ms|Miss|Mx|Prof|Sister|Nurse)*", text) for text in others
    )


def test_word_outside_the_data_has_a_pseudonym() -> None:
    """For example a term that only a request contains."""
    assert pseudonyms().of("Llanfair") == pseudonyms().of("Llanfair") != "Llanfair"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://example.com/zo%C3%AB/0b0c1d2e-0000-4000-8000-00000000000a.jpg", "%C3%AB"),
        (
            "https://example.com/p/0b0c1d2e-0000-4000-8000-00000000000a.jpg",
            "0b0c1d2e-0000-4000-8000",
        ),
        ("ftp://[2001:db8::1]/photo", "[2001:db8::1]"),
        ("since 2024-01-31T10:20:30.5Z here", "2024-01-31T10:20:30.5Z"),
        ("received $CONFORMANCE_OTHER_API_KEY", "$CONFORMANCE_OTHER_API_KEY"),
    ],
)
def test_impersonal_parts_of_a_value_stay(text: str, kept: str) -> None:
    other = pseudonyms().of(text)
    assert kept in other
    assert other != text
    assert urlsplit(other).scheme == urlsplit(text).scheme


@pytest.mark.parametrize("number", ["0", "7", "07", "0008448", "7654321", "10", "99"])
def test_number_becomes_a_number_with_the_same_leading_zero(number: str) -> None:
    other = pseudonyms().of(number)
    assert (len(other), other[0] == "0") == (len(number), number[0] == "0")
    assert other.isdecimal()


def test_the_search_for_an_unused_word_does_not_start_again() -> None:
    """A target may send all words of a length: 120,000 numbers once took a minute."""
    asked = 0
    inner = Pseudonyms._is_available

    def is_available(made: Pseudonyms, word: str) -> bool:
        nonlocal asked
        asked += 1
        return inner(made, word)

    used = [str(number) for number in range(1000, 10_000)]
    with mock.patch.object(Pseudonyms, "_is_available", is_available):
        made = Pseudonyms(b"a key", used)
    assert {made.of(text) for text in used} == set(used)
    assert asked < 10 * len(used)
