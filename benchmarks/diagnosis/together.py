"""Measures the diagnosis on servers with several faults: does each fault get a card of its own?

Each fault of a set is of another area. What belongs to it is known from the run on that fault alone: the
requirements that fail there, and on no other fault of the set.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.diagnosis.judging import Mechanism, Naming, diagnosis_of, texts_of
from benchmarks.diagnosis.recording import Recording
from benchmarks.sample import area
from conformance.contract.document import load
from conformance.diagnosis.defects import defects_of
from conformance.faults.variant import Variant, joined
from conformance.running.result import requirement_results


@dataclass(frozen=True)
class Together:
    """What a report shows of one server with several faults.

    ``visible`` are the faults of which a requirement failed, ``apart`` those of them with a card that has
    requirements of no other fault, ``wrong`` the stated causes that are none of the set.
    """

    name: str
    visible: tuple[str, ...]
    apart: tuple[str, ...]
    cards: int
    wrong: tuple[str, ...]
    problem: str = ""


def sets(faults: Sequence[Variant], size: int, count: int, seed: int) -> list[list[Variant]]:
    """Return random sets of faults, each of another area, that one server can have together."""
    source = random.Random(f"{seed}:{size}")
    found: list[list[Variant]] = []
    while len(found) < count:
        drawn = source.sample(list(faults), len(faults))
        one: list[Variant] = []
        for fault in drawn:
            if len(one) < size and area(fault) not in map(area, one) and _fits([*one, fault]):
                one.append(fault)
        if len(one) < size:
            raise ValueError(f"no {size} faults of different areas can be served together")
        found.append(one)
    return found


def _fits(faults: Sequence[Variant]) -> bool:
    try:
        joined(faults)
    except ValueError:
        return False
    return True


def judged_together(
    faults: Sequence[Variant],
    alone: Mapping[str, Recording],
    together: Recording,
    table: Mapping[str, Mechanism],
    seconds: float,
) -> Together:
    """Return what a report shows of a server with several faults.

    :param alone: name of a fault → the run on that fault alone.
    """
    red = {fault.name: _failed(alone[fault.name]) for fault in faults}
    own = {
        name: found - set().union(*(other for key, other in red.items() if key != name))
        for name, found in red.items()
    }
    causes = diagnosis_of(together, seconds).causes
    rows = requirement_results(load(), list(together.results))
    cards = [set(item.requirements) for item in defects_of(rows, together.exchanges, causes)]
    failed = _failed(together)
    visible = [name for name, ids in own.items() if ids & failed]
    foreign = {name: set().union(*(ids for key, ids in own.items() if key != name)) for name in own}
    apart = [
        name
        for name in visible
        if any(card & own[name] and not card & foreign[name] for card in cards)
    ]
    stated = [text for cause in causes for text in texts_of(cause)]
    known = [table[fault.name] for fault in faults]
    wrong = [text for text in stated if all(item.of(text) is Naming.WRONG for item in known)]
    return Together(
        together.name, tuple(visible), tuple(apart), len(cards), tuple(wrong), together.problem
    )


def _failed(recording: Recording) -> set[str]:
    return {item.requirement for item in recording.results if item.findings}


def figures(results: Sequence[Together], name: str) -> dict[str, float]:
    """Return the figures of sets of one size; ``name`` begins their names."""
    visible = sum(len(item.visible) for item in results)
    apart = sum(len(item.apart) for item in results)
    return {
        f"{name}_servers": len(results),
        f"{name}_faults_visible": visible,
        f"{name}_own_card_percent": round(100 * apart / max(visible, 1), 1),
        f"{name}_cards_per_fault": round(sum(item.cards for item in results) / max(visible, 1), 2),
        f"{name}_wrong": sum(bool(item.wrong) for item in results),
    }
