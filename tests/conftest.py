"""Fixtures that every test may ask for."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from conformance.contract.cases import Case
from conformance.contract.document import Contract, load
from conformance.proof.trial import collect
from conformance.reference.server import EmbeddedServer
from tests.support.processes import (
    Ended,
    keys_for,
    start,
)
from tests.support.servers import ALONE, PLUGIN, FullRuns, Run, recorded


def pytest_configure(config: pytest.Config) -> None:
    """Restore SIGINT and SIGTERM, which child processes inherit: a background shell leaves them ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Calls ``python -m conformance`` in the test's own folder and waits for its end."""

    def call(*arguments: str, **variables: str) -> Ended:
        return start(tmp_path, *arguments, **variables).end()

    return call


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load()


@pytest.fixture(scope="session")
def cases() -> list[Case]:
    """All cases of the suite, as the command collects them."""
    return collect()


@pytest.fixture(scope="session")
def full_runs(tmp_path_factory: pytest.TempPathFactory) -> FullRuns:
    recorder = recorded()
    serving = start(tmp_path_factory.mktemp("serve"), "serve", "--port", "0")
    with ExitStack() as stack:
        stack.callback(serving.process.communicate)
        stack.callback(serving.process.terminate)
        server = stack.enter_context(EmbeddedServer(recorder))
        by_command = start(
            tmp_path_factory.mktemp("command"), "run", **keys_for(server.base_url, COLUMNS="100")
        )
        assert serving.process.stdout is not None
        printed = [serving.process.stdout.readline().rstrip("\n") for _ in range(3)]
        exported = dict(line.removeprefix("export ").split("=", 1) for line in printed)
        by_pytest = start(
            tmp_path_factory.mktemp("pytest"),
            *("--pyargs", "conformance.suite", *PLUGIN),
            module="pytest",
            **exported,
            **ALONE,
        )
        return FullRuns(by_command.end(), recorder.seen, by_pytest.end(), printed)
