"""Authentication: a malformed credential, and a key elsewhere than in ``Authorization``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pytest

from conformance.contract.cases import Depth, requirement
from conformance.directory.directory import Directory
from conformance.http.api import Api, item_path
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION
from conformance.judging.session import Session
from conformance.suite.beyond import (
    FAR_AHEAD,
    OTHER_METHODS,
    Header,
    is_unknown_method,
    sent_or_cut,
)
from conformance.suite.parting import REFUSED, Outcome, judge_group
from conformance.suite.spellings import LISTS, paths_of
from conformance.suite.witnesses import known_or_unknown
from conformance.target.credentials import CREDENTIALS, OWN, PLACES, in_places

SHAPES = (
    "key with a second word",
    "key with a byte beyond ASCII",
    "two Authorization headers, the valid one last",
    "a very long key",
)
DEEP_SHAPES = (
    "key behind a tab",
    "key with a control character",
    "two Authorization headers",
    "key as the password of Basic",
)
"""Shapes that find the same faults as the others, or that a server in front refuses."""

TRUSTED: tuple[Header, ...] = (
    ("If-None-Match", "*"),
    ("If-Modified-Since", FAR_AHEAD),
    ("X-Forwarded-For", "127.0.0.1"),
    ("X-Real-IP", "127.0.0.1"),
    ("X-Original-URL", "/"),
    ("X-Rewrite-URL", "/"),
    ("X-Forwarded-User", "admin"),
    ("Remote-User", "admin"),
    ("X-Auth-Request-User", "admin"),
    ("X-Authenticated-Userid", "1"),
)
"""Headers of conditional requests and of proxies, which authenticate no one."""

_TAKEN_APART = ("doubled slash", "encoded letter", "upper-case letters")
"""Spellings of the list's path that a router reads as the usual one, and a check of the raw path does not."""

Piece = str | Header
"""The name of a place for the key, or a header."""


def _paths(session: Session, name: str, record: str) -> list[str]:
    """Return the paths to request with a shape: both at depth deep, else one of them."""
    both = [COLLECTION, item_path(record)]
    if session.depth is Depth.DEEP:
        return both
    return [both[SHAPES.index(name) % 2]]


def _sent(
    api: Api, session: Session, directory: Directory, unknown: list[str], name: str
) -> list[Exchange]:
    stranger = api.as_(name)
    record = known_or_unknown(directory, unknown)
    answers = [
        sent_or_cut(stranger, stranger.request(path=path)) for path in _paths(session, name, record)
    ]
    return [answer for answer in answers if answer is not None]


@requirement("AUTH-14")
@pytest.mark.parametrize("credential", SHAPES)
def test_malformed_credential(
    api: Api, session: Session, directory: Directory, unknown: list[str], credential: str
) -> None:
    """No server error; and no data, unless the valid key is one of its words."""
    for answer in _sent(api, session, directory, unknown, credential):
        _no_failure(answer)
        if CREDENTIALS[credential].holder != OWN:
            _no_data(answer)


@requirement("AUTH-14")
def test_further_malformed_credentials(
    api: Api, session: Session, directory: Directory, unknown: list[str]
) -> None:
    """At depth deep: white space, control characters, the valid header first, the password of Basic."""
    directory.require(0, "the list is not known")
    if session.depth is Depth.DEEP:
        for name in DEEP_SHAPES:
            for answer in _sent(api, session, directory, unknown, name):
                _no_failure(answer)


@requirement("AUTH-16")
@pytest.mark.parametrize(
    "credential",
    [
        "key with a second word",
        "key with a byte beyond ASCII",
        "two Authorization headers, the valid one last",
    ],
)
def test_valid_key_in_a_malformed_header(
    api: Api, session: Session, directory: Directory, unknown: list[str], credential: str
) -> None:
    """Many servers take the first of two headers, as gateways do: a second one must not count."""
    for answer in _sent(api, session, directory, unknown, credential):
        _no_data(answer)


def _no_failure(answer: Exchange) -> None:
    if answer.status >= 500 and not is_unknown_method(answer):
        raise answer.breach("no server error", answer.summary(), certain=True)


def _no_data(answer: Exchange) -> None:
    if answer.is_page or answer.is_record:
        raise answer.breach("no data without a valid key", answer.summary(), certain=True)


def _unauthenticated(api: Api, path: str, pieces: Sequence[Piece]) -> Outcome:
    """Send the key in some places, and some headers, without ``Authorization``."""
    stranger = api.as_(in_places([piece for piece in pieces if isinstance(piece, str)]))
    headers = tuple(piece for piece in pieces if not isinstance(piece, str))
    answer = stranger.send(stranger.request(path=path, headers=headers))
    if answer.status == 401 or answer.status in range(300, 304) or answer.status in (307, 308):
        return None
    if 400 <= answer.status < 500:
        return REFUSED
    if answer.status in range(200, 300) and answer.json is None:
        return None  # a page of another resource, without data
    return answer.finding("401, as without a key", answer.summary(), certain=True)


def _named(piece: Piece) -> str:
    if isinstance(piece, str):
        return f"the key in the {piece}"
    return f"the header {piece[0]}"


@requirement("AUTH-15")
@pytest.mark.parametrize("operation", ["list", "retrieve"])
def test_nothing_but_the_authorization_header_authenticates(
    session: Session, api: Api, directory: Directory, unknown: list[str], operation: str
) -> None:
    """The key in the query, in cookies and in other headers, and trusted headers, all in one request."""
    record = known_or_unknown(directory, unknown)
    path = COLLECTION if operation == "list" else item_path(record)
    pieces: list[Piece] = [*PLACES, *TRUSTED]
    judge_group(
        pieces,
        partial(_unauthenticated, api, path),
        _named,
        thorough=session.depth is Depth.DEEP,
    )


@requirement("AUTH-15")
def test_other_paths_and_methods_without_a_key(
    session: Session, api: Api, directory: Directory, unknown: list[str]
) -> None:
    """A request that a gateway does not recognise as protected needs a key all the same."""
    directory.require(0, "the list is not known")
    stranger = api.as_("no key")
    requests = [stranger.request(path=LISTS[name]) for name in _TAKEN_APART]
    if session.depth is Depth.DEEP:
        paths = [*LISTS.values(), *paths_of(known_or_unknown(directory, unknown)).values()]
        requests = [stranger.request(path=path) for path in paths]
        requests += [stranger.request(method) for method in OTHER_METHODS]
    for answer in stranger.many(requests):
        _no_failure(answer)
        _no_data(answer)
