"""Exchanges: strict JSON, and the curl line that repeats a request."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.contract.cases import Case, Depth
from conformance.contract.document import load
from conformance.http.exchange import Exchange
from conformance.http.request import BARE, Request
from conformance.judging.engine import judge
from conformance.judging.session import Session
from conformance.reference.server import EmbeddedServer
from conformance.suite.test_authentication_places import DEEP_SHAPES
from conformance.target.credentials import CREDENTIALS, PLACES, in_places
from conformance.target.target import Target
from tests.support.asking import client_to
from tests.support.servers import OTHER_KEY, OWN_KEY, recorded, target_of

WANTED = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("bash")), reason="curl or bash is not here"
)


def exchange(body: bytes = b"{}", request: Request | None = None, status: int = 200) -> Exchange:
    return Exchange(1, request or Request(), "http://t/v1/x", status, (), body, 0.0)


STRICT = [
    (b"", "empty"),
    (b"   ", "not JSON"),
    (b'{"data": NaN}', "NaN"),
    (b'{"data": [1, Infinity]}', "Infinity"),
    (b'{"data": -Infinity}', "-Infinity"),
    (b'{"data": 1, "data": 1}', "'data' twice in one object"),
    (b'{"data": [{"meta": {"id": 1, "x": 2, "id": 3}}]}', "'id' twice in one object"),
    (b"\xef\xbb\xbf{}", "byte order mark"),
    (b'{"name": "\xff"}', "not UTF-8"),
    ('{"name": "é"}'.encode("latin-1"), "not UTF-8"),
    ("{}".encode("utf-16"), "not UTF-8"),
    (b'{"name": "\xed\xa0\x80"}', "not UTF-8"),
    (b'{"data": [1,]}', "not JSON"),
    (b"{'data': 1}", "not JSON"),
    (b'{"data": 1} {}', "not JSON"),
    (b'{"data": "\t"}', "not JSON"),
    (b'{"data": 01}', "not JSON"),
    (b'{"data": 1', "not JSON"),
    (b"[" * 500 + b"]" * 500, "nests deeper than 100 levels"),
    (b'{"data": ' + b"9" * 401 + b"}", "a number of more than 400 digits"),
    (b"<html>", "not JSON"),
]


@pytest.mark.parametrize(("body", "problem"), STRICT, ids=range(len(STRICT)))
def test_a_body_that_is_not_strict_json_has_a_problem(body: bytes, problem: str) -> None:
    item = exchange(body)
    assert item.json_problem
    assert problem in item.json_problem
    assert "\n" not in item.json_problem
    assert item.summary()


@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b"null", b' {"a": 1}\n', '{"é": "\U0001f600"}'.encode(), b'{"a": {"a": 1}}'],
)
def test_strict_json_has_no_problem(body: bytes) -> None:
    assert exchange(body).json_problem is None


def test_a_response_beyond_a_bound_has_no_content() -> None:
    deep = exchange(b'{"data":' * 101 + b"1" + b"}" * 101)
    assert (deep.excess, deep.json) == ("the body nests deeper than 100 levels", None)
    wordy = replace(exchange(b"{}"), headers=(("x", "y"),) * 257)
    assert wordy.excess == "the response has more than 256 headers"
    assert replace(exchange(b"{"), cut=True).excess == "the body is longer than 10 MiB"
    assert exchange(b"{").excess is None
    assert exchange(b'{"data":' * 100 + b"1" + b"}" * 100).excess is None


def test_a_missing_member_is_none() -> None:
    item = exchange(b'{"data": [{"id": "A1"}, 7, {"id": null}], "meta": {"request_id": 5}}')
    assert item.ids == ["a1", "none"]
    assert item.member("meta", "request_id", "deeper") is None
    assert item.request_id is None
    assert item.is_page
    assert not item.is_record
    assert item.summary() == "200 with 2 records"
    for body in (b"[]", b"null", b'"text"', b"5", b""):
        odd = exchange(body)
        assert (odd.rows, odd.request_id, odd.is_page, odd.is_error) == ([], None, False, False)


def test_only_an_error_envelope_is_an_error() -> None:
    right = b'{"data": null, "meta": {}, "error": {"code": "NO"}}'
    assert exchange(right, status=400).is_refusal
    assert exchange(right, status=422).is_refusal
    assert not exchange(right, status=404).is_refusal
    for wrong in (b'{"error": {}}', b'{"data": {}, "error": {}}', b'{"data": null, "error": "x"}'):
        assert not exchange(wrong, status=400).is_error


def test_a_finding_names_its_exchange() -> None:
    body = b'{"data": null, "meta": {"request_id": "r-1"}, "error": {"code": "NO"}}'
    finding = exchange(body, status=500).finding("200", "500", "more")
    assert (finding.exchange, finding.status, finding.request_id) == (1, 500, "r-1")
    assert (finding.method, finding.identity) == ("GET", "own")


def curled(commands: list[str], folder: Path) -> list[int]:
    """Return the statuses that the commands get, with the keys in the environment only."""
    script = "\n".join(f"echo '#### {index}'; {line}" for index, line in enumerate(commands))
    done = subprocess.run(
        ["bash", "-s"],
        input=script.encode(),
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "CONFORMANCE_API_KEY": OWN_KEY,
            "CONFORMANCE_OTHER_API_KEY": OTHER_KEY,
        },
        capture_output=True,
        timeout=60,
        check=False,
    )
    parts = re.split(rb"#### \d+\n", done.stdout)[1:]
    assert len(parts) == len(commands), done.stderr.decode()
    found = [re.match(rb"HTTP/1\.1 (\d+) ", part) for part in parts]
    assert all(found), (
        done.stderr.decode(),
        [c for c, f in zip(commands, found, strict=True) if not f],
    )
    return [int(match[1]) for match in found if match]


@WANTED
def test_the_curl_of_a_finding_reproduces_it(cases: list[Case], tmp_path: Path) -> None:
    """For one of each kind of request in a complete run."""
    with EmbeddedServer(recorded()) as server, client_to(target_of(server)) as client:
        judge(Session(client, load(), depth=Depth.STANDARD, seed=0), cases)
        kinds: dict[object, Exchange] = {}
        for item in client.transcript:
            request = item.request
            odd = "" if len(request.path) < 60 and request.path.isprintable() else request.path
            values = "".join(str(value) for _, value in request.query)
            marks = (
                frozenset(re.findall(r"[^\w.@-]", values)),
                frozenset(re.findall(r"%[0-9a-fA-F]{2}|\.\.|//", request.path)),
            )
            kinds.setdefault(
                (request.method, request.credential, request.headers, odd, marks), item
            )
        chosen = list(kinds.values())
        assert {item.request.credential for item in chosen} >= set(CREDENTIALS) - set(DEEP_SHAPES)
        statuses = curled([item.curl() for item in chosen], tmp_path)
    differing = [
        (item.curl(), item.status, status)
        for item, status in zip(chosen, statuses, strict=True)
        if item.status != status
    ]
    assert differing == []


@WANTED
def test_the_curl_sends_the_same_request(tmp_path: Path) -> None:
    """The path and the Authorization header are the same, for all kinds of paths and queries."""
    requests = [
        Request(path="/clinician-profiles/%2e%2e/x"),
        Request(path="/clinician-profiles/a%2Fb"),
        Request(path="/clinician-profiles/it's"),
        Request("DELETE", "/clinician-profiles/x"),
        Request("HEAD"),
        Request("POST"),
        Request("OPTIONS"),
        Request(query=(("search", 'it\'s "$HOME" `id` \\ {a,b} [1-3] é\n'), ("a[]", "1"))),
        Request(query=(("search", b"\xff\x00"),)),
        Request(headers=(("X-Organization-Id", "it's"), ("Accept", "text/html"))),
        Request(query=(("limit", BARE), ("%6Cimit", "5"), ("search", "a b"))),
        Request(path="/clinician-profiles/./x/../y"),
        Request(path="/clinician-profiles//x;a=b/%zz"),
        Request(content='{"limit": 1}', headers=(("Content-Type", "application/json"),)),
        Request("TRACE"),
        *(Request(credential=in_places([place])) for place in PLACES),
    ]
    requests += [Request(credential=name) for name in CREDENTIALS]
    recorder = recorded()
    with EmbeddedServer(recorder) as server, client_to(target_of(server), concurrency=1) as client:
        client.ask(requests)
        sent = list(recorder.seen)
        recorder.seen.clear()
        curled([item.curl() for item in client.transcript], tmp_path)
    assert len(recorder.seen) == len(sent) == len(requests)
    for request, one, two in zip(requests, sent, recorder.seen, strict=True):
        assert (one.method, one.target) == (two.method, two.target)
        changed = "#" in (CREDENTIALS[request.credential].shell or "")
        never = "never issued" in request.credential or request.credential.startswith("two ")
        if not changed and not never:
            assert one.authorization == two.authorization, request.credential
            assert one.cookie == two.cookie
        elif changed:
            assert two.authorization != f"Bearer {OWN_KEY}"
            assert len(two.authorization) == len(one.authorization)


@pytest.mark.parametrize(
    "key", ["pk_test_aB3", "pk_live_0", "nounderscore", "pk_test_Zz9_-.~", "UPPER_A", "k", "a_"]
)
def test_no_invalid_credential_equals_the_key(key: str) -> None:
    target = Target("http://t/v1", key, "pk_test_other")
    for credential in CREDENTIALS.values():
        if credential.identity == "anonymous" and credential.applies(target):
            sent = [value for name, value in credential.headers(target) if name == "Authorization"]
            assert sent != [f"Bearer {key}"], credential.name
            assert credential.is_malformed or all(value.isascii() for value in sent)
