"""The store: the directory in an SQLite database, in memory or in a file, with the seed data."""

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

_OTHER_FILE = "Give another file, or a new one"


class Identity(NamedTuple):
    """The owner of a key. ``key_hash`` identifies the key, ``scopes`` lists what it may read."""

    key_hash: str
    organisation_id: str
    scopes: frozenset[str]
    revoked: bool


def hash_key(key: str) -> str:
    """Return the hash under which a key is stored: 64 hexadecimal digits.

    A plain SHA-256 is enough: a key has 190 random bits, so that it cannot be guessed from its hash. A
    password hash would only slow down each request.
    """
    return hashlib.sha256(key.encode()).hexdigest()


class Store:
    """A loaded directory: one open connection, for one thread at a time.

    ``close()`` closes the connection; the store cannot be used afterwards. ``data`` is the seed data with
    its organisations and keys. If an existing file is opened, the file determines the number of clinicians.
    """

    def __init__(self, connection: sqlite3.Connection, data: seed.SeedData) -> None:
        self.connection = connection
        self.data = data
        # Closes the connection of a store that is garbage collected, so that tests need not do it.
        self.close = weakref.finalize(self, connection.close)

    @classmethod
    def seeded(
        cls,
        clinicians: int = seed.OWN_CLINICIANS,
        other_clinicians: int = seed.OTHER_CLINICIANS,
    ) -> Store:
        """Return a fresh copy of the seed data in memory."""
        return cls.of(seed.build(clinicians, other_clinicians))

    @classmethod
    def of(cls, data: seed.SeedData) -> Store:
        """Return a fresh copy of ``data`` in memory. The first copy builds it, later ones take 1 ms."""
        if data.clinician_count + data.other_clinician_count <= 5_000:
            connection = _connect(":memory:")
            connection.deserialize(_template(data))
        else:  # a cached image of a large database would take several hundred megabytes
            connection = _load(_connect(":memory:"), data)
        return cls(connection, data)

    @classmethod
    def open(cls, path: Path, clinicians: int = seed.OWN_CLINICIANS) -> Store:
        """Return the directory in a file, which is created if it does not exist.

        :raises StoreError: if the file is not such a directory, or cannot be read or created.
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
            raise StoreError(f"--database {path}: {error}. {_OTHER_FILE}") from error
        return cls(connection, data)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return the rows of a query, each as a dict by column."""
        cursor = self.connection.execute(sql, parameters)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, values, strict=True)) for values in cursor]

    def identity(self, key: str) -> Identity | None:
        """Return the owner of a key, revoked or not, or None for a key that was never issued.

        Reads the database each time, so that a revoked key stops working at once.
        """
        rows = self.rows("SELECT * FROM api_keys WHERE key_hash = ?", (hash_key(key),))
        if not rows:
            return None
        row = rows[0]
        return Identity(
            key_hash=row["key_hash"],
            organisation_id=row["organisation_id"],
            scopes=frozenset(row["scopes"].split()),
            revoked=bool(row["revoked"]),
        )


def _connect(path: str) -> sqlite3.Connection:
    # Created in one thread and used in the thread that serves, but never in both at once.
    return sqlite3.connect(path, timeout=1, check_same_thread=False, isolation_level=None)


def _is_new(connection: sqlite3.Connection, path: Path) -> bool:
    """Return whether the database is empty.

    :raises StoreError: for a database of another program.
    """
    mark = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if (mark, version) == (schema.APPLICATION_ID, schema.VERSION):
        return False
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] or mark or version:
        raise StoreError(f"--database {path}: not a database of this server. {_OTHER_FILE}")
    return True


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    # All or nothing: an interrupted start leaves an empty file, not a partial directory.
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
    """Run each statement of a script. ``executescript`` would commit the transaction first."""
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
        ((numbers[location.id], *location) for location in data.locations),
    )
    pairs: list[tuple[int, int]] = []

    def numbered() -> Iterator[tuple[Any, ...]]:
        for number, record in enumerate(data.clinicians(), start=1):
            *members, location_ids = record
            pairs.extend((numbers[location_id], number) for location_id in location_ids)
            yield (number, *members)

    marks = ", ".join("?" * (len(schema.MEMBERS) + 2))
    connection.executemany(f"INSERT INTO clinicians VALUES ({marks})", numbered())  # noqa: S608
    connection.executemany("INSERT INTO clinician_locations VALUES (?, ?)", sorted(pairs))


@lru_cache(maxsize=8)
def _template(data: seed.SeedData) -> bytes:
    """Return the image of a loaded database, from which copies are created."""
    with closing(_connect(":memory:")) as connection:
        image: bytes = _load(connection, data).serialize()
    return image
