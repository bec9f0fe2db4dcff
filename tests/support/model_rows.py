"""The reference server's seed data as a model, requests for it, and what a client judges of a response."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from conformance.http.api import as_query, item_path
from conformance.http.request import COLLECTION, Request
from conformance.model.rows import ModelDirectory, Row
from conformance.model.service import Service
from conformance.reference import seed
from conformance.reference.people import Organisation
from conformance.reference.schema import MEMBERS
from conformance.target.credentials import OTHER, OWN


def directories(data: seed.SeedData) -> tuple[ModelDirectory, ModelDirectory]:
    """Return the directories of both organisations, in the order of the reference server."""
    return _directory(data, data.own), _directory(data, data.other)


def _directory(data: seed.SeedData, organisation: Organisation) -> ModelDirectory:
    records = sorted(
        (item for item in data.clinicians() if item.organisation_id == organisation.id),
        key=lambda item: (item.created_at, item.id),
    )
    locations = sorted(organisation.locations(), key=lambda item: (item.name, item.id))
    return ModelDirectory(
        [{name: getattr(item, name) for name in MEMBERS} for item in records],
        locations=[item.id for item in locations],
        members={
            location.id: frozenset(item.id for item in records if location.id in item.location_ids)
            for location in locations
        },
    )


DATA = seed.build(60, 20)
OWN_DIRECTORY, OTHER_DIRECTORY = directories(DATA)
LOCATION, SECOND_LOCATION = (str(item) for item in (OWN_DIRECTORY.locations or ())[:2])
OTHER_LOCATION = (OTHER_DIRECTORY.locations or ("",))[0]
UNKNOWN = "00000000-0000-4000-8000-000000000000"
MINE, THEIRS = OWN_DIRECTORY.rows[7]["id"], OTHER_DIRECTORY.rows[3]["id"]


def word_of(rows: Sequence[Row], member: str) -> str:
    """Return the last word of a member of the first profile that has one in ASCII letters."""
    words = (str(row[member] or "").split(" ")[-1] for row in rows)
    return next(word for word in words if word.isascii() and word.isalpha() and len(word) > 4)


NAME = word_of(OWN_DIRECTORY.rows, "name")
EMAIL = next(row["email"] for row in OWN_DIRECTORY.rows if row["email"])
ROLE = word_of(OWN_DIRECTORY.rows, "role")


def listed(credential: str = OWN, **parameters: Any) -> Request:
    return Request(query=as_query(**parameters), credential=credential)


def retrieved(record: str, credential: str = OWN) -> Request:
    return Request(path=item_path(record), credential=credential)


REQUESTS = [
    listed(),
    *(listed(limit=limit) for limit in (1, 20, 59, 60, 61, 100)),
    *(listed(limit=limit) for limit in (0, -1, 101, "x", "", "1.5", "9" * 30)),
    *(listed(limit=20, offset=offset) for offset in (0, 1, 20, 40, 41, 59, 60, 2**31 - 1)),
    *(listed(offset=offset) for offset in (-1, 2**31, "x", "")),
    *(listed(is_active=value) for value in (True, False, "TRUE", "1", "")),
    *(listed(is_bookable_online=value) for value in (True, False, "no")),
    listed(is_active=False, is_bookable_online=True, limit=3, offset=1),
    *(listed(location_id=value) for value in (LOCATION, LOCATION.upper(), SECOND_LOCATION)),
    *(listed(location_id=value) for value in (OTHER_LOCATION, UNKNOWN, "x", "")),
    listed(location_id=LOCATION, is_active=True, limit=2),
    *(listed(search=term) for term in (NAME, NAME.upper(), NAME[:-1], f"{NAME} zzz", EMAIL)),
    *(listed(search=term) for term in ("", " ", "%", "\0", "Zoë", "zoe", "O'Brien", ROLE)),
    listed(search="Dr", is_active=True, limit=5, offset=5),
    Request(query=(("limit", "5"), ("limit", "6"))),
    Request(query=(("is_active", "true"), ("colour", "blue"), ("colour", "red"))),
    *(retrieved(record) for record in (MINE, MINE.upper(), THEIRS, UNKNOWN, "x", "a/b", "a b")),
    listed(credential=OTHER, limit=7),
    retrieved(MINE, OTHER),
    retrieved(THEIRS, OTHER),
    Request(path="/locations", query=as_query(limit=100)),
    Request(path="/locations", query=as_query(limit=2, offset=1), credential=OTHER),
    *(Request(method, credential=OWN) for method in ("HEAD", "POST", "OPTIONS")),
    *(Request(method, item_path(MINE)) for method in ("HEAD", "PUT", "DELETE")),
    *(Request(path=path) for path in ("/nothing", f"{COLLECTION}/", f"{COLLECTION}/{MINE}/notes")),
    *(replace(listed(), credential=name) for name in ("no key", "a key never issued")),
    replace(retrieved(MINE), credential="no key"),
]


class Shown(NamedTuple):
    """What a client judges of a response; ``headers`` and ``meta_names`` are names."""

    status: int
    headers: list[str]
    rows: Any = None
    meta: dict[str, Any] | None = None
    code: str | None = None
    meta_names: list[str] | None = None


def shown(status: int, headers: Sequence[tuple[str, str]], body: bytes) -> Shown:
    names = {"allow", "www-authenticate", "x-request-id", "x-ratelimit-remaining"}
    sent = sorted({name.lower() for name, _ in headers} & names)
    if not body:
        return Shown(status, sent)
    content = json.loads(body)
    data = content["data"]
    rows = [row["id"] for row in data] if isinstance(data, list) else data
    meta = {name: value for name, value in content["meta"].items() if name != "request_id"}
    code = content.get("error", {}).get("code")
    return Shown(status, sent, rows, meta, code, sorted(content["meta"]))


def answer_of(service: Service, request: Request) -> Shown:
    reply = service.answer(request)
    return shown(reply.status, reply.headers, reply.body)


def name_of(request: Request) -> str:
    return f"{request.credential} {request.method} {request.target}"
