"""A writer that adds, edits and deactivates clinicians during a run."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from conformance.reference.words import GIVEN_NAMES, SHARED_SURNAMES

_TIMEOUT = 5.0


Change = Callable[[sqlite3.Connection, random.Random], None]


def _random_clinician(db: sqlite3.Connection, draw: random.Random) -> dict[str, Any]:
    """Return a random clinician; both organisations are equally likely."""
    organisations = [row["id"] for row in db.execute("SELECT id FROM organisations ORDER BY id")]
    rows = db.execute(
        "SELECT * FROM clinicians WHERE organisation_id = ? ORDER BY number",
        (draw.choice(organisations),),
    ).fetchall()
    return dict(draw.choice(rows))


def _add(db: sqlite3.Connection, draw: random.Random) -> None:
    """Add a clinician: with the timestamps of an existing one, or at the end of the list."""
    row = _random_clinician(db, draw)
    first, last = draw.choice(GIVEN_NAMES), draw.choice(SHARED_SURNAMES)
    row |= {"id": str(uuid.UUID(int=draw.getrandbits(128), version=4))}
    row |= {"name": f"Dr {first} {last}", "display_name": None, "first_name": first}
    row |= {"last_name": last, "title": "Dr", "email": f"{first}.{last}{draw.random()}@example.org"}
    if draw.random() < 0.5:
        row |= {"created_at": _now(), "updated_at": _now()}
    row["number"] = db.execute("SELECT max(number) + 1 FROM clinicians").fetchone()[0]
    marks = ", ".join("?" * len(row))
    db.execute(f"INSERT INTO clinicians ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))


def _rename(db: sqlite3.Connection, draw: random.Random) -> None:
    row = _random_clinician(db, draw)
    name = f"{row['first_name'] or 'Dr'} {draw.choice(SHARED_SURNAMES)}"
    _set(db, row, name=name, display_name=draw.choice([None, name]))


def _flag(db: sqlite3.Connection, draw: random.Random) -> None:
    row = _random_clinician(db, draw)
    _set(db, row, is_bookable_online=1 - row["is_bookable_online"])


def _deactivate(db: sqlite3.Connection, draw: random.Random) -> None:
    """Deactivate a clinician, or activate an inactive one."""
    row = _random_clinician(db, draw)
    _set(db, row, is_active=1 - row["is_active"])


def _touch(db: sqlite3.Connection, draw: random.Random) -> None:
    """Change only ``updated_at`` of one record."""
    _set(db, _random_clinician(db, draw))


def _set(db: sqlite3.Connection, row: dict[str, Any], **members: Any) -> None:
    members |= {"updated_at": _now()}
    assigned = ", ".join(f"{name} = ?" for name in members)
    db.execute(
        f"UPDATE clinicians SET {assigned} WHERE number = ?", (*members.values(), row["number"])
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _visit(db: sqlite3.Connection, draw: random.Random) -> None:
    """Add a record and delete it soon, as tests of other users do."""
    before = db.execute("SELECT max(number) FROM clinicians").fetchone()[0]
    _add(db, draw)
    time.sleep(draw.uniform(0.05, 0.3))
    db.execute("DELETE FROM clinicians WHERE number > ?", (before,))


def _import(db: sqlite3.Connection, draw: random.Random) -> None:
    """Change only ``updated_at`` of every record, as a nightly import does."""
    db.execute("UPDATE clinicians SET updated_at = ?", (_now(),))


KINDS: dict[str, Change] = {
    "add": _add,
    "rename": _rename,
    "flag": _flag,
    "deactivate": _deactivate,
    "touch": _touch,
    "visit": _visit,
    "import": _import,
}
EVERY_KIND = ("add", "rename", "flag", "deactivate", "touch")
"""The usual changes during a day."""


class Writer:
    """Changes the directories of both organisations in a database file, within a ``with`` block.

    :param rate: changes a second, on average; the time between two is random (exponential).
    :param seed: the seed of the random changes and their times.
    :param kinds: the kinds of changes, all equally likely.
    """

    def __init__(
        self, file: Path, *, rate: float, seed: int, kinds: Sequence[str] = EVERY_KIND
    ) -> None:
        self._kinds = [KINDS[kind] for kind in kinds]
        self.changes = 0
        self._file = file
        self._rate = rate
        self._draw = random.Random(f"churn:{seed}")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._error: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        try:
            with closing(sqlite3.connect(self._file, timeout=_TIMEOUT, isolation_level=None)) as db:
                db.row_factory = sqlite3.Row
                db.execute("PRAGMA synchronous = OFF")
                while not self._over.wait(self._draw.expovariate(self._rate)):
                    self._draw.choice(self._kinds)(db, self._draw)
                    self.changes += 1
        except BaseException as error:  # raised at the end of the block
            self._error = error
