"""Requests as the suite builds them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Self
from urllib.parse import quote

from conformance.target.credential import appended
from conformance.target.credentials import CREDENTIALS, OWN

Query = tuple[tuple[str, str | bytes], ...]
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
        if not self.query:
            return self.path
        pairs = (
            quote(name, safe="[]%") + ("" if value == BARE else f"={quote(value, safe='')}")
            for name, value in self.query
        )
        return f"{self.path}?{'&'.join(pairs)}"

    @property
    def shown_target(self) -> str:
        """The path and query string with a variable in place of a key in the query."""
        return appended(self.target, CREDENTIALS[self.credential].shown_query)
