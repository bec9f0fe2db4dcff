"""Lawful variants: several nodes, what stands in front of them, and what only one kind of stack does."""

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
    """Has dice, the same ones for each start."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self.draw = random.Random("lawful front")


@lawful(
    "Of two nodes, of which chance chooses, the newer one has a header and a member of meta more."
)
class NodesDiffer(_Draws):
    """A release that is half rolled out."""

    def response_headers(self, context: Context, status: int) -> dict[str, str]:
        """The usual ones, and one of the newer node."""
        newer = {"X-Node": "b"} if self.draw.random() < 0.5 else {}
        return {**super().response_headers(context, status), **newer}

    def meta(self, context: Context) -> Body:
        """The request id, and what the newer node tells besides."""
        newer = {"release": 2} if self.draw.random() < 0.5 else {}
        return {**newer, **super().meta(context)}


@lawful("Two nodes answer by turns, and one is 30 milliseconds farther away and has a header more.")
class NodesByTurns(ClinicianApi):
    """Whatever is asked in strict alternation has a node of its own."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._turns = itertools.count()

    def finish(self, context: Context, response: Response) -> Response:  # noqa: ARG002
        """The response, by the one node or the other."""
        if next(self._turns) % 2:
            response.headers["X-Node"] = "far"
        return response

    def delay(self, request: Request, response: Response) -> float:  # noqa: ARG002
        """Seconds."""
        return 0.03 if "X-Node" in response.headers else 0.0


@lawful("One answer in ten is traced, and says so in a header.")
class SomeAreTraced(_Draws):
    """As samplers of traces do."""

    def response_headers(self, context: Context, status: int) -> dict[str, str]:
        """The usual ones, and now and then one more."""
        traced = {"X-Trace": "sampled"} if self.draw.random() < 0.1 else {}
        return {**super().response_headers(context, status), **traced}


@lawful("Every answer tells the time, how long it took, and which request of this process it is.")
class TellsTheTime(ClinicianApi):
    """Numbers of which none counts records."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._numbers = itertools.count(1)

    def meta(self, context: Context) -> Body:
        """The request id among what differs from answer to answer."""
        now = time.time()
        timing = {"total_time_ms": int(now * 1000) % 7, "request_count": next(self._numbers)}
        return {**super().meta(context), "timing": timing, "served_at": now}


@lawful("Errors repeat the path that was asked for, and ids of requests are of the form req:10001.")
class ErrorsNameThePath(ClinicianApi):
    """What the caller knows, and an id that looks like a host with its port."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._numbers = itertools.count(10_001)

    def new_request_id(self) -> str:
        """A number behind a colon."""
        return f"req:{next(self._numbers)}"

    def error_body(self, context: Context, refusal: Refusal) -> Body:
        """The error with the path."""
        body = super().error_body(context, refusal)
        body["error"]["path"] = context.request.url.path
        return body


@lawful("Whoever names an organisation is refused with 403.")
class RefusesNamedOrganisation(ClinicianApi):
    """A key needs no help to know its own, and gets none to another."""

    names = re.compile(r"(x[-_])?(organi[sz]ation|org|tenant)[-_]id", re.IGNORECASE)

    def read(self, context: Context, identity: Identity) -> Body:
        """What was asked for, unless an organisation is named."""
        request = context.request
        if any(self.names.fullmatch(name) for name in (*request.headers, *request.query_params)):
            raise Refusal(403, "FORBIDDEN", "The key alone says whose data are seen.")
        return super().read(context, identity)


@lawful("Ids are written in upper case, and known in no other.")
class OneCaseOfIds(ClinicianApi):
    """Text that is compared as text: what the list gives can be retrieved."""

    def profile(self, row: Body) -> Body:
        """The profile with its id in capitals."""
        return {**super().profile(row), "id": row["id"].upper()}

    def parse_id(self, text: str) -> str:
        """The id as it is stored, or 404 in small letters."""
        found = super().parse_id(text)
        if text != text.upper():
            raise self.profile_not_found()
        return found


@lawful("Bounds are applied, and no clinician is active.", data=NOBODY_ACTIVE)
class ClampsBoundsForNobody(ClampsBounds):
    """A page that is empty though its limit was brought to the bound."""


_MOST_OF_A_SEGMENT = 260
_MOST_OF_A_QUERY = 2048


class _Proxy:
    """Refuses in HTML what it lets no server see: control characters, what is no UTF-8, long segments."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = scope["query_string"]
        if len(query) > _MOST_OF_A_QUERY:
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
        long = any(len(part) > _MOST_OF_A_SEGMENT for part in escaped.split(b"?")[0].split(b"/"))
        return min(plain, default=32) < 32 or (long and b"=" not in escaped)


@lawful(
    "A proxy refuses in HTML what holds NUL, control characters, other bytes than UTF-8, and long paths.",
    app=lambda api: _Proxy(build_app(api)),
)
class ProxyRefusesOddBytes(ClinicianApi):
    """The API behind never sees them."""


@lawful("A list says with its limit where it starts, as a count of what was skipped.")
class CountsWhatWasSkipped(ClinicianApi):
    """A number named as a count, which is the size of the list for a page at its end."""

    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        """What a client pages by, and how many records stand before the page."""
        return {**super().list_meta(context, query, count, has_more), "skipped_count": query.offset}
