"""Search terms and ids: which spellings are the same, and which are not."""

from __future__ import annotations

import pytest

from conformance.directory.directory import Directory
from conformance.directory.searched import holders
from conformance.directory.words import words
from conformance.http.api import item_path
from conformance.http.request import Id
from conformance.privacy.text_notes import Notes
from tests.support.rows import ID, lexicon, page, row


def test_ids_are_compared_without_letter_case_and_sent_as_the_list_has_them() -> None:
    record = page([row(1, id="AB" + ID.format(1)[2:])]).ids[0]
    assert record == "ab" + ID.format(1)[2:]
    assert item_path(record).endswith("/AB" + ID.format(1)[2:])
    assert item_path(Directory([row(1, id=Id("AB-1").spelled)]).seen[0]).endswith("/AB-1")


FOUND = [
    ("kay", "Kai"),
    ("sorensen", "Sørensen"),
    ("muller", "Mueller"),
    ("mueller", "Müller"),
    ("obrien", "O'Brien"),
    ("annmarie", "Ann-Marie"),
    ("王小明", "王伟"),
    ("สมชาย", "สมหญิง"),
    ("strasse", "Straße"),
]
STRANGE = [("kay", "Kerr"), ("sorensen", "Sampson"), ("muller", "Miller"), ("王小明", "张伟")]


@pytest.mark.parametrize(("term", "name"), FOUND)
def test_a_search_may_find_another_spelling(term: str, name: str) -> None:
    rows = [row(1, name=name), row(2, name="Zq")]
    assert holders(rows, term, Notes()) == lexicon(*rows).may_find(term) == {ID.format(1)}


@pytest.mark.parametrize(("term", "name"), STRANGE)
def test_a_search_may_not_find_another_name(term: str, name: str) -> None:
    rows = [row(1, name=name)]
    assert holders(rows, term, Notes()) == lexicon(*rows).may_find(term) == set()


@pytest.mark.parametrize("text", ["Ann\u00a0Lee", "Ann,Lee", "İlker", "ΠΑΠΑΣ", "\u3000Eve\u3000"])
def test_a_word_that_servers_may_read_in_two_ways_is_no_witness(text: str) -> None:
    assert words(text) == set()
