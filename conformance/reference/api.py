"""The API: what becomes of a request, in the order in which it is decided.

Every decision is one small method or class attribute, here or in one of the parts that the class is
put together from. A server that is wrong in one point, or right in another way, is a subclass that
replaces that one.
"""

from __future__ import annotations

import logging

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.access import Access
from conformance.reference.envelope import Body, Context, Envelope
from conformance.reference.parameters import ParameterRules
from conformance.reference.queries import DirectoryQueries
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.store import Identity, Store

_log = logging.getLogger(__name__)


class ClinicianApi(Access, ParameterRules, DirectoryQueries, Envelope):
    """The correct API over a store. Without arguments: the seed data in memory, the usual limit."""

    base_path: str = "/api-v1"

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        self.store = Store.seeded() if store is None else store
        self.limiter = RateLimiter() if limiter is None else limiter

    def handle(self, request: Request) -> Response:
        """The response to any request. Never raises: what goes wrong inside becomes a 500."""
        context = self.open(request)
        try:
            response = self.answer(context)
        except Refusal as refusal:
            response = self.refuse(context, refusal)
        except Exception as error:
            _log.exception("request %s failed", context.request_id)
            response = self.refuse(context, self.internal_error(error))
        return self.finish(context, response)

    def open(self, request: Request) -> Context:
        """The request with its id and with the operation that its path names."""
        context = Context(request, self.new_request_id(), "nothing")
        self.route(context, request.scope["path"])
        return context

    def route(self, context: Context, path: str) -> None:
        """Note the operation that a percent-decoded path names, if any.

        Compared as text and not by a pattern: an encoded slash or line end makes another path.
        """
        if not path.startswith(self.base_path):
            return
        resource = path[len(self.base_path) :]
        if resource == "/clinician-profiles":
            context.operation = "list"
        elif resource == "/locations":
            context.operation = "locations"
        elif resource.startswith("/clinician-profiles/"):
            segment = resource.removeprefix("/clinician-profiles/")
            if segment and "/" not in segment:
                context.operation, context.clinician_id = "retrieve", segment

    def answer(self, context: Context) -> Response:
        """The response with data. Raises Refusal for every other one.

        The key comes first, so that every request with a valid key counts against it and says so,
        and nothing about ids or parameters is said to a caller without one.
        """
        request = context.request
        context.identity = self.authenticate(request.headers.get("authorization"))
        if context.identity is not None:
            self.count(context, context.identity)
        if context.operation == "nothing":
            raise self.path_not_found()
        if request.method not in self.allowed_methods:
            raise self.method_not_allowed()
        if context.identity is None:
            raise self.unauthorized()
        self.authorize(context, context.identity)
        return self.respond(context, 200, self.read(context, context.identity))

    def read(self, context: Context, identity: Identity) -> Body:
        """The body of the operation for an identity that may have it."""
        if context.operation == "list":
            return self.list_profiles(context, identity)
        if context.operation == "locations":
            return self.list_locations(context, identity)
        return self.retrieve_profile(context, identity)

    def list_profiles(self, context: Context, identity: Identity) -> Body:
        """A page of the directory."""
        query = self.parse(context.request.query_params.multi_items(), self.list_parameters)
        rows, has_more = self.fetch(query, self.organisation(context, identity))
        return self.list_body(context, query, [self.list_profile(row) for row in rows], has_more)

    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        """One clinician. Raises Refusal: 400 for what is no id, 404 for an id with no profile."""
        row = self.find(self.parse_id(context.clinician_id), self.organisation(context, identity))
        if row is None:
            raise self.profile_not_found()
        return self.single_body(context, self.single_profile(row))

    def list_locations(self, context: Context, identity: Identity) -> Body:
        """A page of the organisation's locations."""
        query = self.parse(context.request.query_params.multi_items(), self.locations_parameters)
        rows, has_more = self.fetch_locations(query, self.organisation(context, identity))
        return self.list_body(context, query, [self.location(row) for row in rows], has_more)

    def refuse(self, context: Context, refusal: Refusal) -> Response:
        """The response of a refusal."""
        body = self.error_body(context, refusal)
        return self.respond(context, refusal.status, body, refusal.headers)

    def delay(self, request: Request, response: Response) -> float:  # noqa: ARG002
        """Seconds to wait before a response is sent, besides the latency of the server."""
        return 0.0
