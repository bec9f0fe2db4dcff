"""Terms that a search treats alike, by which a dropped word is told from a wrong search."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.directory.lexicon import Lexicon
from conformance.directory.searched import guessed
from conformance.privacy.text_notes import Notes
from conformance.text.folding import resembles
from tests.support.rows import ID, lexicon, row


def named(*names: str, **members: Any) -> Lexicon:
    return lexicon(*(row(n, name=name, **members) for n, name in enumerate(names)))


def terms(words: Lexicon, term: str) -> list[str]:
    return [other for other, _ in words.like(term)]


def test_like_words_are_in_the_same_place_of_other_profiles() -> None:
    words = named("Mira Holm", "Olga Berg", "Inga Strand", "Mira Dahl")
    assert set(terms(words, "mira")) == {"olga", "inga"}
    assert terms(words, "holm")[:2] == ["berg", "dahl"]


def test_words_beyond_ascii_are_like_others_beyond_ascii() -> None:
    words = named("Renée Holm", "Olga Berg", "Chloé Strand", "Inga Müller")
    assert terms(words, "renée")[0] == "chloé"
    assert terms(words, "olga")[0] == "inga"


def test_long_words_come_before_short_ones_of_the_same_place() -> None:
    words = named("Kim Morgan", "Roy Bennett", "Amy Hughes")
    assert not {"roy", "amy"} & set(terms(words, "kim")[:2])
    assert {"bennett", "hughes"} == set(terms(words, "kim")[:2])


def test_like_words_are_of_profiles_of_the_same_kind() -> None:
    rows = [
        row(n, name=name, is_active=n % 2 == 0, email=None if n < 4 else "a@b.example")
        for n, name in enumerate(["Holm", "Berg", "Dahl", "Strand", "Falk", "Lund"])
    ]
    assert terms(lexicon(*rows), "holm")[0] == "dahl"
    assert terms(lexicon(*rows), "berg")[0] == "strand"
    assert terms(lexicon(*rows), "falk")[0] in ("holm", "dahl", "lund")


def test_each_like_word_is_of_another_profile() -> None:
    words = named("Mira Holm Berg", "Olga Dahl Falk", "Inga Lund Strand")
    found = words.like("mira")
    assert len({record for _, record in found}) == len(found) == 2
    assert ID.format(0) not in {record for _, record in found}


def test_like_addresses_have_the_same_special_signs() -> None:
    emails = ["a@x.example", "b@x.example", "c+d@x.example", "e+f@x.example", "g%h@x.example"]
    words = lexicon(*(row(n, name="", email=email) for n, email in enumerate(emails)))
    assert terms(words, "A@x.example") == ["b@x.example"]
    assert terms(words, "c+d@x.example") == ["e+f@x.example"]
    assert terms(words, "g%h@x.example") == []


def test_like_addresses_have_capitals_too() -> None:
    emails = ("Ann@x.org", "Bob@x.org", "cleo@x.org", "dora@x.org")
    words = lexicon(*(row(n, name="N", email=email) for n, email in enumerate(emails)))
    assert terms(words, "Ann@x.org") == ["Bob@x.org"]
    assert terms(words, "cleo@x.org") == ["dora@x.org"]


@pytest.mark.parametrize("term", ["absent", "absent@x.example", ""])
def test_a_term_that_no_profile_has_is_like_none_of_its_place(term: str) -> None:
    words = named("Mira Holm", "Olga Berg")
    assert words.like(term) == []
    assert words.beside(term) == []


def test_words_beside_are_of_the_same_name_with_long_ones_first() -> None:
    words = lexicon(row(1, name="Kim Roy Morgan", display_name="Morgana"))
    assert words.beside("kim") == [("morgan", ID.format(1)), ("roy", ID.format(1))]
    assert words.beside("morgana") == []


def test_long_words_are_preferred_as_witnesses() -> None:
    words = named("Kim Morgan", "Kim Bennett", "Roy Morgan")
    assert words.shared() == ["morgan", "kim"]
    assert words.rare()[0] == "bennett"
    assert words.only_in("name")[0][0] == "bennett"


@pytest.mark.parametrize(
    ("term", "text", "like"),
    [
        ("johnson", "dr sarah jonson", True),
        ("johnson", "johnston", True),
        ("partner", "pardner", True),
        ("kim", "kit", True),
        ("johnson", "williams", False),
        ("zqxjkvwpf", "ambrose renee johnson", False),
        ("kim", "", False),
    ],
)
def test_words_resemble_each_other_if_they_differ_in_one_letter_or_two(
    term: str, text: str, like: bool
) -> None:
    assert resembles(term, text) is like


def test_guesses_are_of_the_searched_members_only() -> None:
    rows = [
        row(1, name="Jonson"),
        row(2, name="Ash", bio="Jonson"),
        row(3, email="x@jonsen.example"),
    ]
    assert guessed(rows, "Johnson", Notes()) == {ID.format(1), ID.format(3)}
