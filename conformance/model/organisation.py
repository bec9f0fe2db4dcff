"""The profiles of one organisation, as far as they were seen, and what filters and searches leave of them.

Where only a part was seen, the part is repeated up to the size that the directory has. Each repetition holds
other people of the same kinds in the same proportions: ids and addresses are their own, names are shared with
some other repetitions, as in a larger directory both the people of a name and the names become more.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from math import ceil, sqrt
from typing import Any, NamedTuple

Row = dict[str, Any]

_SEARCHED = ("name", "display_name", "email")
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_DIGITS = "abcdefghijklmnoprstuvwxyz"  # without q, which stands around them
_CODE = re.compile(f"q[{_DIGITS}]+q")
_NUMBER = re.compile("n([1-9][0-9]{0,8})")
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
        # Names become more as the root of the people does (Heaps' law), about.
        self._alike = ceil(sqrt(max(self.total, 1) / max(len(self.rows), 1)))
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
            row = _another(row, cycle, cycle // self._alike)
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
            holding = None if held is None else held(cycle)
            wanted = [at for at in passing if holding is None or at in holding]
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
        wanted = [(word, _CODE.search(word), _NUMBER.fullmatch(word)) for word in _words(term)]
        plain, fixed, varying = self._words_of_rows
        nobody: set[int] = set()

        def holders(
            word: str, code: re.Match[str] | None, number: re.Match[str] | None, cycle: int
        ) -> set[int]:
            names = cycle // self._alike
            found = (fixed if names else plain).get(word, nobody)
            if code is not None and names and names == _names_of(code.group()):
                found = found | varying.get(word.replace(code.group(), ""), nobody)
            if number is not None and cycle == int(number.group(1)):
                found = found | self._addressed
            return found

        def held(cycle: int) -> frozenset[int]:
            return _in_all([holders(*word, cycle) for word in wanted])

        return held

    @cached_property
    def _addressed(self) -> set[int]:
        """The rows with an address."""
        return {at for at, row in enumerate(self.rows) if isinstance(row.get("email"), str)}

    @cached_property
    def _words_of_rows(self) -> tuple[dict[str, set[int]], ...]:
        """Word → rows: under the names that were seen; under others, as they are; under others, changed."""
        indexes: tuple[dict[str, set[int]], ...] = ({}, {}, {})
        plain, fixed, varying = indexes
        for at, row in enumerate(self.rows):
            other = _another(row, 0, 1)
            for name in _SEARCHED:
                for word in _words(row.get(name)):
                    plain.setdefault(word, set()).add(at)
                for word in _words(other.get(name)):
                    kept = _CODE.sub("", word)
                    (varying if kept != word else fixed).setdefault(kept, set()).add(at)
        return indexes


def _in_all(sets: Sequence[set[int]]) -> frozenset[int]:
    """What all of the sets hold; nothing where there is none."""
    return frozenset(set.intersection(*sets)) if sets else frozenset()


def _words(text: object) -> list[str]:
    if not isinstance(text, str):
        return []
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return list(dict.fromkeys(word for word in re.split(r"[\W_]+", plain) if word))


def _another(row: Row, cycle: int, names: int) -> Row:
    """Somebody else of the same kind: in which repetition, under which names (0 is what was seen)."""
    code = _code(names)

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
        number = f".n{cycle}" if cycle else ""
        other["email"] = changed(local) + number + at + domain
    return other


def _code(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return f"q{digits}q" if digits else ""


def _names_of(code: str) -> int:
    number = 0
    for digit in code.strip("q"):
        number = number * len(_DIGITS) + _DIGITS.index(digit)
    return number
