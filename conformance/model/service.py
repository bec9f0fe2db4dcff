"""The model of a target: the right answer to each request, worked out from rows.

Each decision is one small method, here or in the classes that :class:`Service` is made of. A target that
makes one decision in another way is a subclass that replaces that method.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import unquote

from conformance.http.request import COLLECTION, Request
from conformance.model.manners import ErrorAnswer, Headers, Manners, Refused
from conformance.model.matching import MatchingDecisions
from conformance.model.parameters import Filters, ListQuery, ParameterDecisions
from conformance.model.rows import ModelDirectory, Row
from conformance.target.credentials import OTHER, OWN

Body = dict[str, Any]

_LOCATIONS = "/locations"
_RATE_LIMIT = 10**9


class Operation(Enum):
    """What the path of a request names."""

    LIST = "list"
    RETRIEVE = "retrieve"
    LOCATIONS = "locations"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Reply:
    """A response; header names are in lower case."""

    status: int
    headers: Headers
    body: bytes


class Service(ParameterDecisions, MatchingDecisions):
    """Answers the requests of two organisations. It never waits and never sends.

    :param other: None if there is no key of a second organisation.
    """

    list_parameters: tuple[str, ...] = ("limit", "offset", *Filters._fields)
    locations_parameters: tuple[str, ...] = ("limit", "offset")

    def __init__(
        self,
        own: ModelDirectory,
        other: ModelDirectory | None = None,
        manners: Manners | None = None,
    ) -> None:
        super().__init__()
        self.directories = {OWN: own} | ({OTHER: other} if other is not None else {})
        self.manners = manners or Manners()
        self._answered: Counter[str] = Counter()

    def answer(self, request: Request) -> Reply:
        """Return the response to a request."""
        self._answered[request.identity] += 1
        request_id = self.new_request_id()
        status, added = 200, Headers()
        try:
            content = self.decide(request)
        except Refused as refused:
            status, added = refused.error.status, refused.error.headers
            content = self.error_body(refused.error)
        content["meta"] = {**content.get("meta", {}), **self.meta(request_id)}
        body = self.encode(content)
        headers = (
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
            *self.headers(request, request_id),
            *added,
        )
        return Reply(status, headers, self.sent_body(request, body))

    def decide(self, request: Request) -> Body:
        """Return the body of a response with data, without ``meta.request_id``.

        :raises Refused: for every other response.
        """
        directory = self.authenticate(request)
        if self.manners.authenticates_first:
            self.authorize(directory)
        operation, segment = self.route(request.path)
        if operation is Operation.NOTHING:
            raise Refused(self.manners.path_not_found)
        if request.method not in self.allowed_methods(operation):
            raise Refused(self.method_not_allowed(operation))
        return self.read(request, operation, segment, self.authorize(directory))

    # Keys, paths and methods

    def authenticate(self, request: Request) -> ModelDirectory | None:
        """Return the directory that the credential of a request may read, None if it is invalid."""
        return self.directories.get(request.credential)

    def authorize(self, directory: ModelDirectory | None) -> ModelDirectory:
        """Return the directory of an accepted key.

        :raises Refused: for a key that is invalid or that gets an error.
        """
        if directory is None:
            raise Refused(self.manners.unauthorized)
        if directory.error is not None:
            raise Refused(directory.error)
        return directory

    def route(self, path: str) -> tuple[Operation, str]:
        """Return the operation that a path names, and the decoded last segment of a retrieve."""
        if path == COLLECTION:
            return Operation.LIST, ""
        if path == _LOCATIONS:
            return Operation.LOCATIONS, ""
        prefix, _, segment = path.partition(f"{COLLECTION}/")
        record = unquote(segment, errors="replace")
        if prefix or not record or "/" in record:
            return Operation.NOTHING, ""
        return Operation.RETRIEVE, record

    def allowed_methods(self, operation: Operation) -> tuple[str, ...]:  # noqa: ARG002
        """Return the methods that an operation answers."""
        return ("GET", "HEAD") if self.manners.head else ("GET",)

    def method_not_allowed(self, operation: Operation) -> ErrorAnswer:
        """Return the error response to another method."""
        error = self.manners.method_not_allowed
        allowed = ("allow", ", ".join(self.allowed_methods(operation)))
        return error._replace(headers=(allowed, *error.headers))

    # Operations

    def read(
        self, request: Request, operation: Operation, segment: str, directory: ModelDirectory
    ) -> Body:
        """Return the body of an operation."""
        if operation is Operation.LIST:
            return self.list_profiles(directory, self.parse(request.query, self.list_parameters))
        if operation is Operation.LOCATIONS:
            return self.list_locations(
                directory, self.parse(request.query, self.locations_parameters)
            )
        return self.retrieve_profile(directory, self.parse_id(segment))

    def list_profiles(self, directory: ModelDirectory, query: ListQuery) -> Body:
        """Return a page of the list."""
        found = self.matching(directory, self.filters_in_force(query))
        rows = [self.listed_profile(directory.rows[at]) for at in self.page(found, query)]
        return self.list_body(query, rows, len(found))

    def list_locations(self, directory: ModelDirectory, query: ListQuery) -> Body:
        """Return a page of the locations."""
        if directory.locations is None:
            raise Refused(self.manners.path_not_found)
        ids = directory.locations
        rows = [{"id": ids[at]} for at in self.page(range(len(ids)), query)]
        return self.list_body(query, rows, len(ids))

    def retrieve_profile(self, directory: ModelDirectory, record: str) -> Body:
        """Return one profile.

        :param record: an id in lower case.
        """
        row = self.find_record(directory, record)
        if row is None:
            for other in self.directories.values():
                if other is not directory and record in other.by_id:
                    row = self.foreign_record(other, record)
        if row is None:
            raise Refused(self.manners.record_not_found)
        return {"data": self.retrieved_profile(row)}

    def find_record(self, directory: ModelDirectory, record: str) -> Row | None:
        """Return the profile with an id in lower case, None if the directory has none."""
        return directory.by_id.get(record)

    def foreign_record(self, owner: ModelDirectory, record: str) -> Row | None:  # noqa: ARG002
        """Return what a caller sees of another organisation's profile: nothing, as of an unknown id."""
        return None

    # Bodies and headers

    def listed_profile(self, row: Row) -> Row:
        """Return a profile as the list shows it."""
        return row

    def retrieved_profile(self, row: Row) -> Row:
        """Return a profile as a retrieve shows it."""
        return row

    def list_body(self, query: ListQuery, rows: Sequence[Row], total: int) -> Body:
        """Return the body of a page.

        :param total: records of the whole list.
        """
        more = self.has_more(query, len(rows), total)
        meta = {
            "limit": query.limit,
            "has_more": more,
            "next_offset": self.next_offset(query, len(rows), more),
        }
        return {"data": list(rows), "meta": meta}

    def error_body(self, error: ErrorAnswer) -> Body:
        """Return the body of an error response."""
        return {"data": None, "error": {"code": error.code, "message": error.message}}

    def meta(self, request_id: str) -> Body:
        """Return the members of ``meta`` that every response has."""
        return {"request_id": request_id}

    def new_request_id(self) -> str:
        """Return the request id of the next response."""
        return f"rehearsed-{sum(self._answered.values()):08}"

    def headers(self, request: Request, request_id: str) -> Headers:
        """Return the headers of every response besides those of its content and status."""
        found: list[tuple[str, str]] = []
        if self.manners.request_id_header:
            found.append(("x-request-id", request_id))
        if self.manners.rate_limit_headers and request.credential in self.directories:
            remaining = _RATE_LIMIT - self._answered[request.identity]
            found += [
                ("x-ratelimit-limit", str(_RATE_LIMIT)),
                ("x-ratelimit-remaining", str(remaining)),
            ]
        return tuple(found)

    def encode(self, body: Body) -> bytes:
        """Return a body as bytes."""
        return json.dumps(body, ensure_ascii=False).encode()

    def sent_body(self, request: Request, body: bytes) -> bytes:
        """Return the bytes that follow the headers: none in a response to HEAD."""
        return b"" if request.method == "HEAD" else body
