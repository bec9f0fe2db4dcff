"""Responses that a cache repeats to the same key."""

from __future__ import annotations

from conformance.http.exchange import Exchange
from conformance.http.rate_headers import remaining

_NOT_REPEATED = frozenset(
    {
        *("age", "via", "x-served-by", "x-timer", "x-varnish", "cf-ray", "x-amz-cf-id"),
        *("connection", "keep-alive", "transfer-encoding", "content-encoding", "content-length"),
    }
)
"""Headers that a cache or a connection writes itself, beside those that name the cache."""


def is_repeat_of_a_cache(earlier: Exchange, later: Exchange) -> bool:
    """Return whether a cache may have repeated a response to the same request with the same key.

    A cache says so by ``Age``, or repeats every header, the count of requests left included. A new response
    with an old request id has another count; where the target sends none, it comes at another second.
    """
    one, two = earlier.request, later.request
    same = (one.method, one.target, one.credential, one.headers) == (
        *(two.method, two.target, two.credential, two.headers),
    )
    return (
        same and earlier.body == later.body and (_has_age(later) or _same_headers(earlier, later))
    )


def _has_age(exchange: Exchange) -> bool:
    return (exchange.header("age") or "").strip().isdecimal()


def _same_headers(earlier: Exchange, later: Exchange) -> bool:
    # A proxy that caches may write a Date of its own, but not the count of requests left.
    ignored = _NOT_REPEATED if remaining(earlier) is None else _NOT_REPEATED | {"date"}
    one, two = (
        [pair for pair in item.headers if not (pair[0] in ignored or _names_a_cache(pair[0]))]
        for item in (earlier, later)
    )
    told = remaining(earlier) is not None or earlier.header("date") is not None
    return told and one == two


def _names_a_cache(header: str) -> bool:
    """Return whether a cache writes the header, such as ``X-Cache-Status`` or ``CF-Cache-Status``."""
    return "cache" in header and header != "cache-control"
