"""Takes people out of reports: names, addresses, numbers and photographs become masks.

Equal stays equal: a value has the same mask everywhere in the reports of one target, so that findings
can be followed without knowing who they are about. A mask is no encryption; it keeps a report that is
passed on from being a list of people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote

from conformance.words import words

_NAMES = ("name", "display_name")
_WHOLE = ("email", "photo_url", "registration_number", "first_name", "last_name")
_EMAIL = re.compile(r"\w[\w.+%'-]*@[\w-]+(?:\.[\w-]+)+")
_SEARCH = re.compile(r"(?<=[?&]search=)[^&\s'\"]+")
_SHORTEST = 3


class Mask:
    """Masks what the profiles of a run hold.

    :param rows: the profiles that were seen.
    :param salt: what makes the masks of one target differ from those of another.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]], salt: str) -> None:
        self._salt = salt
        self._values: dict[str, str] = {}
        self._words: set[str] = set()
        for row in rows:
            for member in (*_NAMES, *_WHOLE):
                value = row.get(member)
                if not isinstance(value, str) or len(value) < _SHORTEST:
                    continue
                self._values.setdefault(value, member)
                self._words |= words(value) if member != "photo_url" else set()

    def text(self, text: str) -> str:
        """The text with masks in the place of what is somebody's."""
        text = _SEARCH.sub(lambda match: self._term(match.group()), text)
        text = _EMAIL.sub(lambda match: self._mask("email", match.group()), text)
        for value, member in self._values.items():
            # A single word may be any word; whole names and numbers are somebody's.
            if (
                " " in value or member not in (*_NAMES, "first_name", "last_name")
            ) and value in text:
                text = text.replace(value, self._mask(member, value))
        return text

    def _term(self, sent: str) -> str:
        """A search term as it stands in a URL: masked if a profile holds it."""
        term = unquote(sent)
        if term in self._values:
            return quote(self._mask(self._values[term], term), safe="")
        if _EMAIL.fullmatch(term):
            return quote(self._mask("email", term), safe="")
        return self._mask("word", term) if term.lower() in self._words else sent

    def _mask(self, kind: str, value: str) -> str:
        digest = sha256(f"{self._salt}\0{value.lower()}".encode()).hexdigest()[:8]
        return f"masked-{kind.replace('_', '-')}-{digest}"
