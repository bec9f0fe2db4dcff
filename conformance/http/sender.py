"""Sends requests to a target until they are answered, within the budget and at the pace of a run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx

from conformance.errors import BudgetExhausted, RateLimited, TransportFailure
from conformance.http import rate_headers
from conformance.http.backend import Tally
from conformance.http.batches import in_record, phases
from conformance.http.budget import RATE_LIMIT, Budget
from conformance.http.exchange import Exchange
from conformance.http.failures import ATTEMPTS, SILENCE, STRAY, ExchangeOrError
from conformance.http.gateways import (
    Failure,
    Passed,
    Short,
    Strike,
    are_short,
    control_for,
    first_of,
    is_by_api,
    is_by_gateway,
    is_short,
    may_be_crash,
    others_passed,
)
from conformance.http.limits import Limits
from conformance.http.pace import EVERYBODY, Pace, Waits
from conformance.http.quota import KeyCount
from conformance.http.request import Request
from conformance.http.silence import Silence
from conformance.http.transport import Incomplete, Transport, explained
from conformance.target.credentials import NAMES
from conformance.target.target import Target
from conformance.text.wording import plural

BACKOFF = 0.2
"""Seconds before the first retry of a failed request."""

BURST = 0.5
"""Seconds before the first retry of a request that a rate limit refused."""

TIMEOUTS = 2
"""How often a request that times out is sent: each attempt takes as long as a read may take."""

REFUSALS = 4
"""How often a request that a rate limit refuses is sent."""

CONTROL = 1.0
"""Seconds before a request that shows whether others pass, and before the one that it is sent for."""

BUSY_WINDOW = 40
"""A gateway that is busy twice in this number of requests gets them more slowly; 1 in 20 is untestable."""


class Sender:
    """The backend of a live run: connections to a target, and the threads that use them."""

    def __init__(self, target: Target, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        self.target = target
        self.tally = Tally()
        self._failed_at = float("-inf")
        self._passed = Passed()
        self._crashes: set[Request] = set()
        self._short = Short()
        self._busy_after = -BUSY_WINDOW
        self._reached = False
        self._silence = Silence()
        self._lock = threading.RLock()
        self._stopped = threading.Event()
        self.pace = Pace(limits.rate, self._stopped.wait)
        self._waits = Waits(self.pace, limits.max_wait)
        self._budget = Budget(limits, self.tally, self.pace, self._waits)
        self._transport = Transport(target)
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
        """Send a batch.

        The budget refuses requests in the order of the batch, before the first one is sent: the same
        responses lead to the same requests.
        """
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

    def _attempt(self, request: Request) -> ExchangeOrError:
        """Send a planned request until a response arrives or retries are used up."""
        identity = request.identity
        failures = refusals = 0
        strikes: list[Strike] = []
        interval = self.pace.interval
        while True:
            if not self.pace.turn(identity):
                return BudgetExhausted("the run was stopped")
            with self._lock:
                if self._silence.reason is not None:
                    return TransportFailure(f"no response: {self._silence.reason}")
                refused = self._budget.take(request, first=not failures + refusals)
            if refused is not None:
                return refused
            outcome = self._send_once(request)
            if not isinstance(outcome, Failure):
                self._short.passed |= any(is_short(item.exchange) for item in strikes)
                return outcome
            if outcome.exchange is not None:
                refusals += 1
                if not self._wait_out(request, outcome, outcome.exchange, refusals):
                    # Without the error envelope of the API, a proxy refused the request: nothing to judge.
                    by_api = outcome.exchange.is_error
                    return (
                        outcome.exchange if by_api else RateLimited(self._budget.blocked[identity])
                    )
            else:
                failures += 1
                strikes += [outcome.strike] if outcome.strike else []
                known = self._is_known(request, strikes)
                if not self._retry_later(request, outcome, failures) or known:
                    crash = self._crash(request, strikes)
                    if crash is not None:
                        self._crashes.add(first_of(request))
                        self.pace.recover(interval)
                    self._count_incidents(request, counts=crash is None)
                    return crash or TransportFailure(f"no response: {outcome.text}")

    def _crash(self, request: Request, strikes: Sequence[Strike]) -> Exchange | None:
        """Return the response to a request that fails each time while others pass.

        The server or a gateway in front of it may be what fails. If no other request was sent meanwhile,
        the plain list is, and then the request once more.
        """
        if self._is_known(request, strikes):
            return strikes[-1].exchange
        if not may_be_crash(strikes) or (self._short.passed and is_short(strikes[-1].exchange)):
            return None
        self._short.shown |= are_short(strikes)
        if are_short(strikes) or others_passed(strikes):
            return strikes[-1].exchange
        # A target that has never responded does not crash at this request.
        control = control_for(request) if strikes[0].passed.exchange is not None else None
        passed = self._send_once_more(request, control) if control is not None else None
        if not isinstance(passed, Exchange) or not is_by_api(passed):
            return None
        outcome = self._send_once_more(request, request)
        if isinstance(outcome, Failure):
            return outcome.strike.exchange if outcome.strike else None
        return outcome if isinstance(outcome, Exchange) else None

    def _send_once_more(self, planned: Request, request: Request) -> ExchangeOrError | Failure:
        """Send a request after a pause; it counts as an attempt of the planned one."""
        self._waits.hold(EVERYBODY, CONTROL)
        if not self.pace.turn(planned.identity):
            return BudgetExhausted("the run was stopped")
        with self._lock:
            refused = self._budget.take(planned, first=False)
        return self._send_once(request) if refused is None else refused

    def _send_once(self, request: Request) -> ExchangeOrError | Failure:
        with self._lock:
            quota = self._budget.quotas[request.identity]
            started = quota.start()
            passed = self._passed
        sent_at = self.pace.now()
        exchange = None
        try:
            exchange = self._transport.send(request)
        except httpx.HTTPError as problem:
            return self._failed(request, problem, sent_at, passed)
        except httpx.InvalidURL as problem:  # an id of the target may be longer than any URL
            return TransportFailure(f"not sent: {problem}")
        except (ValueError, OSError, ImportError) as problem:  # for example an invalid host name
            return TransportFailure(f"no connection: {problem}")
        finally:
            with self._lock:
                quota.end(started, exchange)
                for line, size in self._transport.strays.take():
                    text = f"{line}: {plural(size, 'byte')} followed the response"
                    self.tally.add_incident(request, STRAY, text, counts=False)
        with self._lock:
            self._reached = True
            self._silence.heard(request, self.tally.total_sent)
        if exchange.status == 429:
            wait = rate_headers.requested_wait(exchange, time.time())
            return Failure(RATE_LIMIT, "429", sent_at, REFUSALS, wait, exchange)
        if first_of(request) in self._crashes:
            return exchange
        if not is_by_gateway(exchange):
            with self._lock:
                self._passed = max(self._passed, Passed(sent_at, exchange), key=Passed.when)
            return exchange
        text, tries = f"the gateway returned {exchange.status}", ATTEMPTS
        busy = exchange.status == 503
        wait = rate_headers.retry_after(exchange, time.time()) if busy else None
        if wait is not None and not self._waits.allowed(EVERYBODY, wait):
            text, tries = f"{text}, Retry-After {wait:.0f} s exceeds --max-wait", 1
        if busy and sent_at >= self._failed_at:
            # A limit on bursts returns 503 too, with or without Retry-After.
            with self._lock:
                often = self.tally.total_sent - self._busy_after <= BUSY_WINDOW
                self._busy_after = self.tally.total_sent
            if often:
                self.pace.slow(sent_at)
        strike = Strike(exchange, self.pace.now(), passed, wait is not None)
        return Failure("gateway", text, sent_at, tries, wait, strike=strike)

    def _is_known(self, request: Request, strikes: Sequence[Strike]) -> bool:
        """Return whether incomplete responses are known to come each time, so that no further retry helps."""
        if not strikes or not strikes[-1].exchange.broken:
            return False
        short = self._short.shown and not self._short.passed and len(strikes) > 1
        return (short and are_short(strikes)) or first_of(request) in self._crashes

    def _failed(
        self, request: Request, problem: httpx.HTTPError, sent_at: float, passed: Passed
    ) -> Failure:
        text = explained(problem)
        strike = None
        with self._lock:
            if isinstance(problem, Incomplete):
                strike = Strike(problem.exchange, self.pace.now(), passed)
            if strike is not None and strike.exchange.status:
                self._reached = True
                self._silence.heard(request, self.tally.total_sent)
            elif self._silence.missed(request, sent_at, self.pace.now(), text):
                self.tally.add_incident(request, SILENCE, self._silence.reason or "", counts=True)
        tries = TIMEOUTS if isinstance(problem, httpx.TimeoutException) else ATTEMPTS
        # A target that was never reached gets no retry.
        unreachable = not self._reached and isinstance(
            problem, httpx.TimeoutException | httpx.ConnectError | httpx.ProxyError
        )
        if unreachable or isinstance(problem, httpx.UnsupportedProtocol):
            tries = 1
        return Failure("transport", text, sent_at, tries, strike=strike)

    def _retry_later(self, request: Request, failure: Failure, failures: int) -> bool:
        """Record an incident and wait before a retry; return False if there is none."""
        with self._lock:
            counts = failure.sent_at >= self._failed_at
            if counts:
                self._failed_at = self.pace.now()
            text = f"{request.method} {request.path}: {failure.text}"
            self.tally.add_incident(request, failure.kind, text, counts=counts)
        if failures >= failure.tries:
            return False
        pause = max(failure.wait or 0.0, BACKOFF * 3 ** (failures - 1))
        if failure.kind == "transport":
            return not self._stopped.wait(pause)
        # A server that is starting must not get all pending requests at once.
        self._waits.hold(EVERYBODY, pause)
        return True

    def _wait_out(
        self, request: Request, failure: Failure, exchange: Exchange, refusals: int
    ) -> bool:
        """Hold the identity back until the limit resets; return False if a run does not wait so long."""
        identity = request.identity
        wait = max(failure.wait or 0.0, BURST * 2 ** (refusals - 1))
        with self._lock:
            if refusals >= failure.tries or not self._waits.allowed(identity, wait):
                resets = f" and resets in {wait:.0f} s" if failure.wait else ""
                self._budget.blocked[identity] = (
                    f"the target's rate limit for {NAMES[identity]} is reached (429){resets}: "
                    f"a run waits {self.limits.max_wait:g} s at most (--max-wait)"
                )
                return False
            if rate_headers.remaining(exchange) != 0:
                self.pace.slow(failure.sent_at)
            self._budget.quotas[identity].forget()
            text = f"{request.method} {request.path}: 429, sent again after {wait:.1f} s"
            self.tally.add_incident(request, RATE_LIMIT, text, counts=False)
            self._waits.hold(identity, wait)
        return True

    def _count_incidents(self, request: Request, *, counts: bool) -> None:
        """Count each incident of a request without a response; none of one that crashes the server."""
        with self._lock:
            for index in self.tally.trace(request).incidents:
                incident = self.tally.incidents[index]
                counted = counts and incident.kind not in (RATE_LIMIT, STRAY)
                self.tally.incidents[index] = replace(incident, counts=counted)
