"""Servers that record their requests, and runs on them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.types import ASGIApp, Receive, Scope, Send

from conformance import report
from conformance.contract.cases import Case, Depth
from conformance.contract.document import load
from conformance.http.client import Client
from conformance.http.request import Request
from conformance.judging.engine import Judgement, judge
from conformance.judging.session import Session
from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Row, Store
from conformance.running.result import Times, build
from conformance.target.target import Target
from conformance.text.stamps import now
from tests.support.asking import client_to
from tests.support.processes import (
    OTHER_KEY,
    OWN_KEY,
    ROOT,
    Command,
    Ended,
    keys_for,
    start,
    surroundings,
)

# Re-exported for the tests.
__all__ = [
    "OTHER_KEY",
    "OWN_KEY",
    "ROOT",
    "Command",
    "Ended",
    "keys_for",
    "start",
    "surroundings",
]


class Seen(NamedTuple):
    """A request as the server received it."""

    method: str
    target: str
    authorization: str
    cookie: str


class Recorder:
    """An application that records every request and passes it to another application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.seen: list[Seen] = []
        self._changed = threading.Condition()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            text = value.decode("latin-1")
            known = headers.get(name.decode())
            headers[name.decode()] = text if known is None else f"{known}, {text}"
        target = scope["raw_path"].decode("latin-1")
        if scope["query_string"]:
            target += "?" + scope["query_string"].decode("latin-1")
        with self._changed:
            self.seen.append(
                Seen(
                    scope["method"],
                    target.removeprefix("/api-v1"),
                    headers.get("authorization", ""),
                    headers.get("cookie", ""),
                )
            )
            self._changed.notify_all()
        await self.app(scope, receive, send)

    def wait_for(self, count: int, seconds: float = 60) -> None:
        """Wait until ``count`` requests are received."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.seen) >= count, seconds)


def recorded(
    api: ClinicianApi | None = None, latency_ms: float = 0, rate_limit: int = 1000
) -> Recorder:
    """Return the correct server, or another one, wrapped in a recorder."""
    api = api or ClinicianApi(Store.seeded(), RateLimiter(rate_limit))
    return Recorder(build_app(api, latency_ms))


class Open(ClinicianApi):
    """Returns every profile to every key."""

    def find(self, clinician_id: str, organisation_id: str) -> Row | None:  # noqa: ARG002
        rows = self.store.rows("SELECT * FROM clinicians WHERE id = ?", (clinician_id,))
        return rows[0] if rows else None


def canned(status: int, body: str | bytes, *headers: tuple[str, str]) -> Recorder:
    """Return a server that gives the same response to every request."""
    content = body.encode() if isinstance(body, str) else body
    names = {name.lower() for name, _ in headers}
    fixed = [] if "content-type" in names else [("content-type", "application/json")]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        pairs = [(name.encode(), value.encode()) for name, value in (*fixed, *headers)]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": content})

    return Recorder(app)


def target_of(server: EmbeddedServer, **changes: Any) -> Target:
    """Return a server as a target with both keys."""
    return Target(
        **{"base_url": server.base_url, "own_key": OWN_KEY, "other_key": OTHER_KEY} | changes
    )


@contextmanager
def client_for(app: ASGIApp, **limits: Any) -> Iterator[Client]:
    """Serve an application and yield a client that sends to it."""
    with EmbeddedServer(app) as server, client_to(target_of(server), **limits) as client:
        yield client


Run = Callable[..., Ended]


@dataclass(frozen=True)
class FullRuns:
    """Two full runs, made at the same time because each takes seconds.

    ``command`` is ``conformance run`` on a server that recorded the requests in ``seen``. ``pytest`` is plain
    pytest on ``conformance serve``, with the lines that serve ``printed`` as its environment.
    """

    command: Ended
    seen: list[Seen]
    pytest: Ended
    printed: list[str]


PLUGIN = ("-p", "conformance.plugin")
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Disables other plugins: that of schemathesis takes a second to load."""


def judged(
    api: ClinicianApi | Recorder | None,
    cases: Sequence[Case],
    depth: Depth = Depth.STANDARD,
    **bounds: Any,
) -> tuple[Judgement, dict[str, Any], list[Request]]:
    """Judge a server with ``cases``; ``bounds`` go to the client.

    Returns the judgement, the result and the requests in order.
    """
    with (
        EmbeddedServer(api if isinstance(api, Recorder) else recorded(api)) as server,
        client_to(target_of(server, embedded=True), **bounds) as client,
    ):
        session = Session(client, load(), depth=depth, seed=0)
        started = now()
        judgement = judge(session, cases)
        result, _ = build(session, judgement, Times(started, now()), allow_incomplete=False)
        asked = [item.request for item in client.transcript]
    report.validate(result)
    return judgement, result, asked


def red(result: dict[str, Any]) -> dict[str, Any]:
    """Return the findings of each requirement that failed or warned, by id."""
    rows = result["requirements"]
    return {row["id"]: row["findings"] for row in rows if row["outcome"] in ("failed", "warned")}
