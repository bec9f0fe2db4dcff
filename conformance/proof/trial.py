"""A trial: one run of the suite on one server, with its result in a form that can be pickled."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from conformance import report
from conformance.contract.cases import Case, Depth
from conformance.contract.document import load
from conformance.errors import ReportError
from conformance.faults.unjudgeable.servers import UnjudgeableServer
from conformance.faults.variant import Variant
from conformance.http.client import Client
from conformance.http.limits import MAX_REQUESTS, Limits
from conformance.http.sender import Sender
from conformance.judging.engine import judge
from conformance.judging.session import Session
from conformance.plugin import collect
from conformance.proof.server_process import Serve
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store
from conformance.running.result import Times, build
from conformance.target.credentials import IDENTITIES
from conformance.target.target import Target
from conformance.text.stamps import now

__all__ = ["RED", "Trial", "attempt", "collect", "judged", "run_suite", "serving", "to_trial"]

RED = ("failed", "warned")


@dataclass(frozen=True)
class Trial:
    """The result of a run of the suite on one server.

    ``outcomes`` has the outcome of every requirement, ``doubts`` the reason of each inconclusive one, and
    ``findings`` the first finding (expected, received) of each one that failed or warned.
    ``exit_status`` is None if the run did not finish. ``problem`` is an error of the suite itself.
    """

    name: str
    verdict: str | None = None
    exit_status: int | None = None
    reason: str = ""
    outcomes: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    findings: dict[str, tuple[str, str]] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=lambda: dict.fromkeys(IDENTITIES, 0))
    seconds: float = 0.0
    problem: str | None = None

    @property
    def red(self) -> list[str]:
        """Return the requirements that failed or warned, in the order of the contract."""
        return [identifier for identifier, outcome in self.outcomes.items() if outcome in RED]


@contextmanager
def serving(variant: Variant) -> Iterator[Target]:
    """Serve a variant with fresh data, and yield its target."""
    data = variant.data()
    store = Store.of(data)
    try:
        with EmbeddedServer(variant.app(variant.api(store, RateLimiter()))) as server:
            yield Target(
                server.base_url,
                data.own_key.key,
                data.other_key.key,
                known_ids=variant.known,
                embedded=True,
            )
    finally:
        store.close()


def attempt(
    server: Variant | UnjudgeableServer, cases: Sequence[Case], serve: Serve = serving
) -> Trial:
    """Run the suite on one server. An exception becomes the problem of the trial.

    :param serve: serves a variant; by default in this process.
    """
    started = time.perf_counter()
    try:
        with server.serve() if isinstance(server, UnjudgeableServer) else serve(server) as target:
            result, problem = judged(target, cases)
    except Exception as error:
        return Trial(server.name, problem=f"{type(error).__name__}: {error}")
    return to_trial(server.name, result, time.perf_counter() - started, problem)


def judged(target: Target, cases: Sequence[Case]) -> tuple[dict[str, Any], str | None]:
    """Return the result of a run on a target, and the error of the suite, if any."""
    result, problem = run_suite(target, cases, Depth.STANDARD)
    try:
        report.validate(result)  # a finding counts only if it can be reported
    except ReportError as error:
        problem = problem or f"the report cannot be written: {error}"
    return result, problem


def run_suite(
    target: Target, cases: Sequence[Case], depth: Depth
) -> tuple[dict[str, Any], str | None]:
    """Return the result of a run at ``depth``, and the error of the suite, if any."""
    with Client(Sender(target, Limits(max_requests=MAX_REQUESTS))) as client:
        session = Session(client, load(), depth=depth, seed=0)
        started = now()
        judgement = judge(session, cases)
        result, _ = build(session, judgement, Times(started, now()), allow_incomplete=False)
    return result, judgement.error


def to_trial(name: str, result: dict[str, Any], seconds: float, problem: str | None) -> Trial:
    """Return the trial for the result of a run."""
    rows = result["requirements"]
    return Trial(
        name,
        verdict=result["verdict"],
        exit_status=result["exit_status"],
        reason=result["reason"],
        outcomes={row["id"]: row["outcome"] for row in rows},
        doubts={row["id"]: row["reason"] or "" for row in rows if row["outcome"] == "inconclusive"},
        findings={
            row["id"]: (row["findings"][0]["expected"], row["findings"][0]["received"])
            for row in rows
            if row["outcome"] in RED and row["findings"]
        },
        requests=dict(result["requests"]["by_identity"]),
        seconds=round(seconds, 3),
        problem=problem,
    )
