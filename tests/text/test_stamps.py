"""Times in UTC, as texts, and timestamps as instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.text.stamps import compact, instant, now, rfc3339

MOMENT = datetime(2026, 3, 2, 10, 15, 4, 567_999, UTC)


def test_time_with_milliseconds() -> None:
    assert rfc3339(MOMENT) == "2026-03-02T10:15:04.567Z"
    assert rfc3339(MOMENT.replace(microsecond=0)) == "2026-03-02T10:15:04.000Z"


def test_time_in_another_precision() -> None:
    assert rfc3339(MOMENT, "seconds") == "2026-03-02T10:15:04Z"
    assert rfc3339(MOMENT, "microseconds") == "2026-03-02T10:15:04.567999Z"


def test_other_zones_are_converted() -> None:
    moment = MOMENT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert rfc3339(moment) == "2026-03-02T10:15:04.567Z"
    assert compact(moment) == "20260302T101504Z"


def test_time_of_now_has_whole_milliseconds() -> None:
    moment = now()
    assert moment.tzinfo is UTC
    assert moment.microsecond % 1000 == 0
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=1)


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
