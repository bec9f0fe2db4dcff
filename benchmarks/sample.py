"""Selects the servers of a benchmark: always the same ones, evenly spread over the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from conformance.faults.variant import Variant
from conformance.proof import catalogue
from conformance.proof.catalogue import CORRECT, Catalogue

Item = TypeVar("Item")


@dataclass(frozen=True)
class Sample:
    """Faulty servers, and servers without a fault: the correct one first, then lawful variants."""

    faults: Sequence[Variant]
    right: Sequence[Variant]

    @property
    def variants(self) -> list[Variant]:
        """Return all servers, those without a fault first."""
        return [*self.right, *self.faults]


def draw(servers: Catalogue, faults: int, lawful: int) -> Sample:
    """Return a sample with these numbers of faults and lawful variants, or all if there are fewer."""
    areas: dict[str, list[Variant]] = {}
    for fault in servers.faults:
        areas.setdefault(area(fault), []).append(fault)
    chosen: list[Variant] = []
    if faults < len(areas):
        chosen = spread(servers.faults, faults)
    else:
        counts = shares({name: len(members) for name, members in areas.items()}, faults)
        for name, members in areas.items():
            chosen += spread(members, counts[name])
    return Sample(chosen, [CORRECT, *spread(servers.lawful, lawful)])


def area(variant: Variant) -> str:
    """Return the area of the requirement that a fault breaks, for example ``PAG``."""
    return catalogue.area(str(variant.requirement))


def shares(sizes: dict[str, int], total: int) -> dict[str, int]:
    """Divide ``total`` in proportion to ``sizes``: at least one each, and at most each size."""
    counts = dict.fromkeys(sizes, 1)
    for _ in range(min(total, sum(sizes.values())) - len(sizes)):
        # The one that is furthest below its share; if there are several, the first one.
        neediest = max(
            (name for name in sizes if counts[name] < sizes[name]),
            key=lambda name: sizes[name] / (counts[name] + 0.5),
        )
        counts[neediest] += 1
    return counts


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """Return ``count`` items at even distances, the first one half a distance from the start."""
    count = min(count, len(items))
    return [items[(2 * index + 1) * len(items) // (2 * count)] for index in range(count)]
