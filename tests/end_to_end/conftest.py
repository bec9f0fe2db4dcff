"""Targets as they stand in the world: a server as a process of its own, and nginx in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.nginx import Front, Nginx
from tests.support.processes import Ended
from tests.support.serving import Served
from tests.support.standing import Judge, Serve, Stand, begin, needs_nginx


@pytest.fixture
def served() -> Iterator[Serve]:
    """Starts servers, each as a process of its own, and ends them after the test.

    Takes the options of ``conformance serve`` (or of another module), and ``address``.
    """
    with ExitStack() as stack:

        def call(*options: str, **where: str) -> Served:
            return stack.enter_context(Served(options, **where))

        yield call


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Stand]:
    """Starts nginx with a configuration, and ends it after the test; its error log is shown where that fails.

    Takes the lines of its server block, and what else a :class:`Front` has.
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
    """Calls ``conformance run`` on a base URL, as a process of its own, and waits for its end."""

    def call(base_url: str, *arguments: str, **variables: str) -> Ended:
        return begin(tmp_path / "run", base_url, *arguments, **variables).end()

    return call
