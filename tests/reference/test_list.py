"""The list: pages, filters and search, compared with the seed data."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from conformance.reference import seed
from conformance.reference.people import Clinician
from conformance.reference.server import EmbeddedServer
from tests.reference.conftest import as_json, client_for, directory, words

Every = Callable[..., list[dict[str, Any]]]


def test_envelope_of_a_list(client: httpx.Client, own: list[Clinician]) -> None:
    response = client.get("/clinician-profiles")
    body = response.json()
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert body["data"] == [as_json(record) for record in own[:20]]
    assert list(body) == ["data", "meta"]
    assert re.fullmatch(r"req_[0-9a-f]{24}", body["meta"]["request_id"])
    assert response.headers["x-request-id"] == body["meta"].pop("request_id")
    assert body["meta"] == {"limit": 20, "has_more": True, "next_offset": 20}


@pytest.mark.parametrize("limit", [1, 7, 20, 99, 100])
def test_pages_join_into_the_list(limit: int, every: Every, own: list[Clinician]) -> None:
    assert every(limit=limit) == [as_json(record) for record in own]


@pytest.mark.parametrize(
    ("limit", "offset", "count", "next_offset"),
    [
        *((20, 242, 20, 262), (20, 243, 20, None), (20, 262, 1, None), (20, 263, 0, None)),
        *((1, 262, 1, None), (100, 163, 100, None), (100, 2_147_483_647, 0, None)),
    ],
)
def test_pages_at_the_end(
    client: httpx.Client, limit: int, offset: int, count: int, next_offset: int | None
) -> None:
    body = client.get(f"/clinician-profiles?limit={limit}&offset={offset}").json()
    assert len(body["data"]) == count
    assert body["meta"]["next_offset"] == next_offset
    assert body["meta"]["has_more"] is (next_offset is not None)


@pytest.mark.parametrize("active", [None, True, False])
@pytest.mark.parametrize("bookable", [None, True, False])
@pytest.mark.parametrize("location", [None, 0, 5])
def test_filters(
    every: Every,
    data: seed.SeedData,
    own: list[Clinician],
    active: bool | None,
    bookable: bool | None,
    location: int | None,
) -> None:
    filters: dict[str, str] = {}
    expected = own
    if active is not None:
        filters["is_active"] = str(active).lower()
        expected = [record for record in expected if record.is_active is active]
    if bookable is not None:
        filters["is_bookable_online"] = str(bookable).lower()
        expected = [record for record in expected if record.is_bookable_online is bookable]
    if location is not None:
        filters["location_id"] = data.own.locations()[location].id.upper()
        expected = [
            record for record in expected if filters["location_id"].lower() in record.location_ids
        ]
    assert every(limit=20, **filters) == [as_json(record) for record in expected]
    assert bool(expected) is (location != 5)


def test_a_foreign_location_looks_like_an_unknown_one(every: Every, data: seed.SeedData) -> None:
    assert every(location_id=data.other.locations()[0].id) == []
    assert every(location_id="00000000-0000-0000-0000-000000000000") == []


@pytest.mark.parametrize(
    "term",
    [
        *(
            "johnson",
            "O'Brien",
            "JOSÉ",
            "jose",
            "Jose\u0301",
            "zoë bronte",
            "Кузнецова",
            "小明",
            "dr",
        ),
        *(
            "smith-jones",
            "bunty",
            "kestrel",
            "heron_rota",
            "aurelius",
            "xyzzy",
            "johns",
            "of",
            "Will",
        ),
        *(
            "sarah.nguyen@example.nhs.uk",
            "LAPWING%DESK@example.nhs.uk",
            "example",
            " hall ",
            "Dr Hall",
        ),
    ],
)
def test_search_finds_whole_words_in_three_fields(
    every: Every, own: list[Clinician], term: str
) -> None:
    expected = [
        as_json(record)
        for record in own
        if words(term) <= words(record.name, record.display_name, record.email)
    ]
    assert every(limit=20, search=term) == expected


@pytest.mark.parametrize("field", ["bio", "role", "qualifications", "registration_number"])
def test_search_does_not_look_elsewhere(every: Every, own: list[Clinician], field: str) -> None:
    searched = {word for one in own for word in words(one.name, one.display_name, one.email)}
    elsewhere = {word for one in own for word in words(getattr(one, field))} - searched
    assert elsewhere
    for word in sorted(elsewhere)[:8]:
        assert every(search=word) == []


@pytest.mark.parametrize(
    "term",
    [
        *("%", "_", '"', "'", "*", "()", "[", "\\", "\0", "\x07\x1b", "   ", "' OR '1'='1"),
        *("a" * 10_000, "a b " * 2_500, "NEAR(hall, 2)", "name:hall", "{name} : hall", "hal*"),
        *("😀", "\u202e", "' UNION SELECT * FROM api_keys --", "hall AND xyzzy", "-hall zz"),
        *("hall OR 1=1", "^hall x", "\ufffd"),
    ],
)
def test_search_for_anything_finds_nothing_and_breaks_nothing(
    client: httpx.Client, term: str
) -> None:
    response = client.get("/clinician-profiles", params={"search": term})
    assert (response.status_code, response.json()["data"]) == (200, [])


def test_search_for_bytes_that_are_not_text(client: httpx.Client) -> None:
    for query in ("%ff", "%ed%a0%80", "%c3", "%", "%zz", "%00%ff"):
        response = client.get(f"/clinician-profiles?search={query}")
        assert response.status_code == 200
    many = "&".join(f"x{number}=1" for number in range(2_000))
    assert client.get(f"/clinician-profiles?{many}").status_code == 200


def test_search_words_that_the_store_reads_as_operators(every: Every) -> None:
    assert every(search="hall") == every(search="hall + hall") == every(search='"hall"')


def test_empty_search_is_no_search(every: Every, own: list[Clinician]) -> None:
    assert len(every(search="")) == len(own)


def test_search_with_filters(every: Every, own: list[Clinician]) -> None:
    expected = [
        as_json(record)
        for record in own
        if "dr" in words(record.name, record.display_name, record.email) and not record.is_active
    ]
    assert len(expected) > 20
    assert every(limit=20, search="Dr", is_active="false") == expected


def test_locations(client: httpx.Client, other_client: httpx.Client, data: seed.SeedData) -> None:
    body = client.get("/locations").json()
    expected = sorted(data.own.locations(), key=lambda location: location.name)
    assert body["data"] == [{"id": location.id, "name": location.name} for location in expected]
    assert body["meta"]["has_more"] is False
    first = client.get("/locations?limit=4").json()
    second = client.get("/locations?limit=4&offset=4").json()
    assert first["meta"]["next_offset"] == 4
    assert first["data"] + second["data"] == body["data"]
    assert len(other_client.get("/locations").json()["data"]) == 3
    assert client.get("/locations?limit=0").status_code == 400


def test_a_large_directory_is_right_too() -> None:
    data = seed.build(5_000)
    own = directory(data.own.id, data)
    with EmbeddedServer(clinicians=5_000, rate_limit=0) as server, client_for(server) as client:
        for offset in (0, 60, 4_900, 4_950, 5_000):
            body = client.get(f"/clinician-profiles?limit=100&offset={offset}").json()
            assert body["data"] == [as_json(record) for record in own[offset : offset + 100]]
            assert body["meta"]["has_more"] is (offset < 4_900)
        for word in ("example", "johnson", "bunty"):
            expected = [
                record.id
                for record in own
                if word in words(record.name, record.display_name, record.email)
            ]
            found = client.get(f"/clinician-profiles?limit=100&search={word}&offset=40").json()
            assert [row["id"] for row in found["data"]] == expected[40:140]


def test_common_words_are_found_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a word of many records the store reads the list in order; the result must be the same."""
    answers = []
    for common in (10, 5_000):
        monkeypatch.setattr("conformance.reference.queries._COMMON", common)
        with EmbeddedServer(rate_limit=0) as server, client_for(server) as client:
            pages = itertools.chain.from_iterable(
                client.get(f"/clinician-profiles?search=dr&limit=50&offset={offset}").json()["data"]
                for offset in (0, 50, 100)
            )
            answers.append([row["id"] for row in pages])
    assert answers[0] == answers[1]
    assert len(answers[0]) > 50
