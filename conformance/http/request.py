"""Requests as the suite builds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any, Self
from urllib.parse import quote

from conformance.target.credential import appended
from conformance.target.credentials import CREDENTIALS, OWN
from conformance.text.uuids import is_uuid

Query = tuple[tuple[str, str | bytes], ...]
_LONGEST = 100
COLLECTION = "/clinician-profiles"
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
OVERRIDES = frozenset({"x-http-method-override", "x-http-method", "x-method-override", "_method"})
"""Headers and a parameter, in lower case, that name another method in some frameworks."""

BARE = b""
"""The value of a parameter whose name is sent without ``=``."""


class Id(str):
    """An id in lower case, as UUIDs are compared; ``spelled`` is the spelling that the target used.

    Requests use that spelling: a server that compares letter case has never given a client another one.
    """

    __slots__ = ("spelled",)
    spelled: str

    def __new__(cls, text: str) -> Self:
        """Return the id in a text."""
        made = super().__new__(cls, text.lower())
        made.spelled = text
        return made

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return the id of a record, as text; that of an object or array is the same for all of them."""
        value = row.get("id")
        if isinstance(value, dict | list):
            return cls("an object" if isinstance(value, dict) else "an array")
        text = str(value)
        return cls._remembered(text) if len(text) <= _LONGEST else cls(text)

    @classmethod
    @lru_cache(maxsize=10_000)
    def _remembered(cls, text: str) -> Self:
        """Return the id in a text: the same object for the profile of each page."""
        return cls(text)


def named(record: str) -> str:
    """Return an id for a sentence: a UUID as it is, any other text in quotes, so that it can be masked.

    Of a long text only its length is shown: a part of a name cannot be masked.
    """
    if len(record) > _LONGEST:
        return f"of {len(record):,} characters"
    return record if is_uuid(record) else repr(record)


class Turn(IntEnum):
    """Whether requests are sent one after the other, and what may be pending beside them."""

    NO = 0
    OF_ITS_KEY = 1
    """Nothing else with the same key: state that a server keeps for the key would interfere."""

    ALONE = 2
    """Nothing at all: the request is timed, or replicas are to answer in turn."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    ``path`` is relative to the base URL and percent-encoded; ``query`` holds decoded names and values in the
    order in which they are sent (bytes if the value is not text; :data:`BARE` for none). A percent sign in a
    name is sent as it is. Equal requests are sent once, unless ``repeat`` differs: it names why the request
    is needed a second time.
    """

    method: str = "GET"
    path: str = COLLECTION
    query: Query = ()
    credential: str = OWN
    headers: tuple[tuple[str, str], ...] = ()
    repeat: str = ""
    in_turn: Turn = Turn.NO
    content: str = ""

    @property
    def writes(self) -> bool:
        """Whether the method, or one that a header or parameter names, may change data."""
        named = [value for name, value in (*self.headers, *self.query) if name.lower() in OVERRIDES]
        return any(method in WRITES for method in (self.method, *named))

    @property
    def sent(self) -> tuple[object, ...]:
        """What the target receives: the same for requests that differ only in why or when they are sent."""
        return self.method, self.target, self.credential, self.headers, self.content

    @property
    def sequence(self) -> str:
        """The name that requests sent in turn share: ``repeat`` without its number."""
        return self.repeat.rpartition(" ")[0]

    @property
    def identity(self) -> str:
        """Whose quota the request uses: ``own``, ``other`` or ``anonymous``."""
        return CREDENTIALS[self.credential].identity

    @property
    def target(self) -> str:
        """The path and query string as they are sent."""
        return _encoded(self.path, self.query) if self.query else self.path

    @property
    def shown_target(self) -> str:
        """The path and query string with a variable in place of a key in the query."""
        return appended(self.target, CREDENTIALS[self.credential].shown_query)


@lru_cache(2_000)
def _encoded(path: str, query: Query) -> str:
    """Return a path with its query string, which many cases ask for."""
    pairs = (
        quote(name, safe="[]%") + ("" if value == BARE else f"={quote(value, safe='')}")
        for name, value in query
    )
    return f"{path}?{'&'.join(pairs)}"
