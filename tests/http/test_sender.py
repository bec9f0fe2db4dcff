"""Rate limits and gateway errors: waits, retries, and requests that are given up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from conformance.errors import RateLimited, Untestable
from conformance.http import pace, sender, silence
from conformance.http.client import Client
from conformance.http.exchange import Exchange
from conformance.http.limits import Limits
from conformance.http.request import Request
from conformance.reference.server import EmbeddedServer
from tests.support.asking import LIST, PAGE, client_to, failed, got, pages
from tests.support.limiting import Limiting, refusal
from tests.support.raw import Raw, Received, Step, message
from tests.support.servers import Recorder, canned, recorded, target_of


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sender, "BURST", 0.05)
    monkeypatch.setattr(pace, "SLOWED", 0.01)
    monkeypatch.setattr(pace, "SLOWEST", 0.04)


# 429


@pytest.mark.parametrize(
    "header", [("retry-after", "1"), ("x-ratelimit-reset", "1")], ids=["Retry-After", "reset"]
)
def test_the_client_waits_for_a_rate_limit(header: tuple[str, str]) -> None:
    limiting = Limiting([1], refusal(header))
    said: list[str] = []
    with EmbeddedServer(limiting) as server, client_to(target_of(server)) as client:
        client.backend.on_wait = said.append
        assert got(client).status == 200
        assert client.total_sent == 2
        assert len(client.transcript) == 1  # the 429 is not judged
        (incident,) = client.incidents
    assert limiting.times[1] - limiting.times[0] >= 0.95
    assert (incident.kind, incident.counts) == ("rate limit", False)
    assert said == ["waiting 1 s for the rate limit of your key"]


def test_all_requests_of_the_key_wait_and_other_keys_do_not() -> None:
    limiting = Limiting([1], refusal(("retry-after", "1")))
    with EmbeddedServer(limiting) as server, client_to(target_of(server), concurrency=1) as client:
        client.ask([LIST, *pages(3), Request(credential="other")])
    held = [time_ - limiting.times[0] for time_ in limiting.times]
    assert sum(wait >= 0.95 for wait in held) >= 4


@pytest.mark.parametrize("max_wait", [0, 5])
def test_a_wait_that_is_too_long_is_given_up(max_wait: float) -> None:
    limiting = Limiting(range(1, 100), refusal(("retry-after", "1200" if max_wait else "1")))
    with EmbeddedServer(limiting) as server:
        with client_to(target_of(server), max_wait=max_wait, concurrency=2) as client:
            answers = client.ask([LIST]) + client.ask(pages(6))
            assert all(isinstance(item, RateLimited) for item in answers)
            assert "--max-wait" in str(answers[0])
            assert "your key" in str(answers[0])
            assert client.incidents == []
        assert len(limiting.times) == 1


def test_a_limit_on_bursts_lowers_the_pace() -> None:
    """Like that of nginx: a number of requests at once, and no Retry-After."""
    limiting = Limiting([3, 4, 5, 6, 12], refusal())
    with EmbeddedServer(limiting) as server, client_to(target_of(server)) as client:
        answers = client.ask(pages(20))
        assert all(isinstance(item, Exchange) and item.status == 200 for item in answers)
        assert [item.request for item in client.transcript] == pages(20)
        assert len(client.incidents) == 5
        assert not any(item.counts for item in client.incidents)
        assert client.total_sent == 25
    assert limiting.times[-1] - limiting.times[6] > 0.1  # a hundred a second at first, then fifty


def test_a_limit_that_never_resets_is_given_up() -> None:
    limiting = Limiting(range(1, 1000), refusal())
    with EmbeddedServer(limiting) as server, client_to(target_of(server)) as client:
        assert isinstance(client.ask([LIST])[0], RateLimited)
        assert len(limiting.times) == 4
        assert isinstance(client.ask(pages(3))[0], RateLimited)
    assert len(limiting.times) == 4


def test_the_sum_of_all_waits_is_bounded() -> None:
    limiting = Limiting(
        range(1, 1000, 2), refusal(("retry-after", "0.05"), ("x-ratelimit-remaining", "0"))
    )
    with (
        EmbeddedServer(limiting) as server,
        client_to(target_of(server), max_wait=0.06, concurrency=1) as client,
    ):
        answers = client.ask(pages(30))
    waited = [item for item in client.incidents if item.kind == "rate limit"]
    assert 3 <= len(waited) <= 6
    assert isinstance(answers[-1], RateLimited)


def test_refused_requests_count_against_the_limit_on_requests() -> None:
    limiting = Limiting(range(1, 1000), refusal())
    with EmbeddedServer(limiting) as server, client_to(target_of(server), max_requests=3) as client:
        (answer,) = client.ask([LIST])
        assert "--max-requests" in str(answer)
        assert client.sent["own"] == 3
    assert len(limiting.times) == 3


def test_a_429_of_the_api_itself_is_a_response() -> None:
    """The contract defines a 429 with an error envelope."""
    body = '{"data": null, "meta": {"request_id": "r"}, "error": {"code": "RATE_LIMITED", "message": "No."}}'
    with (
        EmbeddedServer(canned(429, body, ("retry-after", "1200"))) as server,
        client_to(target_of(server)) as client,
    ):
        assert got(client).status == 429
        assert isinstance(client.ask(pages(1))[0], RateLimited)


# 503


@pytest.mark.parametrize("wait", ["1", None])
def test_retry_after_of_a_gateway_is_followed(wait: str | None) -> None:
    headers = [("retry-after", wait)] if wait else []
    limiting = Limiting([1], refusal(*headers, status=503))
    with EmbeddedServer(limiting) as server, client_to(target_of(server)) as client:
        assert got(client).status == 200
        assert [item.counts for item in client.incidents] == [True]
    assert (limiting.times[1] - limiting.times[0] >= 0.95) is (wait is not None)


@pytest.mark.parametrize(("second", "slower"), [(20, True), (70, False)])
@pytest.mark.parametrize("wait", ["0.1", None])
def test_a_gateway_that_is_often_busy_lowers_the_pace(
    wait: str | None, second: int, slower: bool
) -> None:
    headers = [("retry-after", wait)] if wait else []
    limiting = Limiting([5, second], refusal(*headers, status=503))
    with EmbeddedServer(limiting) as server:
        sending = sender.Sender(target_of(server), Limits(concurrency=1))
        with Client(sending) as client:
            answers = client.ask(pages(80))
        assert all(isinstance(item, Exchange) for item in answers)
        assert len(client.incidents) == 2
        assert (sending.pace.interval > 0) is slower


def test_a_gateway_that_asks_for_a_long_wait_gets_no_retry() -> None:
    limiting = Limiting(range(1, 9), refusal(("retry-after", "3600"), status=503))
    with EmbeddedServer(limiting) as server, client_to(target_of(server)) as client:
        (answer,) = client.ask([LIST])
        assert "Retry-After 3600 s" in str(answer)
        assert "--max-wait" in str(answer)
    assert len(limiting.times) == 1


def test_a_fault_that_strikes_several_requests_counts_once() -> None:
    """An upstream restarts: all pending requests fail, and get a response on retry."""
    limiting = Limiting(range(21, 35), refusal(status=502), recorded().app)
    with EmbeddedServer(limiting) as server, client_to(target_of(server)) as client:
        for number in range(20):
            got(client, Request(repeat=str(number)))
        answers = client.ask(pages(40))
        assert all(isinstance(item, Exchange) for item in answers)
        assert len(client.incidents) == 14
        # How many are under way at a time depends on how busy the machine is.
        assert 1 <= sum(item.counts for item in client.incidents) <= 5


# A target that goes


def test_a_target_that_goes_is_asked_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "PATIENCE", 0.1)
    monkeypatch.setattr(sender, "BACKOFF", 0.05)
    answered = 0

    def respond(_: Received) -> Iterator[Step]:
        nonlocal answered
        answered += 1
        yield message(PAGE.encode())
        if answered == 5:
            server.stop()

    with Raw(respond) as server, client_to(server.target, concurrency=1) as client:
        with pytest.raises(Untestable, match=r"fell silent after request 5, GET /clinician-prof"):
            client.ask(pages(40))
        assert client.total_sent == 15
        kinds = [item.kind for item in client.incidents]
        assert kinds.count("silence") == 1
        answers = list(client.answers.values())
    assert [isinstance(item, Exchange) for item in answers] == [True] * 5 + [False] * 35
    assert "fell silent after request 5" in str(answers[-1])


def test_a_server_that_restarts_has_not_gone() -> None:
    """As many attempts fail within a moment, but the next one gets a response."""
    item = silence.Silence()
    item.heard(LIST, 1)
    assert not any(item.missed(LIST, at / 10, at / 10, "refused") for at in range(30))
    item.heard(LIST, 32)
    assert not any(item.missed(LIST, at, at, "refused") for at in range(100, 109))
    assert item.missed(LIST, 109, 109, "refused")
    assert "after request 32, " in str(item.reason)


# A request that crashes the server


HOSTILE = Request(query=(("search", "\0"),))


class Crashing(Recorder):
    """A gateway whose server crashes at each request for a hostile term."""

    def __init__(self, refusal: Recorder, *, lists: Recorder | None = None) -> None:
        super().__init__((lists or canned(200, PAGE)).app)
        self.refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if b"search" in scope["query_string"]:
            await self.refusal(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


@pytest.fixture
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "BACKOFF", 0.02)
    monkeypatch.setattr(sender, "CONTROL", 0.02)


@pytest.mark.usefixtures("_fast")
@pytest.mark.parametrize("status", [502, 503, 504, 520, 530, 546])
def test_a_request_that_always_fails_while_others_pass_is_a_crash(status: int) -> None:
    crashing = Crashing(refusal(status=status))
    with EmbeddedServer(crashing) as server, client_to(target_of(server)) as client:
        got(client)
        assert got(client, HOSTILE).status == status
        assert client.total_sent == 1 + 4 + 2  # the plain list, and the request once more
        assert not any(item.counts for item in client.incidents)
        assert len(client.transcript) == 2


@pytest.mark.usefixtures("_fast")
@pytest.mark.parametrize(
    "others",
    [
        canned(200, "<h1>Welcome</h1>", ("content-type", "text/html")),
        refusal(status=403),
    ],
    ids=["a page", "refused by a proxy"],
)
def test_a_request_is_no_crash_unless_the_api_responds_to_others(others: Recorder) -> None:
    crashing = Crashing(refusal(status=502), lists=others)
    with EmbeddedServer(crashing) as server, client_to(target_of(server)) as client:
        got(client)
        assert "502" in str(failed(client, HOSTILE))
        assert len([item for item in client.incidents if item.counts]) == 4
        assert client.total_sent == 1 + 4 + 1


@pytest.mark.usefixtures("_fast")
def test_a_target_that_has_never_responded_crashes_at_no_request() -> None:
    with EmbeddedServer(refusal(status=502)) as server, client_to(target_of(server)) as client:
        assert "502" in str(failed(client, HOSTILE))
        assert client.total_sent == 4


@pytest.mark.usefixtures("_fast")
def test_a_gateway_that_asks_for_a_wait_shows_no_crash() -> None:
    crashing = Crashing(refusal(("retry-after", "0.02"), status=503))
    with EmbeddedServer(crashing) as server, client_to(target_of(server)) as client:
        assert "503" in str(failed(client, HOSTILE))
        assert client.total_sent == 4


@pytest.mark.usefixtures("_fast")
def test_an_outage_that_ends_before_the_last_attempt_is_no_crash() -> None:
    limiting = Limiting(range(2, 6), refusal(status=502))
    with EmbeddedServer(limiting) as server, client_to(target_of(server)) as client:
        got(client)
        assert got(client, HOSTILE).status == 200
        assert len(limiting.times) == 7


@pytest.mark.usefixtures("_fast")
def test_the_limit_on_requests_holds_for_a_crash() -> None:
    with (
        EmbeddedServer(Crashing(refusal(status=502))) as server,
        client_to(target_of(server), max_requests=6) as client,
    ):
        got(client)
        assert "502" in str(failed(client, HOSTILE))
        assert client.sent["own"] == 6
