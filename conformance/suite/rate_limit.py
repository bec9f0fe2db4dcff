"""The count of remaining requests in X-RateLimit-Remaining, and when it may rise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from conformance.http import rate_headers
from conformance.http.exchange import Exchange
from conformance.http.quota import CLOCKS_DIFFER, HOUR


@dataclass(frozen=True)
class Count:
    """A response, and the number of remaining requests that it gives."""

    exchange: Exchange
    remaining: int


def counts_of(exchanges: Sequence[Exchange], identity: str) -> list[Count]:
    """Return the counts in the responses to an identity, in the order in which the requests were sent."""
    found = [
        Count(item, remaining)
        for item in exchanges
        if item.request.identity == identity
        and (remaining := rate_headers.remaining(item)) is not None
    ]
    return sorted(found, key=lambda count: count.exchange.at)


def unlawful_rise(counts: Sequence[Count]) -> tuple[int, tuple[Count, Count] | None]:
    """Look for a count that is higher than an earlier one, though no new hour explains it.

    A count may rise once at the top of each hour, by the clock that dates responses or by ours. Responses
    to requests that were pending then are left out. Several nodes may start the hour one after the other:
    for a minute some of them respond by the old count.

    :param counts: of one key, in the order in which the requests were sent.
    :returns: how many pairs of counts were compared, and the earlier and the later count of such a rise.
    """
    compared = 0
    last_hours = [0, 0]
    while counts:
        pairs = list(_comparable(counts))
        compared += len(pairs)
        rise = next((pair for pair in pairs if pair[1].remaining > pair[0].remaining), None)
        if rise is None:
            break
        earlier, later = rise
        before, after = (
            _hours(earlier.exchange, -CLOCKS_DIFFER),
            _hours(later.exchange, +CLOCKS_DIFFER),
        )
        if all(new <= max(old) for new, *old in zip(after, last_hours, before, strict=True)):
            return compared, rise
        last_hours = after
        counts = [
            count
            for count in counts
            if count.exchange.at >= _ended(later.exchange)
            and (
                count.remaining > earlier.remaining
                or count.exchange.at > later.exchange.at + CLOCKS_DIFFER
            )
        ]
    return compared, None


def _comparable(counts: Sequence[Count]) -> Iterator[tuple[Count, Count]]:
    """Yield each count with the lowest of those that had been received when its request was sent."""
    by_end = sorted(counts, key=lambda count: _ended(count.exchange))
    lowest: Count | None = None
    received = 0
    for count in counts:
        # At the latest it stops at the count itself, whose response may have taken no time.
        while (
            by_end[received] is not count and _ended(by_end[received].exchange) <= count.exchange.at
        ):
            if lowest is None or by_end[received].remaining <= lowest.remaining:
                lowest = by_end[received]
            received += 1
        if lowest is not None:
            yield lowest, count


def _ended(exchange: Exchange) -> float:
    return exchange.at + exchange.elapsed


def _hours(exchange: Exchange, leeway: float) -> list[int]:
    """Return the number of the hour at a response plus leeway in seconds, by its Date and by our clock.

    Requests need not be counted by the clock of the Date header: it may be that of a proxy, or be slow.
    """
    ours = datetime.fromisoformat(exchange.started_at).timestamp()
    theirs = rate_headers.date(exchange)
    return [int((moment + leeway) // HOUR) for moment in (ours if theirs is None else theirs, ours)]
