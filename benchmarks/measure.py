"""Runs every tool on every server, and records findings, requests and seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.tool import LIMIT, Tool, ToolReport
from conformance.faults.variant import Variant
from conformance.proof.workers import work_through
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store
from conformance.target.target import Target


@dataclass(frozen=True)
class Run:
    """A run of one tool on one server. ``requests`` is the server's count."""

    findings: list[str] = field(default_factory=list)
    problem: str | None = None
    requests: int = 0
    seconds: float = 0.0


Runs = dict[str, Run]


class Counter:
    """An ASGI application that counts the requests and passes them on.

    ``first`` is the time of the first request by ``time.perf_counter``, 0 before it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.requests = 0
        self.first = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.first = self.first or time.perf_counter()
            self.requests += 1
        await self.app(scope, receive, send)


@contextmanager
def serving(variant: Variant, rate_limit: int) -> Iterator[tuple[Target, Counter]]:
    """Serve a variant with fresh data, and yield its target and its counter."""
    data = variant.data()
    store = Store.of(data)
    try:
        counter = Counter(variant.app(variant.api(store, RateLimiter(rate_limit))))
        with EmbeddedServer(counter) as server:
            key, other = data.own_key.key, data.other_key.key
            known = variant.known
            yield Target(server.base_url, key, other, known_ids=known, embedded=True), counter
    finally:
        store.close()


def measured(tool: Tool, variant: Variant) -> Run:
    """Run one tool on a fresh server."""
    with serving(variant, tool.rate_limit) as (target, counter):
        started = time.perf_counter()
        try:
            report = tool.run(variant, target)
        except Exception as error:
            report = ToolReport(problem=f"{type(error).__name__}: {error}")
        seconds = time.perf_counter() - started
    return Run(report.findings, report.problem, counter.requests, round(seconds, 3))


def each(variant: Variant, tools: Sequence[Tool]) -> Runs:
    """Run all tools on one server, one after another."""
    return {tool.name: measured(tool, variant) for tool in tools}


def measure(
    variants: Sequence[Variant],
    tools: Sequence[Tool],
    workers: int,
    announce: Callable[[str], None],
) -> dict[str, Runs]:
    """Run all tools on all servers, ``workers`` servers at a time."""
    results: dict[str, Runs] = {}

    def done(variant: Variant, runs: Runs) -> None:
        results[variant.name] = runs
        announce(variant.name)

    work_through(
        [(variants, workers)],
        partial(each, tools=tools),
        limit=(LIMIT + 30) * len(tools),
        lost=lambda _, reason: {tool.name: Run(problem=reason) for tool in tools},
        done=done,
    )
    return results
