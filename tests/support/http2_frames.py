"""A server of HTTP/2 that does what a test wants with each request, down to its frames."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events
from h2.exceptions import ProtocolError

from tests.support.proxies import Papers

_PATIENCE = 10


@dataclass
class Asked:
    """One request on a connection: what of it can be answered, and how."""

    wire: h2.connection.H2Connection
    stream: int
    flush: Callable[[], None]
    raw: ssl.SSLSocket

    def head(self, *headers: tuple[str, str]) -> None:
        """Begin an answer."""
        self.wire.send_headers(
            self.stream, [(":status", "200"), ("content-type", "application/json"), *headers]
        )
        self.flush()

    def body(self, text: str, *, end: bool = True) -> None:
        """Go on with an answer, in frames of what may be sent at once."""
        data = text.encode()
        while data:
            room = min(
                self.wire.local_flow_control_window(self.stream),
                self.wire.max_outbound_frame_size,
            )
            if not room:
                return
            self.wire.send_data(self.stream, data[:room])
            data = data[room:]
            self.flush()
        if end:
            self.wire.end_stream(self.stream)
            self.flush()

    def answer(self, text: str) -> None:
        """A whole answer."""
        self.head()
        self.body(text)

    def frame(self, kind: int, content: bytes) -> None:
        """A frame of the connection, past what the library thinks of it."""
        self.raw.sendall(len(content).to_bytes(3, "big") + bytes([kind, 0, 0, 0, 0, 0]) + content)

    def goaway(self, last: int, code: int = 0) -> None:
        """GOAWAY, after which the library would send nothing more."""
        self.frame(7, last.to_bytes(4, "big") + code.to_bytes(4, "big"))


@dataclass
class Framed:
    """The server: its address, and the connections on which requests arrived, counted from 1.

    ``over`` counts the connections that it has ended.
    """

    base_url: str = ""
    came_by: list[int] = field(default_factory=list)
    connections: int = 0
    over: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


Deed = Callable[[Asked], bool]
"""What is done with a request; whether the connection stays open."""


@contextmanager
def framed(files: Papers, *deeds: Deed) -> Iterator[Framed]:
    """Serve for the time of a ``with`` block: each request has its deed, later ones the last of them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.server)
    context.set_alpn_protocols(["h2"])
    listener = socket.create_server(("127.0.0.1", 0))
    server = Framed(f"https://127.0.0.1:{listener.getsockname()[1]}/api-v1")
    lock = threading.Lock()

    def serve(plain: socket.socket, number: int) -> None:
        plain.settimeout(_PATIENCE)
        with suppress(OSError, ProtocolError), context.wrap_socket(plain, server_side=True) as raw:
            wire = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))

            def flush() -> None:
                raw.sendall(wire.data_to_send())

            wire.initiate_connection()
            flush()
            while data := raw.recv(65536):
                events = wire.receive_data(data)
                flush()
                for event in events:
                    if isinstance(event, h2.events.RequestReceived):
                        with lock:
                            deed = deeds[min(len(server.came_by), len(deeds) - 1)]
                            server.came_by.append(number)
                        if not deed(Asked(wire, event.stream_id, flush, raw)):
                            # Closed with something unread, it would take back what it has said.
                            raw.shutdown(socket.SHUT_WR)
                            server.over.release()
                            while raw.recv(65536):
                                pass
                            return

    def accept() -> None:
        with suppress(OSError):
            while True:
                plain, _ = listener.accept()
                server.connections += 1
                threading.Thread(
                    target=serve, args=(plain, server.connections), daemon=True
                ).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
