"""A request, as the suite asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Self
from urllib.parse import quote

from conformance.target.credentials import CREDENTIALS, OWN

Query = tuple[tuple[str, str | bytes], ...]
COLLECTION = "/clinician-profiles"
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Id(str):
    """An id, lower-cased as UUIDs are compared; ``spelled`` is how it was written where it was seen.

    It is asked for as it was written: a server that knows its ids in one letter case alone has never given
    another to a client.
    """

    __slots__ = ("spelled",)
    spelled: str

    def __new__(cls, text: str) -> Self:
        """The id of a text."""
        made = super().__new__(cls, text.lower())
        made.spelled = text
        return made


class Turn(IntEnum):
    """Whether a request is sent one after the other with its like, and what may be under way beside it."""

    NO = 0
    OF_ITS_KEY = 1
    """Nothing else of the same key: what sticks to that would be mixed up."""

    ALONE = 2
    """Nothing at all: it is timed, or two replicas are to answer it by turns."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    ``path`` is relative to the base URL and already percent-encoded; ``query`` holds decoded names and
    values in the order in which they are sent (bytes where the value is no text). Two requests that are
    equal are sent once, unless ``again`` tells them apart: it names why a second look is needed.
    """

    method: str = "GET"
    path: str = COLLECTION
    query: Query = ()
    credential: str = OWN
    headers: tuple[tuple[str, str], ...] = ()
    repeat: str = ""
    in_turn: Turn = Turn.NO

    @property
    def writes(self) -> bool:
        """Whether its method is one that changes data where a server has it."""
        return self.method in WRITES

    @property
    def sequence(self) -> str:
        """The name of those that are sent in turn together: ``again`` without its place among them."""
        return self.repeat.rpartition(" ")[0]

    @property
    def identity(self) -> str:
        """Whose quota the request uses: ``own``, ``other`` or ``anonymous``."""
        return CREDENTIALS[self.credential].identity

    @property
    def target(self) -> str:
        """Path and query string as they are sent."""
        if not self.query:
            return self.path
        pairs = (f"{quote(name, safe='[]')}={quote(value, safe='')}" for name, value in self.query)
        return f"{self.path}?{'&'.join(pairs)}"
