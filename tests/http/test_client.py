"""The client: memory, bounds, retries, and what becomes of answers that are none."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.errors import BudgetExhausted, TransportFailure, Untestable
from conformance.faults.unjudgeable.stub import Stub, message
from conformance.http import sender, transport
from conformance.http.client import Client
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.reference.server import EmbeddedServer
from tests.support.asking import LIST, PAGE, client_to, got, pages
from tests.support.servers import OTHER_KEY, OWN_KEY, Recorder, canned, recorded, target_of


@contextmanager
def asking(app: ASGIApp, max_requests: int = 300, concurrency: int = 8) -> Iterator[Client]:
    with (
        EmbeddedServer(app) as server,
        client_to(target_of(server), max_requests=max_requests, concurrency=concurrency) as client,
    ):
        yield client


def failed(client: Client, request: Request = LIST) -> TransportFailure:
    (answer,) = client.ask([request])
    assert isinstance(answer, TransportFailure), answer
    return answer


def answering(*answers: tuple[int, str]) -> Recorder:
    """A server with these answers, one after the other, the last one for ever."""
    left = list(answers)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        status, body = left.pop(0) if len(left) > 1 else left[0]
        await canned(status, body).app(scope, receive, send)

    return Recorder(app)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_TIMEOUT", 0.3)
    monkeypatch.setattr(sender, "BACKOFF", 0.01)


def test_what_was_asked_is_remembered() -> None:
    recorder = recorded()
    with asking(recorder) as client:
        one, two, three = client.ask([LIST, Request(query=(("limit", "1"),)), LIST])
        assert one is three
        assert client.ask([LIST])[0] is one
        assert isinstance(two, Exchange)
        assert len(two.rows) == 1
        assert (client.total_sent, client.reused) == (2, 1)
        got(client, Request(repeat="a second look"))
        got(client, Request(credential="other"))
        client.forget()
        afresh = got(client)
        assert afresh is not one
        assert client.total_sent == len(recorder.seen) == 5
        assert [item.number for item in client.transcript] == [1, 2, 3, 4, 5]
        assert client.transcript.of(5) is afresh


def test_the_record_has_the_order_of_the_batch() -> None:
    """Whatever came first."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        import asyncio

        offset = int(scope["query_string"].decode().split("=")[1])
        await asyncio.sleep(0.004 * (8 - offset % 8))
        await canned(200, PAGE).app(scope, receive, send)

    with asking(app) as client:
        client.ask(pages(16))
        assert [item.request for item in client.transcript] == pages(16)


def test_a_batch_goes_out_side_by_side() -> None:
    under_way = most = 0

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        import asyncio

        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.02)
        under_way -= 1
        await canned(200, PAGE).app(scope, receive, send)

    with asking(app, concurrency=4) as client:
        client.ask(pages(12))
    assert most == 4


def test_the_bound_counts_for_each_identity() -> None:
    recorder = recorded()
    with asking(recorder, max_requests=5) as client:
        answers = client.ask(pages(12))
        assert sum(isinstance(item, Exchange) for item in answers) == 5
        refused = [item for item in answers if isinstance(item, BudgetExhausted)]
        assert len(refused) == 7
        assert "5 requests" in str(refused[0])
        assert "--max-requests" in str(refused[0])
        assert (client.left("own"), client.left("other")) == (0, 5)
        assert isinstance(got(client, Request(credential="other")), Exchange)
        got(client, Request(credential="no key"))
        assert dict(client.sent) == {"own": 5, "other": 1, "anonymous": 1}
    assert len(recorder.seen) == 7
    assert not client.incidents


def test_retries_count_against_the_bound() -> None:
    recorder = canned(503, "")
    with asking(recorder, max_requests=2) as client:
        assert isinstance(client.ask([LIST])[0], BudgetExhausted)
    assert len(recorder.seen) == 2


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_that_stumbles_is_asked_again(status: int) -> None:
    with asking(answering((status, "<h1>Bad Gateway</h1>"), (200, PAGE))) as client:
        assert got(client).status == 200
        assert client.total_sent == 2
        assert len(client.transcript) == 1
        assert [item.kind for item in client.incidents] == ["gateway"]
        assert str(status) in client.incidents[0].text


@pytest.mark.parametrize("status", [500, 501, 505, 404])
def test_any_other_answer_is_one(status: int) -> None:
    recorder = answering((status, "{}"), (200, PAGE))
    with asking(recorder) as client:
        assert got(client).status == status
        assert (client.total_sent, client.incidents) == (1, [])


def test_a_gateway_that_stays_down_is_no_answer() -> None:
    with asking(canned(503, "")) as client:
        assert "503" in str(failed(client))
        assert (client.total_sent, len(client.incidents)) == (4, 4)
        assert len(client.transcript) == 0


def test_too_many_incidents_make_a_target_untestable() -> None:
    with (
        asking(canned(503, "")) as client,
        pytest.raises(Untestable, match=r"requests failed in the network or at a gateway.*503"),
    ):
        client.ask(pages(4))


CUT: dict[str, bytes | None] = {
    "within the body": message("200 OK", PAGE, "application/json", cut=10),
    "before the head": b"",
    "within the head": b"HTTP/1.1 200 OK\r\nContent-Type: application/js",
    "within a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{}",
    "no HTTP": b"220 mail.example.org ESMTP ready\r\n",
    "no gzip": message("200 OK", PAGE, "application/json", "Content-Encoding: gzip"),
    "no answer": None,
}


@pytest.mark.parametrize("answer", CUT.values(), ids=list(CUT))
def test_what_is_no_answer_is_asked_again_and_then_given_up(answer: bytes | None) -> None:
    with Stub(lambda _: answer) as target, client_to(target) as client:
        assert str(failed(client)).startswith("no response came: ")
        # What never answered at all is not waited for again and again.
        assert client.total_sent == len(client.incidents) == (1 if answer is None else 4)
        assert {item.kind for item in client.incidents} == {"transport"}
        assert len(client.transcript) == 0


def test_one_dropped_connection_is_an_incident() -> None:
    answers = iter([b"", message("200 OK", PAGE, "application/json")])
    with Stub(lambda _: next(answers)) as target, client_to(target) as client:
        assert got(client).status == 200
        assert len(client.incidents) == 1
        assert "cut" in client.incidents[0].text or "disconnected" in client.incidents[0].text


def test_an_answer_that_never_comes_takes_no_longer_than_its_time() -> None:
    started = time.monotonic()
    with Stub(lambda _: None) as target, client_to(target) as client:
        assert "no answer within 0.3 s" in str(failed(client))
    assert time.monotonic() - started < 5


def test_an_answer_that_never_ends_takes_no_longer_than_its_time() -> None:
    """A byte now and then keeps each read within its time, but not the answer."""

    async def dripping(scope: Scope, receive: Receive, send: Send) -> None:
        import asyncio

        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(40):
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            await asyncio.sleep(0.05)

    with asking(dripping) as client:
        answers: list[object] = []
        asked = threading.Thread(target=lambda: answers.extend(client.ask([LIST])), daemon=True)
        asked.start()
        asked.join(3)
        in_time = bool(answers)
        asked.join()  # the server stops by itself, so that nothing is left behind
        assert in_time


def test_a_body_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_BODY", 1000)
    with asking(canned(200, "x" * 5_000_000)) as client:
        answer = got(client)
        assert 1000 < len(answer.body) < 1_000_000
        assert answer.json_problem


def test_an_answer_is_taken_down_as_it_came() -> None:
    body = gzip.compress(PAGE.encode())
    app = canned(200, body, ("Content-Encoding", "gzip"), ("X-Thing", "one"), ("X-Thing", "two"))
    with asking(app) as client:
        answer = got(client)
    assert answer.body == PAGE.encode()
    assert [value for name, value in answer.headers if name == "x-thing"] == ["one", "two"]
    assert answer.header("X-THING") == "one"
    assert (answer.number, answer.status, answer.is_page) == (1, 200, True)
    assert answer.url.endswith("/api-v1/clinician-profiles")
    assert answer.elapsed > 0


def test_a_redirect_is_not_followed() -> None:
    recorder = canned(302, "", ("location", "http://127.0.0.1:9/elsewhere"))
    with asking(recorder) as client:
        assert got(client).status == 302
    assert len(recorder.seen) == 1


def test_cookies_are_not_kept() -> None:
    """A session that the own key opened must not speak for anybody else."""
    recorder = canned(200, PAGE, ("set-cookie", "session=own; Path=/"))
    with asking(recorder) as client:
        for credential in ("own", "other", "no key"):
            got(client, Request(credential=credential))
    assert [item.cookie for item in recorder.seen] == ["", "", ""]


def test_each_credential_is_sent_as_it_says() -> None:
    recorder = recorded()
    with asking(recorder) as client:
        for credential in ("own", "other", "no key", "empty bearer", "key under the Basic scheme"):
            got(client, Request(credential=credential))
    assert [item.authorization for item in recorder.seen] == [
        f"Bearer {OWN_KEY}",
        f"Bearer {OTHER_KEY}",
        "",
        "Bearer",
        f"Basic {OWN_KEY}",
    ]


def test_paths_and_queries_are_sent_as_they_are() -> None:
    recorder = canned(200, PAGE)
    requests = [
        Request(path="/clinician-profiles/a%2Fb"),
        Request(path="/clinician-profiles/%2e%2e%2Fx"),
        Request(path="/clinician-profiles//"),
        Request(query=(("search", "a b&c=d%"), ("search", "é"), ("x[]", "+"))),
        Request(query=(("search", b"\xff\x00"), ("limit", ""))),
    ]
    with asking(recorder) as client:
        client.ask(requests)
    assert sorted(item.target for item in recorder.seen) == sorted(
        [
            "/clinician-profiles/a%2Fb",
            "/clinician-profiles/%2e%2e%2Fx",
            "/clinician-profiles//",
            "/clinician-profiles?search=a%20b%26c%3Dd%25&search=%C3%A9&x[]=%2B",
            "/clinician-profiles?search=%FF%00&limit=",
        ]
    )
