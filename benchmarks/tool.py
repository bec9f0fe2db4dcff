"""A compared tool: how it runs on a server, and what it reports."""

from __future__ import annotations

import os
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from conformance.faults.variant import Variant
from conformance.target.target import Target

# The key is passed in the environment, because every user can read the arguments of a process.
KEY_VARIABLE: Final = "CONFORMANCE_API_KEY"
LIMIT: Final = 120.0
# High enough never to be reached. Not 0, because some faults concern the rate limit headers.
UNLIMITED: Final = 1_000_000


@dataclass(frozen=True)
class ToolReport:
    """The findings of a tool on a server in a few words each, and the error that stopped it."""

    findings: list[str] = field(default_factory=list)
    problem: str | None = None


class Tool(ABC):
    """A tool that checks a server against the contract.

    ``rate_limit`` is the number of requests per hour that the server grants a key during the run.
    """

    name: str
    label: str
    rate_limit = UNLIMITED

    @property
    @abstractmethod
    def version(self) -> str | None:
        """Return the installed version, or None if the tool is not installed."""

    @property
    def missing(self) -> str | None:
        """Return how to install the tool, or None if it is installed."""
        return None

    @abstractmethod
    def run(self, variant: Variant, target: Target, /) -> ToolReport:
        """Check a server."""


def run_command(
    command: list[str],
    target: Target,
    folder: str | None,
    variables: Mapping[str, str] | None = None,
) -> tuple[int | None, str]:
    """Run a command that gets the key in its environment, and return exit status and output.

    After a timeout the status is None and the output is the reason.
    """
    try:
        done = subprocess.run(  # noqa: S603
            command,
            cwd=folder,
            env={**os.environ, KEY_VARIABLE: target.own_key, **(variables or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=LIMIT,
        )
    except subprocess.TimeoutExpired:
        return None, f"it did not finish within {LIMIT:g} s"
    return done.returncode, done.stdout.strip()
