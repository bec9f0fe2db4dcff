"""Chooses requirements by id, area, prefix or level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from conformance.contract.requirements import AREAS, Level, Requirement
from conformance.errors import UsageError


def selected(
    requirements: Mapping[str, Requirement], names: Iterable[str], option: str
) -> frozenset[str]:
    """Return the ids that names choose: ``PAG-04``, ``PAG``, ``pagination``, ``must`` or ``should``.

    :param option: what the user gave the names with, for the message.
    :raises UsageError: for a name that chooses nothing.
    """
    found: set[str] = set()
    for name in names:
        chosen = {
            id_
            for id_, row in requirements.items()
            if name.upper() in (id_, row.prefix) or name.lower() in (row.area, row.level.value)
        }
        if not chosen:
            known = [*requirements, *AREAS, *AREAS.values(), *(level.value for level in Level)]
            near = get_close_matches(name, known, n=2) or get_close_matches(
                name.upper(), known, n=2
            )
            hint = f": is it {' or '.join(near)}?" if near else ": give ids, areas, must or should"
            raise UsageError(f"{option}: {name!r} chooses no requirement{hint}")
        found |= chosen
    return frozenset(found)
