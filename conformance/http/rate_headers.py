"""Read Date, Retry-After and the rate limit headers: the one place that parses them.

No header text raises an error. A value that cannot be used is None: anything but ASCII digits, too many
digits, a moment outside of the years 1970 to 9998.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from conformance.http.exchange import Exchange

LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
"""Moments are before this one, so that a day may be added to each and the sum is still a date."""

_LONGEST_LIST = 200
_COUNT = re.compile(r"[0-9]{1,20}")
"""Up to 64 bits: some servers send their largest integer for "no limit"."""

_POLICY = re.compile(r" *([0-9]{1,20}) *(?:;[^,]{0,200})?")
"""One item of a list, with its parameters: ``1000;w=3600``."""

_SECONDS = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")
_DATE = re.compile(r"[A-Za-z0-9 ,:+-]{1,64}")
_EARLIEST_MOMENT = 1_000_000_000
"""From this number on, a reset is a moment in seconds since 1970; below, it is a number of seconds."""


def limit(exchange: Exchange) -> int | None:
    """Return ``X-RateLimit-Limit``: the requests that the key has in an hour.

    Some gateways send a list with the window of each limit, ``1000, 1000;w=3600``, or a header of their own
    beside that of the API. It is read if all numbers are equal; otherwise it is not known which of them is
    the limit of an hour.
    """
    return _count(_all_values(exchange, "x-ratelimit-limit"))


def remaining(exchange: Exchange) -> int | None:
    """Return ``X-RateLimit-Remaining``: the requests that the key has left in this hour."""
    return _count(_all_values(exchange, "x-ratelimit-remaining"))


def requested_wait(exchange: Exchange, now: float) -> float | None:
    """Return the seconds after which a target wants the next request, None if it does not say.

    ``Retry-After`` counts before ``X-RateLimit-Reset``.

    :param now: seconds since 1970, used if the response has no date.
    """
    wait = retry_after(exchange, now)
    if wait is not None:
        return wait
    reset = reset_at(exchange, now)
    return None if reset is None else max(0.0, reset - now)


def retry_after(exchange: Exchange, now: float) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, given in seconds or as a date.

    :param now: seconds since 1970, used if the response has no date.
    """
    text = exchange.header("retry-after")
    seconds = _seconds(text)
    if seconds is not None:
        return seconds
    until = _date(text)
    if until is None:
        return None
    sent = date(exchange)
    return max(0.0, until - (now if sent is None else sent))


def reset_at(exchange: Exchange, now: float) -> float | None:
    """Return the moment that ``X-RateLimit-Reset`` names, in seconds since 1970 by the clock of ``now``.

    The header may hold seconds to wait, seconds since 1970, or milliseconds since 1970.

    :param now: when the response arrived, in seconds since 1970.
    """
    value = _seconds(exchange.header("x-ratelimit-reset"))
    if value is None:
        return None
    if value < _EARLIEST_MOMENT:
        return _moment(now + value)
    moment = _moment(value / 1000 if value >= _EARLIEST_MOMENT * 1000 else value)
    if moment is None:
        return None
    sent = date(exchange)
    return moment if sent is None else _moment(now + moment - sent)


def date(exchange: Exchange) -> float | None:
    """Return ``Date`` in seconds since 1970."""
    return _date(exchange.header("date"))


def _all_values(exchange: Exchange, name: str) -> str:
    """Return the values of all headers of a name as one list, as HTTP allows to join them."""
    return ", ".join(value for key, value in exchange.headers if key == name)


def _count(text: str) -> int | None:
    text = text.strip()
    if _COUNT.fullmatch(text):
        return int(text)
    if len(text) > _LONGEST_LIST:
        return None
    items = [_POLICY.fullmatch(item) for item in text.split(",")]
    numbers = {int(item.group(1)) if item else None for item in items}
    return numbers.pop() if len(numbers) == 1 else None


def _seconds(text: str | None) -> float | None:
    text = (text or "").strip()
    return float(text) if _SECONDS.fullmatch(text) else None


def _date(text: str | None) -> float | None:
    text = (text or "").strip()
    if not _DATE.fullmatch(text):
        return None
    try:
        parsed = parsedate_to_datetime(text)
        # "-0000", or no time zone as in the format of asctime, is UTC as well.
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=UTC)
        moment = _moment(parsed.timestamp())
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    # The parser reads the year 0026 as 2026. Only the format of RFC 850 has years of two digits: 26-Nov-26.
    written = re.search(rf"\b{parsed.year}\b|-{parsed.year % 100:02} ", text)
    return moment if written else None


def _moment(value: float) -> float | None:
    return value if 0 <= value < LATEST else None
