"""A deadline for each request as a whole.

The timeouts of httpx count from byte to byte: a header that arrives one byte a second never times out.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpcore
import httpx

from conformance.http.framing import RESPONSE, Message, Strays

_now = threading.local()

_PIECE = 65_536
_AT_ONCE = 0.001
"""Seconds to read what has arrived already."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Let every read and write of this thread time out after that time from now."""
    _now.ends = time.monotonic() + seconds
    try:
        yield
    finally:
        _now.ends = None


def enforce(client: httpx.Client, strays: Strays) -> None:
    """Make the connections of a client, which has sent nothing yet, respect :func:`deadline`.

    :param strays: takes what follows the responses.
    """
    # httpx has no parameter for the backend of its pools. A test with slow headers guards this.
    transports = [client._transport, *client._mounts.values()]
    for transport in transports:
        if isinstance(transport, httpx.HTTPTransport):
            pool = transport._pool
            pool._network_backend = _Backend(pool._network_backend, strays)


def _left(timeout: float | None, late: type[httpcore.TimeoutException]) -> float | None:
    """Return the seconds that an operation may take."""
    ends: float | None = getattr(_now, "ends", None)
    if ends is None:
        return timeout
    left = ends - time.monotonic()
    if left <= 0:
        raise late("past the deadline of the request")
    return left if timeout is None else min(left, timeout)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, backend: httpcore.NetworkBackend, strays: Strays) -> None:
        self._backend = backend
        self._strays = strays

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        stream = self._backend.connect_tcp(host, port, left, local_address, socket_options)
        return _Stream(stream, self._strays)

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    """A connection that also notes where its responses end, and drops what follows them."""

    def __init__(self, stream: httpcore.NetworkStream, strays: Strays) -> None:
        self._stream = stream
        self._strays = strays
        self._before: Message | None = None
        self._message: Message | None = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        while True:
            arrived = self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))
            data = self._without_stray(arrived)
            if data or not arrived:
                break
        if self._message is not None:
            self._message.feed(data)
        return data

    def _without_stray(self, data: bytes) -> bytes:
        """Return the data without bytes that followed the response before."""
        if self._before is None or self._message is None or self._message.has_begun:
            return data
        start = data.find(RESPONSE)
        if start == 0 or RESPONSE.startswith(data):
            return data
        stray = len(data) if start < 0 else start
        self._strays.add(self._before, stray)
        return data[stray:]

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if buffer and (self._message is None or self._message.status is not None):
            self._before, self._message = self._message, Message(buffer)
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def _has_stray(self) -> bool:
        """Return whether an idle connection has received more than it should have."""
        message = self._message
        if message is None or not message.is_complete:
            return False
        with suppress(httpcore.TimeoutException, httpcore.NetworkError):
            if stray := self._stream.read(_PIECE, _AT_ONCE):
                self._strays.add(message, len(stray))
                return True
        return False

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._strays)

    def get_extra_info(self, info: str) -> Any:
        found = self._stream.get_extra_info(info)
        if info == "is_readable" and self._message is not None:
            # A connection that is readable is closed, not used again.
            return bool(self._message.surplus or (found and (self._has_stray() or found)))
        return found
