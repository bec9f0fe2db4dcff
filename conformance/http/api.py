"""The words in which cases ask: ``api.list(limit=20)``, ``api.get(id)``, ``api.full_list(is_active=True)``.

An :class:`Api` asks through a function that it is given and never sends by itself, so that one client
keeps budget, memory and record for all cases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from conformance.contract.bounds import MAX_LIMIT
from conformance.errors import Inconclusive, RateLimited
from conformance.http.client import ExchangeOrError
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION, Id, Query, Request, Turn
from conformance.target.credentials import OWN

Ask = Callable[[Sequence[Request]], list[ExchangeOrError]]
Value = str | int | bool | bytes
Exchanges = list[Exchange]

MOST_PAGES = 40


def as_text(value: Value) -> str | bytes:
    """A parameter's value as it is sent: booleans in lower case, numbers in decimal digits."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def as_query(**parameters: Value | None) -> Query:
    """Query parameters in the order given, those that are None left out."""
    return tuple((name, as_text(value)) for name, value in parameters.items() if value is not None)


def item_path(record: str) -> str:
    """The path of one profile; anything that no path segment may hold is percent-encoded."""
    spelled = record.spelled if isinstance(record, Id) else record
    return f"{COLLECTION}/{quote(spelled, safe='')}"


@dataclass(frozen=True)
class FullList:
    """All records of a list, joined from its pages by arithmetic rather than by what the pages say.

    ``problem`` is the page at which the list could not be joined, ``cut`` says that it has more pages than
    were to be asked for.
    """

    ids: tuple[str, ...]
    pages: tuple[Exchange, ...]
    problem: Exchange | None = None
    cut: bool = False

    @property
    def total(self) -> int:
        """The number of records, repeats counted."""
        return len(self.ids)

    def joined(self) -> FullList:
        """The list, once it could be joined at all.

        :raises Breach: where a page is none, or brought only records that had come before.
        :raises Inconclusive: where it is too long to be asked for as a whole.
        """
        if self.cut:
            raise Inconclusive(
                f"a list has more than {len(self.pages)} pages: it is not asked for as a whole"
            )
        if self.problem is None:
            return self
        if not self.problem.is_page:
            raise self.problem.breach("200 with a list", self.problem.summary())
        raise self.problem.breach("records that no page before had", "the same records again")


FullLists = list[FullList]


@dataclass
class Api:
    """Asks in the name of one credential.

    ``judged`` collects the exchanges that came back, as what a case rested on; ``most_pages`` is how many
    pages of one list are asked for.
    """

    ask: Ask
    credential: str = OWN
    repeat: str = ""
    judged: list[Exchange] = field(default_factory=list)
    most_pages: int = MOST_PAGES

    def as_(self, credential: str) -> Api:
        """The same with another credential."""
        return replace(self, credential=credential)

    def afresh(self, why: str) -> Api:
        """The same, with nothing answered from what was asked without, or for another reason."""
        return replace(self, repeat=why)

    def many(self, requests: Sequence[Request]) -> Exchanges:
        """Answers to requests that do not depend on each other, in their order.

        :raises Inconclusive: where one of them got no answer.
        """
        answers = self.ask(requests)
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        exchanges = [answer for answer in answers if isinstance(answer, Exchange)]
        for exchange in exchanges:
            if exchange.status == 429:
                raise RateLimited("the rate limit of the key is reached (429)")
            if exchange.cut:
                raise Inconclusive(
                    f"the body of exchange {exchange.number} was too long and was cut"
                )
        self.judged.extend(exchanges)
        return exchanges

    def send(self, request: Request) -> Exchange:
        """The answer to one request."""
        return self.many([request])[0]

    def request(
        self,
        method: str = "GET",
        path: str = COLLECTION,
        query: Query = (),
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Request:
        """A request with this credential, to be sent with others by :meth:`many`."""
        return Request(method, path, query, self.credential, headers, self.repeat)

    def lists(self, *queries: Query) -> Exchanges:
        """Pages that do not depend on each other."""
        return self.many([self.request(query=query) for query in queries])

    def in_turn(self, requests: Sequence[Request], why: str) -> Exchanges:
        """Answers to requests sent afresh, one right after the other, with nothing of their keys beside."""
        return self.many(self.turns(requests, why, Turn.OF_ITS_KEY))

    @staticmethod
    def turns(requests: Sequence[Request], why: str, turn: Turn) -> list[Request]:
        """The same requests, to be sent afresh one after the other, and among others in a batch."""
        return [
            replace(request, repeat=f"{why} {place}", in_turn=turn)
            for place, request in enumerate(requests, 1)
        ]

    def list(self, **parameters: Value | None) -> Exchange:
        """One page."""
        return self.lists(as_query(**parameters))[0]

    def get(self, record: str) -> Exchange:
        """One profile."""
        return self.send(self.request(path=item_path(record)))

    def gets(self, records: Sequence[str]) -> Exchanges:
        """Profiles that do not depend on each other."""
        return self.many([self.request(path=item_path(record)) for record in records])

    def full_list(self, base: Query = (), **filters: Value | None) -> FullList:
        """All records that the filters leave, in their order; ``base`` stands before them.

        The next page is asked for where the last one ended, whatever ``next_offset`` says; a page that
        claims to be the last though it is full is not believed.
        """
        return self.full_lists([(*base, *as_query(**filters))])[0]

    def full_lists(self, queries: Sequence[Query]) -> FullLists:
        """Several lists at once, the pages of each one after the other."""
        walks = [_Walk(query, self.most_pages) for query in queries]
        while open_walks := [walk for walk in walks if not walk.done]:
            for walk, page in zip(
                open_walks, self.lists(*(walk.next() for walk in open_walks)), strict=True
            ):
                walk.take(page)
        return [walk.result() for walk in walks]


class _Walk:
    """One list on its way: where to ask next, what came so far."""

    def __init__(self, query: Query, most_pages: int) -> None:
        self._query = query
        self._most_pages = most_pages
        self._ids: list[str] = []
        self._pages: list[Exchange] = []
        self._problem: Exchange | None = None
        self._cut = False
        self.done = False

    def next(self) -> Query:
        """The query of the next page."""
        offset = (("offset", str(len(self._ids))),) if self._ids else ()
        return (*self._query, ("limit", str(MAX_LIMIT)), *offset)

    def take(self, page: Exchange) -> None:
        """Take the page that came."""
        self._pages.append(page)
        known = set(self._ids)
        moved = bool(page.ids) and not known.issuperset(page.ids)
        if not page.is_page or (page.ids and not moved):
            self._problem, self.done = page, True
            return
        self._ids.extend(page.ids)
        more = page.member("meta", "has_more")
        # A short page that says "no more" is believed; a full one might lie, and the next would show it.
        self.done = not page.ids or (more is False and len(page.ids) < MAX_LIMIT)
        if not self.done and len(self._pages) >= self._most_pages:
            self._cut, self.done = True, True

    def result(self) -> FullList:
        """What the walk learned."""
        return FullList(tuple(self._ids), tuple(self._pages), self._problem, self._cut)
