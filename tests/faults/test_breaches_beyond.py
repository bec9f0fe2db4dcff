"""Each fault that headers, bodies, paths or credentials show is visible over HTTP.

A probe is a sequence of raw requests. Those of the last one to the faulty server and to the correct one get
different responses.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from conformance.faults.breaches import (
    authentication_places,
    isolation_returned,
    request_headers,
    request_names,
)
from conformance.faults.variant import FAULTS, Variant
from conformance.reference import seed
from conformance.reference.api import ClinicianApi
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store

MODULES = (authentication_places, isolation_returned, request_headers, request_names)
MINE = [
    fault for fault in FAULTS if fault.api.__module__ in {module.__name__ for module in MODULES}
]
DATA = seed.build()
BEARER, OTHER = f"Bearer {DATA.own_key.key}", f"Bearer {DATA.other_key.key}"
KEY = DATA.own_key.key
RECORD, FOREIGN = (
    next(item.id for item in DATA.clinicians() if item.organisation_id == organisation.id)
    for organisation in (DATA.own, DATA.other)
)
UNKNOWN = "00000000-0000-4000-8000-000000000000"

Header = tuple[str, str]


class Sent(NamedTuple):
    """A request; ``path`` is appended to ``collection``, the path of the list."""

    path: str = ""
    headers: Sequence[Header] = ()
    key: str | None = BEARER
    method: str = "GET"
    body: str = ""
    collection: str = "/clinician-profiles"


def with_header(name: str, value: str, path: str = "", key: str | None = BEARER) -> list[Sent]:
    return [Sent(path, [(name, value)], key)]


MINE_ITEM, THEIRS, NOBODY = f"/{RECORD}", f"/{FOREIGN}", f"/{UNKNOWN}"

PROBES: dict[str, list[Sent]] = {
    "forwarded-host-breaks-the-server": with_header("X-Forwarded-Host", "zqx.invalid"),
    "forwarded-breaks-retrieve": with_header("Forwarded", 'for="[2001:db8::7]"', MINE_ITEM),
    "language-breaks-the-server": with_header("Accept-Language", "cy"),
    "forwarded-port-is-no-number": [
        Sent(headers=[("X-Forwarded-Proto", "https"), ("X-Forwarded-Port", "zqx")])
    ],
    "range-breaks-the-server": with_header("Range", "bytes=0-9"),
    "failed-condition-breaks-the-server": with_header("If-Match", '"zqx"'),
    "original-url-is-followed": with_header("X-Original-URL", "/api-v1/clinician-profiles?limit=1"),
    "rewritten-url-of-retrieve-is-followed": with_header(
        "X-Rewrite-URL", "/api-v1/clinician-profiles", MINE_ITEM
    ),
    "override-makes-head": with_header("X-HTTP-Method-Override", "HEAD"),
    "preference-limits-the-page": with_header("Prefer", "max-results=1"),
    "body-on-get-is-the-query": [
        Sent(headers=[("Content-Type", "application/json")], body='{"limit": 1}')
    ],
    "form-on-get-is-the-query": [
        Sent(headers=[("Content-Type", "application/x-www-form-urlencoded")], body="limit=1")
    ],
    "head-fills-the-cache": [Sent(method="HEAD"), Sent()],
    "options-breaks-the-server": [Sent(method="OPTIONS")],
    "options-returns-the-list": [Sent(method="OPTIONS", key=None)],
    "trace-echoes-the-key": [Sent(method="TRACE")],
    "override-deletes": with_header("X-HTTP-Method-Override", "DELETE", NOBODY),
    "plain-header-deletes": with_header("X-HTTP-Method", "DELETE", NOBODY),
    "parameter-deletes": [Sent(f"{NOBODY}?_method=DELETE")],
    "override-to-patch-breaks-the-server": with_header("X-Method-Override", "PATCH", NOBODY),
    "callback-returns-script": [Sent("?callback=zqx")],
    "select-drops-members-of-retrieve": [Sent(f"{MINE_ITEM}?select=id")],
    "offset-twice-breaks-the-server": [Sent("?offset=0&offset=1")],
    "dot-segments-retrieve-anything": [Sent(f"/./zqx/..{THEIRS}")],
    "matrix-parameter-hides-the-owner": [Sent(f"{THEIRS};a=b")],
    "second-word-breaks-the-server": [Sent(key=f"{BEARER} zqx")],
    "bytes-in-keys-break-the-server": [Sent(key=f"{BEARER}\xe9")],
    "long-key-breaks-retrieve": [Sent(MINE_ITEM, key=f"Bearer {'x' * 10_000}")],
    "key-in-the-query-is-accepted": [Sent(f"?access_token={KEY}", key=None)],
    "api-key-header-is-accepted": with_header("X-Api-Key", KEY, key=None),
    "key-in-cookie-is-accepted-by-retrieve": with_header("Cookie", f"token={KEY}", MINE_ITEM, None),
    "local-address-needs-no-key": with_header("X-Forwarded-For", "127.0.0.1", key=None),
    "condition-needs-no-key": with_header("If-None-Match", "*", key=None),
    "doubled-slash-needs-no-key": [Sent(key=None, collection="//clinician-profiles")],
    "encoded-letter-needs-no-key": [Sent(key=None, collection="/%63linician-profiles")],
    "capitals-need-no-key": [Sent(key=None, collection="/CLINICIAN-PROFILES")],
    "second-word-is-ignored": [Sent(key=f"{BEARER} zqx")],
    "one-of-two-keys-is-enough": [Sent(headers=[("Authorization", "Bearer pk_test_none")])],
    "bytes-in-keys-are-ignored": [Sent(key=f"{BEARER}\xe9")],
    "etag-of-profile-serves-any-key": [
        Sent(MINE_ITEM), Sent(MINE_ITEM, [("If-None-Match", "{etag}")], OTHER)
    ],
    "etag-of-the-list-serves-any-key": [Sent(), Sent("", [("If-None-Match", "{etag}")], OTHER)],
    "condition-finds-foreign-profiles": with_header("If-None-Match", "*", THEIRS),
    "foreign-profile-is-not-modified": with_header(
        "If-Modified-Since", "Fri, 31 Dec 2066 23:59:59 GMT", THEIRS
    ),
    "session-needs-no-key": [Sent(), Sent("", [("Cookie", "{set-cookie}")], None)],
    "session-keeps-the-organisation": [Sent(), Sent("", [("Cookie", "{set-cookie}")], OTHER)],
    "connection-remembers-the-key": [Sent(), Sent(key=f"Bearer {KEY.swapcase()}")],
    "term-is-in-the-clients-language": with_header("Accept-Language", "tr", "?search=BEATRIX"),
    "id-parameter-is-the-id": [Sent(f"{MINE_ITEM}?id={UNKNOWN}")],
    "session-selects-the-organisation": [Sent(), Sent("", [("Cookie", "{set-cookie}")], OTHER)],
} | {fault.name: [Sent(fault.shown_by)] for fault in MINE if fault.shown_by}  # fmt: skip


@contextmanager
def served(variant: Variant | None = None) -> Iterator[EmbeddedServer]:
    with closing(Store.seeded()) as store:
        limiter = RateLimiter(1_000_000)
        app = variant.app(variant.api(store, limiter)) if variant else ClinicianApi(store, limiter)
        with EmbeddedServer(app) as server:
            yield server


@pytest.fixture(scope="module")
def correct() -> Iterator[EmbeddedServer]:
    with served() as server:
        yield server


def ask(server: EmbeddedServer, probe: Sequence[Sent]) -> tuple[int, bytes]:
    """Return status and body of the response to the last request, without its request id."""
    status, body, received = 0, b"", dict[str, str]()
    base = urlsplit(server.base_url)
    with closing(http.client.HTTPConnection(base.netloc, timeout=10)) as connection:
        for sent in probe:
            status, body, received = _ask(connection, base.path, sent, received)
    return status, body


def _ask(
    connection: http.client.HTTPConnection, base: str, sent: Sent, received: dict[str, str]
) -> tuple[int, bytes, dict[str, str]]:
    """Return status, body and headers; ``{etag}`` stands for what the last response had."""
    connection.putrequest(sent.method, base + sent.collection + sent.path)
    for name, value in [*sent.headers, *([("Authorization", sent.key)] if sent.key else [])]:
        known = re.sub(r"\{(.+)\}", lambda match: received.get(match[1], ""), value)
        connection.putheader(name, known.encode("latin-1"))
    if sent.body:
        connection.putheader("Content-Length", str(len(sent.body)))
    connection.endheaders(sent.body.encode() or None)
    response = connection.getresponse()
    body = re.sub(rb'"request_id":"[^"]+"', b"", response.read())
    headers = {name.lower(): text.partition(";")[0] for name, text in response.getheaders()}
    return response.status, body, headers


def test_every_fault_has_a_probe() -> None:
    names = [fault.name for fault in MINE]
    assert len(names) == len(set(names))
    assert set(names) == set(PROBES)


@pytest.mark.parametrize("variant", MINE, ids=[fault.name for fault in MINE])
def test_the_responses_to_the_probe_differ(variant: Variant, correct: EmbeddedServer) -> None:
    assert variant.text.endswith(".")
    probe = PROBES[variant.name]
    with served(variant) as faulty:
        found = ask(faulty, probe)
        assert ask(faulty, [Sent()])[0] == 200, "the plain request is served"
    assert found != ask(correct, probe)
