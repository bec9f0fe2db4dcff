"""The benchmark of the diagnosis on several faults at once: what counts as a card of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.diagnosis.judging import mechanisms
from benchmarks.diagnosis.recording import Recording, recorded
from benchmarks.diagnosis.together import Together, figures, judged_together, sets
from benchmarks.sample import area
from conformance.contract.document import load
from conformance.faults.variant import joined
from conformance.proof import catalogue as catalogues

FAULTS = [item for item in catalogues.load(load()).faults if item.name in mechanisms()]


@pytest.mark.parametrize("size", [2, 5])
def test_sets_have_faults_of_different_areas_that_one_server_can_have(size: int) -> None:
    found = sets(FAULTS, size, 4, seed=1)
    for one in found:
        assert len({area(fault) for fault in one}) == len(one) == size
        assert joined(one).name == "+".join(fault.name for fault in one)
    assert found == sets(FAULTS, size, 4, seed=1) != sets(FAULTS, size, 4, seed=2)


def test_more_faults_than_areas_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="no 40 faults of different areas"):
        sets(FAULTS, 40, 1, seed=1)


@pytest.mark.broad
@pytest.mark.judges
def test_two_faults_of_a_server_have_a_card_each(tmp_path: Path) -> None:
    names = ("limits-are-cut-to-fifty", "bookable-after-the-slice")
    pair = [fault for fault in FAULTS if fault.name in names]
    made: dict[str, Recording] = {
        item.name: item for item in recorded([*pair, joined(pair)], tmp_path, 2, lambda _: None)
    }
    several = made["+".join(fault.name for fault in pair)]
    found = judged_together(pair, made, several, mechanisms(), 2.0)
    assert found.problem == ""
    assert sorted(found.apart) == sorted(found.visible) == sorted(names)
    assert found.cards >= 2
    assert found.wrong == ()


def test_the_figures_count_faults_that_are_visible() -> None:
    results = [
        Together("a+b", ("a", "b"), ("a",), 2, ()),
        Together("c+d", ("c", "d"), ("c", "d"), 3, ("`x` is ignored",)),
    ]
    assert figures(results, "pairs") == {
        "pairs_servers": 2,
        "pairs_faults_visible": 4,
        "pairs_own_card_percent": 75.0,
        "pairs_cards_per_fault": 1.25,
        "pairs_wrong": 1,
    }
