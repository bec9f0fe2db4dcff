"""Sends requests to a target until they are answered, within the budget and at the pace of a run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import httpx

from conformance.errors import BudgetExhausted, RateLimited, TransportFailure
from conformance.http import rate_headers
from conformance.http.backend import Tally
from conformance.http.batches import in_record, phases
from conformance.http.budget import RATE_LIMIT, Budget
from conformance.http.exchange import Exchange
from conformance.http.failures import ATTEMPTS, ExchangeOrError
from conformance.http.limits import Limits
from conformance.http.pace import EVERYBODY, Pace, Waits
from conformance.http.quota import KeyCount
from conformance.http.request import Request
from conformance.http.transport import Transport, explained
from conformance.target.credentials import NAMES
from conformance.target.target import Target

GATEWAY = frozenset({502, 503, 504})
"""Statuses of a gateway that stumbles: retried and counted as incidents, never a breach."""

BACKOFF = 0.2
TIMEOUTS = 2
"""How often a request is sent that is never answered: each time takes as long as a read may take."""

REFUSALS = 4
"""How often a request is sent that a rate limit refuses."""

OFTEN = 40
"""A gateway that is busy twice within so many requests is asked more slowly; once in twenty is untestable."""

BURST = 0.5


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
    """The backend of a live run: connections to a target, and the threads that use them."""

    def __init__(self, target: Target, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        self.target = target
        self.tally = Tally()
        self._struck_at = float("-inf")
        self._stumbled_after = -OFTEN
        self._answered_once = False
        self._lock = threading.RLock()
        self._stopped = threading.Event()
        self.pace = Pace(limits.rate, self._stopped.wait)
        self._waits = Waits(self.pace, limits.max_wait)
        self._budget = Budget(limits, self.tally, self.pace, self._waits)
        self._transport = Transport(target, limits.concurrency)
        self._pool = ThreadPoolExecutor(
            max_workers=limits.concurrency, thread_name_prefix="conformance-client"
        )

    @property
    def limits(self) -> Limits:
        """The limits of the run; ``max_requests`` may be changed between two batches."""
        return self._budget.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._budget.limits = limits

    @property
    def on_wait(self) -> Callable[[str], None] | None:
        """What is called with a sentence at the start of each wait of a second or more."""
        return self._waits.on_wait

    @on_wait.setter
    def on_wait(self, call: Callable[[str], None] | None) -> None:
        self._waits.on_wait = call

    def left(self, identity: str) -> int:
        """Return the number of requests that the identity may still send, as of the last batch."""
        return self._budget.left(identity)

    def key_count(self, identity: str) -> KeyCount | None:
        """Return the last count of the identity's key that the target sent, None if it sent none."""
        with self._lock:
            return self._budget.quotas[identity].last

    def stop(self) -> None:
        """Send nothing more, and keep the tally as it is, though requests are pending."""
        with self._lock:
            self.tally.closed = True
            self._stopped.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def answer(
        self, requests: Sequence[Request], epoch: int
    ) -> list[tuple[Request, ExchangeOrError]]:
        """Send a batch; what the budget refuses is settled in its order before the first request is sent."""
        self.tally.epoch = epoch
        with self._lock:
            planned = {request: self._budget.plan(request) for request in requests}
        found: dict[Request, ExchangeOrError] = {
            request: refused for request, refused in planned.items() if refused is not None
        }

        def send_lane(lane: Sequence[Request]) -> None:
            for request in lane:
                found[request] = self._attempt(request)

        for phase in phases([request for request in requests if request not in found]):
            # The longest lanes start first: single requests fill the threads that are left.
            lanes = [*phase.lanes, *([request] for request in phase.at_once)]
            for pending in [self._pool.submit(send_lane, lane) for lane in lanes]:
                pending.result()
        answers = [(request, found[request]) for request in sorted(requests, key=in_record)]
        with self._lock:
            granted = self._budget.grant()
            for request in requests:
                self.tally.trace(request).granted = granted
        return answers

    # Sending

    def _attempt(self, request: Request) -> ExchangeOrError:
        """Send a planned request until it is answered."""
        identity = request.identity
        failures = refusals = 0
        while True:
            if not self.pace.turn(identity):
                return BudgetExhausted("the run was stopped")
            with self._lock:
                refused = self._budget.take(request, first=not failures + refusals)
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
                    return outcome.exchange if own else RateLimited(self._budget.blocked[identity])
            else:
                failures += 1
                if not self._back_off(request, outcome, failures):
                    self._blame(request)
                    return TransportFailure(f"no response came: {outcome.text}")

    def _once(self, request: Request) -> ExchangeOrError | _Setback:
        with self._lock:
            quota = self._budget.quotas[request.identity]
            started = quota.start()
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
                quota.end(started, exchange)
        self._answered_once = True
        if exchange.status == 429:
            wait = rate_headers.requested_wait(exchange, time.time())
            return _Setback(RATE_LIMIT, "429", sent_at, REFUSALS, wait, exchange)
        if exchange.status not in GATEWAY:
            return exchange
        text, tries = f"the gateway answered {exchange.status}", ATTEMPTS
        busy = exchange.status == 503
        wait = rate_headers.retry_after(exchange, time.time()) if busy else None
        if wait is not None and not self._waits.allowed(EVERYBODY, wait):
            text, tries = f"{text}, to be asked again in {wait:.0f} s: --max-wait is less", 1
        if busy and sent_at >= self._struck_at:
            # A limit on bursts answers so too, whether or not it says when to come again.
            with self._lock:
                often = self.tally.total_sent - self._stumbled_after <= OFTEN
                self._stumbled_after = self.tally.total_sent
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
            self.tally.add_incident(request, setback.kind, text, counts=counts)
        if failures >= setback.tries:
            return False
        pause = max(setback.wait or 0.0, BACKOFF * 3 ** (failures - 1))
        if setback.kind == "transport":
            return not self._stopped.wait(pause)
        # A server that is just coming up is not to be met by all of them at once.
        self._waits.hold(EVERYBODY, pause)
        return True

    def _wait_out(
        self, request: Request, setback: _Setback, exchange: Exchange, refusals: int
    ) -> bool:
        """Wait until the rate limit is over; False where that takes longer than the run waits."""
        identity = request.identity
        wait = max(setback.wait or 0.0, BURST * 2 ** (refusals - 1))
        with self._lock:
            if refusals >= setback.tries or not self._waits.allowed(identity, wait):
                asks = f", for another {wait:.0f} s" if setback.wait else ""
                self._budget.blocked[identity] = (
                    f"the target's rate limit for {NAMES[identity]} is reached (429){asks}: "
                    f"waited out are {self.limits.max_wait:g} s at most (--max-wait)"
                )
                return False
            if rate_headers.remaining(exchange) != 0:
                self.pace.slow(setback.sent_at)
            self._budget.quotas[identity].forget()
            text = f"{request.method} {request.path}: 429, sent again after {wait:.1f} s"
            self.tally.add_incident(request, RATE_LIMIT, text, counts=False)
            self._waits.hold(identity, wait)
        return True

    def _blame(self, request: Request) -> None:
        """Nothing came of it: each of its faults counts."""
        with self._lock:
            for index in self.tally.trace(request).incidents:
                incident = self.tally.incidents[index]
                self.tally.incidents[index] = replace(incident, counts=incident.kind != RATE_LIMIT)
