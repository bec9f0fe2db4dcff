"""The test of latency: what counts as a difference, and what as noise."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from conformance.comparison.latency import compare, judged, mann_whitney

KIND = ("GET", "list", "", "", "200")


def sample(seed: int, scale: float = 1.0, count: int = 60) -> list[float]:
    draw = random.Random(seed)
    return [scale * draw.lognormvariate(-4, 0.4) for _ in range(count)]


@pytest.mark.parametrize(
    ("one", "two", "p"),
    [
        # As computed by scipy.stats.mannwhitneyu(…, method="asymptotic").
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], 1.0),
        ([1, 2, 3, 4, 5], [6, 7, 8, 9, 10], 0.012186),
        ([1, 1, 2, 2, 3, 3], [2, 2, 3, 3, 4, 4], 0.113346),
        ([7, 7, 7], [7, 7, 7], 1.0),
    ],
)
def test_the_p_value_is_that_of_the_literature(
    one: list[float], two: list[float], p: float
) -> None:
    assert mann_whitney(one, two) == pytest.approx(p, abs=1e-5)
    assert mann_whitney(two, one) == pytest.approx(p, abs=1e-5)


def change(old: list[float], new: list[float]) -> str:
    (row,) = judged({KIND: old}, {KIND: new})["kinds"]
    return str(row["change"])


def test_noise_is_no_difference() -> None:
    false_alarms = [change(sample(n), sample(n + 1000)) for n in range(200)].count("slower")
    assert false_alarms <= 2


def test_slower_and_faster_are_told() -> None:
    assert change(sample(1), sample(2, 2.0)) == "slower"
    assert change(sample(1, 2.0), sample(2)) == "faster"


def test_a_difference_too_small_to_matter_does_not_count() -> None:
    assert change(sample(1, count=400), sample(2, 1.15, count=400)) == "none"
    assert change(sample(1, 0.01), sample(2, 0.02)) == "none"


def test_kinds_with_few_requests_are_left_out() -> None:
    assert judged({KIND: sample(1, count=9)}, {KIND: sample(2)})["kinds"] == []


def test_a_report_without_a_usable_transcript_says_so(tmp_path: Path) -> None:
    assert "earlier report has no transcript" in str(compare(tmp_path, tmp_path))
    (tmp_path / "transcript.har").write_text("{", "utf-8")
    assert "cut short" in str(compare(tmp_path / "report.json", tmp_path))
