"""Connections to a target: an httpx client with one connection for each pending request.

With HTTP/2, the threads that share a client share its connection, and the library does not lock its state
everywhere, so that responses can be lost. With HTTP/1.1, a client examines all its connections several times
for each request.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING
from urllib.request import getproxies

import httpx

from conformance import __version__
from conformance.http.deadline import enforce
from conformance.http.framing import Strays
from conformance.target.target import Target

if TYPE_CHECKING:
    import ssl


@dataclass
class Lease:
    """An httpx client for one request.

    The caller sets ``complete`` once it has read the response to its end: otherwise its connection is closed.
    """

    http: httpx.Client
    complete: bool = False


class Connections:
    """Connections, which open on first use.

    The client returned last is lent next: there are no more connections than pending requests. HTTP/2 is only
    negotiated in TLS.

    :param strays: takes what follows the responses of HTTP/1.1.
    """

    def __init__(self, target: Target, timeout: httpx.Timeout, strays: Strays) -> None:
        self._target = target
        self._strays = strays
        self._timeout = timeout
        self._http2 = target.network.http2 and target.base_url.startswith("https:")
        self._lock = threading.Lock()
        self._free: list[Lease] = []
        self._context: ssl.SSLContext | None = None
        self._closed = False

    @contextmanager
    def lease(self) -> Iterator[Lease]:
        """Lend a client for one request."""
        with self._lock:
            lease = self._free.pop() if self._free else self._open()
        lease.complete = False
        try:
            with _http2_errors() if self._http2 else nullcontext():
                yield lease
        finally:
            with self._lock:
                kept = lease.complete and not self._closed
                if kept:
                    self._free.append(lease)
            if not kept:
                lease.http.close()

    def _open(self) -> Lease:
        if self._context is None:
            self._context = self._target.network.context() or _default_context(self._target)
        return Lease(
            _client(self._target, self._context, self._timeout, self._strays, http2=self._http2)
        )

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            self._closed = True
            free, self._free = self._free, []
        for lease in free:
            lease.http.close()


def _default_context(target: Target) -> ssl.SSLContext:
    """Return the TLS settings without options.

    Loading the authorities takes a tenth of a second. No request needs them if the target has no TLS and no
    proxy is in between; should one need them after all, it is refused.
    """
    if target.base_url.startswith("http:") and (target.embedded or not getproxies()):
        import ssl

        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.create_ssl_context(trust_env=not target.embedded)


def _client(
    target: Target,
    verified: ssl.SSLContext,
    timeout: httpx.Timeout,
    strays: Strays,
    *,
    http2: bool,
) -> httpx.Client:
    client = httpx.Client(
        headers={
            "User-Agent": f"clinician-profiles-conformance/{__version__}",
            "Accept": "application/json",
            # Only codings that decoding.py unpacks within bounds.
            "Accept-Encoding": "gzip, deflate",
            **dict(target.network.headers),
        },
        timeout=timeout,
        limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
        follow_redirects=False,
        cookies=_NoCookies(),
        event_hooks={"response": [_keep_location]},
        # A proxy of the environment cannot reach a server that was started for the run.
        trust_env=not target.embedded,
        verify=verified,
        http2=http2,
    )
    enforce(client, strays)
    return client


class _NoCookies(CookieJar):
    """Keeps no cookie: one of an identity must not be sent with a request of another."""

    def extract_cookies(self, response: object, request: object) -> None:
        """Read nothing of the response."""


_RAW = "conformance_headers"


def _keep_location(response: httpx.Response) -> None:
    """Hide ``Location`` from httpx, which parses it even if it does not follow redirects, and may fail."""
    response.extensions[_RAW] = list(response.headers.raw)
    response.headers.pop("location", None)


def raw_headers(response: httpx.Response) -> list[tuple[bytes, bytes]]:
    """Return the headers of a response as they were received."""
    found: list[tuple[bytes, bytes]] = response.extensions[_RAW]
    return found


@contextmanager
def _http2_errors() -> Iterator[None]:
    """Raise errors of h2 as the errors that httpx raises for HTTP/1.1."""
    from h2.exceptions import H2Error  # most runs speak HTTP/1.1

    try:
        yield
    except (H2Error, httpx.LocalProtocolError) as problem:
        if not isinstance(problem, H2Error) and not isinstance(_reason(problem), H2Error):
            raise
        raise httpx.RemoteProtocolError(f"this breaks HTTP/2: {problem}") from problem


def ended_by_server(problem: BaseException) -> str | None:
    """Return how a server ended a request of HTTP/2 without a response, None for any other problem."""
    event = _reason(problem)
    code = getattr(event, "error_code", None)
    if code is None:
        return None
    scope = "connection" if hasattr(event, "last_stream_id") else "request"
    return f"the server ended the {scope} (HTTP/2: {getattr(code, 'name', code)})"


def _reason(problem: BaseException) -> object:
    """Return what the library gives as the reason of a problem."""
    return next(iter(getattr(problem.__cause__, "args", ())), None)
