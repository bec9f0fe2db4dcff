"""One server for all tests that only read, and the seed data to compare its responses with."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from conformance.reference import seed
from conformance.reference.people import Clinician
from conformance.reference.schema import MEMBERS
from conformance.reference.server import EmbeddedServer

Get = Callable[..., httpx.Response]


def directory(organisation_id: str, data: seed.SeedData) -> list[Clinician]:
    """Return the clinicians of an organisation in the order of the list."""
    records = [record for record in data.clinicians() if record.organisation_id == organisation_id]
    return sorted(records, key=lambda record: (record.created_at, record.id))


def as_json(record: Clinician) -> dict[str, Any]:
    """Return the profile that the API returns for a record."""
    return {member: getattr(record, member) for member in MEMBERS}


def words(*texts: str | None) -> set[str]:
    """Return the words of texts, in lower case and without accents."""
    plain = unicodedata.normalize("NFKD", " ".join(text or "" for text in texts))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return set(re.findall(r"[^\W_]+", plain.lower()))


@pytest.fixture(scope="session")
def data() -> seed.SeedData:
    return seed.build()


@pytest.fixture(scope="session")
def own(data: seed.SeedData) -> list[Clinician]:
    return directory(data.own.id, data)


@pytest.fixture(scope="session")
def other(data: seed.SeedData) -> list[Clinician]:
    return directory(data.other.id, data)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(rate_limit=0) as server:
        yield server


def client_for(server: EmbeddedServer, key: str | None = None) -> httpx.Client:
    """Return a client with the key of the own organisation, or with ``key``."""
    headers = {"Authorization": f"Bearer {key or server.own_key}"}
    return httpx.Client(base_url=server.base_url, headers=headers)


@pytest.fixture(scope="session")
def client(server: EmbeddedServer) -> Iterator[httpx.Client]:
    with client_for(server) as client:
        yield client


@pytest.fixture(scope="session")
def other_client(server: EmbeddedServer) -> Iterator[httpx.Client]:
    with client_for(server, server.other_key) as client:
        yield client


@pytest.fixture(scope="session")
def anonymous(server: EmbeddedServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.base_url) as client:
        yield client


@pytest.fixture(scope="session")
def every(client: httpx.Client) -> Callable[..., list[dict[str, Any]]]:
    """Reads a filtered list page by page, and checks each page against the contract."""

    def collect(limit: int = 100, **filters: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        offset: int | None = 0
        while offset is not None:
            query: dict[str, Any] = {**filters, "limit": limit, "offset": offset}
            body = client.get("/clinician-profiles", params=query).json()
            found += body["data"]
            meta = body["meta"]
            assert meta["limit"] == limit
            assert meta["has_more"] is (meta["next_offset"] is not None)
            assert meta["next_offset"] in (None, offset + limit)
            assert len(body["data"]) == limit or not meta["has_more"]
            offset = meta["next_offset"]
        return found

    return collect
