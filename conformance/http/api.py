"""The API that cases use: ``api.list(limit=20)``, ``api.get(id)``, ``api.full_list(is_active=True)``.

An :class:`Api` sends through the function that it is given, so that one client keeps budget, memory and
record for all cases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from conformance.contract.bounds import MAX_LIMIT
from conformance.errors import Inconclusive, RateLimited, TransportFailure
from conformance.http.client import ExchangeOrError
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION, Id, Query, Request, Turn
from conformance.target.credentials import OWN

Ask = Callable[[Sequence[Request]], list[ExchangeOrError]]
Value = str | int | bool | bytes
Exchanges = list[Exchange]

MOST_PAGES = 40


def as_text(value: Value) -> str | bytes:
    """Return a parameter's value as it is sent: booleans in lower case, numbers in decimal digits."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def as_query(**parameters: Value | None) -> Query:
    """Return query parameters in the order given, without those that are None."""
    return tuple((name, as_text(value)) for name, value in parameters.items() if value is not None)


def item_path(record: str) -> str:
    """Return the path of one profile, percent-encoded."""
    spelled = record.spelled if isinstance(record, Id) else record
    return f"{COLLECTION}/{quote(spelled, safe='')}"


@dataclass(frozen=True)
class FullList:
    """All records of a list, joined from pages at computed offsets and not by ``next_offset``.

    ``problem`` is the page at which the list could not be joined; ``cut`` is True if the list has more pages
    than were to be requested.
    """

    ids: tuple[str, ...]
    pages: tuple[Exchange, ...]
    problem: Exchange | None = None
    cut: bool = False

    @property
    def total(self) -> int:
        """The number of records, with repeats."""
        return len(self.ids)

    def joined(self) -> FullList:
        """Return the list if it could be joined.

        That pages join is judged by pagination: there, ``must_join`` is called first.

        :raises Breach: if the first response is not a page.
        :raises Inconclusive: if a later response is not a page, a page holds only records of earlier pages,
            or the list has too many pages.
        """
        if self.cut:
            raise Inconclusive(
                f"a list has more than {len(self.pages)} pages: a run does not read it completely"
            )
        if self.problem is None:
            return self
        first = len(self.pages) == 1 and self.problem.status != 200
        if first and not self.problem.is_page:
            raise self.problem.breach("200 with a list", self.problem.summary())
        raise Inconclusive(
            f"the pages of a list cannot be joined: exchange {self.problem.number} "
            + (
                "has only records of earlier pages"
                if self.problem.is_page
                else f"returned {self.problem.summary()}"
            )
        )

    def must_join(self) -> FullList:
        """Return the list; a page that cannot be joined is a breach.

        :raises Breach: if a page holds only records of earlier pages, or a later response is not a page.
        """
        if self.problem is not None and self.problem.is_page:
            raise self.problem.breach(
                "records that no earlier page holds", "only records of earlier pages"
            )
        if self.problem is not None and len(self.pages) > 1 and self.problem.status != 200:
            raise self.problem.breach("200 with a list", self.problem.summary())
        return self.joined()


FullLists = list[FullList]


@dataclass
class Api:
    """Sends requests with one credential.

    ``judged`` collects the exchanges that a case received; ``most_pages`` bounds the pages of one list.
    """

    ask: Ask
    credential: str = OWN
    repeat: str = ""
    judged: list[Exchange] = field(default_factory=list)
    most_pages: int = MOST_PAGES

    def as_(self, credential: str) -> Api:
        """Return the same API with another credential."""
        return replace(self, credential=credential)

    def afresh(self, why: str) -> Api:
        """Return the same API, which sends again what was asked without this reason."""
        return replace(self, repeat=why)

    def many(self, requests: Sequence[Request]) -> Exchanges:
        """Return the exchanges of independent requests, in their order.

        :raises Inconclusive: if one of them has no usable response.
        """
        answers = self.ask(requests)
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        exchanges = [answer for answer in answers if isinstance(answer, Exchange)]
        for exchange in exchanges:
            if exchange.status == 429:
                raise RateLimited("the rate limit of the key is reached (429)")
            if exchange.broken:
                raise TransportFailure(
                    f"no complete response: exchange {exchange.number}, {exchange.broken}"
                )
            if exchange.excess is not None:
                raise Inconclusive(f"exchange {exchange.number} exceeds a bound: {exchange.excess}")
        self.judged.extend(exchanges)
        return exchanges

    def send(self, request: Request) -> Exchange:
        """Return the exchange of one request."""
        return self.many([request])[0]

    def request(
        self,
        method: str = "GET",
        path: str = COLLECTION,
        query: Query = (),
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Request:
        """Return a request with this credential, for :meth:`many`."""
        return Request(method, path, query, self.credential, headers, self.repeat)

    def lists(self, *queries: Query) -> Exchanges:
        """Return pages of independent queries."""
        return self.many([self.request(query=query) for query in queries])

    def in_turn(self, requests: Sequence[Request], why: str) -> Exchanges:
        """Send requests again, one right after the other, with no other request of their keys pending."""
        return self.many(self.turns(requests, why, Turn.OF_ITS_KEY))

    @staticmethod
    def turns(requests: Sequence[Request], why: str, turn: Turn) -> list[Request]:
        """Return the requests as a sequence to be sent again in turn, for a batch with others."""
        return [
            replace(request, repeat=f"{why} {number}", in_turn=turn)
            for number, request in enumerate(requests, 1)
        ]

    def list(self, **parameters: Value | None) -> Exchange:
        """Return one page."""
        return self.lists(as_query(**parameters))[0]

    def get(self, record: str) -> Exchange:
        """Return one profile."""
        return self.send(self.request(path=item_path(record)))

    def gets(self, records: Sequence[str]) -> Exchanges:
        """Return several profiles."""
        return self.many([self.request(path=item_path(record)) for record in records])

    def full_list(self, base: Query = (), **filters: Value | None) -> FullList:
        """Return all records that the filters select, in order; ``base`` precedes the filters in the query.

        The offset of each page is the number of records so far, whatever ``next_offset`` says. A full page
        is not trusted to be the last.
        """
        return self.full_lists([(*base, *as_query(**filters))])[0]

    def full_lists(self, queries: Sequence[Query]) -> FullLists:
        """Return several lists; their first pages form one batch, and so on."""
        walks = [_Walk(query, self.most_pages) for query in queries]
        while open_walks := [walk for walk in walks if not walk.done]:
            for walk, page in zip(
                open_walks, self.lists(*(walk.next() for walk in open_walks)), strict=True
            ):
                walk.take(page)
        return [walk.result() for walk in walks]


class _Walk:
    """One list while it is read: the next offset, and the pages so far."""

    def __init__(self, query: Query, most_pages: int) -> None:
        self._query = query
        self._most_pages = most_pages
        self._ids: list[str] = []
        self._pages: list[Exchange] = []
        self._problem: Exchange | None = None
        self._cut = False
        self.done = False

    def next(self) -> Query:
        """Return the query of the next page."""
        offset = (("offset", str(len(self._ids))),) if self._ids else ()
        return (*self._query, ("limit", str(MAX_LIMIT)), *offset)

    def take(self, page: Exchange) -> None:
        """Add a page."""
        self._pages.append(page)
        repeats = bool(page.ids) and set(self._ids).issuperset(page.ids)
        if not page.is_page or repeats:
            self._problem, self.done = page, True
            return
        self._ids.extend(page.ids)
        more = page.member("meta", "has_more")
        # A short page with has_more false is the end; a full one may be wrong, which the next page shows.
        self.done = not page.ids or (more is False and len(page.ids) < MAX_LIMIT)
        if not self.done and len(self._pages) >= self._most_pages:
            self._cut, self.done = True, True

    def result(self) -> FullList:
        """Return the list."""
        return FullList(tuple(self._ids), tuple(self._pages), self._problem, self._cut)
