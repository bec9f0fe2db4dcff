"""What a credential is: the headers and query parameters that authenticate a request, valid or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

from conformance.target.target import KEY_VARIABLE, Target

OWN = "own"
OTHER = "other"
ANONYMOUS = "anonymous"
IDENTITIES = (OWN, OTHER, ANONYMOUS)
NAMES = {
    OWN: "your key",
    OTHER: "the second organisation's key",
    ANONYMOUS: "requests without a valid key",
}
"""Identity → its name in messages."""

KEY = "$" + KEY_VARIABLE
"""Your key as a shell writes it."""

QUERY, HEADER, COOKIE = "query", "header", "cookie"

Pair = tuple[str, str]


class Part(NamedTuple):
    """A part of a credential beside ``Authorization``, or in place of it.

    ``place`` is ``query``, ``header`` or ``cookie``; ``name`` is that of the parameter, header or cookie.
    """

    place: str
    name: str
    value: Callable[[Target], str]
    shell: str


@dataclass(frozen=True, slots=True)
class Credential:
    """A way to authenticate.

    ``header`` returns the value of ``Authorization``, None for no such header. ``shell`` is the same value
    as a shell writes it, with the key as a variable. ``applies`` returns whether the target's key has this
    credential: a key without letters has no other letter case. ``parts`` is what is sent besides. ``holder``
    is the identity whose valid key is somewhere in it, though not as the contract says.
    """

    name: str
    identity: str
    header: Callable[[Target], str | None]
    shell: str | None
    applies: Callable[[Target], bool] = lambda _: True
    parts: tuple[Part, ...] = ()
    holder: str | None = None

    @property
    def is_malformed(self) -> bool:
        """Whether it is not one bearer token: a proxy may refuse the request by itself."""
        return self.holder is not None or bool(self.parts)

    def headers(self, target: Target) -> list[Pair]:
        """Return the headers to send."""
        return self._headers(self.header(target), [part.value(target) for part in self.parts])

    def shown_headers(self) -> list[Pair]:
        """Return the headers as a shell writes them, with the key as a variable."""
        return self._headers(self.shell, [part.shell for part in self.parts])

    def _headers(self, authorization: str | None, values: Sequence[str]) -> list[Pair]:
        found = [] if authorization is None else [("Authorization", authorization)]
        pairs = list(zip(self.parts, values, strict=True))
        found += [(part.name, value) for part, value in pairs if part.place == HEADER]
        cookies = [f"{part.name}={value}" for part, value in pairs if part.place == COOKIE]
        return [*found, ("Cookie", "; ".join(cookies))] if cookies else found

    def query(self, target: Target) -> str:
        """Return the parameters to append to the query string, percent-encoded."""
        return _joined((part, quote(part.value(target), safe="")) for part in self.parts)

    @property
    def shown_query(self) -> str:
        """The same parameters with the key as a variable."""
        return _joined((part, part.shell) for part in self.parts)


def _joined(pairs: Iterator[tuple[Part, str]]) -> str:
    return "&".join(f"{part.name}={value}" for part, value in pairs if part.place == QUERY)


def appended(target: str, query: str) -> str:
    """Return a path with its query string, and further parameters behind them."""
    return f"{target}{'&' if '?' in target else '?'}{query}" if query else target
