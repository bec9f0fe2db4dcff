"""Send one request, and read its response within bounds of size and time."""

from __future__ import annotations

import ssl
import time
from contextlib import closing, suppress

import httpcore
import httpx

from conformance.http import bounds, framing
from conformance.http.connections import Connections, ended_by_server, raw_headers
from conformance.http.deadline import deadline
from conformance.http.decoding import read_body
from conformance.http.exchange import Exchange, utc_now
from conformance.http.gateways import SHORT
from conformance.http.request import Request
from conformance.target.credential import appended
from conformance.target.credentials import CREDENTIALS
from conformance.target.secrets import Cookies, Redactor
from conformance.target.target import Target

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 10.0
MAX_TARGET = 65_536
"""Characters of a path with its query, as httpx bounds a URL."""

LATE = 0.03
"""Seconds for which bytes are awaited after a response that must have no body."""

_PIECE = 65_536

REQUEST_READS = 2
"""The seconds that a request may take from its first byte to the last one of its response, in timeouts."""


class Endless(httpx.ReadTimeout):
    """A response arrives byte by byte, and does not end in time."""


class Incomplete(httpx.RemoteProtocolError):
    """The connection ended, or is unreadable, before a response was complete.

    ``exchange`` has what arrived: status and headers, or neither.
    """

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(exchange.broken)
        self.exchange = exchange


_CUT = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)


class _ExactUrl(httpx.URL):
    """A URL whose path and query are sent as they are.

    httpx takes dot segments out of a path, and encodes a percent sign that encodes nothing.
    """

    def __init__(self, base_url: httpx.URL, target: bytes) -> None:
        super().__init__(base_url)
        self._target = target

    @property
    def raw_path(self) -> bytes:
        """The path and the query, as the request line has them."""
        return self._target


class Transport:
    """Connections to a target, which open on first use."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._redactor = Redactor(target)
        self._cookies = Cookies(target)
        self._base = httpx.URL(target.base_url)
        self._path = self._base.raw_path.decode("ascii").rstrip("/")
        timeout = httpx.Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT)
        self.strays = framing.Strays()
        self._connections = Connections(target, timeout, self.strays)
        self._run_started = time.perf_counter()

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    def send(self, request: Request) -> Exchange:
        """Send a request once; the exchange has no number yet.

        :raises Incomplete: if the connection ends before the response is complete.
        :raises httpx.HTTPError: if no response arrives for another reason.
        :raises httpx.InvalidURL: if the URL is too long to be sent.
        :raises ValueError: or OSError, if no connection to the target is possible at all.
        """
        target = self._target
        credential = CREDENTIALS[request.credential]
        headers = [
            # Bytes: httpx refuses characters beyond ASCII.
            (name.encode(), self._cookies.restore(value).encode("latin-1", "replace"))
            for name, value in (*request.headers, *credential.headers(target))
        ]
        if request.content and not target.network.http2:
            # A server that leaves a body unread would read it as the next request of the connection.
            headers.append((b"Connection", b"close"))
        sent = self._path + appended(request.target, credential.query(target))
        if len(sent) > MAX_TARGET:
            raise httpx.InvalidURL("URL too long")
        most = REQUEST_READS * READ_TIMEOUT
        framing.forget()
        received: httpx.Response | None = None
        broken, body, cut = "", b"", False
        with self._connections.lease() as lease, deadline(most):
            started_at = utc_now()
            start = time.perf_counter()
            message = lease.http.build_request(
                request.method,
                self._base,
                headers=headers,
                content=request.content.encode() or None,
            )
            message.url = _ExactUrl(self._base, sent.encode("ascii"))
            try:
                with closing(lease.http.send(message, stream=True)) as received:
                    _await_surplus(received)
                    body, cut = read_body(received)
            except httpx.TimeoutException as problem:
                if time.perf_counter() - start < most:
                    raise
                raise Endless(f"the response does not end within {most:g} s") from problem
            except _CUT as problem:
                broken = _broken(problem)
            elapsed = time.perf_counter() - start
            lease.complete = not cut and not broken and not request.content
        ended = framing.current()
        raw = [] if received is None else raw_headers(received)[: bounds.MAX_HEADERS + 1]
        pairs = tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in raw
        )
        headers_received = tuple(
            (
                name,
                self._redactor.text(self._cookies.hide(value) if name == "set-cookie" else value),
            )
            for name, value in pairs
        )
        exchange = Exchange(
            number=0,
            request=request,
            url=target.base_url + request.shown_target,
            status=0 if received is None else received.status_code,
            headers=headers_received,
            body=self._redactor.bytes(body),
            elapsed=elapsed,
            at=start - self._run_started,
            started_at=started_at,
            cut=cut,
            broken=broken,
            surplus=0 if ended is None else ended.surplus,
            protocol="HTTP/1.1" if received is None else received.http_version,
            curl_options=target.network.curl,
        )
        if broken:
            raise Incomplete(exchange)
        return exchange


def _await_surplus(response: httpx.Response) -> None:
    """Wait a moment for bytes after a response that must have no body."""
    message = framing.current()
    if message is None or not message.has_no_body or message.surplus:
        return
    with suppress(httpcore.TimeoutException, httpcore.NetworkError):
        response.extensions["network_stream"].read(_PIECE, timeout=LATE)


def _broken(problem: httpx.HTTPError) -> str:
    """Return why a response is not complete."""
    message = framing.current()
    if message is not None and message.status is not None and message.missing:
        total = message.declared or 0
        return f"{SHORT} {total - message.missing} of {total} bytes (Content-Length)"
    return explained(problem)


def explained(problem: httpx.HTTPError) -> str:
    """Return what happened on the wire, for a reader who does not know the library."""
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"TLS failed: {cause.verify_message}; for a private authority give --ca-bundle FILE"
            )
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed: {cause.reason or cause}"
        cause = cause.__cause__ or cause.__context__
    if isinstance(problem, httpx.ConnectTimeout):
        return f"no connection within {CONNECT_TIMEOUT:g} s"
    if isinstance(problem, httpx.TimeoutException) and not isinstance(problem, Endless):
        return f"timed out after {READ_TIMEOUT:g} s"
    if isinstance(problem, httpx.ProxyError):
        return f"the proxy refused: {problem}"
    if isinstance(problem, httpx.ConnectError):
        return f"no connection: {problem}"
    if isinstance(problem, httpx.RemoteProtocolError) and not isinstance(problem, Incomplete):
        return ended_by_server(problem) or f"the connection was cut: {problem}"
    return str(problem) or type(problem).__name__
