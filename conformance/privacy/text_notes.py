"""What a run knew of texts that its transcript hides.

Which terms a text holds, by stems and without accents, cannot be told from pseudonyms. So whatever looks
into hidden texts for more than whether they are equal is noted, and a replay reads it up. A note is found by
what was asked of which texts, and not by when: a suite that asks in another order finds the same notes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from conformance.errors import NotHeld

Change = Callable[[str], str]
_LENGTH = 20


@dataclass(eq=False)
class Hidden:
    """Texts of profiles, which a transcript has under pseudonyms, and the ids of the profiles.

    A text is None where a profile has none.
    """

    ids: Sequence[str]
    texts: Sequence[str | None]
    _names: dict[Change, str] = field(default_factory=dict)

    def name(self, value: Change, term: Change) -> str:
        """A digest of all of them, as the transcript has them: most notes are on the same ones."""
        if value not in self._names:
            texts = [text if text is None else value(text) for text in self.texts]
            self._names[value] = _digest([[term(record) for record in self.ids], texts])
        return self._names[value]


class Notes:
    """Answers about hidden texts.

    :param held: what an earlier run has :meth:`written`; None where the texts are there to be looked into.
    """

    def __init__(self, held: Mapping[str, Any] | None = None) -> None:
        self._held = held
        self._taken: list[tuple[Sequence[Any], Any]] = []

    def recall(self, about: Sequence[Any], compute: Callable[[], Any]) -> Any:
        """What a function of texts comes to: computed and taken down, or read up.

        :param about: the name of the function, and behind it all that its answer depends on: terms and
            whatever else JSON has, and :class:`Hidden` texts.
        :returns: as JSON has it: tuples are lists, sets are sorted lists.
        :raises NotHeld: where it was never computed, and cannot be any more.
        """
        if self._held is None:
            answer = _plain(compute())
            self._taken.append((about, answer))
            return answer
        try:
            return self._held[_name(about, str)]
        except KeyError:
            raise NotHeld("the transcript does not hold this of the texts that it hides") from None

    def written(self, value: Change, term: Change) -> dict[str, Any]:
        """All that was taken down, under pseudonyms.

        :param value: the pseudonym of a text of a profile.
        :param term: what a term is called that may be a word of a profile.
        """
        return {_name(about, value, term): _each(answer, term) for about, answer in self._taken}


def _name(about: Sequence[Any], value: Change, term: Change = str) -> str:
    def shown(part: Any) -> Any:
        return part.name(value, term) if isinstance(part, Hidden) else _each(part, term)

    # The name of the function comes first, and no function has its name from the data.
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


def _plain(answer: Any) -> Any:
    if isinstance(answer, set | frozenset):
        return sorted(answer)
    if isinstance(answer, list | tuple):
        return [_plain(item) for item in answer]
    if isinstance(answer, dict):
        return {name: _plain(item) for name, item in answer.items()}
    return answer
