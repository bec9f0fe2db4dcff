"""A directory of which only a part was seen, completed by repeating that part.

Each repetition holds other people of the same kinds in the same proportions. Ids and e-mail addresses differ
in each repetition. Names are shared by some repetitions: in a larger directory there are more names, and
also more people of each name.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from itertools import count, islice
from math import ceil, sqrt

from conformance.model.rows import ModelDirectory, Row, id_of

_LETTERS = re.compile(r"[^\W\d_]{3,}")
_DIGITS = "abcdefghijklmnoprstuvwxyz"  # without q, which starts and ends a code
_IDS = uuid.UUID("6f1c6b0e-6a0f-4b53-9d0e-9a4a5d1c7a11")


def repeated(
    rows: Sequence[Row],
    total: int,
    *,
    locations: Sequence[str] | None = None,
    members: Mapping[str, frozenset[str]] | None = None,
) -> ModelDirectory:
    """Return a directory of ``total`` profiles that starts with the rows that were seen.

    A repeated profile is at the locations of the one that it repeats. The other parameters are those of
    :class:`ModelDirectory`.
    """
    size = max(total, len(rows)) if rows else 0
    # By Heaps' law the number of names grows about as the square root of the number of people.
    sharing = ceil(sqrt(max(size, 1) / max(len(rows), 1)))
    # Evaluated row by row: the last repetition may be cut.
    pairs = ((row, cycle) for cycle in count() for row in rows)
    people: list[Row] = []
    copies: dict[str, list[str]] = {}
    for row, cycle in islice(pairs, size):
        person = _variation(row, cycle, cycle // sharing) if cycle else row
        people.append(person)
        copies.setdefault(id_of(row), []).append(id_of(person))
    return ModelDirectory(
        people,
        locations=locations,
        members={
            location: frozenset(copy for record in ids for copy in copies.get(record, ()))
            for location, ids in (members or {}).items()
        },
    )


def _variation(row: Row, cycle: int, names: int) -> Row:
    """Return another person of the same kind.

    :param cycle: number of the repetition, from 1.
    :param names: number of the set of names; 0 keeps the names that were seen.
    """
    code = _code(names)

    def changed(text: str) -> str:
        return _LETTERS.sub(lambda match: match.group() + code, text) if code else text

    other = dict(row)
    other["id"] = str(uuid.uuid5(_IDS, f"{id_of(row)} {cycle}"))
    for name in ("name", "display_name"):
        if isinstance(row.get(name), str):
            other[name] = changed(row[name])
    email = row.get("email")
    if isinstance(email, str):
        local, at, domain = email.partition("@")
        other["email"] = f"{changed(local)}.n{cycle}{at}{domain}"
    return other


def _code(number: int) -> str:
    """Return letters that stand for a number, empty for 0."""
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return f"q{digits}q" if digits else ""
