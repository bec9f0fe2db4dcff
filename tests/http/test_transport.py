"""One request on the wire: sent unchanged, its response read within its time."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator

import pytest
from starlette.types import Receive, Scope, Send

from conformance.faults.unjudgeable.stub import Stub
from conformance.http import sender, transport
from conformance.http.request import BARE, Request
from tests.support.asking import LIST, PAGE, client_to, failed, got
from tests.support.raw import Raw, Received, Step, message
from tests.support.servers import OTHER_KEY, OWN_KEY, canned, client_for, recorded


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_TIMEOUT", 0.3)
    monkeypatch.setattr(sender, "BACKOFF", 0.01)


def test_a_response_that_never_arrives_times_out() -> None:
    started = time.monotonic()
    with Stub(lambda _: None) as target, client_to(target) as client:
        assert "timed out after 0.3 s" in str(failed(client))
    assert time.monotonic() - started < 5


def test_a_response_that_never_ends_times_out() -> None:
    """A byte now and then keeps each read within its timeout, but not the response."""

    async def dripping(scope: Scope, receive: Receive, send: Send) -> None:
        import asyncio

        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(40):
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            await asyncio.sleep(0.05)

    with client_for(dripping) as client:
        answers: list[object] = []
        asked = threading.Thread(target=lambda: answers.extend(client.ask([LIST])), daemon=True)
        asked.start()
        asked.join(3)
        in_time = bool(answers)
        asked.join()  # the server stops by itself
        assert in_time


def test_a_header_that_never_ends_times_out() -> None:
    """Each byte is within the timeout of a read, as it is in a body."""

    def drip(_: Received) -> Iterator[Step]:
        yield b"HTTP/1.1 200 OK\r\nX-Slow: "
        while True:
            yield 0.05
            yield b"x"

    with Raw(drip) as server, client_to(server.target) as client:
        assert "does not end within 0.6 s" in str(failed(client))


def test_interim_responses_without_an_end_time_out() -> None:
    def early(_: Received) -> Iterator[Step]:
        while True:
            yield b"HTTP/1.1 103 Early Hints\r\n\r\n"
            yield 0.02

    with Raw(early) as server, client_to(server.target) as client:
        assert "does not end within 0.6 s" in str(failed(client))


LOCATIONS = [
    *("javascript:alert(1)", "mailto:a@example.org", "urn:isbn:1", "about:blank", "http:foo"),
    *("http://[", "http://a:b", "//", "http://\xe9\xff/", "", " ", "x" * 70_000, "http://a:99999/"),
]


@pytest.mark.parametrize("location", LOCATIONS, ids=range(len(LOCATIONS)))
def test_any_location_is_a_response(location: str) -> None:
    statuses = iter([301, 303, 307, 200])

    def respond(_: Received) -> list[Step]:
        return [message(b"", f"{next(statuses)} X", f"Location: {location}")]

    with Raw(respond) as server, client_to(server.target) as client:
        for status in (301, 303, 307, 200):
            answer = got(client, Request(repeat=str(status)))
            assert answer.status == status
            assert answer.header("location") == location.strip()
            assert answer.summary()
        assert client.incidents == []


def test_a_url_that_is_too_long_is_not_sent() -> None:
    with client_for(canned(200, PAGE)) as client:
        answer = failed(client, Request(path="/clinician-profiles/" + "x" * 70_000))
        assert str(answer).startswith("not sent: ")
        assert client.incidents == []


def test_headers_beyond_the_bound_are_dropped() -> None:
    with client_for(canned(200, PAGE, *((f"x-{number}", "y") for number in range(500)))) as client:
        answer = got(client)
    assert len(answer.headers) == 257
    assert answer.excess == "the response has more than 256 headers"


def test_a_response_is_recorded_unchanged() -> None:
    body = gzip.compress(PAGE.encode())
    app = canned(200, body, ("Content-Encoding", "gzip"), ("X-Thing", "one"), ("X-Thing", "two"))
    with client_for(app) as client:
        answer = got(client)
    assert answer.body == PAGE.encode()
    assert [value for name, value in answer.headers if name == "x-thing"] == ["one", "two"]
    assert answer.header("X-THING") == "one"
    assert (answer.number, answer.status, answer.is_page) == (1, 200, True)
    assert answer.url.endswith("/api-v1/clinician-profiles")
    assert answer.elapsed > 0


def test_a_redirect_is_not_followed() -> None:
    recorder = canned(302, "", ("location", "http://127.0.0.1:9/elsewhere"))
    with client_for(recorder) as client:
        assert got(client).status == 302
    assert len(recorder.seen) == 1


def test_cookies_are_not_kept() -> None:
    """A session opened with the own key must not authenticate other requests."""
    recorder = canned(200, PAGE, ("set-cookie", "session=own; Path=/"))
    with client_for(recorder) as client:
        for credential in ("own", "other", "no key"):
            got(client, Request(credential=credential))
    assert [item.cookie for item in recorder.seen] == ["", "", ""]


def test_each_credential_sends_its_header() -> None:
    recorder = recorded()
    with client_for(recorder) as client:
        for credential in ("own", "other", "no key", "empty bearer", "key under the Basic scheme"):
            got(client, Request(credential=credential))
    assert [item.authorization for item in recorder.seen] == [
        f"Bearer {OWN_KEY}",
        f"Bearer {OTHER_KEY}",
        "",
        "Bearer",
        f"Basic {OWN_KEY}",
    ]


def test_paths_and_queries_are_sent_unchanged() -> None:
    recorder = canned(200, PAGE)
    requests = [
        Request(path="/clinician-profiles/a%2Fb"),
        Request(path="/clinician-profiles/%2e%2e%2Fx"),
        Request(path="/clinician-profiles//"),
        Request(query=(("search", "a b&c=d%"), ("search", "é"), ("x[]", "+"))),
        Request(query=(("search", b"\xff\x00"), ("limit", ""))),
        Request(path="/clinician-profiles/./x/../y;a=b/%zz%"),
        Request(query=(("limit", BARE), ("%6Cimit", "5"))),
    ]
    with client_for(recorder) as client:
        client.ask(requests)
    assert sorted(item.target for item in recorder.seen) == sorted(
        [
            "/clinician-profiles/a%2Fb",
            "/clinician-profiles/%2e%2e%2Fx",
            "/clinician-profiles//",
            "/clinician-profiles?search=a%20b%26c%3Dd%25&search=%C3%A9&x[]=%2B",
            "/clinician-profiles?search=%FF%00&limit=",
            "/clinician-profiles/./x/../y;a=b/%zz%",
            "/clinician-profiles?limit&%6Cimit=5",
        ]
    )
