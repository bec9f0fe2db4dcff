"""The servers that the proof runs on: faults, lawful variants and unjudgeable servers, by name."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from conformance import faults as package
from conformance.contract.document import Contract
from conformance.errors import CatalogueError, UsageError
from conformance.faults.unjudgeable.servers import UNJUDGEABLE, UnjudgeableServer
from conformance.faults.variant import FAULTS, LAWFUL, Variant
from conformance.reference.api import ClinicianApi

Entry = Variant | UnjudgeableServer

CORRECT = Variant("correct", "The reference server without changes.", ClinicianApi)


@dataclass(frozen=True)
class Catalogue:
    """The servers that a proof runs on, in addition to the correct server.

    ``complete`` is False after a selection by name. Requirements that no fault makes fail are a problem
    only in a complete catalogue.
    """

    faults: Sequence[Variant]
    lawful: Sequence[Variant]
    unjudgeable: Sequence[UnjudgeableServer]
    complete: bool = True

    @property
    def variants(self) -> Sequence[Variant]:
        """The faults and the lawful variants: servers that differ from the reference in one decision."""
        return [*self.faults, *self.lawful]

    def __len__(self) -> int:
        return len(self.faults) + len(self.lawful) + len(self.unjudgeable)

    def only(self, names: Sequence[str]) -> Catalogue:
        """Return the part of the catalogue that ``names`` select.

        :param names: names, patterns like ``foreign-*``, and ids of requirements.
        :raises UsageError: for a name that selects nothing.
        """
        entries: list[Entry] = [*self.faults, *self.lawful, *self.unjudgeable]
        chosen: set[str] = set()
        for name in names:
            matches = {entry.name for entry in entries if _matches(entry, name)}
            if not matches and name != CORRECT.name:
                raise UsageError(f"{name!r} matches no server of the catalogue and no requirement")
            chosen |= matches
        return Catalogue(
            [entry for entry in self.faults if entry.name in chosen],
            [entry for entry in self.lawful if entry.name in chosen],
            [entry for entry in self.unjudgeable if entry.name in chosen],
            complete=False,
        )


def load(contract: Contract) -> Catalogue:
    """Return the complete catalogue, with the faults in the order of the contract.

    :raises CatalogueError: as ``check``.
    """
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
    check(contract, FAULTS, LAWFUL, UNJUDGEABLE)
    order = {identifier: index for index, identifier in enumerate(contract.requirements)}
    faults = sorted(FAULTS, key=lambda variant: order[str(variant.requirement)])
    return Catalogue(faults, list(LAWFUL), list(UNJUDGEABLE))


def check(
    contract: Contract,
    faults: Sequence[Variant],
    lawful: Sequence[Variant],
    unjudgeable: Sequence[UnjudgeableServer],
) -> None:
    """Check the entries of a catalogue against each other and the contract.

    :raises CatalogueError: if two entries share a name, a fault breaks an unknown requirement, or a lawful
        variant departs from a requirement that is not a ``should``.
    """
    entries: list[Entry] = [CORRECT, *faults, *lawful, *unjudgeable]
    names = Counter(entry.name for entry in entries)
    duplicates = sorted(name for name, count in names.items() if count > 1)
    if duplicates:
        raise CatalogueError(f"duplicate names in the catalogue: {', '.join(duplicates)}")
    for variant in faults:
        if variant.requirement not in contract.requirements:
            raise CatalogueError(
                f"the fault {variant.name} breaks {variant.requirement}, which is not in the contract"
            )
    for variant in lawful:
        for identifier in departures(variant):
            requirement = contract.requirements.get(identifier)
            if requirement is None or requirement.level != "should":
                raise CatalogueError(
                    f"the lawful variant {variant.name} departs from {identifier}, which is not a should"
                )


def departures(variant: Variant) -> frozenset[str]:
    """Return the ids of the recommended requirements (``should``) that a variant departs from."""
    ids: frozenset[str] = getattr(variant.api, "departs_from", frozenset())
    return ids


def area(identifier: str) -> str:
    """Return the prefix of a requirement's area, for example ``PAG``."""
    return identifier.split("-", maxsplit=1)[0]


def _matches(entry: Entry, name: str) -> bool:
    requirement = entry.requirement if isinstance(entry, Variant) else None
    return fnmatchcase(entry.name, name) or requirement == name
