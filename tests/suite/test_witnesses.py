"""Witnesses: profiles and words from all over the list, of every kind."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contract.document import Contract
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.errors import Inconclusive
from conformance.judging.session import Foreign
from conformance.suite.witnesses import (
    addresses,
    beyond_ascii,
    foreign_of_each_kind,
    foreign_sample,
    known_or_unknown,
    last_outside,
    least_retrieved,
    narrowing,
    spread,
    varied,
    with_special_sign,
    word_of_both_values,
    words_at_the_edges,
)
from tests.support.rows import ID, row


def directory(*rows: dict[str, Any]) -> Directory:
    return Directory(list(rows))


def plain(count: int, **members: Any) -> list[dict[str, Any]]:
    return [
        row(n, is_active=True, is_bookable_online=True, created_at=str(n), **members)
        for n in range(count)
    ]


def test_varied_has_the_edges_and_what_only_some_profiles_have(contract: Contract) -> None:
    rows = plain(40)
    rows[7]["phone"] = "1"
    rows[9]["is_active"] = False
    rows[12]["created_at"] = rows[11]["created_at"]
    ids = varied(directory(*rows), contract)
    assert ids == sorted(ids)
    expected = {0, 9, 12, 39} | ({7} if "phone" in contract.members else set())
    assert set(ids) == {ID.format(n) for n in expected}


def test_an_empty_directory_has_nothing_to_vary(contract: Contract) -> None:
    with pytest.raises(Inconclusive):
        varied(Directory(), contract)


def test_the_least_retrieved_was_edited(contract: Contract) -> None:
    rows = plain(9)
    for each in rows:
        each["updated_at"] = each["created_at"]
    rows[4]["updated_at"] = "later"
    assert least_retrieved(directory(*rows), contract) == ID.format(4)


def test_a_foreign_sample_has_the_edges_and_each_kind() -> None:
    rows = plain(30)
    rows[5]["is_active"] = rows[17]["is_bookable_online"] = False
    known = directory(*rows)
    foreign = Foreign(known.seen, known)
    sample = foreign_sample(foreign, 0, 6)
    assert {ID.format(n) for n in (0, 5, 17, 29)} <= set(sample)
    assert sample == foreign_sample(foreign, 0, 6)
    assert len(set(sample)) == 6
    assert set(foreign_of_each_kind(foreign, 0, 3)) == {ID.format(n) for n in (0, 5, 17)}


def test_without_the_second_key_ids_are_sampled_alone() -> None:
    ids = [ID.format(n) for n in range(30)]
    assert foreign_sample(Foreign(ids[:2]), 0, 3) == ids[:2]
    assert {ids[0], ids[-1]} <= set(foreign_sample(Foreign(ids), 0, 3))


def test_spread_takes_each_part_of_the_list_and_prefers_the_inactive() -> None:
    rows = plain(9)
    rows[1]["is_active"] = False
    known = directory(*rows)
    pairs = [(f"w{n}", ID.format(n)) for n in (0, 1, 4, 5, 8)] + [("x", ID.format(99))]
    assert spread(pairs, known) == [
        ("w8", ID.format(8)),
        ("w4", ID.format(4)),
        ("w1", ID.format(1)),
    ]


def test_a_word_beyond_ascii_has_one_upper_case_form() -> None:
    rows = [row(1, name="Straße"), row(2, name="Åsa"), row(3, name="Anna"), row(4, name="Анна")]
    known = directory(*rows)
    assert beyond_ascii(known, Lexicon(known.by_id)) == [
        ("åsa", ID.format(2)),
        ("анна", ID.format(4)),
    ]


def test_special_signs_of_addresses_before_the_at() -> None:
    emails = [("a@x_y.com", "1"), ("a_b@x.com", "2"), ("a%b@x.com", "3")]
    assert with_special_sign(emails, []) == [("a%b@x.com", "3"), ("a_b@x.com", "2")]
    assert with_special_sign(emails, emails[1:2]) == [("a_b@x.com", "2"), ("a%b@x.com", "3")]
    assert with_special_sign(emails[:1], []) == []
    stop = ("a.b@x.com", "4")
    assert with_special_sign([*emails, stop], [])[-1] == stop


def test_one_address_has_a_capital_letter() -> None:
    rows = plain(20)
    for number, record in enumerate(rows):
        record["email"] = f"a{number + 10}@x.test" if number != 13 else "A23@x.test"
    listed = directory(*rows)
    assert ("A23@x.test", ID.format(13)) in addresses(Lexicon(listed.by_id), listed)


def test_one_address_is_the_longest() -> None:
    rows = plain(8)
    for number, record in enumerate(rows):
        record["email"] = f"a{number}@x.test" if number != 5 else "a-rather-long-name@x.test"
    listed = directory(*rows)
    found = addresses(Lexicon(listed.by_id), listed)
    assert ("a-rather-long-name@x.test", ID.format(5)) in found
    assert len(found) == 2
    assert any(record in (ID.format(n) for n in range(4)) for _, record in found)


def test_a_word_of_both_values() -> None:
    rows = [
        row(1, name="Anna Berg", is_active=True),
        row(2, name="Anna Dahl", is_active=True),
        row(3, name="Otto Dahl", is_active=False),
    ]
    known = directory(*rows)
    assert word_of_both_values(known, Lexicon(known.by_id), "is_active") == "dahl"
    assert word_of_both_values(directory(*rows[:2]), Lexicon(known.by_id), "is_active") is None


def test_words_at_the_edges_of_the_list() -> None:
    known = directory(row(1, name="Anna"), row(2, name="Otto"), row(3, name="Ines"))
    assert words_at_the_edges(known, Lexicon(known.by_id)) == [
        ("anna", ID.format(1)),
        ("ines", ID.format(3)),
    ]


def test_only_a_large_directory_needs_narrowing() -> None:
    rows = [row(1, is_active=False, is_bookable_online=None)]
    assert narrowing(Directory(rows), ID.format(1)) == {}
    assert narrowing(Directory(rows, size=9999), ID.format(1)) == {"is_active": False}


def test_the_last_id_that_is_not_excluded() -> None:
    assert last_outside(["a", "b", "c"], {"c"}) == "b"
    assert last_outside(["a"], {"a"}) is None


def test_an_unknown_id_stands_for_an_empty_directory() -> None:
    assert known_or_unknown(Directory(plain(1)), ["u"]) == ID.format(0)
    assert known_or_unknown(Directory(), ["u"]) == "u"
    assert known_or_unknown(Directory(problem="500"), ["u"]) == "u"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        *(
            ("bio", ""),
            ("role", "Orthoptist by appointment"),
            ("title", "Zoë"),
            ("email", "a%b@c.d"),
        ),
        *(("display_name", "王小明"), ("qualifications", " RN"), ("bio", "one\ntwo")),
    ],
)
def test_varied_has_each_kind_of_text(contract: Contract, member: str, value: str) -> None:
    rows = plain(40)
    for one in rows:
        one[member] = "plain text"
    rows[7][member] = value
    assert ID.format(7) in varied(directory(*rows), contract)
