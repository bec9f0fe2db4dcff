"""The profiles of one organisation, as far as they were seen, and what filters and searches leave of them.

Where only a part was seen, the part is repeated up to the size that the directory has: each repetition
holds other people, with ids, names and addresses of their own, of the same kinds in the same proportions.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

Row = dict[str, Any]

_SEARCHED = ("name", "display_name", "email")
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_DIGITS = "abcdefghijklmnoprstuvwxyz"  # without q, which stands around them
_CODE = re.compile(f"q[{_DIGITS}]+q")
_IDS = uuid.UUID("6f1c6b0e-6a0f-4b53-9d0e-9a4a5d1c7a11")


class Refusal(NamedTuple):
    """What every request of a key is answered."""

    status: int
    code: str


class Filters(NamedTuple):
    """What a list is asked to leave; None for a filter that is not set."""

    is_active: bool | None = None
    is_bookable_online: bool | None = None
    location_id: str | None = None
    search: str | None = None


class Organisation:
    """A directory with its locations.

    :param rows: profiles as the list gave them, in its order.
    :param total: how many there are, where that is more than ``rows``.
    :param locations: ids as ``GET /locations`` lists them, None where that resource is not there.
    :param places: location id → ids of the profiles at it, all in lower case.
    :param refusal: what the key is answered instead of data.
    """

    def __init__(
        self,
        rows: Sequence[Row] = (),
        *,
        total: int = 0,
        locations: Sequence[str] | None = None,
        places: Mapping[str, frozenset[str]] | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        self.rows = list(rows)
        self.total = max(total, len(self.rows)) if self.rows else 0
        self.locations = locations
        self.places = places or {}
        self.refusal = refusal
        self._found: dict[Filters, Sequence[int]] = {}
        # Only ids that were listed are known: nobody can ask for another.
        self._positions = {str(row.get("id")).lower(): at for at, row in enumerate(self.rows)}

    def positions(self, filters: Filters) -> Sequence[int]:
        """The places of the profiles that the filters leave, in the order of the list."""
        if filters == Filters():
            return range(self.total)
        if filters not in self._found:
            self._found[filters] = self._left(filters)
        return self._found[filters]

    def row(self, position: int) -> Row:
        """The profile at a place of the list."""
        cycle, at = divmod(position, len(self.rows))
        row = self.rows[at]
        if cycle:
            row = _another(row, cycle)
            self._positions[row["id"]] = position
        return row

    def find(self, record: str) -> Row | None:
        """The profile with an id in lower case, None where there is none."""
        position = self._positions.get(record)
        return None if position is None else self.row(position)

    def _left(self, filters: Filters) -> list[int]:
        passing = [at for at, row in enumerate(self.rows) if self._passes(row, filters)]
        held = None if filters.search is None else self._holding(filters.search)
        found: list[int] = []
        for cycle, start in enumerate(range(0, self.total, max(len(self.rows), 1))):
            wanted = passing if held is None else [at for at in passing if at in held(cycle)]
            found += [start + at for at in wanted if start + at < self.total]
        return found

    def _passes(self, row: Row, filters: Filters) -> bool:
        for name in ("is_active", "is_bookable_online"):
            wanted = getattr(filters, name)
            if wanted is not None and row.get(name) is not wanted:
                return False
        if filters.location_id is None:
            return True
        return str(row.get("id")).lower() in self.places.get(filters.location_id, ())

    # Search: all the words of a term, each a whole word of one of the three fields, accents apart.

    def _holding(self, term: str) -> Callable[[int], frozenset[int]]:
        """Repetition (0 is what was seen) → the rows that hold the term in it."""
        wanted = _words(term)
        codes = {code for word in wanted for code in _CODE.findall(word)}
        plain, fixed, varying = self._words_of_rows
        seen = _in_all(plain.get(word) for word in wanted)
        if not codes:
            always = _in_all(fixed.get(word) for word in wanted)
            return lambda cycle: always if cycle else seen
        code = codes.pop()
        once = _in_all(
            varying.get(word.replace(code, "")) if code in word else fixed.get(word)
            for word in wanted
        )
        only = _cycle(code)
        return lambda cycle: seen if not cycle else once if cycle == only else frozenset()

    @cached_property
    def _words_of_rows(self) -> tuple[dict[str, set[int]], ...]:
        """Word → rows: as they were seen; words that each repetition keeps; those that it changes."""
        indexes: tuple[dict[str, set[int]], ...] = ({}, {}, {})
        plain, fixed, varying = indexes
        for at, row in enumerate(self.rows):
            other = _another(row, 1)
            for name in _SEARCHED:
                for word in _words(row.get(name)):
                    plain.setdefault(word, set()).add(at)
                for word in _words(other.get(name)):
                    kept = _CODE.sub("", word)
                    (varying if kept != word else fixed).setdefault(kept, set()).add(at)
        return indexes


def _in_all(sets: Iterable[set[int] | None]) -> frozenset[int]:
    """What all of the sets hold; nothing where there is none."""
    found = [frozenset(item or ()) for item in sets]
    return frozenset.intersection(*found) if found else frozenset()


def _words(text: object) -> list[str]:
    if not isinstance(text, str):
        return []
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return list(dict.fromkeys(word for word in re.split(r"[\W_]+", plain) if word))


def _another(row: Row, cycle: int) -> Row:
    """Somebody else of the same kind."""
    code = _code(cycle)

    def changed(text: str) -> str:
        return _LETTERS.sub(lambda match: match.group() + code, text)

    other = dict(row)
    other["id"] = str(uuid.uuid5(_IDS, f"{str(row.get('id')).lower()} {cycle}"))
    for name in _SEARCHED[:2]:
        if isinstance(row.get(name), str):
            other[name] = changed(row[name])
    email = row.get("email")
    if isinstance(email, str):
        local, at, domain = email.partition("@")
        other["email"] = changed(local) + at + domain
    return other


def _code(cycle: int) -> str:
    digits = ""
    while cycle:
        cycle, digit = divmod(cycle, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return f"q{digits}q"


def _cycle(code: str) -> int:
    number = 0
    for digit in code.strip("q"):
        number = number * len(_DIGITS) + _DIGITS.index(digit)
    return number
