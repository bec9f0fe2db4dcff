"""Terms of several parts: which of them stand in names, and which is the best witness."""

from __future__ import annotations

import pytest

from conformance.directory.phrases import joined_by, neighbours
from conformance.privacy.text_notes import Notes
from tests.support.rows import ID, row


def test_words_with_a_sign_are_taken_as_they_are_written() -> None:
    rows = [row(1, name="Dr Anne-Marie Smith-Jones"), row(2, name="Li", display_name="Mr D'Souza")]
    assert joined_by(rows, "-", Notes()) == [
        ("Anne-Marie", ID.format(1)),
        ("Smith-Jones", ID.format(1)),
    ]
    assert joined_by(rows, "'", Notes()) == [("D'Souza", ID.format(2))]


@pytest.mark.parametrize("name", ["Wu-Li", "Smith -Jones", "-Smith", "Smith-", "R2-Smith", None])
def test_what_no_index_must_have_is_no_witness(name: str | None) -> None:
    assert joined_by([row(1, name=name)], "-", Notes()) == []


def test_a_word_that_an_address_has_without_the_sign_comes_last() -> None:
    rows = [
        row(1, name="Smith-Jones", email="smithjones@example.org"),
        row(2, name="Smith-Jones", email=None),
        row(3, name="Li-Jones", email=None),
    ]
    assert [record for _, record in joined_by(rows, "-", Notes())] == [
        ID.format(number) for number in (2, 1, 3)
    ]


def test_neighbours_are_two_good_words_with_one_blank_between() -> None:
    rows = [
        row(1, name="Dr José Hall"),
        row(2, name="Mary Will Jones"),
        row(3, name="Ann  Wood"),
        row(4, name="Ann Wood"),
    ]
    assert neighbours(rows, Notes()) == [
        ("Ann Wood", ID.format(4)),
        ("José Hall", ID.format(1)),
    ]
