"""The benchmark of the diagnosis: its table, and how it judges what is stated."""

from __future__ import annotations

import re

import pytest

from benchmarks.diagnosis.judging import Judged, Mechanism, Naming, mechanisms, named, summary
from benchmarks.diagnosis.recording import chosen
from conformance.contract.document import load
from conformance.diagnosis.causes import Cause, is_left_out
from conformance.proof import catalogue as catalogues

FAULTS = catalogues.load(load()).faults
MECHANISM = Mechanism((re.compile("`x` is ignored"),), (re.compile("`x`"),))


def cause(title: str, *candidates: str) -> Cause:
    return Cause(title, "m", "u", "f", frozenset({("FIL-01", 1)}), 1, 1, candidates)


def test_the_table_speaks_of_faults_that_exist() -> None:
    table = mechanisms()
    assert len(table) >= 200
    assert set(table) <= {fault.name for fault in FAULTS}
    assert all(item.named for item in table.values())


@pytest.mark.parametrize(
    ("causes", "naming"),
    [
        ([], Naming.NONE),
        ([cause("`x` is ignored if `y` is given")], Naming.NAMED),
        ([cause("`x` is inverted")], Naming.NEAR),
        ([cause("", "`x` is ignored.", "`y` is ignored.")], Naming.NEAR),
        ([cause("", "`z` is ignored.", "`y` is ignored.")], Naming.WRONG),
        ([cause("`x` is ignored"), cause("`y` is ignored")], Naming.WRONG),
    ],
)
def test_what_is_stated_is_judged(causes: list[Cause], naming: Naming) -> None:
    assert named(causes, MECHANISM)[0] is naming


def test_a_sample_is_the_same_for_a_seed_and_covers_every_area() -> None:
    first, again = chosen(FAULTS, 40, 1), chosen(FAULTS, 40, 1)
    assert [fault.name for fault in first] == [fault.name for fault in again]
    assert [fault.name for fault in first] != [fault.name for fault in chosen(FAULTS, 40, 2)]
    areas = {str(fault.requirement).partition("-")[0] for fault in FAULTS}
    assert {str(fault.requirement).partition("-")[0] for fault in first} == areas
    assert len(first) == 40


def test_a_decision_is_left_out_with_any_condition() -> None:
    assert is_left_out("`x` is ignored", ["`X` is ignored if `y` is given"])
    assert not is_left_out("`x` is inverted", ["`x` is ignored"])


def test_the_figures_are_those_of_the_faults() -> None:
    items = [
        Judged("a", Naming.NAMED, ("t",), 1, 0.1, left_out_naming=Naming.NONE),
        Judged("b", Naming.NONE, (), 2, 0.3),
        Judged("c", Naming.WRONG, ("w",), 1, 0.2, left_out_naming=Naming.WRONG),
        Judged("d", Naming.NEAR, ("n",), 1, 0.4),
    ]
    figures = summary(items)
    assert (figures["named_or_near_percent"], figures["wrong_percent"]) == (50, 25)
    assert (figures["left_out"], figures["left_out_wrong"]) == (2, 1)
    assert (figures["cards_per_fault"], figures["seconds_most"]) == (1.25, 0.4)
