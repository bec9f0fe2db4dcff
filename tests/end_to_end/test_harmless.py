"""A run changes no data, even on a target that implements the write methods."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from conformance.recording import har
from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store
from tests.support.in_process import call
from tests.support.servers import OWN_KEY, Ended, Recorder, keys_for

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
MEMBERS = {"name": str, "is_active": bool, "is_bookable_online": bool}
NOW = "2026-01-01T00:00:00Z"
TIMES = {"started_at": "", "finished_at": ""}


class Refused(Exception):
    """An error response to a write request."""

    def __init__(self, status: int, code: str) -> None:
        self.status, self.code = status, code


class Writable(Recorder):
    """The correct server, extended with working write methods on the same database."""

    def __init__(self, path: Path) -> None:
        self.store = Store.open(path)
        self.api = ClinicianApi(self.store, RateLimiter(100_000))
        super().__init__(build_app(self.api))
        self.read = self.app
        self.app = self.answer

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in WRITES or "/clinician-profiles" not in scope["path"]:
            await self.read(scope, receive, send)
            return
        request = Request(scope, receive)
        meta = {"request_id": f"req_{uuid.uuid4().hex}"}
        try:
            response = self.write(request, await request.body(), meta)
        except Refused as refused:
            error = {"code": refused.code, "message": "That cannot be done."}
            body = {"data": None, "meta": meta, "error": error}
            response = JSONResponse(body, refused.status)
        await response(scope, receive, send)

    def write(self, request: Request, body: bytes, meta: dict[str, str]) -> Response:
        identity = self.api.authenticate(request.headers.get("authorization"))
        if identity is None:
            raise Refused(401, "UNAUTHORIZED")
        record = request.url.path.partition("/clinician-profiles")[2].removeprefix("/")
        if bool(record) is (request.method == "POST"):
            raise Refused(405, "METHOD_NOT_ALLOWED")
        if record and not self.api.is_uuid(record):
            raise Refused(400, "INVALID_ID")
        values = {} if request.method == "DELETE" else self.valid(body, request.method != "PATCH")
        there = "WHERE id = ? AND organisation_id = ?"
        mine = (record, identity.organisation_id)
        if record and not self.store.rows(f"SELECT id FROM clinicians {there}", mine):
            raise Refused(404, "NOT_FOUND")
        run = self.store.connection.execute
        if request.method == "DELETE":
            run(f"DELETE FROM clinicians {there}", mine)
            return Response(status_code=204)
        if request.method == "POST":
            record = str(uuid.uuid4())
            run(
                "INSERT INTO clinicians (organisation_id, id, created_at, updated_at, name, is_active,"
                " is_bookable_online) VALUES (?, ?, ?, ?, 'x', 0, 0)",
                (identity.organisation_id, record, NOW, NOW),
            )  # fmt: skip
        mine = (record, identity.organisation_id)
        for name, value in values.items():
            run(f"UPDATE clinicians SET {name} = ? {there}", (value, *mine))
        data = {"id": record, **values}
        return JSONResponse({"data": data, "meta": meta}, 201 if request.method == "POST" else 200)

    def valid(self, body: bytes, whole: bool) -> dict[str, Any]:
        try:
            values = json.loads(body)
        except ValueError:
            raise Refused(400, "INVALID_JSON") from None
        known = isinstance(values, dict) and values and set(values) <= set(MEMBERS)
        if not known or (whole and set(values) != set(MEMBERS)):
            raise Refused(422, "VALIDATION_ERROR")
        if any(type(value) is not MEMBERS[name] for name, value in values.items()):
            raise Refused(422, "VALIDATION_ERROR")
        return values  # type: ignore[no-any-return]  # an object, as checked above


def content(path: Path) -> dict[str, list[Any]]:
    """Return every row of every table."""
    with closing(sqlite3.connect(path)) as connection:
        names = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in names
        }


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("database") / "clinicians.db"


@pytest.fixture(scope="module")
def writable(database: Path) -> Iterator[tuple[EmbeddedServer, Writable]]:
    app = Writable(database)
    with EmbeddedServer(app) as server:
        yield server, app
    app.store.close()


def judged(
    writable: tuple[EmbeddedServer, Writable], database: Path, folder: Path, *arguments: str
) -> tuple[Ended, list[str]]:
    """Run the suite and check that no data changed; return how it ended and the methods that it sent."""
    server, app = writable
    before = content(database)
    app.seen.clear()
    ended = call(folder, "run", *arguments, **keys_for(server.base_url))
    assert content(database) == before
    return ended, [item.method for item in app.seen]


def test_the_write_methods_work(writable: tuple[EmbeddedServer, Writable], database: Path) -> None:
    """The server creates, changes and deletes a record, so that the next tests can fail."""
    server, _ = writable
    before = content(database)
    new = {"name": "Dr Ada Test", "is_active": True, "is_bookable_online": False}
    with httpx.Client(
        base_url=server.base_url, headers={"Authorization": f"Bearer {OWN_KEY}"}, trust_env=False
    ) as http:
        made = http.post("/clinician-profiles", json=new)
        assert made.status_code == 201
        path = f"/clinician-profiles/{made.json()['data']['id']}"
        assert http.get(path).json()["data"]["name"] == "Dr Ada Test"
        assert content(database) != before
        assert http.patch(path, json={"name": "Dr Eve Test"}).status_code == 200
        assert http.put(path, json=new | {"name": 7}).status_code == 422
        assert http.put(path, json=new | {"is_active": False}).status_code == 200
        assert http.get(path).json()["data"]["is_active"] is False
        assert http.delete(path).status_code == 204
        assert http.get(path).status_code == 404
    assert content(database)["clinicians"] == before["clinicians"]


def test_write_methods_are_found_and_no_data_changes(
    writable: tuple[EmbeddedServer, Writable], database: Path, tmp_path: Path
) -> None:
    ended, methods = judged(writable, database, tmp_path)
    assert ended.status == 1, ended.text
    report = ended.report()
    outcomes = {row["id"]: row["outcome"] for row in report["requirements"]}
    assert [outcomes[f"RO-0{number}"] for number in range(1, 7)] == [
        *["failed"] * 4, "passed", "warned",
    ]  # fmt: skip
    assert {row["id"] for row in report["requirements"] if row["outcome"] == "failed"} == {
        f"RO-0{number}" for number in range(1, 5)
    }
    assert set(methods) >= WRITES


@pytest.mark.broad
def test_no_writes_sends_only_read_methods(
    writable: tuple[EmbeddedServer, Writable], database: Path, tmp_path: Path
) -> None:
    ended, methods = judged(writable, database, tmp_path, "--no-writes")
    assert set(methods) <= {"GET", "HEAD", "OPTIONS", "TRACE"}
    report = ended.report()
    assert (ended.status, report["verdict"]) == (3, "incomplete"), ended.text
    assert report["settings"]["no_writes"] is True
    rows = {row["id"]: row for row in report["requirements"]}
    writing = {*(f"RO-0{number}" for number in range(1, 7)), "RO-11"}
    for identifier in writing:
        row = rows[identifier]
        assert row["outcome"] == "inconclusive", row
        assert "--no-writes" in str(row["reason"])
    assert {row["id"] for row in rows.values() if row["outcome"] == "inconclusive"} == writing
    replayed = call(tmp_path, "run", "--replay", f"reports/latest/{har.NAME}")
    assert {**replayed.report(), **TIMES} == {**report, **TIMES}
