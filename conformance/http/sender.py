"""Sends one request until it is answered, within the budget, at the pace, and with patience for the way.

What a key may be asked for is the least of three: the bound of the run, what the target says that the key
has left less what belongs to its other users, and nothing once the target has refused it for longer than
the run waits.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

import httpx

from conformance.errors import BudgetExhausted, RateLimited, TransportFailure, WriteLeftOut
from conformance.http import rate_headers, transport
from conformance.http.exchange import Exchange
from conformance.http.failures import ExchangeOrError, Incident, Trace
from conformance.http.pace import EVERYBODY, Pace
from conformance.http.quota import Quota, Told, refusal
from conformance.http.rate import Rate
from conformance.http.request import Request
from conformance.http.transport import Transport, explained
from conformance.target.credentials import ANONYMOUS, OTHER, OWN
from conformance.target.target import Target

GATEWAY = frozenset({502, 503, 504})
"""Statuses of a gateway that stumbles: retried and counted as incidents, never a breach."""

ATTEMPTS = 4
BACKOFF = 0.2
TIMEOUTS = 2
"""How often a request is sent that is never answered: each time takes as long as a read may take."""

REFUSALS = 4
"""How often a request is sent that a rate limit refuses."""

OFTEN = 40
"""A gateway that is busy twice within so many requests is asked more slowly; once in twenty is untestable."""

BURST = 0.5
PATIENCE = 5
"""All waits for an identity together may come to so many times the longest one."""

RATE_LIMIT = "rate limit"
NAMES = {OWN: "the own key", OTHER: "the other key", ANONYMOUS: "a request without a valid key"}


@dataclass(frozen=True, slots=True)
class _Setback:
    """A request that went out and has to go out again: ``tries`` times in all, after what ``wait`` says."""

    kind: str
    text: str
    sent_at: float
    tries: int = ATTEMPTS
    wait: float | None = None
    exchange: Exchange | None = None


class Sender:
    """Budget, pace and retries; see :class:`conformance.http.client.Client` for the parameters."""

    def __init__(
        self,
        target: Target,
        *,
        max_requests: int,
        concurrency: int,
        rate: Rate | None,
        max_wait: float,
        no_writes: bool,
    ) -> None:
        self.target = target
        self.max_requests = max_requests
        self.concurrency = concurrency
        self.rate = rate
        self.max_wait = max_wait
        self.no_writes = no_writes
        self.on_wait: Callable[[str], None] | None = None
        self.sent: Counter[str] = Counter()
        self.attempts: Counter[Request] = Counter()
        self.incidents: list[Incident] = []
        self.epoch = 0
        self.traces: dict[tuple[int, Request], Trace] = {}
        self._planned: Counter[str] = Counter()
        self._granted: dict[str, int] = {}
        self._quotas: defaultdict[str, Quota] = defaultdict(Quota)
        self._limited: dict[str, str] = {}
        self._waited: defaultdict[str, float] = defaultdict(float)
        self._struck_at = float("-inf")
        self._stumbled_after = -OFTEN
        self._answered_once = False
        self._lock = threading.RLock()
        self._stopped = threading.Event()
        self.pace = Pace(rate, self._stopped.wait)
        self._transport = Transport(target, concurrency)

    @property
    def total_sent(self) -> int:
        """Requests sent, of all identities."""
        return sum(self.sent.values())

    def left(self, identity: str) -> int:
        """Requests that the identity may still send, within the bound and what the target grants the key.

        As it stood after the last batch.
        """
        granted = self._granted.get(identity, self.max_requests)
        return max(0, min(self.max_requests, granted) - self.sent[identity])

    def told(self, identity: str) -> Told | None:
        """What the target has said last of the key's count, None where it says nothing."""
        with self._lock:
            return self._quotas[identity].last

    # The budget

    def plan(self, request: Request) -> Exception | None:
        """Count a request before anything of its batch goes out, or say why it will not go out."""
        identity = request.identity
        if self.no_writes and request.writes:
            return WriteLeftOut(
                f"{request.method} is not sent: --no-writes leaves out what may write"
            )
        with self._lock:
            refused = self._refused(request, self._planned[identity])
            if refused is None:
                self._planned[identity] += 1
            return refused

    def grant(self) -> dict[str, int]:
        """Note what the keys have left, once nothing is under way.

        Between two batches nothing else counts: what is asked must follow from what was answered.
        """
        with self._lock:
            self._planned.clear()
            self._granted.clear()
            for identity in (OWN, OTHER):
                left = self._quotas[identity].left()
                if left is not None:
                    self._granted[identity] = self.sent[identity] + max(0, left)
            return dict(self._granted)

    def _refused(self, request: Request, planned: int) -> Exception | None:
        """Why the identity may not send one more, beside those that are planned and not yet sent."""
        identity = request.identity
        if identity in self._limited:
            return RateLimited(self._limited[identity])
        if self.sent[identity] + planned >= self.max_requests:
            return BudgetExhausted(
                f"the bound of {self.max_requests} requests for a key is reached (--max-requests)"
            )
        if identity == ANONYMOUS:
            return None
        quota = self._quotas[identity]
        told, left, opens_in = quota.told, quota.left(), quota.opens_in()
        if told is None or left is None or opens_in is None or left - planned > 0:
            return None
        why = refusal(NAMES[identity], told, planned)
        if self.pace.held(identity) >= opens_in - 1:
            return None
        if self._patient(identity, opens_in):
            self._incident(request, RATE_LIMIT, f"{why}: waited {opens_in:.0f} s", counts=False)
            self._hold(identity, opens_in)
            return None
        return BudgetExhausted(why)

    def _take(self, request: Request, *, first: bool) -> Exception | None:
        """Take a request's place in the budget as it goes out, or say why there is none."""
        identity = request.identity
        with self._lock:
            if self._stopped.is_set():
                return BudgetExhausted("the run was stopped")
            if first:
                # Planned as it is, it goes out, unless others have used up the key meanwhile.
                self._planned[identity] -= 1
                told = self._quotas[identity].told if identity != ANONYMOUS else None
                if identity in self._limited:
                    return RateLimited(self._limited[identity])
                if told is not None and told.remaining <= told.reserve:
                    return BudgetExhausted(refusal(NAMES[identity], told))
            elif refused := self._refused(request, self._planned[identity]):
                return refused
            self.sent[identity] += 1
            self.attempts[request] += 1
            self._trace(request).attempts += 1
            return None

    # Sending

    def attempt(self, request: Request) -> ExchangeOrError:
        """Send a planned request until it is answered."""
        identity = request.identity
        failures = refusals = 0
        while True:
            if not self.pace.turn(identity):
                return BudgetExhausted("the run was stopped")
            refused = self._take(request, first=not failures + refusals)
            if refused is not None:
                return refused
            outcome = self._once(request)
            if not isinstance(outcome, _Setback):
                return outcome
            if outcome.exchange is not None:
                refusals += 1
                if not self._wait_out(request, outcome, outcome.exchange, refusals):
                    # What has not the API's envelope is a proxy's own, and nothing to judge the API by.
                    own = outcome.exchange.is_error
                    return outcome.exchange if own else RateLimited(self._limited[identity])
            else:
                failures += 1
                if not self._back_off(request, outcome, failures):
                    self._blame(request)
                    return TransportFailure(f"no response came: {outcome.text}")

    def _once(self, request: Request) -> ExchangeOrError | _Setback:
        quota = self._quotas[request.identity]
        with self._lock:
            place = quota.start()
        sent_at = self.pace.now()
        exchange = None
        try:
            exchange = self._transport.send(request)
        except httpx.HTTPError as problem:
            return self._failed(problem, sent_at)
        except (ValueError, OSError, ImportError) as problem:  # a host name that no resolver takes
            return TransportFailure(f"no connection: {problem}")
        finally:
            with self._lock:
                quota.end(place, exchange)
        self._answered_once = True
        if exchange.status == 429:
            wait = rate_headers.requested_wait(exchange, time.time())
            return _Setback(RATE_LIMIT, "429", sent_at, REFUSALS, wait, exchange)
        if exchange.status not in GATEWAY:
            return exchange
        text, tries = f"the gateway answered {exchange.status}", ATTEMPTS
        busy = exchange.status == 503
        wait = rate_headers.retry_after(exchange, time.time()) if busy else None
        if wait is not None and not self._patient(EVERYBODY, wait):
            text, tries = f"{text}, to be asked again in {wait:.0f} s: --max-wait is less", 1
        if busy and sent_at >= self._struck_at:
            # A limit on bursts answers so too, whether or not it says when to come again.
            with self._lock:
                often = self.total_sent - self._stumbled_after <= OFTEN
                self._stumbled_after = self.total_sent
            if often:
                self.pace.slow(sent_at)
        return _Setback("gateway", text, sent_at, tries, wait)

    def _failed(self, problem: httpx.HTTPError, sent_at: float) -> _Setback:
        tries = TIMEOUTS if isinstance(problem, httpx.TimeoutException) else ATTEMPTS
        # What was never there is not waited for.
        never = not self._answered_once and isinstance(
            problem, httpx.TimeoutException | httpx.ConnectError | httpx.ProxyError
        )
        if never or isinstance(problem, httpx.UnsupportedProtocol):
            tries = 1
        return _Setback("transport", explained(problem), sent_at, tries)

    # Waiting

    def _back_off(self, request: Request, setback: _Setback, failures: int) -> bool:
        """Wait as long as is good after a fault of the way; False where the request is given up."""
        with self._lock:
            counts = setback.sent_at >= self._struck_at
            if counts:
                self._struck_at = self.pace.now()
            text = f"{request.method} {request.path}: {setback.text}"
            self._incident(request, setback.kind, text, counts=counts)
        if failures >= setback.tries:
            return False
        pause = max(setback.wait or 0.0, BACKOFF * 3 ** (failures - 1))
        if setback.kind == "transport":
            return not self._stopped.wait(pause)
        # A server that is just coming up is not to be met by all of them at once.
        self._hold(EVERYBODY, pause)
        return True

    def _wait_out(
        self, request: Request, setback: _Setback, exchange: Exchange, refusals: int
    ) -> bool:
        """Wait until the rate limit is over; False where that takes longer than the run waits."""
        identity = request.identity
        wait = max(setback.wait or 0.0, BURST * 2 ** (refusals - 1))
        with self._lock:
            if refusals >= setback.tries or not self._patient(identity, wait):
                asks = f", for another {wait:.0f} s" if setback.wait else ""
                self._limited[identity] = (
                    f"the target's rate limit for {NAMES[identity]} is reached (429){asks}: "
                    f"waited out are {self.max_wait:g} s at most (--max-wait)"
                )
                return False
            if rate_headers.remaining(exchange) != 0:
                self.pace.slow(setback.sent_at)
            self._quotas[identity].forget()
            text = f"{request.method} {request.path}: 429, sent again after {wait:.1f} s"
            self._incident(request, RATE_LIMIT, text, counts=False)
            self._hold(identity, wait)
        return True

    def _patient(self, identity: str, seconds: float) -> bool:
        more = max(0.0, seconds - self.pace.held(identity))
        in_all = self._waited[identity] + more
        return 0 < self.max_wait >= seconds and in_all <= PATIENCE * self.max_wait

    def _hold(self, identity: str, seconds: float) -> None:
        with self._lock:
            self._waited[identity] += max(0.0, seconds - self.pace.held(identity))
            self.pace.hold(identity, seconds)
        if self.on_wait and seconds >= 1:
            whom = NAMES.get(identity, "the target")
            self.on_wait(f"waiting {seconds:.0f} s for {whom}")

    # The record

    def _trace(self, request: Request) -> Trace:
        return self.traces.setdefault((self.epoch, request), Trace(transport.now()))

    def _incident(self, request: Request, kind: str, text: str, *, counts: bool) -> None:
        with self._lock:
            if not self._stopped.is_set():
                self._trace(request).incidents.append(len(self.incidents))
                self.incidents.append(Incident(kind, text, counts=counts))

    def _blame(self, request: Request) -> None:
        """Nothing came of it: each of its faults counts."""
        with self._lock:
            for place in self._trace(request).incidents:
                incident = self.incidents[place]
                self.incidents[place] = replace(incident, counts=incident.kind != RATE_LIMIT)
