"""A server on plain sockets that controls every byte and every pause of its responses."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from conformance.target.target import Target
from tests.support.processes import OTHER_KEY, OWN_KEY

RESET = "reset"
"""A step that resets the connection."""

CLOSE = "close"
"""A step that closes the connection; without one, it is kept for the next request."""

_NO_LINGER = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Received:
    """A request: its method, its target, and its headers by their names in lower case."""

    method: str
    target: str
    headers: dict[str, str]


Step = bytes | float | str
"""Bytes to send, seconds to wait, RESET or CLOSE."""

Respond = Callable[[Received], Iterable[Step]]


class Raw:
    """A context manager that runs the server.

    ``respond`` returns the steps of each response, and runs in the thread of its connection.
    """

    def __init__(self, respond: Respond) -> None:
        self.ended = threading.Event()
        self._respond = respond
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._accepting = threading.Thread(target=self._accept, name="raw", daemon=True)

    @property
    def base_url(self) -> str:
        """The base URL of the server."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/api-v1"

    @property
    def target(self) -> Target:
        """The server as a target with both keys."""
        return Target(self.base_url, OWN_KEY, OTHER_KEY)

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._accepting.join()
        self._listener.close()

    def stop(self) -> None:
        """Accept nothing more, and end what is open: from then on, connections are refused."""
        self.ended.set()
        with self._lock:
            # Closing alone does not wake the threads that wait on these sockets; a shutdown does.
            for one in (self._listener, *self._open):
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # the end of the block
                return
            with self._lock:
                self._open.add(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        try:
            received = b""
            while not self.ended.is_set():
                request, received = _next(connection, received)
                if request is None:
                    return
                for step in self._respond(request):
                    if isinstance(step, bytes):
                        connection.sendall(step)
                    elif isinstance(step, float):
                        self.ended.wait(step)
                    elif step == RESET:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                        return
                    else:
                        return
        except OSError:
            pass
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()


def _next(connection: socket.socket, received: bytes) -> tuple[Received | None, bytes]:
    """Return the next request, None at the end of the connection, and what was received after it."""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            return None, b""
        received += piece
    head, _, rest = received.partition(b"\r\n\r\n")
    start, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = start.split(" ", 2)
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.lower(): value.strip() for name, value in pairs}
    length = int(headers.get("content-length", 0))
    while len(rest) < length:
        rest += connection.recv(65536)
    return Received(method, target, headers), rest[length:]


def message(
    body: bytes = b"", status: str = "200 OK", *lines: str, kind: str = "application/json"
) -> bytes:
    """Return a complete response."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", f"Content-Type: {kind}", *lines]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body
