"""A server on plain sockets that sends given bytes, well-formed or not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from conformance.reference.seed import build
from conformance.target.target import Target

OWN_KEY: Final = build().own_key.key
OTHER_KEY: Final = build().other_key.key

_MAX_HEAD: Final = 256 * 1024


class Stub:
    """A context manager that runs the server and yields its target.

    ``respond`` returns the bytes of the response for a request method, or None to send nothing. Each
    connection gets one response and is closed. A connection without one stays open until the end of
    the block.
    """

    def __init__(self, respond: Callable[[str], bytes | None]) -> None:
        self._respond = respond
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._ended = False
        self._threads = [threading.Thread(target=self._accept, name="stub", daemon=True)]
        host, port = self._listener.getsockname()
        self.target = Target(f"http://{host}:{port}/api-v1", OWN_KEY, OTHER_KEY)

    def __enter__(self) -> Target:
        self._threads[0].start()
        return self.target

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._ended = True
            # Closing alone does not wake the threads that wait on these sockets; a shutdown does.
            for sock in (self._listener, *self._open):
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # the end of the block
                return
            with self._lock:
                if self._ended:
                    connection.close()
                    return
                self._open.add(connection)
                thread = threading.Thread(target=self._talk, args=(connection,), daemon=True)
                self._threads.append(thread)
            thread.start()

    def _talk(self, connection: socket.socket) -> None:
        try:
            head = _head(connection)
            content = self._respond(head.split(" ", 1)[0]) if head else b""
            if content is not None:
                connection.sendall(content)
                return
            while connection.recv(4096):  # until the client gives up, or the block ends
                pass
        except OSError:
            pass
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()


def _head(connection: socket.socket) -> str:
    """Return a request without its body; empty if the client disconnects or sends no HTTP."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece or len(head) > _MAX_HEAD:
            return ""
        head += piece
    return head.decode("latin-1")


def response(status: str, body: str, kind: str = "application/json", *lines: str) -> Stub:
    """Return a server that sends the same response to every request."""
    return Stub(lambda method: message(status, body, kind, *lines, bodiless=method == "HEAD"))


def message(
    status: str, body: str, kind: str, *lines: str, bodiless: bool = False, cut: int = 0
) -> bytes:
    """Return a response as bytes.

    The last ``cut`` bytes of the body are left out; Content-Length still counts them.
    """
    content = body.encode()
    head = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(content)}",
        "Connection: close",
        *lines,
    ]
    sent = b"" if bodiless else content[: len(content) - cut]
    return "\r\n".join([*head, "", ""]).encode() + sent
