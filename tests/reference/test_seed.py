"""Records that the seed data must have, so that each case can fail."""

from __future__ import annotations

import itertools
import re
import uuid
from collections import Counter

import pytest

from conformance.reference import seed
from conformance.reference import words as lists
from conformance.reference.people import Clinician
from tests.reference.conftest import directory, words

NULLABLE = (
    *("display_name", "first_name", "last_name", "title", "role", "email", "bio", "photo_url"),
    *("qualifications", "registration_number", "professional_registration_body"),
)
SEARCHED = ("name", "display_name", "email")


def only_in(records: list[Clinician], field: str) -> set[str]:
    """Return the words of a text field that occur in no other text field of any record."""
    fields = (*SEARCHED, "first_name", "last_name", "role", "bio", "qualifications", "title")
    elsewhere = {
        word
        for record in records
        for name in fields
        if name != field
        for word in words(getattr(record, name))
    }
    mine = {word for record in records for word in words(getattr(record, field))}
    return {word for word in mine - elsewhere if len(word) > 2}


def test_sizes(own: list[Clinician], other: list[Clinician]) -> None:
    assert (len(own), len(other)) == (263, 74)


def test_each_build_gives_the_same_data() -> None:
    assert list(seed.build().clinicians()) == list(seed.build().clinicians())
    assert seed.build() == seed.build()


@pytest.mark.parametrize("count", [0, 1, 2, 61, 62, 100, 700])
def test_another_number_of_clinicians_adds_or_removes_only(
    count: int, own: list[Clinician]
) -> None:
    data = seed.build(count)
    records = directory(data.own.id, data)
    assert len(records) == len({record.id for record in records}) == count
    assert (data.keys, data.locations) == (seed.build().keys, seed.build().locations)
    fewer, more = sorted((set(records), set(own)), key=len)
    assert fewer <= more


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(ValueError, match="--clinicians"):
        seed.build(-1)


def test_ids_look_random_and_are_unique(own: list[Clinician], other: list[Clinician]) -> None:
    ids = [record.id for record in own + other]
    assert len(set(ids)) == len(ids)
    assert all(uuid.UUID(text).version == 4 and str(uuid.UUID(text)) == text for text in ids)


def test_keys_have_letters_of_both_cases(data: seed.SeedData) -> None:
    assert len({key.key for key in data.keys}) == 4
    for key in data.keys:
        assert re.fullmatch(r"pk_test_(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9]{32}", key.key)


@pytest.mark.parametrize("member", NULLABLE)
def test_each_nullable_member_is_null_somewhere(member: str, own: list[Clinician]) -> None:
    nulls = sum(getattr(record, member) is None for record in own)
    assert 10 <= nulls <= len(own) - 100


def test_some_members_are_never_null(own: list[Clinician], other: list[Clinician]) -> None:
    for record in own + other:
        assert record.name
        assert record.is_active in (True, False)


def test_runs_of_equal_timestamps_lie_across_page_boundaries(own: list[Clinician]) -> None:
    for boundary in range(20, 263, 20):
        assert own[boundary - 1].created_at == own[boundary].created_at
    runs = [len(list(run)) for _, run in itertools.groupby(own, key=lambda one: one.created_at)]
    assert max(runs) == 29
    # Within a run the orders of creation and ids differ, otherwise ordering by id would not show.
    assert [one.id for one in own] != sorted(one.id for one in own)


def test_timestamps(own: list[Clinician]) -> None:
    form = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")
    for record in own:
        assert form.fullmatch(record.created_at)
        assert form.fullmatch(record.updated_at)
        assert record.updated_at >= record.created_at
    same = sum(record.updated_at == record.created_at for record in own)
    assert 20 < same < 200


def test_insertion_order_is_not_list_order(data: seed.SeedData, own: list[Clinician]) -> None:
    inserted = [one for one in data.clinicians() if one.organisation_id == data.own.id]
    assert inserted != own
    assert inserted != own[::-1]
    assert inserted != sorted(inserted, key=lambda one: one.id)


@pytest.mark.parametrize("field", [*SEARCHED, "bio", "role", "qualifications"])
def test_each_field_has_words_of_its_own(field: str, own: list[Clinician]) -> None:
    assert len(only_in(own, field)) >= 8


def test_lists_of_words_share_no_word() -> None:
    names = words(*lists.GIVEN_NAMES, *lists.SHARED_SURNAMES, *lists.OWN_SURNAMES, *lists.TITLES)
    apart = [
        names | words(*lists.OTHER_SURNAMES),
        words(*lists.MIDDLE_NAMES),
        words(*lists.NICKNAMES),
        words(*lists.MAILBOXES),
        words(*lists.INTERESTS),
        words(*lists.ROLES),
        words(*lists.QUALIFICATIONS, *lists.RARE_QUALIFICATIONS),
    ]
    for one, another in itertools.combinations(apart, 2):
        assert not one & another


@pytest.mark.parametrize("field", SEARCHED)
def test_some_words_occur_in_one_record_only(field: str, own: list[Clinician]) -> None:
    counts = Counter(
        word
        for record in own
        for word in words(*(getattr(record, name) for name in SEARCHED))
        if word.isalpha() and len(word) > 2
    )
    unique = {word for word in only_in(own, field) if counts[word] == 1}
    assert len(unique) >= 20


def test_names_of_many_kinds(own: list[Clinician]) -> None:
    names = " ".join(record.name for record in own)
    for sample in ("O'Brien", "Smith-Jones", "Anne-Marie", "José", "Zoë", "Кузнецова", "小明"):
        assert sample in names
    surnames = Counter(record.last_name for record in own if record.last_name)
    assert surnames.most_common(1)[0][1] >= 3


def test_addresses(own: list[Clinician], other: list[Clinician]) -> None:
    addresses = [record.email for record in own + other if record.email]
    assert len(set(addresses)) == len(addresses)
    assert all(one.endswith(("@example.nhs.uk", "@example.org")) for one in addresses)
    assert any("_" in one for one in addresses)
    assert any("%" in one for one in addresses)


def test_registration_numbers(own: list[Clinician]) -> None:
    numbers = [record.registration_number for record in own if record.registration_number]
    assert any(one.startswith("0") and one.isdigit() for one in numbers)
    assert any(re.search("[A-Z]", one) for one in numbers)


def test_flags_come_in_all_combinations_on_every_page(own: list[Clinician]) -> None:
    combinations = Counter((record.is_active, record.is_bookable_online) for record in own)
    assert len(combinations) == 4
    assert min(combinations.values()) >= 25
    for start in range(0, 260, 20):
        page = own[start : start + 20]
        assert {record.is_active for record in page} == {True, False}
        assert {record.is_bookable_online for record in page} == {True, False}
    assert not all(record.is_active for record in own[-10:])
    # The share of bookable records is about the same among active and inactive ones.
    active = combinations[True, True] / (combinations[True, True] + combinations[True, False])
    inactive = combinations[False, True] / (combinations[False, True] + combinations[False, False])
    assert abs(active - inactive) < 0.1


def test_locations(data: seed.SeedData, own: list[Clinician], other: list[Clinician]) -> None:
    assert Counter(len(record.location_ids) for record in own).keys() == {0, 1, 2, 3}
    for organisation, records in ((data.own, own), (data.other, other)):
        places = [location.id for location in organisation.locations()]
        used = {place for record in records for place in record.location_ids}
        assert used == set(places[:-1])
    assert len(data.own.locations()) == 6
    assert len(data.other.locations()) == 3


def test_the_other_organisation(own: list[Clinician], other: list[Clinician]) -> None:
    own_words = {word for one in own for word in words(one.name, one.display_name)}
    other_words = {word for one in other for word in words(one.name, one.display_name)}
    assert len(own_words & other_words) > 20
    assert len(other_words - own_words) > 10
    assert len(own_words - other_words) > 20
