"""A server in a process of its own: the embedded server or a variant, on a fixed port."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.nginx import TIMEOUT, free_port, wait_until_listening
from tests.support.processes import ROOT, Ended, surroundings


@dataclass
class Served:
    """A server that runs within a ``with`` block, and can be ended and restarted there.

    :param options: options of ``conformance serve``, or of ``module``.
    """

    options: tuple[str, ...] = ()
    module: str = "conformance"
    address: str = "127.0.0.1"
    port: int = field(init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.port = free_port(self.address)

    @property
    def authority(self) -> str:
        """Host and port, as in a URL."""
        return (
            f"[{self.address}]:{self.port}"
            if ":" in self.address
            else f"{self.address}:{self.port}"
        )

    @property
    def base_url(self) -> str:
        """Its own base URL, which bypasses any proxy in front."""
        return f"http://{self.authority}/api-v1"

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def begin(self) -> None:
        """Start it, and wait until it accepts connections."""
        command = [sys.executable, "-m", self.module]
        command += ["serve"] if self.module == "conformance" else []
        command += ["--host", self.address, "--port", str(self.port), *self.options]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=surroundings(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until_listening(self.address, self.port, self._process, lambda: " ".join(command))

    def end(self) -> None:
        """Kill it at once; requests in progress get no response."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(TIMEOUT)
            self._process = None


def database(folder: Path) -> tuple[str, ...]:
    """Return the option for a database file in a folder."""
    return ("--database", str(folder / "directory.db"))


def outcomes(ended: Ended) -> dict[str, str]:
    """Return the requirements that failed or warned: id → ``failed`` or ``warned``."""
    rows = ended.report()["requirements"]
    return {row["id"]: row["outcome"] for row in rows if row["outcome"] in ("failed", "warned")}
