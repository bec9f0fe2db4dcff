"""Types of the end-to-end fixtures, and runs on a base URL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.nginx import BINARY, Nginx
from tests.support.processes import Command, Ended, keys_for, start
from tests.support.serving import Served

StartServer = Callable[..., Served]


StartNginx = Callable[..., Nginx]


Judge = Callable[..., Ended]


def needs_nginx() -> None:
    """Skip the test if nginx is not installed."""
    if BINARY is None:
        pytest.skip("nginx is not installed (on Debian: apt-get install nginx-light)")


def begin(folder: Path, base_url: str, *arguments: str, **variables: str) -> Command:
    """Start ``conformance run`` on a base URL."""
    return start(folder, "run", *arguments, **keys_for(base_url, **variables))
