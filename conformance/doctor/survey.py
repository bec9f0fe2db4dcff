"""The profiles and locations that a key has shown, and the bounded client that requests them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.contract.bounds import MAX_LIMIT
from conformance.directory.directory import walk_problem
from conformance.directory.windows import Extent
from conformance.doctor.checkup import MOST_REQUESTS
from conformance.http.api import FullList, as_query
from conformance.http.client import Client, ExchangeOrError
from conformance.http.exchange import Exchange
from conformance.http.request import Id, Request

Row = dict[str, Any]


@dataclass
class KeySurvey:
    """What one key has shown.

    ``first`` is the response to its first request. ``pages`` are the pages from the start of the list, each
    after the other; ``probes`` are pages further on. ``complete`` says that ``pages`` hold all profiles,
    ``size_problem`` why their number cannot be found. ``locations`` is None if ``GET /locations`` returned no
    list. ``at_location`` is location id → first page of its profiles.
    """

    credential: str
    first: ExchangeOrError
    pages: list[Exchange] = field(default_factory=list)
    probes: list[Exchange] = field(default_factory=list)
    extent: Extent = field(default_factory=Extent)
    complete: bool = False
    size_problem: str | None = None
    locations: list[str] | None = None
    locations_answer: ExchangeOrError | None = None
    at_location: dict[str, Exchange] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        """Whether the key got a list."""
        return isinstance(self.first, Exchange) and self.first.is_page

    @property
    def least(self) -> int:
        """The smallest number of profiles that the directory may have."""
        return len(self.walked) if self.complete else self.extent.at_least

    @property
    def most(self) -> int | None:
        """The largest number of profiles that the directory may have, None if no page shows an end."""
        return len(self.walked) if self.complete else self.extent.most

    @property
    def rows(self) -> list[Row]:
        """The profiles that were shown, each once; those from the start of the list come first."""
        exchanges = [*self.pages, *self.probes]
        if not self.complete:
            exchanges += self.at_location.values()
        found: dict[str, Row] = {}
        for exchange in exchanges:
            for record, row in zip(exchange.ids, exchange.rows, strict=True):
                found.setdefault(record, row)
        return list(found.values())

    @property
    def walked(self) -> set[str]:
        """The ids of ``pages``."""
        return {record for page in self.pages for record in page.ids}

    @property
    def ids(self) -> set[str]:
        """The ids of the profiles that were shown, in lower case."""
        return {Id.of(row) for row in self.rows}

    def take(self, read: FullList) -> None:
        """Take the list as far as it was read from its start."""
        if read.problem is not None or len(set(read.ids)) != len(read.ids):
            self.size_problem = walk_problem(read)
            return
        self.pages = list(read.pages)
        self.extent.take(read.total - len(self.pages[-1].ids), self.pages[-1])
        self.complete = not read.cut

    def take_probe(self, offset: int, page: Exchange | None) -> None:
        """Take a page from further on, None if none was returned."""
        if page is None:
            self.size_problem = f"no page was returned at offset {offset}"
        elif not self.extent.take(offset, page) and page.ids:
            self.size_problem = (
                f"the page at offset {offset} returned only records of earlier pages"
            )
        elif page.ids:
            self.probes.append(page)
            if page.member("meta", "has_more") is False:
                # An estimate may trust a full page that claims to be the last one.
                self.extent.most = offset + len(page.ids)


class Surveyor:
    """Sends one request at a time, within one bound for all keys.

    :param most: the bound; retries count.
    """

    def __init__(self, client: Client, most: int = MOST_REQUESTS) -> None:
        self.client = client
        self._most = most

    @property
    def left(self) -> int:
        """Requests that may still be sent."""
        return self._most - self.client.total_sent

    def send(self, request: Request) -> ExchangeOrError:
        """Return the response to a request, from memory if it was sent before; retries count."""
        self.client.bound(self.client.sent[request.identity] + max(self.left, 0))
        return self.client.ask([request])[0]

    def send_all(self, requests: Sequence[Request]) -> list[ExchangeOrError]:
        """Return the responses to requests, sent one after the other."""
        return [self.send(request) for request in requests]

    def page(self, known: KeySurvey, **parameters: str | int | None) -> Exchange | None:
        """Return a page of the list, None if the response is none."""
        query = as_query(**{"limit": MAX_LIMIT} | parameters)
        answer = self.send(Request(query=query, credential=known.credential))
        return answer if isinstance(answer, Exchange) and answer.is_page else None
