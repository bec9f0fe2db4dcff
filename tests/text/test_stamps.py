"""Timestamps as instants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.text.stamps import instant

SAME = [
    ("2026-03-02T10:15:04Z", "2026-03-02T10:15:04+00:00"),
    ("2026-03-02T10:15:04Z", "2026-03-02t10:15:04.000000z"),
    ("2026-03-02T10:15:04.5Z", "2026-03-02T12:15:04.500+02:00"),
    ("2026-03-01T23:30:00-01:00", "2026-03-02T00:30:00Z"),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_spellings_of_one_instant_are_equal(one: str, two: str) -> None:
    assert instant(one) == instant(two) is not None


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("2026-03-02T10:15:04Z", "2026-03-02T10:15:04+01:00"),
        ("2026-03-02T10:15:04.123456Z", "2026-03-02T10:15:04.123Z"),
        ("2026-03-02T10:15:04.000000000000000001Z", "2026-03-02T10:15:04Z"),
    ],
)
def test_other_instants_differ(one: str, two: str) -> None:
    assert instant(one) != instant(two)


@pytest.mark.parametrize(
    "text",
    ["", "2026-03-02", "2026-03-02T10:15:04", "2026-02-30T10:15:04Z", "2026-03-02T10:15:60Z", "٢"],
)
def test_other_texts_are_no_instant(text: str) -> None:
    assert instant(text) is None


@given(st.text(alphabet="0123456789-:.TZ+ ", max_size=40))
def test_no_text_raises_an_error(text: str) -> None:
    instant(text)
