"""Servers that headers, a body or another method break or mislead (ROB-11, RO-07, RO-10, RO-11)."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app
from conformance.reference.envelope import Body, Context
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.store import Identity, Store

# ROB-11: headers


class _ReadsHeaders(ClinicianApi):
    """An API that looks at the headers of a request for data."""

    def read(self, context: Context, identity: Identity) -> Body:
        self.look(context)
        return super().read(context, identity)

    def look(self, context: Context) -> None:
        """Read the headers; any exception causes a 500."""


@fault("ROB-11", "A request with `X-Forwarded-Host` returns 500 if the host is not known.")
class ForwardedHostBreaksTheServer(_ReadsHeaders):
    def look(self, context: Context) -> None:
        host = context.request.headers.get("x-forwarded-host", "127.0.0.1")
        {"127.0.0.1": "local", "testserver": "test"}[host]


@fault("ROB-11", "A retrieve with an IPv6 address in `Forwarded` returns 500.")
class ForwardedBreaksRetrieve(_ReadsHeaders):
    def look(self, context: Context) -> None:
        forwarded = context.request.headers.get("forwarded", "")
        if context.operation == "retrieve" and forwarded:
            dict(pair.split("=") for pair in forwarded.split(";"))
            [int(part) for part in forwarded.split(":")[1:2]]


@fault("ROB-11", "A list with `Accept-Language` returns 500 for a language without translations.")
class LanguageBreaksTheServer(_ReadsHeaders):
    def look(self, context: Context) -> None:
        if context.operation == "list":
            language = context.request.headers.get("accept-language", "en").split(",")[0]
            {"en": "", "de": "", "fr": ""}[language[:2]]


@fault("ROB-11", "A request with both `X-Forwarded-Proto` and `X-Forwarded-Port` returns 500.")
class ForwardedPortIsNoNumber(_ReadsHeaders):
    def look(self, context: Context) -> None:
        headers = context.request.headers
        if "x-forwarded-proto" in headers:
            int(headers.get("x-forwarded-port", "443"))


@fault("ROB-11", "A list with `Range` returns 500 because its unit is not that of the server.")
class RangeBreaksTheServer(_ReadsHeaders):
    def look(self, context: Context) -> None:
        if context.operation == "list":
            wanted = context.request.headers.get("range", "items=0")
            int(wanted.removeprefix("items=").split("-")[0])


@fault("ROB-11", "A condition that fails (`If-Match`) returns 500 in a list.")
class FailedConditionBreaksTheServer(_ReadsHeaders):
    def look(self, context: Context) -> None:
        if context.operation == "list" and "if-match" in context.request.headers:
            raise RuntimeError("precondition failed")


class _Rewrites(ClinicianApi):
    """An API that reads path, query or method from a header."""

    def open(self, request: Request) -> Context:
        scope = {**request.scope, **self.changed(request)}
        scope.pop("state", None)
        return super().open(Request(scope, request.receive))

    def changed(self, request: Request) -> dict[str, object]:
        """Return the parts of the ASGI scope that differ."""
        raise NotImplementedError


@fault("ROB-11", "`X-Original-URL` replaces the path and the query of a request.")
class OriginalUrlIsFollowed(_Rewrites):
    header = "x-original-url"

    def changed(self, request: Request) -> dict[str, object]:
        named = request.headers.get(self.header)
        if named is None:
            return {}
        parts = urlsplit(named)
        return {"path": parts.path, "query_string": parts.query.encode()}


@fault("ROB-11", "A retrieve with `X-Rewrite-URL` returns what that URL names.")
class RewrittenUrlOfRetrieveIsFollowed(OriginalUrlIsFollowed):
    header = "x-rewrite-url"

    def changed(self, request: Request) -> dict[str, object]:
        if request.scope["path"].endswith("/clinician-profiles"):
            return {}
        return super().changed(request)


@fault("ROB-11", "`X-HTTP-Method-Override: HEAD` on GET returns 200 without a body.")
class OverrideMakesHead(ClinicianApi):
    def finish(self, context: Context, response: Response) -> Response:
        if context.request.headers.get("x-http-method-override") == "HEAD":
            response.body = b""
            response.headers["Content-Length"] = "0"
        return super().finish(context, response)


@fault("ROB-11", "`Prefer: max-results` limits the page.")
class PreferenceLimitsThePage(ClinicianApi):
    def list_profiles(self, context: Context, identity: Identity) -> Body:
        body = super().list_profiles(context, identity)
        if "max-results=1" in context.request.headers.get("prefer", ""):
            del body["data"][1:]
        return body


class _BodyIsQuery:
    """Reads a body of one media type as query parameters."""

    def __init__(self, app: ASGIApp, kind: str, read: Callable[[bytes], bytes]) -> None:
        self.app, self.kind, self.read = app, kind, read

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        if body and request.headers.get("content-type") == self.kind:
            scope = {**scope, "query_string": self.read(body)}
        await self.app(scope, receive, send)


def _members(body: bytes) -> bytes:
    return urlencode(json.loads(body)).encode()


@fault(
    "ROB-11",
    "The members of a JSON body on GET replace the query parameters.",
    app=lambda api: _BodyIsQuery(build_app(api), "application/json", _members),
)
class BodyOnGetIsTheQuery(ClinicianApi):
    pass


@fault(
    "ROB-11",
    "A form in the body of GET replaces the query parameters.",
    app=lambda api: _BodyIsQuery(build_app(api), "application/x-www-form-urlencoded", bytes),
)
class FormOnGetIsTheQuery(ClinicianApi):
    pass


@fault("ROB-11", "A term has the lower case of the client's language: in Turkish, I becomes ı.")
class TermIsInTheClientsLanguage(ClinicianApi):
    def list_profiles(self, context: Context, identity: Identity) -> Body:
        language = context.request.headers.get("accept-language", "")
        if language.startswith("tr"):
            scope = context.request.scope
            scope["query_string"] = scope["query_string"].replace(b"I", "ı".encode())
        return super().list_profiles(context, identity)


# RO-07: HEAD is a read too


@fault("RO-07", "A cache keeps the empty response to HEAD of a list, and returns it to GET.")
class HeadFillsTheCache(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._heads: set[tuple[str, str]] = set()

    def finish(self, context: Context, response: Response) -> Response:
        request = context.request
        url = str(request.url), request.headers.get("authorization", "")
        if context.operation == "list" and response.status_code == 200:
            if request.method == "HEAD":
                self._heads.add(url)
            elif url in self._heads:
                response.body = b""
                response.headers["Content-Length"] = "0"
        return super().finish(context, response)


# RO-10 and RO-11: other methods


class _OtherMethod(ClinicianApi):
    """An API that has a response of its own to one more method."""

    method = "OPTIONS"

    def answer(self, context: Context) -> Response:
        if context.request.method == self.method and context.operation != "nothing":
            return self.other(context)
        return super().answer(context)

    def other(self, context: Context) -> Response:
        """Return the response to the method."""
        raise NotImplementedError


@fault("RO-10", "OPTIONS returns 500.")
class OptionsBreaksTheServer(_OtherMethod):
    def other(self, context: Context) -> Response:
        raise RuntimeError("no handler for OPTIONS", context.operation)


@fault("RO-10", "OPTIONS of the list needs no key and returns the first organisation's list.")
class OptionsReturnsTheList(_OtherMethod):
    def other(self, context: Context) -> Response:
        identity = self.store.identity(self.store.data.own_key.key)
        assert identity is not None
        return self.respond(context, 200, self.read(context, identity))


@fault("RO-10", "TRACE echoes the request with its Authorization header.")
class TraceEchoesTheKey(_OtherMethod):
    method = "TRACE"

    def other(self, context: Context) -> Response:
        lines = "".join(f"{name}: {text}\r\n" for name, text in context.request.headers.items())
        return Response(f"TRACE / HTTP/1.1\r\n{lines}", media_type="message/http")


class _Deletes(ClinicianApi):
    """An API in which a GET request can name the method DELETE, which deletes a profile if there is one."""

    def named(self, request: Request) -> str:
        """Return the method that a request names."""
        return request.headers.get("x-http-method-override", "")

    def answer(self, context: Context) -> Response:
        if context.operation != "retrieve" or self.named(context.request) != "DELETE":
            return super().answer(context)
        context.identity = self.authenticate(self.authorization(context.request))
        if context.identity is None:
            raise self.unauthorized()
        values = (context.clinician_id, context.identity.organisation_id)
        sql = "DELETE FROM clinicians WHERE id = ? AND organisation_id = ?"
        self.store.connection.execute(sql, values)
        return Response(status_code=204)


@fault("RO-11", "GET with `X-HTTP-Method-Override: DELETE` deletes the profile and returns 204.")
class OverrideDeletes(_Deletes):
    pass


@fault("RO-11", "GET with `X-HTTP-Method: DELETE` deletes the profile and returns 204.")
class PlainHeaderDeletes(_Deletes):
    def named(self, request: Request) -> str:
        return request.headers.get("x-http-method", "")


@fault("RO-11", "GET with `?_method=DELETE` deletes the profile and returns 204.")
class ParameterDeletes(_Deletes):
    def named(self, request: Request) -> str:
        return request.query_params.get("_method", "")


@fault("RO-11", "GET with `X-Method-Override: PATCH` returns 500 because there is no body.")
class OverrideToPatchBreaksTheServer(ClinicianApi):
    def read(self, context: Context, identity: Identity) -> Body:
        if context.request.headers.get("x-method-override") == "PATCH":
            raise ValueError("Expecting value: line 1 column 1 (char 0)")
        return super().read(context, identity)
