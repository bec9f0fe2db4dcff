"""Masks for a report: what a reader sees in place of personal data.

They are easy to recognise. Equal values have equal masks, which are computed from pseudonyms: the reports of
a run and of its replay have the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from urllib.parse import quote, unquote

from conformance.privacy.command_lines import masked_line
from conformance.privacy.personal_data import PersonalData, lowered
from conformance.text.terms import MADE_UP
from conformance.text.uuids import is_uuid

TYPED = frozenset({"limit", "offset", "is_active", "is_bookable_online", "location_id"})
"""Parameters whose values are no texts."""

_PARAMETER = re.compile(
    # A semicolon ends a request that a sentence names, and is encoded within a value.
    r"(?<=[?&])([\w.~%\[\]-]+)=([^&;\s'\"]+)"
)
_PATH = re.compile(r"(?<=/clinician-profiles/)[^?\s'\"]+")
_TECHNICAL = re.compile(
    r"content-(?:type|length|encoding)|date|age|allow|vary|server|connection|keep-alive|retry-after"
    r"|transfer-encoding|cache-control|expires|last-modified|x-ratelimit-.*|x-content-type-options"
)
_PLAIN = re.compile(
    # A media type, a date, numbers, names of methods and directives: others are searched for personal data.
    r"[\w.+-]+/[\w.+-]+(?:; ?charset=[\w-]+)?|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT"
    r"|[\d\s.,;:=/*+-]*|(?-i:[A-Z]+(?:, ?[A-Z]+)*)|nosniff|keep-alive|close|chunked|gzip|deflate|identity",
    re.IGNORECASE,
)


def is_technical(name: str, value: str) -> bool:
    """Return whether a header of a response is not personal data, even if a profile has the same number."""
    return bool(_TECHNICAL.fullmatch(name) and _PLAIN.fullmatch(value))


def in_urls(text: str, parameter: Callable[[str, str], str], segment: Callable[[str], str]) -> str:
    """Return a URL, or a text with URLs, with other values of its parameters and other ids in its path.

    :param parameter: returns the value for a name and an encoded value.
    :param segment: returns an encoded segment of a path.
    """
    text = _PARAMETER.sub(lambda match: f"{match[1]}={parameter(match[1], match[2])}", text)
    return _PATH.sub(lambda match: "/".join(map(segment, match.group().split("/"))), text)


class Mask:
    """Masks for a report.

    :param salt: a text that makes the masks of two targets differ.
    :param pseudonym: returns the pseudonym of a value; in a replay all values are pseudonyms already.
    """

    def __init__(
        self, known: PersonalData, salt: str, pseudonym: Callable[[str], str] = str
    ) -> None:
        self._known = known
        self._salt = salt
        self._pseudonym = pseudonym

    def text(self, text: str) -> str:
        """Return the text with personal data masked."""
        return self._masked(self.url(text), prose=True)

    def url(self, text: str) -> str:
        """Return a URL, or a text with URLs, with the personal data in its path and parameters masked."""
        return in_urls(text, self._parameter, self._segment)

    def line(self, text: str) -> str:
        """Return a line of commands with personal data masked; the words of the suite in it stay."""
        return masked_line(self.url(text), self.field)

    def header(self, name: str, value: str) -> str:
        """Return the value of a header that the target sent, with personal data masked."""
        return value if is_technical(name, value) else self.field(value)

    def _masked(self, text: str, *, prose: bool) -> str:
        parts, end = [], 0
        for span in self._known.spans(text, prose=prose):
            parts += [text[end : span.start], self._mask(span.kind, span.text)]
            end = span.end
        return "".join([*parts, text[end:]])

    def field(self, text: str) -> str:
        """Return a text that the target wrote as a whole, with personal data masked."""
        return self._masked(text, prose=False)

    def _parameter(self, name: str, value: str) -> str:
        """Return the value of a query parameter of a URL, masked if it occurs in the data."""
        term = unquote(value)
        is_id = name == "location_id" and lowered(term) in self._known.ids
        if name in TYPED and not is_id:
            return value
        kind = None if is_id else self._known.kind(term)
        if kind is not None:
            return self._mask(kind, term)
        masked = term if MADE_UP in term else self._masked(term, prose=False)
        return value if masked == term else quote(masked, safe="")

    def _segment(self, segment: str) -> str:
        """Return an id in a URL, masked if it has words or values of the data: servers choose their ids."""
        text = unquote(segment)
        if lowered(text) in self._known.ids and is_uuid(text):
            return segment
        kind = self._known.kind(text)
        masked = self.field(text) if kind is None else self._mask(kind, text)
        return segment if masked == text else quote(masked, safe="")

    def _mask(self, kind: str, value: str) -> str:
        name = f"{self._salt}\0{self._pseudonym(value).lower()}"
        digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return f"masked-{kind.replace('_', '-')}-{digest}"
