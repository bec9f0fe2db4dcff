"""Fixtures for targets as in production: a server in a process of its own, nginx in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.end_to_end import Judge, StartNginx, StartServer, needs_nginx
from tests.support.in_process import call
from tests.support.nginx import Front, Nginx
from tests.support.processes import Ended, keys_for
from tests.support.serving import Served


@pytest.fixture
def served() -> Iterator[StartServer]:
    """Starts servers, each in a process of its own, and ends them after the test.

    Takes the options of ``conformance serve`` (or of ``module``), and ``address``.
    """
    with ExitStack() as stack:

        def call(*options: str, **where: str) -> Served:
            return stack.enter_context(Served(options, **where))

        yield call


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[StartNginx]:
    """Starts nginx, and ends it after the test. If it does not start, the test shows its error log.

    Takes the lines of its server block, and the other members of :class:`Front` by name.
    """
    needs_nginx()
    with ExitStack() as stack:
        count = 0

        def call(server: str, **more: str) -> Nginx:
            nonlocal count
            count += 1
            return stack.enter_context(Nginx(Front(server, **more), tmp_path / f"nginx-{count}"))

        yield call


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Runs ``conformance run`` on a base URL, within this process."""

    def judge(base_url: str, *arguments: str, **variables: str) -> Ended:
        return call(tmp_path / "run", "run", *arguments, **keys_for(base_url, **variables))

    return judge
