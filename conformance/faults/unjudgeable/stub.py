"""A server on plain sockets that answers whatever it is told to, well-formed or not."""

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

_MOST_OF_A_HEAD: Final = 256 * 1024


class Stub:
    """Answers every request with what ``respond`` gives for its method; None leaves it without.

    Used as a context manager. Each connection gets one answer and is closed; one without an answer
    stays open until the end of the block.
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
            # Shut down, and not only closed: that wakes the threads that wait on them.
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
            answer = self._respond(head.split(" ", 1)[0]) if head else b""
            if answer is not None:
                connection.sendall(answer)
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
    """A request without its body, empty where the client went away or sends no HTTP."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece or len(head) > _MOST_OF_A_HEAD:
            return ""
        head += piece
    return head.decode("latin-1")


def response(status: str, body: str, kind: str = "application/json", *lines: str) -> Stub:
    """A server with one answer to everything."""
    return Stub(lambda method: message(status, body, kind, *lines, bodiless=method == "HEAD"))


def message(
    status: str, body: str, kind: str, *lines: str, bodiless: bool = False, cut: int = 0
) -> bytes:
    """A response as bytes, without its last ``cut`` bytes though its length counts them."""
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
