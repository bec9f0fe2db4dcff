"""The store: the directory in SQLite, loaded from the seed data, in memory or in a file."""

from __future__ import annotations

import hashlib
import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from conformance.errors import StoreError
from conformance.reference import schema, seed

Row = dict[str, Any]


class Identity(NamedTuple):
    """The owner of a key: ``key_hash`` tells keys apart, ``scopes`` are what the key may read."""

    key_hash: str
    organisation_id: str
    scopes: frozenset[str]
    revoked: bool


def hash_key(key: str) -> str:
    """The form in which a key is stored: 64 hexadecimal digits.

    A plain SHA-256 is enough: a key holds 190 bits of chance, so that nothing can be guessed from
    its hash, and a slow hash made for passwords would only slow each request down.
    """
    return hashlib.sha256(key.encode()).hexdigest()


class Store:
    """A loaded directory: one connection, kept open and used by one thread at a time.

    ``close()`` lets the database go; the store cannot be used afterwards.
    ``data`` is the seed data whose organisations and keys it holds. In a file that is used again,
    the number of clinicians is that of the file.
    """

    def __init__(self, connection: sqlite3.Connection, data: seed.SeedData) -> None:
        self.connection = connection
        self.data = data
        # A store that is dropped closes itself: a test that starts many servers need not keep track.
        self.close = weakref.finalize(self, connection.close)

    @classmethod
    def seeded(
        cls,
        clinicians: int = seed.OWN_CLINICIANS,
        other_clinicians: int = seed.OTHER_CLINICIANS,
    ) -> Store:
        """A fresh copy of the seed data in memory."""
        return cls.of(seed.build(clinicians, other_clinicians))

    @classmethod
    def of(cls, data: seed.SeedData) -> Store:
        """A fresh copy of some data in memory. After the first one, a small one takes 1 ms."""
        if data.clinician_count + data.other_clinician_count <= 5_000:
            connection = _connect(":memory:")
            connection.deserialize(_template(data))
        else:  # an image would be kept beside the copy, at some hundred bytes a record
            connection = _load(_connect(":memory:"), data)
        return cls(connection, data)

    @classmethod
    def open(cls, path: Path, clinicians: int = seed.OWN_CLINICIANS) -> Store:
        """The directory in a file: used as it is where there is one, else made.

        Raises StoreError where the file is something else, or cannot be read or made.
        """
        data = seed.build(clinicians)
        connection: sqlite3.Connection | None = None
        try:
            connection = _connect(str(path))
            if _is_new(connection, path):
                _load(connection, data)
        except (sqlite3.Error, StoreError) as error:
            if connection is not None:
                connection.close()
            if isinstance(error, StoreError):
                raise
            raise StoreError(f"--database {path}: {error}") from error
        return cls(connection, data)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """The rows of a query, each as a dict by column."""
        cursor = self.connection.execute(sql, parameters)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, values, strict=True)) for values in cursor]

    def identity(self, key: str) -> Identity | None:
        """The owner of a key, revoked or not, or None for a key that was never issued.

        Asked of the database each time, so that a key that is revoked stops working at once.
        """
        found = self.rows("SELECT * FROM api_keys WHERE key_hash = ?", (hash_key(key),))
        if not found:
            return None
        row = found[0]
        return Identity(
            key_hash=row["key_hash"],
            organisation_id=row["organisation_id"],
            scopes=frozenset(row["scopes"].split()),
            revoked=bool(row["revoked"]),
        )


def _connect(path: str) -> sqlite3.Connection:
    # Made in the thread that starts the server, used in the one that serves, never in both at once.
    return sqlite3.connect(path, timeout=1, check_same_thread=False, isolation_level=None)


def _is_new(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file holds nothing yet. Raises StoreError for what is not a directory of ours."""
    mark = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if (mark, version) == (schema.APPLICATION_ID, schema.VERSION):
        return False
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] or mark or version:
        raise StoreError(f"--database {path}: holds a database that this server has not made")
    return True


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    # All or nothing: a start that is broken off leaves an empty file, not half a directory.
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _load(connection: sqlite3.Connection, data: seed.SeedData) -> sqlite3.Connection:
    with _transaction(connection):
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {schema.VERSION}")
        _run(connection, schema.TABLES)
        _insert(connection, data)
        _run(connection, schema.INDEXES)
    return connection


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Each statement of a script. ``executescript`` would end the transaction first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def _insert(connection: sqlite3.Connection, data: seed.SeedData) -> None:
    connection.executemany(
        "INSERT INTO organisations VALUES (?, ?)",
        ((org.id, org.name) for org in data.organisations),
    )
    connection.executemany(
        "INSERT INTO api_keys VALUES (?, ?, ?, ?)",
        ((hash_key(key.key), key.organisation_id, key.scopes, key.revoked) for key in data.keys),
    )
    numbers = {location.id: number for number, location in enumerate(data.locations, start=1)}
    connection.executemany(
        "INSERT INTO locations VALUES (?, ?, ?, ?)",
        ((numbers[place.id], *place) for place in data.locations),
    )
    places: list[tuple[int, int]] = []

    def numbered() -> Iterator[tuple[Any, ...]]:
        for number, record in enumerate(data.clinicians(), start=1):
            *members, location_ids = record
            places.extend((numbers[place], number) for place in location_ids)
            yield (number, *members)

    marks = ", ".join("?" * (len(schema.MEMBERS) + 2))
    connection.executemany(f"INSERT INTO clinicians VALUES ({marks})", numbered())  # noqa: S608
    connection.executemany("INSERT INTO clinician_locations VALUES (?, ?)", sorted(places))


@lru_cache(maxsize=8)
def _template(data: seed.SeedData) -> bytes:
    """The image of a loaded database, from which copies are made."""
    with closing(_connect(":memory:")) as connection:
        image: bytes = _load(connection, data).serialize()
    return image
