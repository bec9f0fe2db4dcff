"""Numbers, lists and long texts in sentences."""

from __future__ import annotations

import pytest

from conformance.text.wording import be, listing, plural, shorten, whole_words


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 requests"), (1, "1 request"), (2, "2 requests"), (1234567, "1,234,567 requests")],
)
def test_number_with_its_noun(count: int, text: str) -> None:
    assert plural(count, "request") == text


def test_irregular_plural() -> None:
    assert [plural(count, "process", "processes") for count in (1, 2)] == [
        "1 process",
        "2 processes",
    ]


def test_verb_agrees_with_its_number() -> None:
    assert [be(count) for count in (0, 1, 2)] == ["are", "is", "are"]


@pytest.mark.parametrize(
    ("items", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a, b"), (["a", "b", "c", "d"], "a, b and 2 more")],
)
def test_listing_names_the_first_items_and_counts_the_others(items: list[str], text: str) -> None:
    assert listing(items, 2) == text


@pytest.mark.parametrize(("most", "text"), [(3, "abc"), (2, "a…")])
def test_shortened_text_fits(most: int, text: str) -> None:
    assert shorten("abc", most) == text


@pytest.mark.parametrize(
    ("most", "text"),
    [(99, "Dr Émile Zola"), (8, "Dr Émile"), (9, "Dr Émile "), (7, "Dr "), (2, "Dr"), (1, "")],
)
def test_no_part_of_a_word_is_left_at_the_end(most: int, text: str) -> None:
    assert whole_words("Dr Émile Zola", most) == text


@pytest.mark.parametrize(
    ("text", "most", "start"),
    [
        ("to ann.berg@clinic.example", 18, "to "),
        ("to ann.berg@clinic.example", 12, "to "),
        ("to ann.berg@clinic.example", 19, "to "),
        ("to ann.berg@clinic.example", 26, "to ann.berg@clinic.example"),
        ("to ann.berg@clinic.example, to you", 26, "to ann.berg@clinic.example"),
        ("a@" * 40, 60, ""),
    ],
)
def test_an_address_is_not_cut_in_two(text: str, most: int, start: str) -> None:
    assert whole_words(text, most) == start
