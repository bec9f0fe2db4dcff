"""The budget of a run: the share left to other users, its rate, and its messages about cost and waiting."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.cases import Case, Depth
from conformance.errors import BudgetExhausted
from conformance.http import bounds, pace, sender
from conformance.http.exchange import Exchange
from conformance.http.limits import Rate
from conformance.http.request import Request
from conformance.reference.api import ClinicianApi
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store
from conformance.running.cost import announced, expected, most
from conformance.running.run import run
from conformance.running.settings import Settings
from tests.support.asking import client_to, got, pages
from tests.support.limiting import Limiting, refusal
from tests.support.replaying import again, same
from tests.support.servers import (
    OTHER_KEY,
    OWN_KEY,
    FullRuns,
    Recorder,
    judged,
    keys_for,
    recorded,
    red,
    start,
    target_of,
)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sender, "BURST", 0.05)
    monkeypatch.setattr(pace, "SLOWED", 0.01)
    monkeypatch.setattr(pace, "SLOWEST", 0.04)


# Remaining requests of a key


def limited(limit: int, used: int) -> Recorder:
    """Return the correct server after other users have sent ``used`` requests with each key in this hour."""
    limiter = RateLimiter(limit, lambda: 1_800_000_000.0)
    api = ClinicianApi(Store.seeded(), limiter)
    for key in (OWN_KEY, OTHER_KEY):
        identity = api.authenticate(f"Bearer {key}")
        assert identity is not None
        for _ in range(used):
            limiter.take(identity.key_hash)
    return recorded(api)


def test_a_tenth_of_the_rate_limit_is_left_to_other_users() -> None:
    recorder = limited(1000, 870)
    with EmbeddedServer(recorder) as server, client_to(target_of(server)) as client:
        for number in range(2):
            got(client, Request(repeat=str(number)))
        assert client.left("own") == 28
        answers = client.ask(pages(60))
        kinds = ["answered" if isinstance(item, Exchange) else "refused" for item in answers]
        assert kinds == ["answered"] * 28 + ["refused"] * 32
        last = answers[-1]
        assert isinstance(last, BudgetExhausted)
        assert "your key has 100 of 1,000 requests left" in str(last)
        assert client.left("own") == 0
        assert isinstance(got(client, Request(credential="other")), Exchange)
        got(client, Request(credential="no key"))
    assert len(recorder.seen) == 32


@pytest.mark.broad
def test_a_run_leaves_a_tenth_and_its_report_is_reproducible(cases: list[Case]) -> None:
    """Two runs and a replay send the requests in the same order."""
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
    assert any("your key has 100 of 1,000" in str(reason) for reason in doubts)
    outcomes = {row["id"]: row["outcome"] for row in result["requirements"]}
    assert outcomes["ORG-01"] == "passed"  # mandatory requirements and isolation come first
    same(reports[1], again(cases))


@pytest.mark.broad
def test_a_rate_limit_reached_in_a_run_is_reached_again_in_a_replay(cases: list[Case]) -> None:
    limiting = Limiting([60], refusal(("retry-after", "1200")), recorded().app)
    with EmbeddedServer(limiting) as server:
        one = run(
            Settings(server.base_url, OWN_KEY, OTHER_KEY, report_dir=Path("recorded"), transcript=True),
            cases,
        )  # fmt: skip
    assert one.result["verdict"] == "incomplete"
    assert red(one.result) == {}
    same(one, again(cases))


@pytest.mark.broad
def test_a_burst_limit_in_a_run_does_not_change_the_verdict(cases: list[Case]) -> None:
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
    """Reports three remaining requests in every response."""

    def rate_headers(self, allowance: Any) -> dict[str, str]:  # noqa: ARG002
        return {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "3"}


@pytest.mark.broad
def test_a_remaining_count_that_never_falls_does_not_stop_a_run(cases: list[Case]) -> None:
    _, result, asked = judged(Falling(), cases)
    assert result["verdict"] == "conformant", result["reason"]
    assert len(asked) > 200


# Rate


def test_a_rate_holds_for_all_threads() -> None:
    limiting = Limiting([], refusal())
    with (
        EmbeddedServer(limiting) as server,
        client_to(target_of(server), rate=Rate.parse("20/s")) as client,
    ):
        client.ask([*pages(16), *(replace(item, credential="other") for item in pages(16))])
    times = sorted(limiting.times)
    assert len(times) == 32
    assert times[-1] - times[0] > 31 / 20 * 0.8
    for begin in times:
        assert sum(begin <= moment < begin + 0.5 for moment in times) <= 20  # 11 by the rate


# Progress messages


def test_a_run_reports_its_wait_for_the_rate_limit(cases: list[Case]) -> None:
    # The second request belongs to the full list, and is sent with the own key.
    limiting = Limiting([2], refusal(("retry-after", "1")), recorded().app)
    labels: list[str] = []
    with EmbeddedServer(limiting) as server:
        settings = Settings(server.base_url, OWN_KEY, report_dir=Path("here"), depth=Depth.SMOKE)
        run(settings, cases, progress=lambda *values: labels.append(values[-1]))
    assert "waiting 1 s for the rate limit of your key" in labels
    assert labels[-1] == "cases"


def test_a_wait_can_be_interrupted(tmp_path: Path) -> None:
    limiting = Limiting(range(1, 99), refusal(("retry-after", "50")))
    with EmbeddedServer(limiting) as server:
        command = start(tmp_path, "run", **keys_for(server.base_url))
        limiting.refusal.wait_for(1)
        signalled = time.monotonic()
        os.kill(command.process.pid, signal.SIGINT)
        ended = command.end(20)
    assert ended.status == 130, ended.text
    assert time.monotonic() - signalled < 15
    assert len(limiting.times) == 1


# The cost of a run


def costs(result: dict[str, Any]) -> tuple[int, int]:
    identities = result["requests"]["by_identity"]
    return identities["own"], identities["other"]


def test_the_cost_is_announced_before_the_run(full_runs: FullRuns) -> None:
    own, other = costs(dict(full_runs.command.report()))
    cost = expected(Depth.STANDARD, other=True)
    assert own == pytest.approx(cost.own, rel=0.3)
    assert other == pytest.approx(cost.other, rel=0.4)
    large = most(Depth.STANDARD, 300, other=True)
    assert (
        f"This run sends about {cost.own} requests with your key (up to {large} if its directory is "
        f"large), {cost.other} with the second organisation's key and "
        f"{cost.anonymous} without a valid key, at most 300 per key. "
        "Your key has 999 of 1,000 requests left in this hour."
    ) in full_runs.command.out


def test_the_announcement_says_if_the_budget_is_too_small() -> None:
    cost = expected(Depth.STANDARD, other=False)
    large = most(Depth.STANDARD, 300, other=False)
    with EmbeddedServer(limited(1000, 850)) as server:
        with client_to(target_of(server, other_key=None), rate=Rate.parse("2/s")) as client:
            got(client)
            assert announced(client, Depth.STANDARD) == (
                f"This run sends about {cost.own} requests with your key (up to {large} if its directory is "
                f"large) and {cost.anonymous} without a valid key, at most 300 "
                f"per key; at 2/s it takes about {cost.total / 2:.0f} s. "
                "Your key has 149 of 1,000 requests left in this hour: not enough for the whole run."
            )
        with client_to(target_of(server), max_requests=40) as client:
            assert announced(client, Depth.STANDARD) == (
                "This run sends about 40 requests with your key, 40 with the second organisation's key "
                "and 40 without a valid key, at most 40 per key: not enough for the whole run."
            )


# Bodies that exceed the size limit of a run


def test_a_run_ends_when_the_total_size_of_bodies_exceeds_its_limit(
    cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MAX_RUN", 1_000_000)
    _, result, _ = judged(None, cases)
    assert result["verdict"] == "untestable"
    assert "of memory" in result["reason"]


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[str]:
    with EmbeddedServer(recorded()) as server:
        ended = start(tmp_path, "run", "--depth", "smoke", "--quiet", **keys_for(server.base_url))
        yield ended.end().out


def test_quiet_output_omits_the_cost(quiet: str) -> None:
    assert "This run sends" not in quiet
