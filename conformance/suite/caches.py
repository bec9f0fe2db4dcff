"""Responses that a cache repeats to the same key."""

from __future__ import annotations

from conformance.http.exchange import Exchange

_NOT_REPEATED = frozenset(
    {
        *("age", "via", "x-cache", "x-cache-hits", "x-served-by", "x-timer", "cf-cache-status"),
        *("connection", "keep-alive", "transfer-encoding", "content-encoding", "content-length"),
    }
)
"""Headers that a cache or a connection writes anew."""


def is_repeat_of_a_cache(earlier: Exchange, later: Exchange) -> bool:
    """Return whether a cache may have repeated a response to the same request with the same key.

    A cache says so by ``Age``, or repeats every header, ``Date`` and counts included. A new response with an
    old request id has another count, or comes at another second.
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
    one, two = (
        [pair for pair in item.headers if pair[0] not in _NOT_REPEATED] for item in (earlier, later)
    )
    return earlier.header("date") is not None and one == two
