"""Lawful variants: request ids and rate limits in headers that a gateway writes, too or instead."""

from __future__ import annotations

import itertools
import uuid

from starlette.requests import Request
from starlette.responses import Response

from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.ratelimit import Allowance, RateLimiter
from conformance.reference.store import Identity, Row, Store


@lawful("A gateway replaces X-Request-Id by an id of its own.")
class GatewayNamesRequests(ClinicianApi):
    """Support finds the request by either id."""

    departs_from = frozenset({"ENV-09"})

    def response_headers(self, context: Context, status: int) -> dict[str, str]:
        """Return the usual headers, with another request id."""
        return {**super().response_headers(context, status), "X-Request-Id": str(uuid.uuid4())}


@lawful("Responses have no X-Request-Id; the id is in the body alone.")
class RequestIdInBodyAlone(ClinicianApi):
    """The header harms no client by its absence."""

    departs_from = frozenset({"ENV-10"})

    def response_headers(self, context: Context, status: int) -> dict[str, str]:
        """Return the usual headers without the request id."""
        headers = super().response_headers(context, status)
        return {name: value for name, value in headers.items() if name != "X-Request-Id"}


@lawful("Responses have X-Request-Id twice: that of a gateway and that of the API.")
class RequestIdsOfTwoLayers(ClinicianApi):
    """Gateways often add a header without looking for one."""

    departs_from = frozenset({"ENV-09"})

    def handle(self, request: Request) -> Response:
        """Return the response with a second header before the first one."""
        response = super().handle(request)
        response.raw_headers.insert(0, (b"x-request-id", uuid.uuid4().hex.encode()))
        return response


@lawful(
    "The rate limit headers are sent twice: those of a gateway for a second, then those of the key."
)
class RateLimitsOfTwoLayers(ClinicianApi):
    """Which of them is the limit of an hour cannot be told."""

    departs_from = frozenset({"ENV-13"})

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._left = itertools.cycle(range(19, -1, -1))

    def handle(self, request: Request) -> Response:
        """Return the response with the headers of the gateway before those of the API."""
        response = super().handle(request)
        left = str(next(self._left)).encode()
        response.raw_headers[:0] = [
            (b"x-ratelimit-limit", b"20"),
            (b"x-ratelimit-remaining", left),
        ]
        return response


@lawful(
    "The rate limit headers are items of a structured field: a name in quotes, with parameters."
)
class RateLimitsAreNamed(ClinicianApi):
    """A draft of the standard writes them in this way."""

    departs_from = frozenset({"ENV-13"})

    def rate_headers(self, allowance: Allowance) -> dict[str, str]:
        """Return both counts as parameters of a policy."""
        return super().rate_headers(allowance) | {
            "X-RateLimit-Limit": f'"hour";q={allowance.limit};w=3600',
            "X-RateLimit-Remaining": f'"hour";r={allowance.remaining}',
        }


@lawful("The rate limit headers are lists of three windows; the last one is the hour.")
class RateLimitsOfThreeWindows(ClinicianApi):
    """The counts of the shorter windows rise again and again."""

    departs_from = frozenset({"ENV-13"})

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._left = itertools.cycle(range(9, -1, -1))

    def rate_headers(self, allowance: Allowance) -> dict[str, str]:
        """Return the counts of a second, a minute and an hour."""
        second = next(self._left)
        return super().rate_headers(allowance) | {
            "X-RateLimit-Limit": f"10, 300, {allowance.limit}",
            "X-RateLimit-Remaining": f"{second}, {290 + second}, {allowance.remaining}",
        }


@lawful(
    "Two nodes take turns: one writes timestamps with Z, the other with +00:00 and milliseconds."
)
class NodesWriteTimesDifferently(ClinicianApi):
    """A release with another serialiser is rolled out to half of the nodes."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._turns = itertools.count()
        self._newer = False

    def read(self, context: Context, identity: Identity) -> Body:
        """Return the body as the next node writes it."""
        self._newer = bool(next(self._turns) % 2)
        return super().read(context, identity)

    def profile(self, row: Row) -> Body:
        """Return the profile with the same instants, as this node writes them."""
        profile = super().profile(row)
        if not self._newer:
            return profile
        times = {name: str(profile[name]) for name in ("created_at", "updated_at")}
        return profile | {
            name: text if "." in text else text.replace("Z", ".000+00:00")
            for name, text in times.items()
        }


@lawful("Timestamps of a list have milliseconds, those of a retrieve have none.")
class ListTimesAreFiner(ClinicianApi):
    """All instants are whole seconds, so both spellings are the same instant."""

    def list_profile(self, row: Row) -> Body:
        """Return the row with three more digits in its timestamps."""
        profile = super().list_profile(row)
        times = {name: str(profile[name]) for name in ("created_at", "updated_at")}
        return profile | {
            name: text if "." in text else text.replace("Z", ".000Z")
            for name, text in times.items()
        }
