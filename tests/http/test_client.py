"""The client: memory, limits, retries, and responses that are incomplete."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.types import Receive, Scope, Send

from conformance.errors import BudgetExhausted, Untestable
from conformance.faults.unjudgeable.stub import Stub, message
from conformance.http import pace, sender, transport
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from tests.support.asking import LIST, PAGE, client_to, failed, got, pages
from tests.support.servers import Recorder, canned, client_for, recorded


def answering(*answers: tuple[int, str]) -> Recorder:
    """A server that returns these responses in turn, and then always the last one."""
    left = list(answers)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        status, body = left.pop(0) if len(left) > 1 else left[0]
        await canned(status, body).app(scope, receive, send)

    return Recorder(app)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_TIMEOUT", 0.3)
    monkeypatch.setattr(sender, "BACKOFF", 0.01)
    monkeypatch.setattr(pace, "SLOWEST", 0.05)


def test_a_repeated_request_is_answered_from_memory() -> None:
    recorder = recorded()
    with client_for(recorder) as client:
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
    """Whichever response arrives first."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        import asyncio

        offset = int(scope["query_string"].decode().split("=")[1])
        await asyncio.sleep(0.004 * (8 - offset % 8))
        await canned(200, PAGE).app(scope, receive, send)

    with client_for(app) as client:
        client.ask(pages(16))
        assert [item.request for item in client.transcript] == pages(16)


def test_a_batch_is_sent_concurrently() -> None:
    under_way = most = 0

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        import asyncio

        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.02)
        under_way -= 1
        await canned(200, PAGE).app(scope, receive, send)

    with client_for(app, concurrency=4) as client:
        client.ask(pages(12))
    assert most == 4


def test_the_limit_on_requests_holds_for_each_identity() -> None:
    recorder = recorded()
    with client_for(recorder, max_requests=5) as client:
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


def test_retries_count_against_the_limit() -> None:
    recorder = canned(503, "")
    with client_for(recorder, max_requests=2) as client:
        assert isinstance(client.ask([LIST])[0], BudgetExhausted)
    assert len(recorder.seen) == 2


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_error_is_retried(status: int) -> None:
    with client_for(answering((status, "<h1>Bad Gateway</h1>"), (200, PAGE))) as client:
        assert got(client).status == 200
        assert client.total_sent == 2
        assert len(client.transcript) == 1
        assert [item.kind for item in client.incidents] == ["gateway"]
        assert str(status) in client.incidents[0].text


@pytest.mark.parametrize("status", [500, 501, 505, 404])
def test_any_other_status_is_a_response(status: int) -> None:
    recorder = answering((status, "{}"), (200, PAGE))
    with client_for(recorder) as client:
        assert got(client).status == status
        assert (client.total_sent, client.incidents) == (1, [])


def test_a_gateway_that_stays_down_is_a_failure() -> None:
    with client_for(canned(503, "")) as client:
        assert "503" in str(failed(client))
        assert (client.total_sent, len(client.incidents)) == (4, 4)
        assert len(client.transcript) == 0


def test_too_many_incidents_make_a_target_untestable() -> None:
    with (
        client_for(canned(503, "")) as client,
        pytest.raises(Untestable, match=r"requests failed in the network or at a gateway.*503"),
    ):
        client.ask(pages(4))


CUT: dict[str, bytes | None] = {
    "before the head": b"",
    "within the head": b"HTTP/1.1 200 OK\r\nContent-Type: application/js",
    "within a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{}",
    "no HTTP": b"220 mail.example.org ESMTP ready\r\n",
    "no gzip": message("200 OK", PAGE, "application/json", "Content-Encoding: gzip"),
    "no answer": None,
}


@pytest.mark.parametrize("answer", CUT.values(), ids=list(CUT))
def test_a_request_without_a_response_is_retried_and_then_given_up(answer: bytes | None) -> None:
    with Stub(lambda _: answer) as target, client_to(target) as client:
        assert str(failed(client)).startswith("no response: ")
        # What never answered at all is not waited for again and again.
        assert client.total_sent == len(client.incidents) == (1 if answer is None else 4)
        assert {item.kind for item in client.incidents} == {"transport"}
        assert len(client.transcript) == 0


def test_a_body_that_is_always_shorter_than_declared_is_a_response_of_the_target() -> None:
    short = message("200 OK", PAGE, "application/json", cut=10)
    with Stub(lambda _: short) as target, client_to(target) as client:
        first, second = client.ask([LIST])[0], client.ask([replace(LIST, query=(("a", "b"),))])[0]
        for answer in (first, second):
            assert isinstance(answer, Exchange)
            assert answer.status == 200
            assert answer.broken.startswith("the body ends after ")
        # Once this is known, the second attempt confirms it.
        assert client.total_sent == 6
        assert not any(item.counts for item in client.incidents)


def test_one_dropped_connection_is_an_incident() -> None:
    answers = iter([b"", message("200 OK", PAGE, "application/json")])
    with Stub(lambda _: next(answers)) as target, client_to(target) as client:
        assert got(client).status == 200
        assert len(client.incidents) == 1
        assert "cut" in client.incidents[0].text or "disconnected" in client.incidents[0].text
