"""Lawful variants: servers with several nodes or a proxy, and habits of single stacks."""

from __future__ import annotations

import itertools
import random
import re
import time
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.faults.lawful.choices import ClampsBounds
from conformance.faults.lawful.data import NOBODY_ACTIVE
from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.store import Identity, Store


class _Draws(ClinicianApi):
    """An API with a random generator of a fixed seed, ``draw``."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self.draw = random.Random("lawful front")


@lawful("A load balancer picks nodes at random; new nodes add a header and a member of meta.")
class NodesDiffer(_Draws):
    """A release is rolled out to half of the nodes."""

    def response_headers(self, context: Context, status: int) -> dict[str, str]:
        """Return the usual headers, and one more from the newer node."""
        newer = {"X-Node": "b"} if self.draw.random() < 0.5 else {}
        return {**super().response_headers(context, status), **newer}

    def meta(self, context: Context) -> Body:
        """Return the usual meta, and one more member from the newer node."""
        newer = {"release": 2} if self.draw.random() < 0.5 else {}
        return {**newer, **super().meta(context)}


@lawful("Two nodes take turns. One responds 30 milliseconds later and adds a header.")
class NodesByTurns(ClinicianApi):
    """Requests in strict alternation always reach the same node."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._turns = itertools.count()

    def finish(self, context: Context, response: Response) -> Response:  # noqa: ARG002
        """Return the response, with a header from the second node."""
        if next(self._turns) % 2:
            response.headers["X-Node"] = "far"
        return response

    def delay(self, request: Request, response: Response) -> float:  # noqa: ARG002
        """Return the seconds that the second node adds."""
        return 0.03 if "X-Node" in response.headers else 0.0


@lawful("One response in ten is traced and has a header that says so.")
class SomeAreTraced(_Draws):
    """Tracing systems sample requests."""

    def response_headers(self, context: Context, status: int) -> dict[str, str]:
        """Return the usual headers, and sometimes one more."""
        traced = {"X-Trace": "sampled"} if self.draw.random() < 0.1 else {}
        return {**super().response_headers(context, status), **traced}


@lawful("Every meta has the time, the duration and the number of the request in this process.")
class TellsTheTime(ClinicianApi):
    """None of these numbers counts records."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._numbers = itertools.count(1)

    def meta(self, context: Context) -> Body:
        """Return the usual meta, and members that differ in each response."""
        now = time.time()
        timing = {"total_time_ms": int(now * 1000) % 7, "request_count": next(self._numbers)}
        return {**super().meta(context), "timing": timing, "served_at": now}


@lawful("Errors repeat the requested path, and request ids have the form req:10001.")
class ErrorsNameThePath(ClinicianApi):
    """The caller knows the path. The request id only looks like a host with a port."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._numbers = itertools.count(10_001)

    def new_request_id(self) -> str:
        """Return ``req``, a colon and a number."""
        return f"req:{next(self._numbers)}"

    def error_body(self, context: Context, refusal: Refusal) -> Body:
        """Return the error with the path."""
        body = super().error_body(context, refusal)
        body["error"]["path"] = context.request.url.path
        return body


@lawful("A request that names an organisation returns 403.")
class RefusesNamedOrganisation(ClinicianApi):
    """The key alone selects the organisation."""

    names = re.compile(r"(x[-_])?(organi[sz]ation|org|tenant)[-_]id", re.IGNORECASE)

    def read(self, context: Context, identity: Identity) -> Body:
        """Return the body; refuse with 403 if a header or parameter names an organisation."""
        request = context.request
        if any(self.names.fullmatch(name) for name in (*request.headers, *request.query_params)):
            raise Refusal(403, "FORBIDDEN", "The key alone selects the organisation.")
        return super().read(context, identity)


@lawful("Ids are in upper case, and an id in lower case is not found.")
class OneCaseOfIds(ClinicianApi):
    """The server compares ids as text. Every id from the list can be retrieved."""

    def profile(self, row: Body) -> Body:
        """Return the profile with its id in upper case."""
        return {**super().profile(row), "id": row["id"].upper()}

    def parse_id(self, text: str) -> str:
        """Return the id as it is stored; an id with a lower-case letter is not found."""
        found = super().parse_id(text)
        if text != text.upper():
            raise self.profile_not_found()
        return found


@lawful("Limits and offsets are clamped, and no clinician is active.", data=NOBODY_ACTIVE)
class ClampsBoundsForNobody(ClampsBounds):
    """A page can be empty although its limit was clamped."""


_MAX_SEGMENT = 260
_MAX_QUERY = 2048


class _Proxy:
    """A proxy that refuses control characters, invalid UTF-8 and long URLs with an HTML page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = scope["query_string"]
        if len(query) > _MAX_QUERY:
            refusal = Response("<h1>Not Found</h1>", 404, media_type="text/html")
        elif self._odd(query.replace(b"+", b" ")) or self._odd(scope["raw_path"]):
            refusal = Response("<h1>Bad Request</h1>", 400, media_type="text/html")
        else:
            await self.app(scope, receive, send)
            return
        await refusal(scope, receive, send)

    def _odd(self, escaped: bytes) -> bool:
        plain = unquote_to_bytes(escaped)
        try:
            plain.decode()
        except UnicodeDecodeError:
            return True
        long = any(len(part) > _MAX_SEGMENT for part in escaped.split(b"?")[0].split(b"/"))
        return min(plain, default=32) < 32 or (long and b"=" not in escaped)


@lawful(
    "A proxy refuses URLs with control characters or invalid UTF-8, and long URLs, in HTML.",
    app=lambda api: _Proxy(build_app(api)),
)
class ProxyRefusesOddBytes(ClinicianApi):
    """The API never receives these requests."""


@lawful("The meta of a list repeats the offset as skipped_count.")
class CountsWhatWasSkipped(ClinicianApi):
    """The member looks like a count, and equals the size of the list on a page at the end."""

    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        """Return the usual meta, and the number of skipped records."""
        return {**super().list_meta(context, query, count, has_more), "skipped_count": query.offset}
