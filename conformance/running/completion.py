"""What a shell offers for the value of a setting, and for names of requirements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from click.shell_completion import CompletionItem

from conformance.contract.requirements import AREAS, Level
from conformance.running import values

_LONGEST = 80


def of(parse: Callable[[Any, str], Any], incomplete: str) -> list[CompletionItem]:
    """Return what is offered for a setting.

    :param parse: the parser of its value.
    """
    if parse is values.names:
        return requirement_names(incomplete)
    if parse in _WORDS:
        return matching(_WORDS[parse](), incomplete)
    kind = "file" if parse in _FILES else "plain"
    return [CompletionItem(incomplete, type=kind)] if kind == "file" else []


def requirement_names(incomplete: str) -> list[CompletionItem]:
    """Return ids, prefixes, areas and levels; of a list with commas, for its last name."""
    before, comma, last = incomplete.rpartition(",")
    found = matching([level.value for level in Level], last)
    found += matching(AREAS, last)
    found += [*matching(AREAS.values(), last), *requirement_ids(last)]
    for item in found:
        item.value = f"{before}{comma}{item.value}"
    return found


def requirement_ids(incomplete: str) -> list[CompletionItem]:
    """Return ids of requirements, with their text."""
    from conformance.contract.document import load

    return matching({id_: row.text for id_, row in load().requirements.items()}, incomplete)


def matching(known: Iterable[str] | Mapping[str, str], incomplete: str) -> list[CompletionItem]:
    """Return the words that begin with what is typed, in any letter case.

    :param known: words, or words with what a shell shows beside them.
    """
    start = incomplete.casefold()
    helps = known if isinstance(known, Mapping) else {}
    return [
        CompletionItem(word, help=helps[word][:_LONGEST] if word in helps else None)
        for word in known
        if word.casefold().startswith(start)
    ]


def _sets() -> list[str]:
    from conformance.contract.document import load

    return load().requirement_sets


_WORDS: Mapping[Callable[[Any, str], Any], Callable[[], Iterable[str]]] = {
    values.depth: lambda: ("smoke", "standard", "deep"),
    values.fail_on: lambda: ("any", "new"),
    values.requirements: _sets,
}
_FILES = (values.path, values.file, values.files, values.key_file)
