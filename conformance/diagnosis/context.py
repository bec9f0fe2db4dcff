"""One exchange as the grammar speaks of it, and the response to a list request while it is made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote

from conformance.diagnosis.answers import Answer, seen_in
from conformance.diagnosis.literals import literals, operation_of
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION
from conformance.model.parameters import Filters
from conformance.model.rows import ModelDirectory
from conformance.target.credentials import CREDENTIALS, OTHER, OWN
from conformance.text.uuids import is_uuid

LAST_OFFSET = 2**31 - 1
PLAIN_TERM = re.compile(r"[^\W\d_][\w .@'-]{2,78}")
_INTEGER = re.compile(r"[+-]?\d{1,25}", re.ASCII)
_NOTATION = re.compile(r"\[.*\]$")
_KNOWN = frozenset({"limit", "offset", *Filters._fields})
_REFUSED = frozenset({400, 422})
_CLIENT_ERRORS = frozenset(range(400, 500))
_CONDITIONAL = frozenset({206, 304, 406, 412, 416, 417})


@dataclass
class Plan:
    """The response to a list request while the model makes it.

    ``found`` has the positions of the matching profiles, ``ids`` those of the page. ``total`` is what
    ``has_more`` counts. ``foreign`` says that the page holds records whose place in it is not known. ``skip``
    is where the page starts if that is not ``offset``, ``counted`` the number of its records before some were
    left out: a server may work out what follows from either.
    """

    directory: ModelDirectory
    filters: Filters
    limit: int
    offset: int
    found: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    total: int = 0
    shown_limit: int = 0
    more: bool = False
    next: int | None = None
    foreign: bool = False
    skip: int | None = None
    counted: int | None = None


class Context:
    """One exchange: its request as the grammar speaks of it, and what its response shows."""

    def __init__(self, exchange: Exchange) -> None:
        request = exchange.request
        self.exchange = exchange
        self.request = request
        self.number = exchange.number
        self.operation, self.record = operation_of(request, COLLECTION)
        self.seen: Answer = seen_in(exchange)
        self.before: str | None = None
        self.parameters: dict[str, list[str]] = {}
        for name, value in request.query:
            text = value if isinstance(value, str) else value.decode("utf-8", "replace")
            self.parameters.setdefault(name, []).append(text)
        # Parameters in another notation, which a server may honour.
        self.variants: dict[str, list[str]] = {}
        for name, texts in self.parameters.items():
            plain = _NOTATION.sub("", unquote(name)).lower()
            if plain != name and plain in _KNOWN:
                self.variants.setdefault(plain, []).extend(texts)
        self.literals = frozenset(literals(request, self.operation, self.record))

    @cached_property
    def response_literals(self) -> frozenset[str]:
        """What is true of the response: a condition of what is wrong with its form."""
        status = self.exchange.status
        found = [f"the status is {status}"]
        if status >= 400:
            found.append("the response is an error")
        return frozenset(found)

    @cached_property
    def holder(self) -> str | None:
        """The key whose data a credential that is not valid may lawfully show; None for most."""
        return CREDENTIALS[self.request.credential].holder

    @cached_property
    def kind(self) -> tuple[object, ...]:
        """What exchanges have in common of which one may stand for all."""
        return (
            self.operation,
            self.request.method,
            tuple(sorted(self.parameters)),
            self.request.credential,
            self.seen.status,
            self.record,
        )

    def first(self, name: str) -> str | None:
        """Return the first value of a parameter, None if it is absent."""
        return self.parameters.get(name, [None])[0]

    @cached_property
    def refusals(self) -> frozenset[int]:
        """The statuses with which the request may be refused, whatever the model says."""
        found: frozenset[int] = frozenset()
        if self.request.headers or self.request.content:
            found |= _CLIENT_ERRORS | _CONDITIONAL
        if self.operation == "list" and self._is_odd():
            found |= _REFUSED | {403, 406, 414, 431}
        if self.operation == "retrieve":
            if self.parameters:
                found |= _REFUSED
            if not is_uuid(self.record):
                found |= _CLIENT_ERRORS
        return found - {401, 429}

    def _is_odd(self) -> bool:
        if self.parameters.keys() - _KNOWN or any(len(t) > 1 for t in self.parameters.values()):
            return True
        tests = (
            not in_range(self.first("limit"), 1, 100),
            not in_range(self.first("offset"), 0, LAST_OFFSET),
            any(self.first(name) not in (None, "true", "false") for name in Filters._fields[:2]),
            not is_uuid(self.first("location_id") or "0" * 8 + "-0000-0000-0000-" + "0" * 12),
            self.first("location_id") == "",
            self.first("search") is not None
            and not PLAIN_TERM.fullmatch(self.first("search") or ""),
        )
        return any(tests)


def noted(contexts: Sequence[Context]) -> None:
    """Add to each exchange what is true of it by what was requested before it."""
    seen: set[tuple[object, ...]] = set()
    paths: set[str] = set()
    last = ""
    found_by: dict[str, set[str]] = {}
    refused_to: dict[str, set[str]] = {}
    methods: dict[tuple[str, str], str] = {}
    for context in sorted(contexts, key=_ended):
        request = context.request
        one = request.sent
        found = {"the same request was sent before"} if one in seen else set()
        # A cache in the application knows a profile by its id, whatever else is in the URL.
        place = request.path if context.operation == "retrieve" else request.target
        if place in paths:
            found.add("the same URL was requested before")
        if context.exchange.status < 400:
            paths.add(place)
        others = found_by.setdefault(place, set()) - {request.credential}
        if request.method in ("GET", "HEAD") and others:
            found.add("another key has requested the same URL before")
            if last == place:
                found.add("the request before it was for the same URL")
            context.before = min(others)
        if refused_to.setdefault(place, set()) - {request.credential}:
            found.add("another key got 404 for the same URL before")
        if methods.get((place, request.credential)) == "HEAD":
            found.add("the request before it for the same URL was HEAD")
        context.literals |= found
        seen.add(one)
        last = place
        methods[place, request.credential] = request.method
        if not request.headers and context.exchange.status == 200:
            found_by[place].add(request.credential)
        if context.exchange.status == 404 and request.credential in (OWN, OTHER):
            refused_to[place].add(request.credential)


def _ended(context: Context) -> tuple[float, int]:
    """Return the key that sorts exchanges by when they ended: of two at the same time, either was first."""
    return context.exchange.at + context.exchange.elapsed, context.number


def in_range(text: str | None, least: int, most: int) -> bool:
    """Return whether a parameter is absent or an integer within bounds."""
    return text is None or (bool(_INTEGER.fullmatch(text)) and least <= int(text) <= most)
