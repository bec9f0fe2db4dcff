"""A trial: the suite judges one server, and what came of it is kept in a form that can be sent."""

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
from conformance.judging.engine import judge
from conformance.judging.session import Session
from conformance.plugin import collect
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store
from conformance.running.result import Times, build
from conformance.running.table import MAX_REQUESTS
from conformance.target.credentials import IDENTITIES
from conformance.target.target import Target
from conformance.text.stamps import now

__all__ = ["RED", "Trial", "attempt", "collect", "judged", "serving", "taken_down"]

RED = ("failed", "warned")


@dataclass(frozen=True)
class Trial:
    """How a run of the suite on one server ended.

    ``outcomes`` holds every requirement; ``doubts`` why one was inconclusive; ``findings`` the first
    one of each that turned red. ``exit_status`` is None where the run did not come to an end, and
    ``problem`` says what failed in the suite rather than in the server.
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
        """The requirements that turned red, in the order of the contract."""
        return [identifier for identifier, outcome in self.outcomes.items() if outcome in RED]


def attempt(server: Variant | UnjudgeableServer, cases: Sequence[Case]) -> Trial:
    """Judge one server. What goes wrong besides becomes the trial's problem."""
    started = time.perf_counter()
    try:
        with server.serve() if isinstance(server, UnjudgeableServer) else serving(server) as target:
            result, problem = judged(target, cases)
    except Exception as error:
        return Trial(server.name, problem=f"{type(error).__name__}: {error}")
    return taken_down(server.name, result, time.perf_counter() - started, problem)


@contextmanager
def serving(variant: Variant) -> Iterator[Target]:
    """A variant, served on data of its own for the time of a ``with`` block."""
    data = variant.data()
    store = Store.of(data)
    try:
        with EmbeddedServer(variant.app(variant.api(store, RateLimiter()))) as server:
            yield Target(server.base_url, data.own_key.key, data.other_key.key, embedded=True)
    finally:
        store.close()


def judged(target: Target, cases: Sequence[Case]) -> tuple[dict[str, Any], str | None]:
    """The result of a run on a target, and what failed in the suite itself."""
    with Client(target, max_requests=MAX_REQUESTS) as client:
        session = Session(client, load(), depth=Depth.STANDARD, seed=0)
        started = now()
        judgement = judge(session, cases)
        result, _ = build(session, judgement, Times(started, now()), allow_incomplete=False)
    problem = judgement.error
    try:
        report.validate(result)  # what cannot be reported is not found
    except ReportError as error:
        problem = problem or f"no report can be written: {error}"
    return result, problem


def taken_down(name: str, result: dict[str, Any], seconds: float, problem: str | None) -> Trial:
    """A trial from the result of its run."""
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
