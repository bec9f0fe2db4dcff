"""The manners of a target: how it makes the choices that the contract leaves open.

The defaults are lawful, and strict: whatever is not as documented is refused with 400.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

Headers = tuple[tuple[str, str], ...]


class ErrorAnswer(NamedTuple):
    """An error response: its status, the code and message in its body, and the headers that it adds."""

    status: int
    code: str
    message: str = "This cannot be answered."
    headers: Headers = ()


class Refused(Exception):
    """Raised by a decision that ends a request with an error response."""

    def __init__(self, error: ErrorAnswer) -> None:
        super().__init__(error.code)
        self.error = error


class OutOfRange(Enum):
    """The answer to an integer that is out of range."""

    REFUSE = "refuse"
    CLAMP = "clamp"
    """The nearest allowed value is in force."""


class Malformed(Enum):
    """The answer to a value that is not of the documented type."""

    REFUSE = "refuse"
    IGNORE = "ignore"
    """The request is answered as if the parameter were absent."""


class Repeated(Enum):
    """The answer to a parameter that occurs more than once."""

    REFUSE = "refuse"
    FIRST = "first"
    LAST = "last"


class SearchReading(Enum):
    """What a search term must match in the searched fields of a profile."""

    WORDS = "words"
    """Each word of the term equals a word of a field."""

    PREFIXES = "prefixes"
    """Each word of the term starts a word of a field."""

    SUBSTRING = "substring"
    """The term is part of a field."""


_UNAUTHORIZED = ErrorAnswer(401, "UNAUTHORIZED", headers=(("www-authenticate", "Bearer"),))
_NOT_FOUND = ErrorAnswer(404, "NOT_FOUND")
_METHOD_NOT_ALLOWED = ErrorAnswer(405, "METHOD_NOT_ALLOWED")
_INVALID_PARAMETER = ErrorAnswer(400, "INVALID_PARAMETER")


@dataclass(frozen=True)
class Manners:
    """The lawful choices of one target.

    ``authenticates_first`` refuses a request without a valid key before its path and method are looked at.
    ``folds_accents`` is whether a search passes over accents; every reading passes over letter case.
    ``head`` is whether HEAD is answered as GET is.
    """

    limit_above: OutOfRange = OutOfRange.REFUSE
    limit_below: OutOfRange = OutOfRange.REFUSE
    offset_above: OutOfRange = OutOfRange.REFUSE
    offset_below: OutOfRange = OutOfRange.REFUSE
    malformed: Malformed = Malformed.REFUSE
    repeated: Repeated = Repeated.REFUSE
    refuses_unknown_parameters: bool = False
    search_reading: SearchReading = SearchReading.WORDS
    folds_accents: bool = True
    authenticates_first: bool = True
    head: bool = True
    request_id_header: bool = True
    rate_limit_headers: bool = True
    unauthorized: ErrorAnswer = _UNAUTHORIZED
    path_not_found: ErrorAnswer = _NOT_FOUND
    record_not_found: ErrorAnswer = _NOT_FOUND
    method_not_allowed: ErrorAnswer = _METHOD_NOT_ALLOWED
    invalid_parameter: ErrorAnswer = _INVALID_PARAMETER
    invalid_id: ErrorAnswer = _INVALID_PARAMETER
