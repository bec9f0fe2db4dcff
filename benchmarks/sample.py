"""Which servers of the catalogue a benchmark runs on: the same ones each time, evenly spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from conformance.faults.variant import Variant
from conformance.proof.catalogue import CORRECT, Catalogue

Item = TypeVar("Item")


@dataclass(frozen=True)
class Sample:
    """Servers with a fault, and servers without: the correct one first."""

    faults: Sequence[Variant]
    right: Sequence[Variant]


def draw(catalogue: Catalogue, faults: int, lawful: int) -> Sample:
    """A sample of so many faults and so many lawful variants, or of all that there are."""
    areas: dict[str, list[Variant]] = {}
    for fault in catalogue.faults:
        areas.setdefault(area(fault), []).append(fault)
    chosen: list[Variant] = []
    if faults < len(areas):
        chosen = spread(catalogue.faults, faults)
    else:
        counts = shares({name: len(members) for name, members in areas.items()}, faults)
        for name, members in areas.items():
            chosen += spread(members, counts[name])
    return Sample(chosen, [CORRECT, *spread(catalogue.lawful, lawful)])


def area(variant: Variant) -> str:
    """The area of the requirement that a fault breaks, such as ``PAG``."""
    return str(variant.requirement).split("-", maxsplit=1)[0]


def shares(sizes: dict[str, int], total: int) -> dict[str, int]:
    """``total`` divided by size, but at least one for each and no more than there are."""
    counts = dict.fromkeys(sizes, 1)
    for _ in range(min(total, sum(sizes.values())) - len(sizes)):
        # The one that is furthest below its share; of several the first.
        neediest = max(
            (name for name in sizes if counts[name] < sizes[name]),
            key=lambda name: sizes[name] / (counts[name] + 0.5),
        )
        counts[neediest] += 1
    return counts


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """``count`` of the items at even distances, the first half a distance from the start."""
    count = min(count, len(items))
    return [items[(2 * place + 1) * len(items) // (2 * count)] for place in range(count)]
