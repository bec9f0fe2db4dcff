"""Notes: results about texts whose content a transcript hides.

Which terms a text contains, by stem or without accents, cannot be computed from pseudonyms. Each result that
depends on more than the equality of hidden texts is therefore computed and recorded during a run, and looked
up during a replay. The key of a note is the function with its arguments; the order of calls does not matter.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from conformance.errors import NotHeld

Change = Callable[[str], str]
Digests = dict[tuple[tuple[str, ...], tuple[str | None, ...]], str]
"""Ids and texts → their digest."""

_LENGTH = 20


@dataclass(eq=False)
class Hidden:
    """Texts of profiles, for which a transcript has pseudonyms, with the ids of the profiles.

    A text is None if the profile has none.
    """

    ids: Sequence[str]
    texts: Sequence[str | None]

    def name(self, value: Change, term: Change) -> str:
        """Return a digest of the ids and texts as written in the transcript."""
        texts = [text if text is None else value(text) for text in self.texts]
        return _digest([[term(record) for record in self.ids], texts])


class Notes:
    """Results about hidden texts.

    :param held: the notes that an earlier run has :meth:`written`, to look up; None to compute and record.
    """

    def __init__(self, held: Mapping[str, Any] | None = None) -> None:
        self._held = held
        self._recorded: list[tuple[Sequence[Any], Any]] = []
        self._digests: Digests = {}

    def recall(self, about: Sequence[Any], compute: Callable[[], Any]) -> Any:
        """Return the result of a function of texts: computed and recorded in a run, looked up in a replay.

        :param about: the name of the function, then everything that its result depends on: JSON values and
            :class:`Hidden` texts.
        :returns: a JSON value: tuples become lists, and sets become sorted lists.
        :raises NotHeld: if the run of the transcript did not compute it.
        """
        if self._held is None:
            result = plain(compute())
            self._recorded.append((about, result))
            return result
        try:
            return self._held[_name(about, self._digests, str)]
        except KeyError:
            raise NotHeld(
                "the transcript has no note on this, and hides the texts that it depends on"
            ) from None

    def written(self, value: Change, term: Change) -> dict[str, Any]:
        """Return all recorded notes, with pseudonyms.

        :param value: returns the pseudonym of a text of a profile.
        :param term: returns the pseudonym of a search term.
        """
        # Results name the same profiles and words again and again.
        value, term = cache(value), cache(term)
        digests: Digests = {}
        return {
            _name(about, digests, value, term): _each(result, term)
            for about, result in self._recorded
        }


def _name(about: Sequence[Any], digests: Digests, value: Change, term: Change = str) -> str:
    def shown(part: Any) -> Any:
        if not isinstance(part, Hidden):
            return _each(part, term)
        # Many notes are about the same profiles.
        key = tuple(part.ids), tuple(part.texts)
        if key not in digests:
            digests[key] = part.name(value, term)
        return digests[key]

    # The name of the function is not personal data, so it stays.
    return _digest([about[0], *map(shown, about[1:])])[:_LENGTH]


def _digest(about: Any) -> str:
    return sha256(json.dumps(about).encode()).hexdigest()


def _each(part: Any, change: Change) -> Any:
    if isinstance(part, str):
        return change(part)
    if isinstance(part, dict):
        return {name: _each(member, change) for name, member in part.items()}
    if isinstance(part, list | tuple):
        return [_each(member, change) for member in part]
    return part


def plain(value: Any) -> Any:
    """Return a result as a JSON value: sets become sorted lists."""
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value
