"""The API: the steps from a request to its response, in order.

Every decision is one small method or class attribute, here or in a base class of ``ClinicianApi``.
A faulty server or a lawful variant is a subclass that replaces one of them.
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
    """The correct API over a store. Default: the seed data in memory and the usual rate limit."""

    base_path: str = "/api-v1"

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        self.store = Store.seeded() if store is None else store
        self.limiter = RateLimiter() if limiter is None else limiter

    def handle(self, request: Request) -> Response:
        """Return the response to any request. Never raises: an unexpected error becomes a 500."""
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
        """Return the context of a request: its id, and the operation of its path."""
        context = Context(request, self.new_request_id(), "nothing")
        self.route(context, request.scope["path"])
        return context

    def route(self, context: Context, path: str) -> None:
        """Set the operation of a percent-decoded path in the context, if there is one.

        Plain text comparison, because an encoded slash or line feed makes a different path.
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
        """Return the response with data.

        The key is checked first: every request with a valid key then counts against its limit, and a
        caller without a valid key learns nothing about ids or parameters.

        :raises Refusal: for every other response.
        """
        request = context.request
        context.identity = self.authenticate(self.authorization(request))
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

    def authorization(self, request: Request) -> str | None:
        """Return the ``Authorization`` header, None if there is none or more than one."""
        found = request.headers.getlist("authorization")
        return found[0] if len(found) == 1 else None

    def read(self, context: Context, identity: Identity) -> Body:
        """Return the body of the operation for an authorised identity."""
        if context.operation == "list":
            return self.list_profiles(context, identity)
        if context.operation == "locations":
            return self.list_locations(context, identity)
        return self.retrieve_profile(context, identity)

    def list_profiles(self, context: Context, identity: Identity) -> Body:
        """Return a page of the directory."""
        query = self.parse(context.request.query_params.multi_items(), self.list_parameters)
        rows, has_more = self.fetch(query, self.organisation(context, identity))
        return self.list_body(context, query, [self.list_profile(row) for row in rows], has_more)

    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        """Return one clinician.

        :raises Refusal: 400 for a malformed id, 404 for an id without a profile.
        """
        row = self.find(self.parse_id(context.clinician_id), self.organisation(context, identity))
        if row is None:
            raise self.profile_not_found()
        return self.single_body(context, self.single_profile(row))

    def list_locations(self, context: Context, identity: Identity) -> Body:
        """Return a page of the organisation's locations."""
        query = self.parse(context.request.query_params.multi_items(), self.locations_parameters)
        rows, has_more = self.fetch_locations(query, self.organisation(context, identity))
        return self.list_body(context, query, [self.location(row) for row in rows], has_more)

    def refuse(self, context: Context, refusal: Refusal) -> Response:
        """Return the response for a refusal."""
        body = self.error_body(context, refusal)
        return self.respond(context, refusal.status, body, refusal.headers)

    def delay(self, request: Request, response: Response) -> float:  # noqa: ARG002
        """Return the seconds to wait before a response is sent, in addition to the server's latency."""
        return 0.0
