"""Asks one request at a time within a bound for all keys together, and keeps what each key has shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conformance.contract.bounds import MAX_LIMIT
from conformance.doctor.checkup import MOST_REQUESTS
from conformance.http.api import as_query
from conformance.http.client import Client, ExchangeOrError
from conformance.http.exchange import Exchange
from conformance.http.request import Request

Row = dict[str, Any]


@dataclass
class KeySurvey:
    """What one key has shown.

    ``first`` is the answer to its first request; ``pages`` follow each other from the start of the list,
    ``apart`` stand further on. There are at least ``least`` profiles and, where that is known, at most
    ``most``; ``whole`` says that ``pages`` are all of them, ``unsized`` why their number is not to be had.
    ``locations`` is None where ``GET /locations`` lists none.
    """

    credential: str
    first: ExchangeOrError
    pages: list[Exchange] = field(default_factory=list)
    apart: list[Exchange] = field(default_factory=list)
    least: int = 0
    most: int | None = None
    whole: bool = False
    unsized: str | None = None
    locations: list[str] | None = None
    locations_answer: ExchangeOrError | None = None
    places: dict[str, Exchange] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        """Whether the key was given a list."""
        return isinstance(self.first, Exchange) and self.first.is_page

    @property
    def rows(self) -> list[Row]:
        """The profiles that were seen, each once: those of the list in its order first."""
        exchanges = [*self.pages, *self.apart]
        if not self.whole:
            exchanges += self.places.values()
        found: dict[str, Row] = {}
        for exchange in exchanges:
            for record, row in zip(exchange.ids, exchange.rows, strict=True):
                found.setdefault(record, row)
        return list(found.values())

    @property
    def walked(self) -> set[str]:
        """The ids of the profiles from the start of the list to where the walk has come."""
        return {record for page in self.pages for record in page.ids}

    @property
    def ids(self) -> set[str]:
        """The ids of the profiles that were seen, in lower case."""
        return {str(row.get("id")).lower() for row in self.rows}


class Surveyor:
    """Asks one request at a time, and never more than there may be, whichever key they are for."""

    def __init__(self, client: Client, most: int = MOST_REQUESTS) -> None:
        self.client = client
        self._most = most

    @property
    def left(self) -> int:
        """Requests that may still be sent."""
        return self._most - self.client.total_sent

    def ask(self, request: Request) -> ExchangeOrError:
        """The answer to a request; its retries count."""
        self.client.bound(self.client.sent[request.identity] + max(self.left, 0))
        return self.client.ask([request])[0]

    def page(self, known: KeySurvey, **parameters: str | int | None) -> Exchange | None:
        """A page of the list, None where none came."""
        query = as_query(**{"limit": MAX_LIMIT} | parameters)
        answer = self.ask(Request(query=query, credential=known.credential))
        return answer if isinstance(answer, Exchange) and answer.is_page else None
