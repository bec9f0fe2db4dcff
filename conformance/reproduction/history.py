"""What a run sent before a request: the same request, and those that may have put the server in its state.

A suite cannot see state. It sees that the same request had another response before, and that requests were
sent one right after the other, because a case expects that a server may remember the ones before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from conformance.http.exchange import Exchange
from conformance.target.credentials import ANONYMOUS, OWN

_MOST = 8
"""Requests of a turn that come before the one that shows a defect."""
_MOST_SENT = 100
"""Times that a reproduction may send a request."""
_MARGIN = 1.5
"""How many more requests are sent than the run needed: values by chance do not always meet as early."""


_KINDS: tuple[Callable[[Exchange], object], ...] = (
    lambda item: item.status >= 400,
    lambda item: item.status,
    lambda item: item.request.credential,
    lambda item: item.request.path,
    lambda item: item.request.method,
)
"""What requests may have in common that have the same ``request_id``."""


class History:
    """The exchanges of a run, by what came before them."""

    def __init__(self, transcript: Sequence[Exchange]) -> None:
        self.transcript = transcript
        self._alike: dict[tuple[object, ...], list[Exchange]] = {}
        self._urls: dict[str, list[Exchange]] = {}

    def same(self, exchange: Exchange) -> list[Exchange]:
        """Return the exchanges of the same request, in their order."""
        if not self._alike:
            for item in self.transcript:
                self._alike.setdefault(item.request.sent, []).append(item)
        return self._alike[exchange.request.sent]

    def before(self, exchange: Exchange) -> Exchange | None:
        """Return the last request for the same URL before an exchange that was sent in another way."""
        for item in reversed(self._at(exchange)):
            is_earlier = item.number < exchange.number and item.status < 400
            if is_earlier and item.request.sent != exchange.request.sent:
                return item
        return None

    def kept(self, exchange: Exchange) -> Exchange | None:
        """Return a request for the same URL with another key that had the same response before.

        A cache may have kept that response for every key. None if the request had it before that one.
        """
        response = _response(exchange)
        same = (item for item in self.same(exchange) if _response(item) == response)
        alike = (item for item in self._otherwise(exchange) if item.status == exchange.status)
        since = min(item.number for item in (*same, *alike))
        if self._is_open(exchange):
            return None
        url = self._at(exchange)
        for item in url:
            is_before = item.number < since or _is_at_once(item, exchange)
            if is_before and _may_prepare(item, exchange):
                asked = replace(item.request, method=exchange.request.method, headers=())
                plain = (other for other in url if other.request.sent == asked.sent)
                return next(plain, item)
        return None

    def with_the_key(self, exchange: Exchange) -> Exchange | None:
        """Return the same request with the valid key, if it was sent."""
        wanted = replace(exchange.request, credential=OWN).sent
        return next((item for item in self._at(exchange) if item.request.sent == wanted), None)

    def source(self, exchange: Exchange) -> Exchange | None:
        """Return another request of the key whose page came before as this one: a cache may have kept it."""
        if not exchange.is_page or exchange.request_id is None:
            return None
        for item in self.transcript[: exchange.number - 1]:
            if (
                item.request.credential == exchange.request.credential
                and item.request.sent != exchange.request.sent
                and item.body == exchange.body
            ):
                return item
        return None

    def _is_open(self, exchange: Exchange) -> bool:
        """Return whether a key that must be refused was accepted at a URL that no cache can have known."""
        request = exchange.request
        return request.identity == ANONYMOUS and any(
            item.request.credential == request.credential
            and item.status == exchange.status
            and self._at(item)[0] is item
            for item in self.transcript
        )

    def _at(self, exchange: Exchange) -> list[Exchange]:
        """Return the exchanges with the URL of an exchange, in their order."""
        if not self._urls:
            for item in self.transcript:
                self._urls.setdefault(item.request.target, []).append(item)
        return self._urls[exchange.request.target]

    def _otherwise(self, exchange: Exchange) -> Iterator[Exchange]:
        """Yield the requests for the same profile by the same key in another way."""
        record = exchange.record_asked_for
        for item in self.transcript if record is not None else ():
            if (
                item.record_asked_for == record
                and item.request.credential == exchange.request.credential
                and item.request.sent != exchange.request.sent
            ):
                yield item

    def asked_otherwise(self, exchange: Exchange, read: Callable[[Exchange], object]) -> bool:
        """Return whether a profile was requested before in another way, with another response.

        As with HEAD or with further parameters, by the same key. A server may count that as a request.
        """
        request = exchange.request
        if request.method != "GET" or request.headers or request.query:
            return False
        return any(
            item.number < exchange.number and read(item) not in (None, read(exchange))
            for item in self._otherwise(exchange)
        )

    def turn(self, exchange: Exchange) -> tuple[Exchange, ...]:
        """Return the requests that were sent in turn right before an exchange, in their order."""
        request = exchange.request
        place = request.repeat.rpartition(" ")[2]
        wanted = int(place) - 1 if request.in_turn and place.isdecimal() else 0
        found: list[Exchange] = []
        for item in reversed(self.transcript[: exchange.number - 1]):
            if not wanted or len(found) == _MOST:
                break
            if item.request.repeat == f"{request.sequence} {wanted}":
                found.append(item)
                wanted -= 1
        return tuple(reversed(found))

    def only_after_head(self, exchange: Exchange) -> bool:
        """Return whether a request was never sent without HEAD for its URL right before it."""
        url = exchange.request.target
        return all(
            any(
                earlier.request.method == "HEAD" and earlier.request.target == url
                for earlier in self.turn(item)
            )
            for item in self.same(exchange)
        )

    def sends_until_ids_meet(
        self, exchange: Exchange, others: Sequence[Exchange]
    ) -> tuple[Exchange, int] | None:
        """Return one of the requests, and how often it is sent until a ``request_id`` occurs twice.

        None if the two that share one show it, or if a paste would send too many. As many responses of the
        run with the same status always had one twice. The more responses, the better they show how many.
        """
        if self._follows(exchange, others):
            return None
        found = []
        for sent in (exchange, *others):
            ids = [
                str(item.request_id)
                for item in self.transcript
                if item.status == sent.status and item.member("meta", "request_id") is not None
            ]
            longest = max(_without_repeat(ids), default=0)
            count = round((longest + 1) * _MARGIN)
            if longest < len(ids) and count <= _MOST_SENT:
                found.append((len(ids), sent, count))
        return max(found, key=lambda one: one[0])[1:] if found else None

    def _follows(self, exchange: Exchange, others: Sequence[Exchange]) -> bool:
        """Return whether a ``request_id`` follows from the request: all alike requests have the same one."""
        if any(other.request.sent == exchange.request.sent for other in others):
            return len({item.request_id for item in self.same(exchange)}) == 1
        return any(
            len({item.request_id for item in self.transcript if kind(item) == kind(exchange)}) == 1
            and all(kind(other) == kind(exchange) for other in others)
            for kind in _KINDS
        )


def _is_at_once(item: Exchange, exchange: Exchange) -> bool:
    """Return whether two requests were sent at the same time: then either may have been answered first."""
    request, other = item.request, exchange.request
    return (
        not (request.in_turn or other.in_turn)
        and bool(other.repeat)
        and request.repeat == other.repeat
    )


def _may_prepare(item: Exchange, exchange: Exchange) -> bool:
    """Return whether a cache that does not tell keys apart may have kept one response for another request."""
    methods = {item.request.method, exchange.request.method}
    is_other = item.request.identity != exchange.request.identity
    # A valid key that is refused is no response that a cache would be right to keep.
    is_right = item.status not in (401, 403) or item.request.identity == ANONYMOUS
    return (
        not item.request.writes
        and is_other
        and is_right
        and (len(methods) == 1 or methods == {"GET", "HEAD"})
        and _response(item) == _response(exchange)
    )


def _response(exchange: Exchange) -> tuple[int, str]:
    """Return what a cache would keep of a response, other than what is new each time."""
    return exchange.status, repr(exchange.member("data"))


def _without_repeat(values: Sequence[str]) -> Iterator[int]:
    """Yield for each place how many values in a row up to it are all different."""
    last: dict[str, int] = {}
    start = 0
    for index, value in enumerate(values):
        start = max(start, last.get(value, -1) + 1)
        last[value] = index
        yield index + 1 - start
