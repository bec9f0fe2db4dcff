"""The times of a result, for people, and the duration of the run."""

from __future__ import annotations

from datetime import UTC, datetime

from conformance.report.model import Result


def parse(text: str) -> datetime:
    """Parse an RFC 3339 time. Raises ValueError for a date that does not exist."""
    # RFC 3339 allows a leap second, which datetime cannot represent.
    return datetime.fromisoformat(text.upper().replace(":60", ":59", 1))


def moment(text: str) -> str:
    """Return an RFC 3339 time in UTC: `2026-03-02 10:15:04 UTC`."""
    return parse(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def seconds(result: Result) -> float:
    """Return the duration of the run in seconds."""
    return (parse(result["finished_at"]) - parse(result["started_at"])).total_seconds()


def duration(result: Result) -> str:
    """Return the duration of the run: `0.8 s`, `2 min 05 s`, `1 h 02 min`."""
    took = seconds(result)
    if took < 59.95:
        return f"{took:.1f} s"
    minutes, rest = divmod(round(took), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
