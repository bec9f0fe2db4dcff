"""The count of remaining requests in X-RateLimit-Remaining, and when it may rise."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from conformance.http import rate_headers
from conformance.http.exchange import Exchange
from conformance.http.quota import CLOCKS_DIFFER, HOUR
from conformance.target.credentials import ANONYMOUS, NAMES, OTHER, OWN


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
        and (remaining := item.fact(rate_headers.remaining)) is not None
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


LEAST_OTHERS = 25
"""Requests of others that show whether they are counted."""

_PENDING = 10
"""Requests that may be pending at once, so that a count may be ahead or behind by as many.

Some may wait for their turn in the server, so one in ten counts may differ by twice as many.
"""


@dataclass(frozen=True)
class Shared:
    """The last count of a key, by which requests of others were counted too."""

    last: Count
    fall: int
    mine: int
    others: int
    who: str


def counted_with_others(
    exchanges: Sequence[Exchange], counts: Sequence[Count]
) -> tuple[int, Shared | None]:
    """Look for requests of others by which the count of a key falls.

    Other users of the key make its count fall as well, but not with each request of others in this run: the
    fall must be that of both at each response.

    :param counts: of one key, in the order in which the requests were sent.
    :returns: the number of requests of others, and what shows that they were counted.
    """
    if not counts:
        return 0, None
    identity = counts[0].exchange.request.identity
    mine = _sent(exchanges, lambda item: item.request.identity == identity)
    most = 0
    for who, belongs in _others(identity).items():
        others = _sent(exchanges, belongs)
        first, last = counts[0], counts[-1]
        number = _between(others, first, last)
        most = max(most, number)
        ahead = sorted(
            abs(
                first.remaining
                - item.remaining
                - _between(mine, first, item)
                - _between(others, first, item)
            )
            for item in counts
        )
        nearly_all = ahead[: -(-9 * len(ahead) // 10)]
        if number >= LEAST_OTHERS and nearly_all[-1] <= _PENDING and ahead[-1] <= 2 * _PENDING:
            fall = first.remaining - last.remaining
            return number, Shared(last, fall, _between(mine, first, last), number, who)
    return most, None


def _others(identity: str) -> dict[str, Callable[[Exchange], bool]]:
    """Return the kinds of requests of others: what they are → whether one belongs to them."""
    second = OTHER if identity == OWN else OWN

    def with_key(item: Exchange) -> bool:
        return item.request.identity == second

    def without(item: Exchange) -> bool:
        return item.request.identity == ANONYMOUS

    key = NAMES[second]
    return {
        f"with {key} and without a valid key": lambda item: with_key(item) or without(item),
        f"with {key}": with_key,
        "without a valid key": without,
    }


def _sent(exchanges: Sequence[Exchange], belongs: Callable[[Exchange], bool]) -> list[float]:
    return sorted(item.at for item in exchanges if belongs(item))


def _between(moments: Sequence[float], first: Count, last: Count) -> int:
    """Return how many requests were sent after the first count, up to the last."""
    start, end = first.exchange.at, last.exchange.at
    return bisect_right(moments, end) - bisect_right(moments, start)
