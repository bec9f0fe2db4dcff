"""Everything that the proof runs on: faults, lawful variants and harness faults, by name."""

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

CORRECT = Variant("correct", "The reference server as it is.", ClinicianApi)


@dataclass(frozen=True)
class Catalogue:
    """What a proof runs on, besides the correct server.

    ``whole`` says that nothing was left out: only then can be said what no fault shows.
    """

    faults: Sequence[Variant]
    lawful: Sequence[Variant]
    unjudgeable: Sequence[UnjudgeableServer]
    whole: bool = True

    @property
    def variants(self) -> Sequence[Variant]:
        """The faults and the lawful variants: servers that differ from the reference in one decision."""
        return [*self.faults, *self.lawful]

    def __len__(self) -> int:
        return len(self.faults) + len(self.lawful) + len(self.unjudgeable)

    def only(self, names: Sequence[str]) -> Catalogue:
        """What the names select: a name, a pattern such as ``pagination-*``, or a requirement's id.

        :raises UsageError: for a name that selects nothing.
        """
        entries: list[Entry] = [*self.faults, *self.lawful, *self.unjudgeable]
        chosen: set[str] = set()
        for name in names:
            found = {entry.name for entry in entries if _is_meant(entry, name)}
            if not found and name != CORRECT.name:
                raise UsageError(f"{name!r} is no fault, no lawful variant and no requirement")
            chosen |= found
        return Catalogue(
            [entry for entry in self.faults if entry.name in chosen],
            [entry for entry in self.lawful if entry.name in chosen],
            [entry for entry in self.unjudgeable if entry.name in chosen],
            whole=False,
        )


def load(contract: Contract) -> Catalogue:
    """The whole catalogue, faults in the order of the contract.

    :raises CatalogueError: where two entries share a name, or a fault breaks no known requirement.
    """
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
    check(contract, FAULTS, LAWFUL, UNJUDGEABLE)
    order = {identifier: place for place, identifier in enumerate(contract.requirements)}
    faults = sorted(FAULTS, key=lambda variant: order[str(variant.requirement)])
    return Catalogue(faults, list(LAWFUL), list(UNJUDGEABLE))


def check(
    contract: Contract,
    faults: Sequence[Variant],
    lawful: Sequence[Variant],
    unjudgeable: Sequence[UnjudgeableServer],
) -> None:
    """Whether names are unique and requirements known.

    :raises CatalogueError: where they are not.
    """
    entries: list[Entry] = [CORRECT, *faults, *lawful, *unjudgeable]
    names = Counter(entry.name for entry in entries)
    twice = sorted(name for name, count in names.items() if count > 1)
    if twice:
        raise CatalogueError(f"names that stand twice in the catalogue: {', '.join(twice)}")
    for variant in faults:
        if variant.requirement not in contract.requirements:
            raise CatalogueError(
                f"the fault {variant.name} breaks {variant.requirement}, which the contract lacks"
            )
    for variant in lawful:
        for identifier in departures(variant):
            known = contract.requirements.get(identifier)
            if known is None or known.level != "should":
                raise CatalogueError(
                    f"the lawful variant {variant.name} departs from {identifier}, which is no should"
                )


def departures(variant: Variant) -> frozenset[str]:
    """The ids of the shoulds that a lawful variant leaves knowingly."""
    found: frozenset[str] = getattr(variant.api, "departs_from", frozenset())
    return found


def _is_meant(entry: Entry, name: str) -> bool:
    requirement = entry.requirement if isinstance(entry, Variant) else None
    return fnmatchcase(entry.name, name) or requirement == name
