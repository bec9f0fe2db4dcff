"""A gateway that fails some requests. It uses sockets, because no web framework sends broken HTTP."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_NO_LINGER = struct.pack("ii", 1, 0)
_TIMEOUT = 10
_HOP_BY_HOP = ("connection", "transfer-encoding", "keep-alive")


class Gateway(ThreadingHTTPServer):
    """Forwards requests to a server, except those that ``fail`` selects.

    ``fail`` receives the number of a request, counted from 1, and returns None or a kind of failure:
    ``reset`` (the connection is reset without a response), ``truncated`` (half of the body is sent),
    ``busy`` (503 with ``Retry-After``), ``bad gateway`` (502 in HTML).
    """

    daemon_threads = True

    def __init__(self, upstream: str, fail: Callable[[int], str | None]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.fail = fail
        self.failures: list[str] = []
        self._count = 0
        self._lock = threading.Lock()

    @property
    def base_url(self) -> str:
        """The base URL of the gateway."""
        return f"http://127.0.0.1:{self.server_address[1]}/api-v1"

    def next(self) -> str | None:
        """Return the kind of failure of the next request, or None."""
        with self._lock:
            self._count += 1
            kind = self.fail(self._count)
            if kind is not None:
                self.failures.append(kind)
            return kind

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that disconnect, and connections that were reset on purpose."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gateway

    def _pass_on(self) -> None:
        kind = self.server.next()
        if kind == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self.connection.close()
            self.close_connection = True
        elif kind == "busy":
            self._answer(503, [("Retry-After", "1"), ("Content-Type", "text/html")], b"<p>Busy</p>")
        elif kind == "bad gateway":
            self._answer(502, [("Content-Type", "text/html")], b"<p>Bad gateway</p>")
        else:
            upstream = http.client.HTTPConnection(self.server.upstream, timeout=_TIMEOUT)
            try:
                upstream.putrequest(
                    self.command, self.path, skip_host=True, skip_accept_encoding=True
                )
                for name, value in self.headers.items():
                    upstream.putheader(name, value)
                upstream.endheaders()
                response = upstream.getresponse()
                headers = [
                    pair for pair in response.getheaders() if pair[0].lower() not in _HOP_BY_HOP
                ]
                self._answer(response.status, headers, response.read(), cut=kind == "truncated")
            finally:
                upstream.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _pass_on  # noqa: N815 (its names)

    def _answer(
        self, status: int, headers: list[tuple[str, str]], body: bytes, *, cut: bool = False
    ) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in headers):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = cut

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name)
        """Log nothing."""


@contextmanager
def failing_gateway(upstream: str, fail: Callable[[int], str | None]) -> Iterator[Gateway]:
    """Run a gateway to a server within a ``with`` block; yield it."""
    with Gateway(upstream, fail) as gateway:
        thread = threading.Thread(target=gateway.serve_forever, name="gateway", daemon=True)
        thread.start()
        try:
            yield gateway
        finally:
            gateway.shutdown()
            thread.join()
