"""Servers that reveal profiles by conditions, or by what another key received (ORG-14)."""

from __future__ import annotations

from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from conformance.faults.pieces import SeesForeign
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Context
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.store import Store


@fault("ORG-14", "A profile's ETag returns 304 to any key.")
class EtagOfProfileServesAnyKey(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self.tags: dict[str, str] = {}

    def answer(self, context: Context) -> Response:
        path = context.request.scope["path"]
        sent = context.request.headers.get("if-none-match")
        if sent is not None and sent == self.tags.get(path):
            return Response(status_code=304, headers={"ETag": sent})
        response = super().answer(context)
        if context.operation == "retrieve":
            self.tags[path] = f'"{sha256(path.encode()).hexdigest()[:16]}"'
            response.headers["ETag"] = self.tags[path]
        return response


@fault("ORG-14", "The ETag of any list returns 304 to any key, except without a key.")
class EtagOfTheListServesAnyKey(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self.tags: set[str] = set()

    def answer(self, context: Context) -> Response:
        sent = context.request.headers.get("if-none-match")
        valid = self.authenticate(self.authorization(context.request)) is not None
        if valid and context.operation == "list" and sent in self.tags:
            return Response(status_code=304)
        response = super().answer(context)
        if context.operation == "list" and not context.request.query_params:
            rows = bytes(response.body).partition(b'"meta"')[0]
            tag = f'"{sha256(rows).hexdigest()[:16]}"'
            self.tags.add(tag)
            response.headers["ETag"] = tag
        return response


@fault("ORG-14", "A retrieve with `If-None-Match: *` returns 304 for a foreign profile.")
class ConditionFindsForeignProfiles(SeesForeign):
    def answer(self, context: Context) -> Response:
        try:
            return super().answer(context)
        except Exception:
            condition = context.request.headers.get("if-none-match")
            if condition == "*" and self.foreign(context) is not None:
                return Response(status_code=304)
            raise


@fault(
    "ORG-14", "`If-Modified-Since` returns 304 for a foreign profile that has not changed since."
)
class ForeignProfileIsNotModified(SeesForeign):
    def answer(self, context: Context) -> Response:
        try:
            return super().answer(context)
        except Exception:
            if "if-modified-since" in context.request.headers and self.foreign(context) is not None:
                return Response(status_code=304)
            raise


class _Session(ClinicianApi):
    """An API that opens a session for each valid key, in a cookie."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self.sessions: dict[str, str] = {}

    def in_session(self, request: Request) -> str | None:
        """Return the header that opened the session of a request."""
        return self.sessions.get(request.cookies.get("sid", ""))

    def finish(self, context: Context, response: Response) -> Response:
        sent = super().authorization(context.request)
        if context.identity is not None and sent:
            name = sha256(sent.encode()).hexdigest()[:24]
            self.sessions[name] = sent
            response.set_cookie("sid", name, httponly=True)
        return super().finish(context, response)


@fault("ORG-14", "A session cookie authenticates a request without a key.")
class SessionNeedsNoKey(_Session):
    def authorization(self, request: Request) -> str | None:
        return super().authorization(request) or self.in_session(request)


@fault("ORG-14", "A session keeps the organisation, until a request without a key ends it.")
class SessionKeepsTheOrganisation(_Session):
    def authorization(self, request: Request) -> str | None:
        sent = super().authorization(request)
        if sent is None:
            self.sessions.pop(request.cookies.get("sid", ""), None)
            return None
        return self.in_session(request) or sent


@fault("ORG-14", "A session cookie selects the organisation, whatever key is sent with it.")
class SessionSelectsTheOrganisation(_Session):
    def authorization(self, request: Request) -> str | None:
        sent = super().authorization(request)
        return self.in_session(request) or sent if sent else sent
