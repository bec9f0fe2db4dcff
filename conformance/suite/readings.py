"""The parameters of a list request, and what their values may mean: the readings that the contract allows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from conformance.contract.bounds import DEFAULT_LIMIT, MAX_LIMIT
from conformance.http.request import Query
from conformance.text.folding import digit

LIMIT, OFFSET = "limit", "offset"
BOOLEANS = ("is_active", "is_bookable_online")
LOCATION, SEARCH = "location_id", "search"
NUMBERS = (LIMIT, OFFSET)
SELECTING = (*BOOLEANS, LOCATION, SEARCH)
NAMES = (*NUMBERS, *SELECTING)

ALL: Final = "all"
"""A filter that selects every profile, as if it were absent."""

NOTHING: Final = "nothing"
"""A filter that selects no profile."""

ANY_LIMIT: Final = None
"""A limit from 1 to 100 that ``meta.limit`` names."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)", re.ASCII)
_BITS_32, _BITS_64 = 2**31 - 1, 2**63 - 1


@dataclass(frozen=True)
class Selects:
    """A filter that selects the profiles of a list that the run has read: the one with this value alone."""

    text: str


Meaning = Selects | str | int | None


@dataclass(frozen=True)
class Reading:
    """The lawful readings of a value.

    ``meanings`` are what it may mean, the most likely one first. ``refused`` says that it may be refused
    with 400 or 422, ``blocked`` that a firewall may answer in place of the API.
    """

    meanings: tuple[Meaning, ...]
    refused: bool = False
    blocked: bool = False


ABSENT = {
    LIMIT: Reading((DEFAULT_LIMIT,)),
    OFFSET: Reading((0,)),
    **dict.fromkeys(SELECTING, Reading((ALL,))),
}
"""The reading of a parameter that a request does not have."""

EMPTY_LIST = Reading((NOTHING,))
REFUSED_OR_EMPTY = Reading((NOTHING,), refused=True)


def limit_reading(text: str) -> Reading:
    """Return how a limit may be read: in range as it is, else refused or replaced by a limit in range."""
    number = int(text) if _INTEGER.fullmatch(text) else 0
    if 1 <= number <= MAX_LIMIT:
        return Reading((number,))
    return Reading((ANY_LIMIT,), refused=True)


def offset_reading(text: str) -> Reading:
    """Return how an offset may be read, as the offsets at which the page may start."""
    if text.isdigit() and not text.isascii():
        # Python and others read digits of any script. A firewall may refuse them.
        return Reading((0, digit(text[0])), refused=True, blocked=True)
    if not _INTEGER.fullmatch(text):
        # A fraction may be rounded up: the contract allows a bound, and the next integer counts as one.
        return Reading((0, 1) if "." in text else (0,), refused=True)
    number = int(text)
    if number < 0:
        return Reading((0,), refused=True)
    if number <= _BITS_32:
        return Reading((number,))
    return Reading((number, 0) if number > _BITS_64 else (number,), refused=True)


def boolean_reading(name: str, text: str) -> Reading:
    """Return how a boolean filter may be read; a malformed one may select all, either value, or nothing."""
    assert name in BOOLEANS
    if text in ("true", "false"):
        return Reading((Selects(text),))
    return Reading((ALL, Selects("true"), Selects("false"), NOTHING), refused=True)


@dataclass(frozen=True)
class Value:
    """A value of a parameter; ``kind`` names its class, ``reading`` what it may mean."""

    name: str
    text: str
    kind: str
    reading: Reading

    @property
    def wrong(self) -> bool:
        """Whether the contract lets a server refuse it."""
        return self.reading.refused

    @cached_property
    def selects(self) -> tuple[str, str] | None:
        """Name and text of the filter that its most likely meaning is, None for any other meaning."""
        first = self.reading.meanings[0]
        return (self.name, first.text) if isinstance(first, Selects) else None


@dataclass(frozen=True)
class Parameters:
    """The parameters of one list request, in the order in which they are sent."""

    values: tuple[Value, ...]

    @property
    def query(self) -> Query:
        """The query to send."""
        return tuple((value.name, value.text) for value in self.values)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return tuple(value.name for value in self.values)

    def of(self, name: str) -> Value | None:
        """Return the value of a parameter, None if it is absent."""
        return next((value for value in self.values if value.name == name), None)

    def reading(self, name: str) -> Reading:
        """Return how a parameter may be read, present or not."""
        value = self.of(name)
        return ABSENT[name] if value is None else value.reading

    def without(self, name: str) -> Parameters:
        """Return the same parameters without one of them."""
        return Parameters(tuple(value for value in self.values if value.name != name))

    def having(self, other: Value) -> Parameters:
        """Return the same parameters with another value for one of them, at its place."""
        return Parameters(
            tuple(other if value.name == other.name else value for value in self.values)
        )

    @property
    def wrong(self) -> list[Value]:
        """The values that a server may refuse."""
        return [value for value in self.values if value.wrong]

    @property
    def filters(self) -> int:
        """The number of filters, the search among them."""
        return sum(name in SELECTING for name in self.names)
