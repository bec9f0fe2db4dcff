"""Connections to a target: one client for all requests, or one of its own for each that is under way.

The first is how HTTP/1.1 is spoken. For HTTP/2 the library has all threads share one connection, whose state
it does not guard against them everywhere, so that answers can be lost: there none is shared.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Protocol

import httpx

from conformance import __version__
from conformance.target.target import Target

if TYPE_CHECKING:
    import ssl


@dataclass
class Line:
    """What a request goes out by.

    ``ended`` is set by who has read the answer to its end: where something is still to come, a connection
    that is not shared is used no more.
    """

    http: httpx.Client
    ended: bool = False


class Connections(Protocol):
    """Connections, which are not opened before they are needed."""

    def line(self) -> AbstractContextManager[Line]:
        """What one request may go out by."""

    def close(self) -> None:
        """End the connections."""


def connections(target: Target, concurrency: int, patience: httpx.Timeout) -> Connections:
    """Those that the target's network asks for. HTTP/2 is agreed on in TLS, and nowhere else."""
    if target.network.http2 and target.base_url.startswith("https:"):
        return _Apart(target, patience)
    return _Shared(target, concurrency, patience)


class _Shared:
    def __init__(self, target: Target, concurrency: int, patience: httpx.Timeout) -> None:
        self._target = target
        self._most = concurrency
        self._patience = patience
        self._lock = threading.Lock()
        self._http: httpx.Client | None = None

    @contextmanager
    def line(self) -> Iterator[Line]:
        with self._lock:
            if self._http is None:
                verified = self._target.network.context() or True
                self._http = _client(self._target, verified, self._patience, self._most)
            http = self._http
        yield Line(http)

    def close(self) -> None:
        with self._lock:
            if self._http is not None:
                self._http.close()


class _Apart:
    """The client that was free last goes first: no more connections than requests at once."""

    def __init__(self, target: Target, patience: httpx.Timeout) -> None:
        self._target = target
        self._patience = patience
        self._lock = threading.Lock()
        self._free: list[Line] = []
        self._context: ssl.SSLContext | None = None
        self._closed = False

    @contextmanager
    def line(self) -> Iterator[Line]:
        with self._lock:
            line = self._free.pop() if self._free else self._opened()
        line.ended = False
        try:
            with _told_as_http1_is():
                yield line
        finally:
            with self._lock:
                kept = line.ended and not self._closed
                if kept:
                    self._free.append(line)
            if not kept:
                line.http.close()

    def _opened(self) -> Line:
        if self._context is None:
            network, embedded = self._target.network, self._target.embedded
            self._context = network.context() or httpx.create_ssl_context(trust_env=not embedded)
        return Line(_client(self._target, self._context, self._patience, 1, http2=True))

    def close(self) -> None:
        with self._lock:
            self._closed = True
            free, self._free = self._free, []
        for line in free:
            line.http.close()


def _client(
    target: Target,
    verified: ssl.SSLContext | bool,
    patience: httpx.Timeout,
    most: int,
    *,
    http2: bool = False,
) -> httpx.Client:
    return httpx.Client(
        headers={
            "User-Agent": f"clinician-profiles-conformance/{__version__}",
            "Accept": "application/json",
            # No other coding: these are unpacked within bounds.
            "Accept-Encoding": "gzip, deflate",
            **dict(target.network.headers),
        },
        timeout=patience,
        limits=httpx.Limits(max_connections=most, max_keepalive_connections=most),
        follow_redirects=False,
        # What one identity is given must not go out with another's request.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        # A proxy of the surroundings knows nothing of a server that was started for the run.
        trust_env=not target.embedded,
        verify=verified,
        http2=http2,
    )


@contextmanager
def _told_as_http1_is() -> Iterator[None]:
    """Whatever h2 says of what has come is told as httpx tells of HTTP/1.1."""
    from h2.exceptions import H2Error  # most runs speak HTTP/1.1

    try:
        yield
    except (H2Error, httpx.LocalProtocolError) as problem:
        if not isinstance(problem, H2Error) and not isinstance(_reason(problem), H2Error):
            raise
        raise httpx.RemoteProtocolError(f"this is not as HTTP/2 has it: {problem}") from problem


def ended_by_server(problem: BaseException) -> str | None:
    """How a server has ended a request of HTTP/2 without an answer, None where that is not the problem."""
    event = _reason(problem)
    code = getattr(event, "error_code", None)
    if code is None:
        return None
    what = "connection" if hasattr(event, "last_stream_id") else "request"
    return f"the server ended the {what} (HTTP/2: {getattr(code, 'name', code)})"


def _reason(problem: BaseException) -> object:
    """What the library gives as the reason of a problem."""
    return next(iter(getattr(problem.__cause__, "args", ())), None)
