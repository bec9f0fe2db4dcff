"""Lawful variants: headers, conditions, paths and credentials that a server may refuse or honour."""

from __future__ import annotations

import re
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.refusals import Refusal
from conformance.reference.store import Identity


class _Checks(ClinicianApi):
    """An API that may refuse a request before its key is checked."""

    def check(self, request: Request) -> None:
        """Check the request.

        :raises Refusal: if it is refused.
        """

    def answer(self, context: Context) -> Response:
        """Return the response to a request that is not refused."""
        self.check(context.request)
        return super().answer(context)


@lawful("A host in X-Forwarded-Host or Forwarded that is not the server's own returns 400.")
class RefusesForwardedHosts(_Checks):
    """Several frameworks have a list of allowed hosts."""

    def check(self, request: Request) -> None:
        """Refuse another host."""
        if "x-forwarded-host" in request.headers or "host=" in request.headers.get("forwarded", ""):
            raise Refusal(400, "INVALID_HOST", "The host is not allowed.")


@lawful("An Origin that is not allowed returns 403.")
class RefusesForeignOrigins(_Checks):
    """A filter for cross-origin requests refuses them all."""

    def check(self, request: Request) -> None:
        """Refuse any origin."""
        if "origin" in request.headers:
            raise Refusal(403, "FORBIDDEN", "Invalid CORS request.")


@lawful("An Accept header other than application/json or */* returns 406.")
class IsNotAcceptable(_Checks):
    """The server compares the header as text."""

    def check(self, request: Request) -> None:
        """Refuse any other text."""
        if request.headers.get("accept", "*/*") not in ("application/json", "*/*"):
            raise Refusal(406, "NOT_ACCEPTABLE", "Only application/json is available.")


@lawful("GET with a body returns 415.")
class RefusesBodies(_Checks):
    """A body on GET has no defined meaning."""

    def check(self, request: Request) -> None:
        """Refuse a body."""
        if int(request.headers.get("content-length", "0")):
            raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "GET has no body.")


@lawful("An Authorization header of more than 5,000 bytes returns 431 in HTML.")
class HeadersAreTooLarge(ClinicianApi):
    """A server in front bounds the headers."""

    def handle(self, request: Request) -> Response:
        """Refuse a long header before the API sees the request."""
        if len(request.headers.get("authorization", "")) > 5000:
            return Response("<h1>Request Header Fields Too Large</h1>", 431, media_type="text/html")
        return super().handle(request)


@lawful("A query string of more than 400 bytes returns 414.")
class UrlIsTooLong(_Checks):
    """No client that follows the documents sends such a URL, but for a long search."""

    def check(self, request: Request) -> None:
        """Refuse a long query string without a search."""
        query = request.scope["query_string"]
        if len(query) > 400 and b"search=" not in query:
            raise Refusal(414, "URI_TOO_LONG", "The URL is too long.")


@lawful("Lists and profiles have an ETag of their own for each key, and conditions are honoured.")
class HonoursConditions(ClinicianApi):
    """RFC 9110, section 13."""

    def answer(self, context: Context) -> Response:
        """Return the response, 304 or 412."""
        response = super().answer(context)
        rows = re.sub(rb'"request_id":"[^"]+"', b"", bytes(response.body))
        response.headers["ETag"] = f'"{sha256(rows).hexdigest()[:16]}"'
        wanted = context.request.headers.get("if-match", "*")
        if wanted not in ("*", response.headers["ETag"]):
            raise Refusal(412, "PRECONDITION_FAILED", "The profile has another ETag.")
        if context.request.headers.get("if-none-match") in ("*", response.headers["ETag"]):
            return Response(status_code=304, headers={"ETag": response.headers["ETag"]})
        return response


@lawful("The ETag of a list is the number of its version, the same for both organisations.")
class ListsHaveVersions(ClinicianApi):
    """Each key gets 304 for the version of its own list."""

    def answer(self, context: Context) -> Response:
        """Return the response, or 304 for the version of the key's list."""
        response = super().answer(context)
        if context.operation == "list":
            response.headers["ETag"] = 'W/"7"'
            if context.request.headers.get("if-none-match") == 'W/"7"':
                return Response(status_code=304, headers={"ETag": 'W/"7"'})
        return response


@lawful("Responses have Last-Modified, and If-Modified-Since returns 304.")
class HonoursDates(ClinicianApi):
    """Only for what the key can see."""

    def answer(self, context: Context) -> Response:
        """Return the response, or 304 if the date is later than that of the data."""
        response = super().answer(context)
        response.headers["Last-Modified"] = "Sat, 15 Jun 2024 11:30:00 GMT"
        since = context.request.headers.get("if-modified-since", "")
        if re.search(" 20[0-9]{2} ", since) and "if-none-match" not in context.request.headers:
            return Response(status_code=304)
        return response


@lawful("A load balancer sets a cookie, which authenticates no one.")
class SetsCookies(ClinicianApi):
    """The cookie names a node."""

    def finish(self, context: Context, response: Response) -> Response:
        """Return the response with the cookie."""
        response.set_cookie("node", sha256(context.request_id.encode()).hexdigest()[:8])
        return super().finish(context, response)


@lawful("A path with a trailing or doubled slash redirects with 308.")
class RedirectsToTheUsualPath(ClinicianApi):
    """Many routers do this before the key is checked."""

    def handle(self, request: Request) -> Response:
        """Return the redirect, or the response of the API."""
        path = request.scope["path"]
        usual = re.sub("/+", "/", path).rstrip("/")
        if usual != path and usual.startswith(self.base_path):
            return Response(status_code=308, headers={"Location": usual})
        return super().handle(request)


@lawful("Doubled slashes, dot segments, .json and matrix parameters are taken out of a path.")
class NormalizesPaths(ClinicianApi):
    """The profile is the one that the usual path names."""

    def route(self, context: Context, path: str) -> None:
        """Set the operation of the usual path."""
        plain = re.sub(r";[^/]*", "", path)
        segments: list[str] = []
        for segment in plain.removesuffix(".json").split("/"):
            if segment == "..":
                segments = segments[:-1]
            elif segment not in ("", "."):
                segments.append(segment)
        super().route(context, "/" + "/".join(segments))


@lawful("Of two Authorization headers the first applies.")
class TakesTheFirstAuthorization(ClinicianApi):
    """Several HTTP servers discard the second one."""

    def authorization(self, request: Request) -> str | None:
        """Return the first header."""
        return request.headers.get("authorization")


@lawful("Of two Authorization headers the last applies.")
class TakesTheLastAuthorization(ClinicianApi):
    """A server that reads headers into a dictionary does this."""

    departs_from = frozenset({"AUTH-16"})

    def authorization(self, request: Request) -> str | None:
        """Return the last header."""
        found = request.headers.getlist("authorization")
        return found[-1] if found else None


@lawful("Scheme and key are the first two words of Authorization, after any white space.")
class ReadsTwoWords(ClinicianApi):
    """Words after them are ignored."""

    departs_from = frozenset({"AUTH-16"})

    def read_key(self, authorization: str | None) -> str | None:
        """Return the second word."""
        words = (authorization or "").split()
        return words[1] if len(words) > 1 and words[0].lower() == "bearer" else None


@lawful("A malformed Authorization header returns 400.")
class RefusesMalformedCredentials(ClinicianApi):
    """RFC 6750, section 3.1: invalid_request."""

    def authorization(self, request: Request) -> str | None:
        """Return the header; refuse several, and one with a byte that no key has."""
        found = request.headers.getlist("authorization")
        if len(found) > 1 or any(re.search(r"[^\x20-\x7e]| \S+ ", text) for text in found):
            raise Refusal(400, "INVALID_REQUEST", "The Authorization header is malformed.")
        return super().authorization(request)


@lawful("OPTIONS returns 204 without a key, and TRACE returns 501.")
class AnswersPreflight(ClinicianApi):
    """Browsers send preflight requests without credentials."""

    def answer(self, context: Context) -> Response:
        """Return the response to these methods, or that of the API."""
        if context.request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": "GET, HEAD"})
        if context.request.method == "TRACE":
            raise Refusal(501, "NOT_IMPLEMENTED", "This method is not implemented.")
        return super().answer(context)


@lawful("X-Request-Id of the request becomes the request id of the response.")
class AdoptsRequestIds(ClinicianApi):
    """Tracing across services works in this way."""

    def open(self, request: Request) -> Context:
        """Return the context with the id of the request."""
        context = super().open(request)
        context.request_id = request.headers.get("x-request-id", context.request_id)
        return context


@lawful("A method that a header names returns 405.")
class RefusesOverrides(ClinicianApi):
    """The server knows the header, and the resource is read-only."""

    def read(self, context: Context, identity: Identity) -> Body:
        """Return the body; refuse another method."""
        if any(
            "method" in name for name in (*context.request.headers, *context.request.query_params)
        ):
            raise self.method_not_allowed()
        return super().read(context, identity)
