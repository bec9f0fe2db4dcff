"""Runs the reference server: in a thread of another process, or in the foreground."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import uvicorn
from starlette.types import ASGIApp

from conformance.errors import ServerError
from conformance.reference import seed
from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app
from conformance.reference.ratelimit import REQUESTS_AN_HOUR, RateLimiter
from conformance.reference.store import Store

# How long pending responses may take after the server is told to stop, in seconds.
_GRACE: Final = 1.0
# A search term of 10,000 characters of any script takes 120,000 bytes in a URL. h11 accepts 64 KiB by default
# and responds to a longer head with plain text, before the API sees the request.
_MAXIMUM_HEAD: Final = 256 * 1024

_OTHER_HOST: Final = "Give an address of this machine"
_OTHER_PORT: Final = "Give another port, or 0 for any free one"


class EmbeddedServer:
    """The reference server in a thread of this process, for a ``with`` block.

    ``app`` is an API or any ASGI application; by default the correct API over fresh seed data.
    ``clinicians``, ``database`` and ``rate_limit`` (requests an hour for each key, 0 for no limit) apply
    only without ``app``. ``latency_ms`` delays each response of an API. ``port`` 0 selects a free port.

    :raises ServerError: if it cannot start.
    :raises StoreError: if the database cannot be used.
    """

    def __init__(
        self,
        app: ClinicianApi | ASGIApp | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clinicians: int = seed.OWN_CLINICIANS,
        database: Path | None = None,
        latency_ms: float = 0,
        rate_limit: int = REQUESTS_AN_HOUR,
    ) -> None:
        self._socket = _bind(host, port)
        self._store: Store | None = None
        self._error: BaseException | None = None
        self.api: ClinicianApi | None = None
        try:
            if app is None:
                self._store = (
                    Store.open(database, clinicians) if database else Store.seeded(clinicians)
                )
                app = ClinicianApi(self._store, RateLimiter(rate_limit))
        except BaseException:
            self._socket.close()
            raise
        if isinstance(app, ClinicianApi):
            self.api = app
            app = build_app(app, latency_ms)
        self.seed = self.api.store.data if self.api else seed.build()
        self.base_url = f"http://{_authority(self._socket)}/api-v1"
        self.own_key = self.seed.own_key.key
        self.other_key = self.seed.other_key.key
        self._server = _Server(app)
        self._thread = threading.Thread(target=self._run, name="reference-server", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server.ready.wait()
        if self._error is not None:
            self.__exit__(None, None, None)
            raise ServerError(f"--port: the server cannot start: {self._error}") from self._error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stop()
        self._thread.join()
        self._socket.close()
        # A store that the caller passed in stays open: the caller may read it or serve it again.
        if self._store is not None:
            self._store.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._server.serve(sockets=[self._socket]))
        except BaseException as error:  # otherwise the thread would print it to standard error
            self._error = error
        finally:
            self._server.ready.set()


class _Server(uvicorn.Server):
    """A uvicorn server that stops at once; uvicorn itself checks ten times a second."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="asyncio",
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                # Longer than a client with a slow pace waits between two requests.
                timeout_keep_alive=75,
                h11_max_incomplete_event_size=_MAXIMUM_HEAD,
            )
        )
        self.ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()

    def stop(self) -> None:
        """Stop serving. May be called from any thread, any number of times."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._wake.set)

    async def main_loop(self) -> None:
        """Update the ``Date`` header once a second until told to stop."""
        self._loop = asyncio.get_running_loop()
        counter = 0
        while not await self.on_tick(counter):
            self.ready.set()
            counter += 10
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), timeout=1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close idle connections at once, and busy ones after their response or the grace period."""
        for server in self.servers:
            server.close()
        for sock in sockets or []:
            sock.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        loop = asyncio.get_running_loop()
        end = loop.time() + _GRACE
        while self.server_state.connections and loop.time() < end:  # noqa: ASYNC110 - no event is set
            await asyncio.sleep(0.002)
        for task in list(self.server_state.tasks):
            task.cancel()


def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    app: ClinicianApi | ASGIApp | None = None,
    database: Path | None = None,
    clinicians: int = seed.OWN_CLINICIANS,
    latency_ms: float = 0,
    rate_limit: int = REQUESTS_AN_HOUR,
) -> None:
    """Serve in the foreground until Ctrl-C or SIGTERM, then return.

    Prints three lines for a shell as soon as the server accepts requests: the base URL and both keys.

    :raises ServerError: if it cannot start; its one line names the setting.
    :raises StoreError: if the database cannot be used; its one line names the setting.
    """
    with _ended_by_signal(), suppress(KeyboardInterrupt):
        server = EmbeddedServer(
            app,
            host=host,
            port=port,
            clinicians=clinicians,
            database=database,
            latency_ms=latency_ms,
            rate_limit=rate_limit,
        )
        with server:
            print(
                f"export CONFORMANCE_BASE_URL={server.base_url}",
                f"export CONFORMANCE_API_KEY={server.own_key}",
                f"export CONFORMANCE_OTHER_API_KEY={server.other_key}",
                sep="\n",
                flush=True,
            )
            threading.Event().wait()


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """Make SIGINT and SIGTERM raise KeyboardInterrupt within the block.

    SIGINT too: a shell starts its background processes with SIGINT ignored, and Python keeps it so.
    """
    numbers = (signal.SIGINT, signal.SIGTERM)
    previous = [signal.signal(number, signal.default_int_handler) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, previous, strict=True):
            signal.signal(number, handler)


def _bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address, not listening yet.

    :raises ServerError: if there is no such address or the port is not free.
    """
    if not 0 <= port <= 65_535:
        raise ServerError(f"--port {port}: must be from 0 (any free port) to 65535")
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ServerError(f"--host {host}: {_reason(error)}. {_OTHER_HOST}") from error
    family, kind, protocol, _, address = addresses[0]
    sock = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # on Windows this option would let two servers share the port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise ServerError(f"--host {host}: {_reason(error)}. {_OTHER_HOST}") from error
        raise ServerError(f"--port {port}: {_reason(error)}. {_OTHER_PORT}") from error
    return sock


def _reason(error: OSError | UnicodeError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "not a host name"


def _authority(sock: socket.socket) -> str:
    """Return the host and port at which this machine reaches a bound socket."""
    host, port = sock.getsockname()[:2]
    address = ipaddress.ip_address(host)
    if address.is_unspecified:  # bound to all addresses, including the loopback address
        address = ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
