"""Response times: when two groups of them do not overlap."""

from __future__ import annotations

import pytest

from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.suite.timing import gap, interleaved


def taking(*seconds: float) -> list[Exchange]:
    return [Exchange(1, Request(), "http://t/v1", 404, (), b"", second) for second in seconds]


@pytest.mark.parametrize(
    ("ones", "others", "expected"),
    [
        ((5, 6, 7), (1, 2, 3), 2.0),
        ((1, 2, 3), (5, 6, 7), -2.0),
        ((1, 5, 7), (2, 3, 6), 0.0),
        ((4, 5, 6), (1, 2, 5), 0.0),
    ],
)
def test_gap_is_the_distance_of_groups_that_do_not_overlap(
    ones: tuple[float, ...], others: tuple[float, ...], expected: float
) -> None:
    assert gap(taking(*ones), taking(*others), outliers=(0, 0)) == pytest.approx(expected)


def test_outliers_of_each_group_are_left_out() -> None:
    ones, others = taking(0.1, 5, 6, 7), taking(1, 2, 3, 30)
    assert gap(ones, others, outliers=(0, 0)) == 0
    assert gap(ones, others, outliers=(1, 0)) == 0
    assert gap(ones, others, outliers=(1, 1)) == pytest.approx(2)


def test_two_nodes_by_turns_respond_to_both_kinds() -> None:
    order = interleaved([f"u{n}" for n in range(8)], [f"f{n}" for n in range(4)])
    assert order == ["u0", "u1", "f0", "f1", "u2", "f2", "f3", "u3", "u4"]
    for node in (order[::2], order[1::2]):
        assert {record[0] for record in node} == {"u", "f"}


def test_fewer_ids_keep_the_order() -> None:
    assert interleaved(["u0", "u1", "u2"], ["f0"]) == ["u0", "u1", "f0", "u2"]
