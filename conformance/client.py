"""The only module that sends: budget, memory, retries, record.

A request that has been asked is answered from memory; a batch of requests that do not depend on each
other goes out together, and is recorded in the order of the batch, whatever came first.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self

import httpx

from conformance import __version__
from conformance.exchange import Exchange, Request, Transcript
from conformance.target import CREDENTIALS, Target, Veil
from conformance.verdict import Inconclusive, Untestable

GATEWAY = frozenset({502, 503, 504})
"""Statuses of a gateway that stumbles: retried and counted as incidents, never a breach."""

MAX_BODY = 10 * 1024 * 1024
CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 10.0
ATTEMPTS = 3
BACKOFF = 0.2
INCIDENT_SHARE = 0.05
INCIDENTS_ALLOWED = 3

Answer = Exchange | Exception


class BudgetExhausted(Inconclusive):
    """The bound on requests is reached; the message names it."""


class RateLimited(BudgetExhausted):
    """The target's own limit is reached: a 429 was answered, and the key has other users."""


class TransportFailure(Inconclusive):
    """No response came, after retries; the message says what happened on the wire."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A fault of the way to the target, not of the contract."""

    kind: str
    text: str
    exchange: int | None = None


@dataclass
class Trace:
    """What it took to have a request answered: when it first went out, how often, what failed on the way.

    Incidents are named by their places in the list of all.
    """

    started_at: str
    attempts: int = 0
    incidents: list[int] = field(default_factory=list)


class Client:
    """Sends requests to a target, within a bound.

    :param max_requests: hard bound on the requests of each identity, retries included.
    :param concurrency: how many requests of a batch are under way at once.
    :param on_sent: called after each batch with the number of requests sent so far.
    """

    def __init__(
        self,
        target: Target,
        *,
        max_requests: int = 300,
        concurrency: int = 8,
        on_sent: Callable[[int], None] | None = None,
    ) -> None:
        self.target = target
        self.max_requests = max_requests
        self.transcript = Transcript()
        self.sent: Counter[str] = Counter()
        self.attempts: Counter[Request] = Counter()
        self.reused = 0
        self.incidents: list[Incident] = []
        self.epoch = 0
        self.traces: dict[tuple[int, Request], Trace] = {}
        self._memory: dict[tuple[int, Request], Answer] = {}
        self._on_sent = on_sent
        self._lock = threading.Lock()
        self._stopped = False
        self._limited: set[str] = set()
        self._began = time.perf_counter()
        self._veil = Veil(target)
        self._http = httpx.Client(
            headers={
                "User-Agent": f"clinician-profiles-conformance/{__version__}",
                "Accept": "application/json",
            },
            timeout=httpx.Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT),
            limits=httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency),
            follow_redirects=False,
            # What one identity is given must not go out with another's request.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            # A proxy of the surroundings knows nothing of a server that was started for the run.
            trust_env=not target.embedded,
        )
        self._pool = ThreadPoolExecutor(
            max_workers=concurrency, thread_name_prefix="conformance-client"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._http.close()

    def stop(self) -> None:
        """Send nothing more: the record and its counts stay as they are, whatever is still under way."""
        with self._lock:
            self._stopped = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    def forget(self) -> None:
        """Answer nothing from memory that was asked until now: what comes next is asked afresh."""
        self.epoch += 1

    @property
    def total_sent(self) -> int:
        """Requests sent, of all identities."""
        return sum(self.sent.values())

    @property
    def answers(self) -> Mapping[tuple[int, Request], Answer]:
        """Everything that was asked, with its epoch, and what came of it, in the order of the record."""
        return self._memory

    def left(self, identity: str) -> int:
        """Requests that the identity may still send."""
        return self.max_requests - self.sent[identity]

    def ask(self, requests: Sequence[Request]) -> list[Answer]:
        """Answers to a batch, in its order: an exchange, or the exception that stands for it.

        :raises Untestable: where incidents pass the share that a judgement can bear.
        """
        missing: list[Request] = []
        for request in dict.fromkeys(requests):
            if (self.epoch, request) in self._memory:
                self.reused += 1
            else:
                missing.append(request)
        if missing:
            self._fetch(missing)
        return [self._memory[self.epoch, request] for request in requests]

    def _answered(self, requests: Sequence[Request]) -> list[tuple[Request, Answer]]:
        """What came of a batch, in the order of the record."""
        together = [request for request in requests if not request.in_turn]
        futures = [(request, self._pool.submit(self._attempt, request)) for request in together]
        answers: list[tuple[Request, Answer]] = [
            (request, future.result()) for request, future in futures
        ]
        answers += [(request, self._attempt(request)) for request in requests if request.in_turn]
        return answers

    def _fetch(self, requests: list[Request]) -> None:
        fresh: list[Exchange] = []
        for request, answer in self._answered(requests):
            if isinstance(answer, Exchange):
                fresh.append(replace(answer, number=len(self.transcript) + len(fresh) + 1))
            self._memory[self.epoch, request] = (
                fresh[-1] if isinstance(answer, Exchange) else answer
            )
        self.transcript.add(fresh)
        if self._on_sent:
            self._on_sent(self.total_sent)
        allowed = max(INCIDENTS_ALLOWED, INCIDENT_SHARE * self.total_sent)
        if len(self.incidents) > allowed:
            raise Untestable(
                f"{len(self.incidents)} of {self.total_sent} requests failed on the way, "
                f"the last: {self.incidents[-1].text}"
            )

    def _take(self, request: Request) -> bool:
        with self._lock:
            if self._stopped or self.sent[request.identity] >= self.max_requests:
                return False
            self.sent[request.identity] += 1
            self.attempts[request] += 1
            self.traces.setdefault((self.epoch, request), Trace(_moment())).attempts += 1
            return True

    def _attempt(self, request: Request) -> Answer:
        last = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(BACKOFF * 2 ** (attempt - 1))
            if request.identity in self._limited:
                return RateLimited("the target's rate limit for the key is reached (429)")
            if not self._take(request):
                return BudgetExhausted(
                    f"the bound of {self.max_requests} requests for a key is reached (--max-requests)"
                )
            try:
                exchange = self._send(request)
            except httpx.HTTPError as problem:
                last = _explained(problem)
                self._incident(request, "transport", f"{request.method} {request.path}: {last}")
                never = isinstance(problem, httpx.TimeoutException) and not len(self.transcript)
                if never or isinstance(problem, httpx.ConnectError | httpx.UnsupportedProtocol):
                    break
                continue
            except (ValueError, OSError) as problem:  # a host name that no resolver takes
                return TransportFailure(f"no connection: {problem}")
            if exchange.status == 429:
                self._limited.add(request.identity)
            if exchange.status not in GATEWAY:
                return exchange
            last = f"the gateway answered {exchange.status}"
            self._incident(request, "gateway", f"{request.method} {request.path}: {last}")
        return TransportFailure(f"no response came: {last}")

    def _incident(self, request: Request, kind: str, text: str) -> None:
        with self._lock:
            if not self._stopped:
                self.traces[self.epoch, request].incidents.append(len(self.incidents))
                self.incidents.append(Incident(kind, text))

    def _send(self, request: Request) -> Exchange:
        url = self.target.base_url + request.target
        headers = list(request.headers)
        authorization = CREDENTIALS[request.credential].header(self.target)
        if authorization is not None:
            headers.append(("Authorization", authorization))
        moment = _moment()
        start = time.perf_counter()
        with self._http.stream(request.method, url, headers=headers) as response:
            body = _bounded(response.iter_bytes(), start + 2 * READ_TIMEOUT)
        elapsed = time.perf_counter() - start
        pairs = tuple(
            (name.decode("latin-1").lower(), self._veil.text(value.decode("latin-1")))
            for name, value in response.headers.raw
        )
        body = self._veil.bytes(body)
        return Exchange(
            0, request, url, response.status_code, pairs, body, elapsed, start - self._began, moment
        )


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _bounded(chunks: Iterable[bytes], deadline: float) -> bytes:
    """The body, up to a size and a moment: one that drips a byte a second would never time out by itself."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if time.perf_counter() > deadline:
            raise httpx.ReadTimeout("the body does not end")
        if len(body) > MAX_BODY:
            break
    return bytes(body)


def _explained(problem: httpx.HTTPError) -> str:
    """What happened on the wire, in words for somebody who does not know the library."""
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed: {cause.reason or cause}"
        cause = cause.__cause__ or cause.__context__
    if isinstance(problem, httpx.ConnectTimeout):
        return f"no connection within {CONNECT_TIMEOUT:g} s"
    if isinstance(problem, httpx.TimeoutException):
        return f"no answer within {READ_TIMEOUT:g} s"
    if isinstance(problem, httpx.ConnectError):
        return f"no connection: {problem}"
    if isinstance(problem, httpx.RemoteProtocolError):
        return f"the connection was cut: {problem}"
    return str(problem) or type(problem).__name__
