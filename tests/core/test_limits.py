"""Limits of a target: what is waited out, what is left to others, and what is given up."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from conformance import client as client_module
from conformance import pace, sending
from conformance.cases import Case, Profile
from conformance.client import BudgetExhausted, Client, RateLimited
from conformance.cost import announced, expected
from conformance.exchange import Exchange, Request
from conformance.rate import Rate
from conformance.reference.api import ClinicianApi
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store
from conformance.run import run
from conformance.settings import Settings

from .conftest import (
    OTHER_KEY,
    OWN_KEY,
    FullRuns,
    Recorder,
    canned,
    judged,
    keys_for,
    recorded,
    red,
    start,
    target_of,
)
from .test_client import LIST, PAGE, got, pages
from .test_replay import again, same

NGINX = (
    "<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n"
    "<body><center><h1>429 Too Many Requests</h1></center></body></html>"
)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sending, "BURST", 0.05)
    monkeypatch.setattr(pace, "SLOWED", 0.01)
    monkeypatch.setattr(pace, "SLOWEST", 0.04)


class Limiting(Recorder):
    """In front of a server: refuses some of the requests by their number, from 1."""

    def __init__(self, refused: Sequence[int], refusal: Recorder, app: Any = None) -> None:
        super().__init__(app or canned(200, PAGE).app)
        self.refused = set(refused)
        self.refusal = refusal
        self.times: list[float] = []
        self._counting = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._counting:
            self.times.append(time.monotonic())
            number = len(self.times)
        if number in self.refused:
            await self.refusal(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def refusal(*headers: tuple[str, str], status: int = 429) -> Recorder:
    return canned(status, NGINX, ("content-type", "text/html"), *headers)


# 429


@pytest.mark.parametrize(
    "header", [("retry-after", "1"), ("x-ratelimit-reset", "1")], ids=["Retry-After", "reset"]
)
def test_a_rate_limit_is_waited_out(header: tuple[str, str]) -> None:
    limiting = Limiting([1], refusal(header))
    said: list[str] = []
    with EmbeddedServer(limiting) as server, Client(target_of(server)) as client:
        client.on_wait = said.append
        assert got(client).status == 200
        assert client.total_sent == 2
        assert len(client.transcript) == 1  # what was waited out is judged by nobody
        (incident,) = client.incidents
    assert limiting.times[1] - limiting.times[0] >= 0.95
    assert (incident.kind, incident.counts) == ("rate limit", False)
    assert said == ["waiting 1 s for the own key"]


def test_others_of_the_key_wait_too_and_other_keys_do_not() -> None:
    limiting = Limiting([1], refusal(("retry-after", "1")))
    with EmbeddedServer(limiting) as server, Client(target_of(server), concurrency=1) as client:
        client.ask([LIST, *pages(3), Request(credential="other")])
    held = [time_ - limiting.times[0] for time_ in limiting.times]
    assert sum(wait >= 0.95 for wait in held) >= 4


@pytest.mark.parametrize("max_wait", [0, 5])
def test_what_takes_too_long_is_given_up(max_wait: float) -> None:
    limiting = Limiting(range(1, 100), refusal(("retry-after", "1200" if max_wait else "1")))
    with EmbeddedServer(limiting) as server:
        with Client(target_of(server), max_wait=max_wait, concurrency=2) as client:
            answers = client.ask([LIST]) + client.ask(pages(6))
            assert all(isinstance(item, RateLimited) for item in answers)
            assert "--max-wait" in str(answers[0])
            assert "the own key" in str(answers[0])
            assert client.incidents == []
        assert len(limiting.times) == 1


def test_a_limit_on_bursts_is_met_more_slowly() -> None:
    """As nginx has it: so many at once, no word on when to come again."""
    limiting = Limiting([3, 4, 5, 6, 12], refusal())
    with EmbeddedServer(limiting) as server, Client(target_of(server)) as client:
        answers = client.ask(pages(20))
        assert all(isinstance(item, Exchange) and item.status == 200 for item in answers)
        assert [item.request for item in client.transcript] == pages(20)
        assert len(client.incidents) == 5
        assert not any(item.counts for item in client.incidents)
        assert client.total_sent == 25
    assert limiting.times[-1] - limiting.times[6] > 0.1  # a hundred a second at first, then fifty


def test_a_limit_that_stays_is_given_up_within_bounds() -> None:
    limiting = Limiting(range(1, 1000), refusal())
    with EmbeddedServer(limiting) as server, Client(target_of(server)) as client:
        assert isinstance(client.ask([LIST])[0], RateLimited)
        assert len(limiting.times) == 4
        assert isinstance(client.ask(pages(3))[0], RateLimited)
    assert len(limiting.times) == 4


def test_all_waits_together_are_bounded() -> None:
    limiting = Limiting(
        range(1, 1000, 2), refusal(("retry-after", "0.05"), ("x-ratelimit-remaining", "0"))
    )
    with (
        EmbeddedServer(limiting) as server,
        Client(target_of(server), max_wait=0.06, concurrency=1) as client,
    ):
        answers = client.ask(pages(30))
    waited = [item for item in client.incidents if item.kind == "rate limit"]
    assert 3 <= len(waited) <= 6
    assert isinstance(answers[-1], RateLimited)


def test_an_answer_of_the_api_itself_stays_one() -> None:
    """A 429 with an error envelope is an answer that the contract knows."""
    body = '{"data": null, "meta": {"request_id": "r"}, "error": {"code": "RATE_LIMITED", "message": "No."}}'
    with (
        EmbeddedServer(canned(429, body, ("retry-after", "1200"))) as server,
        Client(target_of(server)) as client,
    ):
        assert got(client).status == 429
        assert isinstance(client.ask(pages(1))[0], RateLimited)


# 503


@pytest.mark.parametrize("wait", ["1", None])
def test_a_gateway_may_say_when_to_come_again(wait: str | None) -> None:
    headers = [("retry-after", wait)] if wait else []
    limiting = Limiting([1], refusal(*headers, status=503))
    with EmbeddedServer(limiting) as server, Client(target_of(server)) as client:
        assert got(client).status == 200
        assert [item.counts for item in client.incidents] == [True]
    assert (limiting.times[1] - limiting.times[0] >= 0.95) is (wait is not None)


def test_a_gateway_that_asks_for_too_much_is_not_asked_again() -> None:
    limiting = Limiting(range(1, 9), refusal(("retry-after", "3600"), status=503))
    with EmbeddedServer(limiting) as server, Client(target_of(server)) as client:
        (answer,) = client.ask([LIST])
        assert "in 3600 s" in str(answer)
        assert "--max-wait" in str(answer)
    assert len(limiting.times) == 1


def test_what_strikes_several_at_once_counts_once() -> None:
    """An upstream that starts anew: all that is under way fails, and is answered then."""
    limiting = Limiting(range(21, 35), refusal(status=502), recorded().app)
    with EmbeddedServer(limiting) as server, Client(target_of(server)) as client:
        for place in range(20):
            got(client, Request(again=str(place)))
        answers = client.ask(pages(40))
        assert all(isinstance(item, Exchange) for item in answers)
        assert len(client.incidents) == 14
        assert 1 <= sum(item.counts for item in client.incidents) <= 3


# What a key has left


def limited(limit: int, used: int) -> Recorder:
    """The correct server, with so many requests of each key's hour used up by others."""
    limiter = RateLimiter(limit, lambda: 1_800_000_000.0)
    api = ClinicianApi(Store.seeded(), limiter)
    for key in (OWN_KEY, OTHER_KEY):
        identity = api.authenticate(f"Bearer {key}")
        assert identity is not None
        for _ in range(used):
            limiter.take(identity.key_hash)
    return recorded(api)


def test_a_tenth_of_the_hour_is_left_to_others() -> None:
    recorder = limited(1000, 870)
    with EmbeddedServer(recorder) as server, Client(target_of(server)) as client:
        for place in range(2):
            got(client, Request(again=str(place)))
        assert client.left("own") == 28
        answers = client.ask(pages(60))
        kinds = ["answered" if isinstance(item, Exchange) else "refused" for item in answers]
        assert kinds == ["answered"] * 28 + ["refused"] * 32
        told = answers[-1]
        assert isinstance(told, BudgetExhausted)
        assert "the own key has 100 of 1,000 requests left" in str(told)
        assert client.left("own") == 0
        assert isinstance(got(client, Request(credential="other")), Exchange)
        got(client, Request(credential="no key"))
    assert len(recorder.seen) == 32


def test_a_run_leaves_a_tenth_and_comes_to_the_same_report_again(cases: list[Case]) -> None:
    """The order of what is asked is the same each time, and so in a replay."""
    reports, orders = [], []
    for name in ("one", "recorded"):
        recorder = limited(1000, 800)
        with EmbeddedServer(recorder) as server:
            settings = Settings(
                server.base_url, OWN_KEY, OTHER_KEY, report_dir=Path(name), transcript=True
            )
            reports.append(run(settings, cases))
        seen = Counter(item.authorization for item in recorder.seen)
        assert seen[f"Bearer {OWN_KEY}"] == 100
        assert seen[f"Bearer {OTHER_KEY}"] <= 100
        orders.append([
            (row["id"], row["outcome"], row["reason"]) for row in reports[-1].result["requirements"]
        ])  # fmt: skip
    result = reports[1].result
    assert (result["verdict"], red(result)) == ("incomplete", {})
    assert orders[0] == orders[1]
    doubts = [row["reason"] for row in result["requirements"] if row["outcome"] == "inconclusive"]
    assert any("the own key has 100 of 1,000" in str(reason) for reason in doubts)
    outcomes = {row["id"]: row["outcome"] for row in result["requirements"]}
    assert outcomes["ORG-01"] == "passed"  # musts and isolation first
    same(reports[1], again(cases))


def test_a_limit_met_within_a_run_is_met_again_in_a_replay(cases: list[Case]) -> None:
    limiting = Limiting([60], refusal(("retry-after", "1200")), recorded().app)
    with EmbeddedServer(limiting) as server:
        one = run(
            Settings(server.base_url, OWN_KEY, OTHER_KEY, report_dir=Path("recorded"), transcript=True),
            cases,
        )  # fmt: skip
    assert one.result["verdict"] == "incomplete"
    assert red(one.result) == {}
    same(one, again(cases))


def test_a_burst_within_a_run_changes_nothing(cases: list[Case]) -> None:
    limiting = Limiting([30, 31, 32, 90], refusal(), recorded().app)
    with EmbeddedServer(limiting) as server:
        one = run(
            Settings(server.base_url, OWN_KEY, OTHER_KEY, report_dir=Path("recorded"), transcript=True),
            cases,
        )  # fmt: skip
    assert one.result["verdict"] == "conformant", one.reason
    assert [item["kind"] for item in one.result["incidents"]] == ["rate limit"] * 4
    same(one, again(cases))


class Falling(ClinicianApi):
    """Says that hardly anything is left, whatever is asked."""

    def rate_headers(self, allowance: Any) -> dict[str, str]:  # noqa: ARG002
        return {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "3"}


def test_a_count_that_is_none_stops_no_run(cases: list[Case]) -> None:
    _, result, asked = judged(Falling(), cases)
    assert result["verdict"] == "conformant", result["reason"]
    assert len(asked) > 200


# Pace


def test_a_rate_holds_for_all_threads() -> None:
    limiting = Limiting([], refusal())
    with (
        EmbeddedServer(limiting) as server,
        Client(target_of(server), rate=Rate.parse("20/s")) as client,
    ):
        client.ask([*pages(16), *(replace(item, credential="other") for item in pages(16))])
    times = sorted(limiting.times)
    assert len(times) == 32
    assert times[-1] - times[0] > 31 / 20 * 0.8
    for begin in times:
        assert sum(begin <= moment < begin + 0.5 for moment in times) <= 20  # 11 by the rate


# What a run costs


def costs(result: dict[str, Any]) -> tuple[int, int]:
    identities = result["requests"]["by_identity"]
    return identities["own"], identities["other"]


def test_the_cost_is_said_before_the_run(full_runs: FullRuns) -> None:
    own, other = costs(dict(full_runs.command.report()))
    cost = expected(Profile.STANDARD, other=True)
    assert own == pytest.approx(cost.own, rel=0.3)
    assert other == pytest.approx(cost.other, rel=0.4)
    assert (
        f"This run sends about {cost.own} requests with the own key and {cost.other} with the other, "
        "300 with a key at most. The own key has 999 of 1,000 left this hour."
    ) in full_runs.command.out


def test_too_little_is_said_to_be_too_little() -> None:
    with EmbeddedServer(limited(1000, 850)) as server:
        with Client(target_of(server, other_key=None), rate=Rate.parse("2/s")) as client:
            got(client)
            assert announced(client, Profile.STANDARD) == (
                "This run sends about 170 requests with the own key, 300 with a key at most, at 2/s in "
                "about 99 s. The own key has 149 of 1,000 left this hour: too few for all of it."
            )
        with Client(target_of(server), max_requests=40) as client:
            assert announced(client, Profile.STANDARD) == (
                "This run sends about 40 requests with the own key and 40 with the other, "
                "40 with a key at most: too few for all of it."
            )


# Bodies that are too much for a run


def test_answers_that_are_too_much_together_end_the_run(
    cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "MAX_BODIES", 1_000_000)
    _, result, _ = judged(None, cases)
    assert result["verdict"] == "untestable"
    assert "the bodies of" in result["reason"]


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[str]:
    with EmbeddedServer(recorded()) as server:
        ended = start(tmp_path, "run", "--profile", "smoke", "--quiet", **keys_for(server.base_url))
        yield ended.end().out


def test_where_little_is_said_the_cost_is_not(quiet: str) -> None:
    assert "This run sends" not in quiet
