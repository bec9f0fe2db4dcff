"""Servers over TLS, and a forward proxy."""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import trustme
import uvicorn
from starlette.types import ASGIApp


@dataclass(frozen=True)
class CertificateFiles:
    """PEM files: an authority, its certificates for the loopback and a client, and another authority."""

    authority: Path
    server: Path
    client: Path
    client_key: Path
    other_authority: Path

    @property
    def client_certificate(self) -> Path:
        """The file of the client's certificate without its key."""
        return self.client.with_name("client-cert.pem")


def make_certificates(folder: Path) -> CertificateFiles:
    """Create new keys and certificates in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    made = CertificateFiles(
        *(folder / f"{name}.pem" for name in CertificateFiles.__dataclass_fields__)
    )
    authority, other = trustme.CA(), trustme.CA()
    server = authority.issue_cert("127.0.0.1", "::1", "localhost")
    client = authority.issue_cert("client@example.org")
    authority.cert_pem.write_to_path(made.authority)
    other.cert_pem.write_to_path(made.other_authority)
    server.private_key_and_cert_chain_pem.write_to_path(made.server)
    client.private_key_and_cert_chain_pem.write_to_path(made.client)
    client.private_key_pem.write_to_path(made.client_key)
    made.client_certificate.write_bytes(b"".join(item.bytes() for item in client.cert_chain_pems))
    return made


@contextmanager
def over_tls(
    app: ASGIApp, files: CertificateFiles, *, client_needed: bool = False
) -> Iterator[str]:
    """Serve an application over TLS within a ``with`` block; yield the base URL.

    :param client_needed: whether a client must send a certificate of the same authority.
    """
    sock = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        ssl_certfile=files.server,
        ssl_ca_certs=str(files.authority) if client_needed else None,
        ssl_cert_reqs=ssl.CERT_REQUIRED if client_needed else ssl.CERT_NONE,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=partial(server.run, sockets=[sock]), daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{sock.getsockname()[1]}/api-v1"
    finally:
        server.should_exit = True
        thread.join()
        sock.close()


@dataclass
class Proxy:
    """A forward proxy and what clients requested: methods with absolute URLs, or CONNECT with hosts."""

    url: str
    requested: list[str] = field(default_factory=list)


@contextmanager
def forward_proxy() -> Iterator[Proxy]:
    """Run a proxy on the loopback that forwards every request; yield it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

        def do_CONNECT(self) -> None:
            proxy.requested.append(f"CONNECT {self.path}")
            host, _, port = self.path.rpartition(":")
            with socket.create_connection((host, int(port)), 5) as there:
                self.send_response(200)
                self.end_headers()
                _pass_on(self.connection, there)
            self.close_connection = True

        def do_GET(self) -> None:
            proxy.requested.append(f"{self.command} {self.path}")
            parts = urlsplit(self.path)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            lines = [f"{self.command} {target} HTTP/1.1", "Connection: close"]
            lines += [
                f"{name}: {value}"
                for name, value in self.headers.items()
                if name.lower() not in ("connection", "proxy-connection")
            ]
            with socket.create_connection((parts.hostname or "", parts.port or 80), 5) as there:
                there.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
                while piece := there.recv(65536):
                    self.wfile.write(piece)
            self.close_connection = True

        do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    proxy = Proxy(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _pass_on(one: socket.socket, two: socket.socket) -> None:
    with suppress(OSError):
        while True:
            ready, _, _ = select.select([one, two], [], [], 20)
            for side in ready:
                piece = side.recv(65536)
                if not piece:
                    return
                (two if side is one else one).sendall(piece)
            if not ready:
                return
