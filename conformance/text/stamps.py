"""Times in UTC, as texts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,18}))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def now() -> datetime:
    """Return the time in UTC, in whole milliseconds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def rfc3339(moment: datetime, timespec: str = "milliseconds") -> str:
    """Return a time as ``2026-03-02T10:15:04.000Z``.

    :param timespec: the precision, as in :meth:`datetime.datetime.isoformat`; further digits are cut off.
    """
    return moment.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def instant(text: str) -> Decimal | None:
    """Return the seconds since 1970 of an RFC 3339 timestamp, to all of its digits; None if it is none."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        return None
    day, time, fraction, zone = found.groups()
    try:
        whole = datetime.fromisoformat(f"{day}T{time}{'+00:00' if zone in 'Zz' else zone}")
        seconds = (whole - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    except (ValueError, OverflowError):  # no such day, or a leap second
        return None
    return int(seconds) + Decimal(f"0.{fraction or 0}")


def compact(moment: datetime) -> str:
    """Return a time as ``20260302T101504Z``, for the name of a file."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
