"""nginx as a child process, with a configuration, a folder and a port of its own; root is not needed."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from string import Template
from types import TracebackType
from typing import Self

TIMEOUT = 10.0
_STEP = 0.02

BINARY = shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
"""The path of nginx, or None if it is not installed."""

_MAIN = Template(
    """
$user
daemon off;
worker_processes 1;
pid $folder/nginx.pid;
error_log $folder/error.log warn;
events { worker_connections 256; }
http {
    access_log $folder/access.log;
    client_body_temp_path $folder/body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    $http
    server {
        listen $address:$port $listen;
        $server
    }
}
"""
)


def free_port(address: str = "127.0.0.1") -> int:
    """Return a port that nothing listens on."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Front:
    """The configuration of nginx.

    ``server`` goes into the only server block, ``http`` before it, ``listen`` after the port. ``$folder`` in
    them is the folder of nginx.
    """

    server: str
    http: str = ""
    listen: str = ""
    address: str = "127.0.0.1"


class Nginx:
    """A running nginx, within a ``with`` block.

    :raises AssertionError: if it does not start, with its error log.
    """

    def __init__(self, front: Front, folder: Path) -> None:
        self.folder = folder
        self.port = free_port(front.address)
        self._address = front.address
        host = f"[{front.address}]" if ":" in front.address else front.address
        self.authority = f"{host}:{self.port}"
        folder.mkdir(parents=True, exist_ok=True)
        # If root starts nginx, its workers run as another user, who cannot read the folder.
        user = f"user {pwd.getpwuid(os.getuid()).pw_name};" if os.getuid() == 0 else ""
        names = {"folder": folder, "user": user, "address": host, "port": self.port}
        texts = {"http": front.http, "server": front.server, "listen": front.listen}
        parts = {
            name: Template(text).safe_substitute(folder=folder) for name, text in texts.items()
        }
        self._config = folder / "nginx.conf"
        self._config.write_text(_MAIN.substitute(names, **parts), "utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        assert BINARY is not None
        self._process = subprocess.Popen(
            [
                BINARY,
                "-p",
                str(self.folder),
                "-e",
                str(self.folder / "error.log"),
                "-c",
                str(self._config),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until_listening(self._address, self.port, self._process, self.log)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(TIMEOUT)
        # pytest shows this output only if the test fails.
        print(self.log())

    def log(self) -> str:
        """Return the error log."""
        file = self.folder / "error.log"
        return file.read_text("utf-8", "replace") if file.exists() else ""

    def access_log(self) -> list[str]:
        """Return the lines of the access log, one for each answered request."""
        return (self.folder / "access.log").read_text("utf-8", "replace").splitlines()

    def wait_for(self, count: int, counted: Callable[[list[str]], int] = len) -> None:
        """Wait until the access log has ``count`` lines. ``counted`` may count only some of them."""
        end = time.monotonic() + TIMEOUT
        while counted(self.access_log()) < count:
            assert time.monotonic() < end, (
                f"nginx answered {len(self.access_log())} requests: {self.log()}"
            )
            time.sleep(_STEP)


def wait_until_listening(
    address: str, port: int, process: subprocess.Popen[bytes], log: Callable[[], str]
) -> None:
    """Wait until the process accepts connections.

    :param log: returns the text for the error if the process ends instead.
    """
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        try:
            socket.create_connection((address, port), 1).close()
        except OSError:
            assert process.poll() is None, f"the process ended by itself: {log()}"
            time.sleep(_STEP)
        else:
            return
    raise AssertionError(f"nothing listens on {address}:{port}")
