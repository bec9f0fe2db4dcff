"""Errors of a gateway, and cut connections: incidents, or the trace of a request that crashes the server.

A gateway that cannot reach its server fails for any request, and a retry passes. A request that crashes the
server fails each time, while others pass.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from conformance.http.exchange import Exchange
from conformance.http.failures import ATTEMPTS
from conformance.http.framing import GATEWAYS
from conformance.http.request import COLLECTION, Request, Turn

GATEWAY_ERRORS = frozenset({502, 503, 504})
"""Statuses of a gateway, which are retried and counted as incidents."""

HOSTED_GATEWAY_ERRORS = GATEWAYS - GATEWAY_ERRORS
"""Statuses of hosted gateways. No server of the API sends them: they count as its own with its envelope."""

SHORT = "the body ends after"
"""Begins the reason why a response is not complete, if it has a length and is shorter."""

_SIZE = re.compile("[0-9]+")
_NEARLY = 0.01
"""The share of their bytes by which responses to one request differ at most."""

_BUSY = 503


def is_by_gateway(exchange: Exchange) -> bool:
    """Return whether a gateway responded because it could not reach the server."""
    if exchange.status in HOSTED_GATEWAY_ERRORS:
        return not exchange.is_error
    return exchange.status in GATEWAY_ERRORS


def is_by_api(exchange: Exchange) -> bool:
    """Return whether the API itself responded: a list, a profile, or a client error with its envelope."""
    return exchange.is_page or exchange.is_record or (exchange.is_error and exchange.status < 500)


@dataclass(frozen=True, slots=True)
class Passed:
    """A response that no gateway gave, and when its request was sent."""

    sent_at: float = float("-inf")
    exchange: Exchange | None = None

    def when(self) -> float:
        """Return when the request was sent."""
        return self.sent_at


@dataclass(frozen=True, slots=True)
class Strike:
    """One attempt for which a gateway returned an error, or whose response was not complete.

    Times are in seconds by one clock. ``passed`` is the response to the latest other request that had arrived
    before this attempt was sent. ``asks_to_wait`` says that the gateway named a time to wait.
    """

    exchange: Exchange
    ended_at: float
    passed: Passed
    asks_to_wait: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed attempt: the request may be sent ``tries`` times in all, again after ``wait`` seconds.

    ``exchange`` is the response of a rate limit, ``strike`` that of a gateway, or an incomplete one.
    """

    kind: str
    text: str
    sent_at: float
    tries: int = ATTEMPTS
    wait: float | None = None
    exchange: Exchange | None = None
    strike: Strike | None = None


def may_be_crash(strikes: Sequence[Strike]) -> bool:
    """Return whether a request may have crashed the server each time: the gateway asked for no wait.

    A network or a gateway that fails at random does so in several ways.
    """
    alike = are_short(strikes) or len({strike.exchange.broken for strike in strikes}) == 1
    return len(strikes) >= ATTEMPTS and alike and not any(item.asks_to_wait for item in strikes)


@dataclass(slots=True)
class Short:
    """What a run has shown of bodies that are shorter than declared.

    ``shown`` says that a request got one each time, ``passed`` that one got a complete response afterwards:
    then it is the network that cuts.
    """

    shown: bool = False
    passed: bool = False


def is_short(exchange: Exchange) -> bool:
    """Return whether a body had fewer bytes than its headers declare."""
    return exchange.broken.startswith(SHORT)


def are_short(strikes: Sequence[Strike]) -> bool:
    """Return whether each attempt got about as many bytes of as long a body: no network cuts so exactly.

    What is new in each response may be compressed to some bytes more or less.
    """
    if not all(is_short(item.exchange) for item in strikes):
        return False
    sizes = [[int(size) for size in _SIZE.findall(item.exchange.broken)] for item in strikes]
    return all(
        max(of_each) - min(of_each) <= _NEARLY * max(of_each)
        for of_each in zip(*sizes, strict=True)
    )


def others_passed(strikes: Sequence[Strike]) -> bool:
    """Return whether the API responded to another request between the first and the last strike.

    A limit on bursts returns 503 while others pass, so 503 alone shows nothing.
    """
    first, last = strikes[0], strikes[-1]
    other = last.passed.exchange
    meanwhile = other is not None and last.passed.sent_at >= first.ended_at and is_by_api(other)
    return meanwhile and last.exchange.status != _BUSY


def control_for(request: Request) -> Request | None:
    """Return the plain list with the same credential, to see whether others pass; None if this is it."""
    if (request.method, request.path, request.query) == ("GET", COLLECTION, ()):
        return None
    return replace(
        request, method="GET", path=COLLECTION, query=(), headers=(), content="", in_turn=Turn.NO
    )


def first_of(request: Request) -> Request:
    """Return a request without the reason for which it is sent again."""
    return replace(request, repeat="", in_turn=Turn.NO)
