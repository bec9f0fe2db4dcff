"""A part of a directory is repeated up to the size of the directory."""

from __future__ import annotations

from conformance.model.repetition import repeated
from conformance.model.rows import ModelDirectory, id_of
from conformance.model.service import Service
from tests.support.model_rows import answer_of, listed

ROWS = [
    {"id": f"00000000-0000-4000-8000-00000000000{number}", "name": name, "email": email}
    for number, (name, email) in enumerate(
        [("Aisha Iqbal", "a.iqbal@example.org"), ("Quentin Quigley", None), ("Bo", "bo@x.org")]
    )
]
AT = {"a place": frozenset({id_of(ROWS[0]), id_of(ROWS[2])})}


def test_the_seen_rows_come_first_and_the_last_repetition_may_be_cut() -> None:
    directory = repeated(ROWS, 100, locations=["a place"], members=AT)
    assert directory.rows[:3] == ROWS
    assert len(directory.by_id) == len(directory.rows) == 100
    assert directory.locations == ["a place"]


def test_a_repeated_profile_is_where_its_original_is() -> None:
    directory = repeated(ROWS, 100, members=AT)
    at_the_place = [
        index % 3
        for index, row in enumerate(directory.rows)
        if id_of(row) in directory.members["a place"]
    ]
    assert at_the_place == [0, 2] * 33 + [0]


def test_every_repeated_profile_is_found_by_its_name() -> None:
    directory = repeated(ROWS, 100)
    service = Service(directory)
    for row in directory.rows:
        namesakes = [other["id"] for other in directory.rows if other["name"] == row["name"]]
        assert answer_of(service, listed(search=row["name"], limit=100)).rows == namesakes


def test_nothing_is_repeated_from_nothing() -> None:
    assert repeated([], 100).rows == []
    assert repeated(ROWS, 2).rows == ROWS
    assert isinstance(repeated(ROWS, 0), ModelDirectory)
