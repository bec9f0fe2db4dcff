"""Rates as texts."""

from __future__ import annotations

import pytest

from conformance.http.limits import Rate


@pytest.mark.parametrize(
    ("text", "interval"),
    [("5/s", 0.2), ("100/m", 0.6), ("900/h", 4), (" 0.5 / S ", 2), ("1/m", 60)],
)
def test_a_rate_is_a_number_of_requests_in_a_unit_of_time(text: str, interval: float) -> None:
    rate = Rate.parse(text)
    assert rate is not None
    assert rate.interval == pytest.approx(interval)
    assert Rate.parse(str(rate)) == rate


@pytest.mark.parametrize(
    "text", ["", "5", "5/", "/s", "5/d", "-5/s", "0/s", "0.0/m", "five/s", "5/s/s"]
)
def test_any_other_text_is_not_a_rate(text: str) -> None:
    assert Rate.parse(text) is None
