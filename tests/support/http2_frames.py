"""An HTTP/2 server whose frames for each request are set by a test."""

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

from tests.support.proxies import CertificateFiles

_TIMEOUT = 10


@dataclass
class ReceivedRequest:
    """A request on a connection, with methods that send its response in parts."""

    wire: h2.connection.H2Connection
    stream: int
    flush: Callable[[], None]
    raw: ssl.SSLSocket

    def head(self, *headers: tuple[str, str]) -> None:
        """Send status 200 and the headers."""
        self.wire.send_headers(
            self.stream, [(":status", "200"), ("content-type", "application/json"), *headers]
        )
        self.flush()

    def body(self, text: str, *, end: bool = True) -> None:
        """Send a part of the body, in frames as large as flow control allows.

        The rest is dropped when the window is full.
        """
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
        """Send a complete response."""
        self.head()
        self.body(text)

    def frame(self, kind: int, content: bytes) -> None:
        """Send a frame on stream 0, bypassing the checks of the library."""
        self.raw.sendall(len(content).to_bytes(3, "big") + bytes([kind, 0, 0, 0, 0, 0]) + content)

    def goaway(self, last: int, code: int = 0) -> None:
        """Send GOAWAY as a raw frame: after its own GOAWAY, the library would send nothing more."""
        self.frame(7, last.to_bytes(4, "big") + code.to_bytes(4, "big"))


@dataclass
class FrameServer:
    """A running server.

    ``connection_numbers`` has the connection of each request, counted from 1. ``over`` is released for each
    connection that the server closes.
    """

    base_url: str = ""
    connection_numbers: list[int] = field(default_factory=list)
    connections: int = 0
    over: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


RequestHandler = Callable[[ReceivedRequest], bool]
"""Handles a request; returns whether the connection stays open."""


@contextmanager
def serve_frames(files: CertificateFiles, *handlers: RequestHandler) -> Iterator[FrameServer]:
    """Serve within a ``with`` block. Each request has a handler; the last one handles all later requests."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.server)
    context.set_alpn_protocols(["h2"])
    listener = socket.create_server(("127.0.0.1", 0))
    server = FrameServer(f"https://127.0.0.1:{listener.getsockname()[1]}/api-v1")
    lock = threading.Lock()

    def serve(plain: socket.socket, number: int) -> None:
        plain.settimeout(_TIMEOUT)
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
                            handler = handlers[
                                min(len(server.connection_numbers), len(handlers) - 1)
                            ]
                            server.connection_numbers.append(number)
                        if not handler(ReceivedRequest(wire, event.stream_id, flush, raw)):
                            # Closing with unread data would reset the connection and lose the response.
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
