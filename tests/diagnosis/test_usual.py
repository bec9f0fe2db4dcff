"""What usually causes a breach, before any run: complete, and in the words of the grammar."""

from __future__ import annotations

import re

import pytest

from conformance.contract.document import load
from conformance.diagnosis import usual
from conformance.diagnosis.grammar_ends import ends
from conformance.proof.consequences import _matches

TESTED = [row.id for row in load().requirements.values() if not row.not_tested]


def test_each_requirement_that_is_tested_has_a_usual_cause() -> None:
    assert [id_ for id_ in TESTED if not usual.of(id_)] == []


def test_each_row_of_the_tables_finds_something() -> None:
    unused = [
        text
        for _, text in usual.BY_GRAMMAR
        if not any(usual.speaks(re.compile(text), item) for item in usual.entries())
    ]
    assert unused == []
    patterns = [one for row, _ in usual.BY_GRAMMAR for one in row.split()]
    patterns += [one for row, _ in usual.OTHERWISE for one in row.split()]
    assert [one for one in patterns if not any(_matches(id_, one) for id_ in TESTED)] == []


def test_causes_with_one_remedy_are_one_row() -> None:
    for id_ in TESTED:
        found = usual.of(id_)
        assert len({(item.usually, item.fix) for item in found}) == len(found)
        assert len(found) <= 8, id_


@pytest.mark.parametrize(
    ("requirement", "what"),
    [
        ("PAG-03", "`has_more` is true on every full page"),
        ("ORG-01", "another organisation's profile is found by its id"),
        ("SRCH-04", "the letter case of a term counts"),
        ("FIL-02", "`is_active` is inverted"),
        ("AUTH-03", "a request without a valid key is answered as with your key"),
    ],
)
def test_the_texts_are_those_of_a_report(requirement: str, what: str) -> None:
    item = next(item for item in usual.of(requirement) if what in item.what)
    assert item.usually
    assert item.fix
    known = {(entry.usually, entry.fix) for entry in usual.entries()}
    assert (item.usually, item.fix) in known


def test_a_change_of_the_grammar_changes_the_text() -> None:
    """The first hypothesis about ``has_more`` is quoted as it is."""
    first = next(iter(ends()))
    assert (first.usually, first.fix) in {(item.usually, item.fix) for item in usual.of("PAG-03")}
