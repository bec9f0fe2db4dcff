"""The store: files, keys, and an index that follows the table."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.errors import StoreError
from conformance.reference import seed
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store, hash_key
from tests.reference.conftest import client_for


def test_a_file_is_created_once_and_reused(tmp_path: Path) -> None:
    file = tmp_path / "directory.db"
    with EmbeddedServer(database=file, clinicians=30) as server, client_for(server) as client:
        first = client.get("/clinician-profiles?limit=100").json()["data"]
    before = file.read_bytes()
    with EmbeddedServer(database=file, clinicians=50) as server, client_for(server) as client:
        assert client.get("/clinician-profiles?limit=100").json()["data"] == first
        assert len(client.get("/clinician-profiles?search=johnson").json()["data"]) > 0
    assert len(first) == 30
    assert file.read_bytes() == before


def test_an_empty_file_is_filled(tmp_path: Path) -> None:
    file = tmp_path / "directory.db"
    file.touch()
    Store.open(file, 5).close()
    assert Store.open(file).rows("SELECT count(*) AS n FROM clinicians")[0]["n"] == 5 + 74


def foreign_database(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE diary (day TEXT)")
    connection.commit()
    connection.close()


@pytest.mark.parametrize("kind", ["text", "foreign", "directory", "no folder"])
def test_a_foreign_file_is_refused_and_not_changed(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "some.db"
    if kind == "text":
        file.write_text("Dear diary, " * 1_000)
    elif kind == "foreign":
        foreign_database(file)
    elif kind == "directory":
        file.mkdir()
    else:
        file = tmp_path / "none" / "some.db"
    before = file.read_bytes() if file.is_file() else None
    with pytest.raises(StoreError, match=r"^--database .*some\.db: [^\n]+$"):
        Store.open(file)
    assert before == (file.read_bytes() if file.is_file() else None)


def test_keys_are_not_stored_in_clear(tmp_path: Path) -> None:
    file = tmp_path / "directory.db"
    store = Store.open(file, 5)
    for key in store.data.keys:
        identity = store.identity(key.key)
        assert identity is not None
        assert identity.key_hash == hash_key(key.key)
        assert key.key.encode() not in file.read_bytes()
        assert key.key[8:].encode() not in file.read_bytes()
    store.close()


def test_copies_are_independent() -> None:
    one, another = Store.seeded(), Store.seeded()
    one.connection.execute("DELETE FROM clinicians")
    assert another.rows("SELECT count(*) AS n FROM clinicians")[0]["n"] == 263 + 74


def test_other_data_can_be_held() -> None:
    data = replace(seed.build(40, 3), alter=lambda record: record._replace(display_name=None))
    store = Store.of(data)
    assert store.rows("SELECT count(*) AS n, count(display_name) AS shown FROM clinicians") == [
        {"n": 43, "shown": 0}
    ]


def test_search_follows_a_directory_that_changes() -> None:
    api = ClinicianApi()
    own = api.store.data.own.id
    change = api.store.connection.execute

    def found(word: str) -> int:
        return len(api.fetch(ListQuery(limit=100, search=word), own)[0])

    assert found("bunty") == 1
    change("UPDATE clinicians SET display_name = 'Dr Quirk' WHERE display_name LIKE '%Bunty%'")
    assert (found("bunty"), found("quirk")) == (0, 1)
    change("DELETE FROM clinicians WHERE display_name = 'Dr Quirk'")
    assert found("quirk") == 0


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "locked.db"
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="locked"):
        Store.open(file, 5)
    holder.close()
