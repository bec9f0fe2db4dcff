"""Requests beyond what the contract defines: headers, parameter names, spellings of paths and keys elsewhere.

Each kind is a list of items for :mod:`conformance.suite.parting`, and a function that sends some of them in
one request and compares the response with that to the plain request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlsplit

from conformance.contract.document import Contract
from conformance.contract.verdict import Breach, Finding
from conformance.directory.directory import Directory, Row
from conformance.errors import Inconclusive, TransportFailure
from conformance.http.api import Api, as_query, item_path
from conformance.http.exchange import Exchange
from conformance.http.request import BARE, COLLECTION, Query, Request
from conformance.suite.additions import changes_nothing
from conformance.suite.expect import counted, expect
from conformance.suite.limits import bounded
from conformance.suite.parting import REFUSED, Outcome, Probe, judge_group
from conformance.suite.rows import same_profile

Header = tuple[str, str]

LONG_AGO = "Thu, 01 Jan 1970 00:00:00 GMT"
FAR_AHEAD = "Fri, 31 Dec 2066 23:59:59 GMT"
STRANGE_HOST = "zqx.invalid"

LIMIT = 5
"""Records on a page that is compared with the plain list."""

OTHER_METHODS = ("QUERY", "SEARCH", "PROPFIND")
"""Methods that read, in some frameworks."""

MAY_BE_UNKNOWN = frozenset({"OPTIONS", "TRACE", *OTHER_METHODS})
"""Methods for which 501 is a refusal."""

OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")


def ignorable(base_url: str) -> list[Header]:
    """Return headers that change nothing, though some frameworks and proxies read them.

    The path that a header names is one of the API with other records, so that a server that follows it
    returns these.
    """
    rewritten = f"{urlsplit(base_url).path}{COLLECTION}?limit=1&offset=1"
    return [
        ("Accept", "application/json;q=0.9, */*;q=0.1"),
        ("Accept-Language", "cy-GB, ar;q=0.9, *;q=0.1"),
        ("Accept-Charset", "utf-8, *;q=0.1"),
        ("If-None-Match", '"zqx"'),
        ("If-Modified-Since", LONG_AGO),
        ("X-Forwarded-For", "203.0.113.7, unknown"),
        ("X-Forwarded-Host", STRANGE_HOST),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Port", "zqx"),
        ("X-Forwarded-Prefix", "/zqx"),
        ("Forwarded", f'for="[2001:db8::7]:47011";host={STRANGE_HOST};proto=https'),
        ("X-Original-URL", rewritten),
        ("X-Rewrite-URL", rewritten),
        *((name, "HEAD") for name in OVERRIDES),
        ("Prefer", "return=minimal, handling=strict, max-results=1"),
        ("Referer", f"https://{STRANGE_HOST}/?limit=1"),
        ("Cookie", "zqx=1; limit=1"),
        ("X-Requested-With", "XMLHttpRequest"),
        ("X-Request-Id", "zqx"),
        ("traceparent", "zqx"),
    ]


BODY = ("content", '{"limit": 1, "offset": 1, "search": "zqx"}')
"""A body for GET, in place of a header."""

FORM = ("form", "limit=1&offset=1&search=zqx")
"""The same body as a form: frameworks merge either, or both, into the parameters."""

_TYPES = {BODY[0]: "application/json", FORM[0]: "application/x-www-form-urlencoded"}
"""Kind of body → its media type."""

REFUSABLE: tuple[Header, ...] = (
    ("Origin", f"https://{STRANGE_HOST}"),
    ("Range", "bytes=0-9"),
    ("If-Match", '"zqx"'),
    ("If-Unmodified-Since", LONG_AGO),
    BODY,
)
"""What a server may honour or refuse, with a status of its own."""

FURTHER: tuple[Header, ...] = (
    ("Range", "1-3"),  # rows, to servers that make an API of a database
    ("Range", "items=0-0"),
    ("Range", "bytes=9-0"),
    ("If-None-Match", "*"),
    ("If-Modified-Since", FAR_AHEAD),
    ("If-Modified-Since", "zqx"),
    ("If-Match", "*"),
    ("Accept", "application/xml, application/json;q=0.1"),
    ("Content-Type", "application/xml"),
    ("content", '{"limit": 1,'),
)
"""More of it, each of which is sent alone."""

NO_PROFILE = "00000000-0000-4000-8000-000000000000"
"""An id that no profile has."""

CLAIMED: Query = (
    ("x_unknown", "1"),
    *(("sort", "-zqx"), ("order", "zqx desc"), ("order_by", "zqx"), ("fields", "id")),
    *(("select", "id"), ("include", "zqx"), ("embed", "zqx"), ("expand", "zqx"), ("with", "zqx")),
    *(("page", "2"), ("per_page", "1"), ("page_size", "1"), ("size", "1"), ("skip", "1")),
    *(("cursor", "zqx"), ("after", "zqx"), ("format", "xml"), ("callback", "zqx")),
    *(("_method", "HEAD"), ("where", "zqx"), ("filter", "zqx"), ("q", "zqx"), ("zqx", BARE)),
    *(("id", NO_PROFILE), ("resource", "zqx"), ("route", "zqx")),
)
"""Parameters that frameworks, routers and gateways claim, and one whose name is sent without ``=``."""

SPELLED: Query = (
    *(
        ("is_active[]", "true"),
        ("limit[]", "5"),
        ("offset[gt]", "0"),
        ("filter[is_active]", "true"),
    ),
    *(
        ("page[size]", "5"),
        ("%6Cimit", "5"),
        ("LIMIT", "5"),
        ("Is_Active", "true"),
        ("search", BARE),
    ),
)
"""Defined parameters in array or nested notation, with an encoded or upper-case name, and without ``=``."""

BARE_NAMES: Query = tuple(
    (name, BARE) for name in ("limit", "offset", "is_active", "is_bookable_online", "location_id")
)

CLAIMED_NAMES = frozenset(name for name, _ in CLAIMED) - {"x_unknown"}


def is_unknown_method(exchange: Exchange) -> bool:
    """Return whether the server refused a method that it does not know."""
    return exchange.status == 501 and exchange.request.method in MAY_BE_UNKNOWN


class Plain(NamedTuple):
    """What the plain request returns: the first records of a list, or the profile ``record``.

    ``row`` is the profile as a retrieve returns it.
    """

    directory: Directory
    contract: Contract
    record: str | None = None
    row: Row | None = None

    @classmethod
    def profile(cls, api: Api, directory: Directory, contract: Contract) -> Plain:
        """Return the first profile of a directory, which is retrieved.

        :raises Inconclusive: if there is none.
        """
        directory.require(1, "there is no profile to retrieve")
        record = directory.ids[0]
        answer = api.get(record)
        if not answer.is_record:
            raise Inconclusive(f"a profile of the list is not retrieved: {answer.summary()}")
        return cls(directory, contract, record, answer.member("data"))

    @property
    def path(self) -> str:
        """The path of the request."""
        return COLLECTION if self.record is None else item_path(self.record)

    def expect(self, answer: Exchange) -> None:
        """Expect the response to the plain request.

        :raises Breach: for any other.
        """
        if self.record is not None:
            if not answer.is_record:
                raise answer.breach("the profile", answer.summary(), certain=True)
            expect(answer).record(self.record)
            same_profile(answer, answer.member("data"), self.row or {}, self.contract)
            return
        expect(answer).page()
        for record, row in zip(answer.ids, answer.rows, strict=True):
            known = self.directory.by_id.get(record)
            if known is not None:
                same_profile(answer, row, known, self.contract)


class Item(NamedTuple):
    """A header, a body or a query parameter of a group."""

    kind: str
    name: str
    value: str | bytes

    def __str__(self) -> str:
        if self.kind == PARAMETER:
            return f"the parameter {self.name}"
        return "the body" if self.name in _TYPES else f"the header {self.name}"


HEADER, PARAMETER = "header", "parameter"


def headers(pairs: Iterable[Header]) -> list[Item]:
    """Return headers as items of a group."""
    return [Item(HEADER, *pair) for pair in pairs]


def parameters(pairs: Query) -> list[Item]:
    """Return parameters as items of a group."""
    return [Item(PARAMETER, *pair) for pair in pairs]


def request_with(api: Api, plain: Plain, items: Sequence[Item]) -> Request:
    """Return the plain request with some items."""
    limit = (("limit", str(LIMIT)),) if plain.record is None else ()
    query = tuple((item.name, item.value) for item in items if item.kind == PARAMETER)
    every = [(item.name, str(item.value)) for item in items if item.kind == HEADER]
    kind, content = next((pair for pair in every if pair[0] in _TYPES), ("", ""))
    sent = [pair for pair in every if pair[0] not in _TYPES]
    if content:
        sent.append(("Content-Type", _TYPES[kind]))
    request = api.request(path=plain.path, query=(*limit, *query), headers=tuple(sent))
    # The control is not the response that others are compared with.
    return replace(request, content=content, repeat=request.repeat if items else "nothing added")


def ignored(api: Api, plain: Plain, items: Sequence[Item]) -> Outcome:
    """Send some items with the plain request; they are ignored, refused, or honoured as HTTP defines it."""
    answer = api.send(request_with(api, plain, items))
    names = {item.name.lower() for item in items}
    if answer.status >= 500:
        return answer.finding("no server error", answer.summary(), certain=True)
    if answer.status == 304 and not {"if-none-match", "if-modified-since"} & names:
        return answer.finding("the records, or a client error", answer.summary(), certain=True)
    if 300 <= answer.status < 500 or (answer.status == 206 and "range" in names):
        return REFUSED
    return _deviation(lambda: _same(api, plain, answer))


def unknown(api: Api, plain: Plain, items: Sequence[Item]) -> Outcome:
    """Send some parameters with the plain request; they are ignored, or refused with 400 or 422."""
    answer = api.send(request_with(api, plain, items))
    if answer.is_refusal or (400 <= answer.status < 500 and not answer.is_error):
        return REFUSED  # by the API, or by a proxy in front of it
    if answer.status == 405 and any(item.name == "_method" for item in items):
        return REFUSED  # it names a method
    if answer.status == 200:
        return _deviation(lambda: _same(api, plain, answer))
    return answer.finding(
        "400 or 422 with an error envelope, or the same response as without the parameter",
        answer.summary(),
        certain=True,
    )


def no_failure(answer: Exchange) -> Outcome:
    """Return what a response says of a group for which several readings are lawful."""
    if answer.is_refusal or (400 <= answer.status < 500 and not answer.is_error):
        return REFUSED
    return _deviation(lambda: bounded(answer) if answer.is_page else expect(answer).page())


def sent_or_cut(api: Api, request: Request) -> Exchange | None:
    """Send a request that a server may refuse by closing the connection; return None if it does."""
    try:
        return api.send(request)
    except TransportFailure:
        return None


def _same(api: Api, plain: Plain, answer: Exchange) -> None:
    """Expect the response to the plain request; a page may be short only if that of the request is too."""
    if plain.record is None:
        changes_nothing(api, answer, plain.directory.ids[:LIMIT], as_query(limit=LIMIT))
    plain.expect(answer)
    if plain.record is None and len(answer.rows) < min(LIMIT, plain.directory.total):
        other = api.send(request_with(api, plain, []))
        if len(other.rows) > len(answer.rows):
            raise answer.breach(
                f"{counted(len(other.rows))}, as in exchange {other.number}", answer.summary()
            )


def _deviation(expected: Callable[[], object]) -> Finding | None:
    try:
        expected()
    except Breach as breach:
        return breach.findings[0]
    return None


def judge_mine(
    whole: Sequence[Item], mine: str, probe: Probe[Item], own: Probe[Item], *, thorough: bool
) -> Outcome:
    """Judge the items of one kind of a group that holds two, so that two cases share its request.

    :param probe: sends a part with items of both kinds.
    :param own: sends a part with items of the kind ``mine`` only, if the whole deviates or is refused.
    :raises Breach: see :func:`~conformance.suite.parting.judge_group`.
    """
    together = probe(whole)
    if together is None:
        return None
    group = [item for item in whole if item.kind == mine]
    outcome = judge_group(group, own, thorough=thorough)
    others = [item for item in whole if item.kind != mine]
    alone = (outcome, probe(others) if isinstance(together, Finding) else None)
    if isinstance(together, Finding) and alone == (None, None):
        return judge_group(whole, probe)  # it takes an item of each kind
    return outcome
