"""Times in UTC, as texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from conformance.text.stamps import compact, now, rfc3339

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
