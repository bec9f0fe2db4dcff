"""Times in UTC, as texts."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time in UTC, in whole milliseconds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def rfc3339(moment: datetime, timespec: str = "milliseconds") -> str:
    """Return a time as ``2026-03-02T10:15:04.000Z``.

    :param timespec: the precision, as in :meth:`datetime.datetime.isoformat`; further digits are cut off.
    """
    return moment.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def compact(moment: datetime) -> str:
    """Return a time as ``20260302T101504Z``, for the name of a file."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
