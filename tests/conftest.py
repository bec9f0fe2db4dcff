"""Fixtures for all tests, and marks that tests get from what they use."""

from __future__ import annotations

import pty
import signal
import subprocess
import sys
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from types import FunctionType
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from benchmarks.diagnosis import recording
from conformance.contract.cases import Case
from conformance.contract.document import Contract, load
from conformance.diagnosis.diagnose import diagnosed
from conformance.doctor.examine import examine
from conformance.judging.engine import judge
from conformance.proof.paste import paste
from conformance.proof.pasting import attempt
from conformance.proof.server_process import ServerProcess
from conformance.proof.trial import collect, run_suite
from conformance.proof.workers import work_through
from conformance.reference.server import EmbeddedServer
from conformance.running.run import run as judge_and_report
from conformance.running.selection import judge_selected
from conformance.suite.together import explore
from tests.hostile.runs import command, single, whole
from tests.support.end_to_end import begin
from tests.support.in_process import call
from tests.support.nginx import Nginx
from tests.support.processes import keys_for, start
from tests.support.servers import ALONE, PLUGIN, FullRuns, Run, recorded
from tests.support.serving import Served
from tests.support.shared import once

TIMEOUT = 240
"""Seconds for a test with its fixtures. A test that needs longer has a ``timeout`` mark of its own."""

SHARED = frozenset(
    {"full_runs", "ends", "busy", "wrong", "waited", "smoke", "wheel", "sdist", "generated", "made"}
)
"""Fixtures that take seconds."""

STARTS_PROCESS = (
    start,
    begin,
    Served,
    Nginx,
    work_through,
    ServerProcess,
    recording.recorded,
    paste,
    attempt,
    subprocess,
    pty,
    "nginx",
    "served",
    "secure",
    "st_run",
)
"""Functions, classes, modules and names of fixtures that start processes."""

JUDGES = (
    *(call, examine, explore, judge, judge_and_report, judge_selected, run_suite),
    *(command, single, whole),
    *("cases", "quiet", "run", "run_here"),
)
"""Functions and names of fixtures that judge a server with all cases or many queries, or examine it."""

TOGETHER = (
    "tests/contract/test_generated_client.py",
    "tests/doctor/test_examine.py",
    "tests/end_to_end/test_movement.py",
    "tests/end_to_end/test_targets.py",
    "tests/test_packaging.py",
)
"""Files whose tests share a fixture that takes many seconds: one worker runs them all."""

PROCESS_EVENTS = frozenset(
    {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec"}
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "process: starts a process (set by tests/conftest.py)")
    config.addinivalue_line(
        "markers", "judges: judges a server with all cases (set by tests/conftest.py)"
    )
    config.addinivalue_line(
        "markers", "diagnoses: searches for the causes of a run (set by tests/conftest.py)"
    )
    config.addinivalue_line(
        "markers",
        "broad: a further server for a test (tests/support/marks.py), or a test of several seconds "
        "of processor time whose parts other tests cover",
    )
    config.addinivalue_line(
        "markers", "second_stack: needs PostgreSQL, nginx and Node (make second-stack)"
    )
    # On a busy machine an example may take longer than any deadline.
    hypothesis.settings.register_profile("tests", deadline=None)
    hypothesis.settings.load_profile("tests")
    # A background shell leaves SIGINT ignored, and child processes inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.addaudithook(_note_process)


class Scheduler(LoadScopeScheduling):  # type: ignore[misc] # pytest-xdist is not typed
    """Gives tests to workers one by one, but those of some files together.

    ``--dist loadgroup`` would do, but its groups have no effect with pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return path if path in TOGETHER else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduler:
    return Scheduler(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with what it costs, and set its timeout."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        function = getattr(item, "function", None)
        if fixtures & {*STARTS_PROCESS, *SHARED} or _uses(function, STARTS_PROCESS):
            item.add_marker("process")
        if fixtures & {*JUDGES} or _uses(function, JUDGES):
            item.add_marker("judges")
        if _uses(function, (diagnosed,)):
            item.add_marker("diagnoses")
        if item.get_closest_marker("timeout") is None:
            seconds = 3 * TIMEOUT if fixtures & SHARED else TIMEOUT
            item.add_marker(pytest.mark.timeout(seconds, method="thread"))


@cache
def _uses(test: object, wanted: tuple[object, ...]) -> bool:
    """Whether a test uses an item of ``wanted``, directly or through functions of its module."""
    if not isinstance(test, FunctionType):
        return False
    module = vars(sys.modules[test.__module__])
    done: set[str] = set()
    waiting: list[object] = [test]
    while waiting:
        function = waiting.pop()
        if any(function is one for one in wanted):
            return True
        if isinstance(function, FunctionType) and function.__module__ == test.__module__:
            names = module.keys() & set(function.__code__.co_names) - done
            done |= names
            waiting += map(module.get, names)
    return False


_started: list[str] = []


def _note_process(event: str, arguments: tuple[Any, ...]) -> None:
    if event in PROCESS_EVENTS:
        # The other arguments of Popen are a folder and the environment, which may hold secrets.
        _started.append(f"{arguments[1]}" if event == "subprocess.Popen" else event)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Any:
    """Fail a test that starts a process without the mark ``process``."""
    _started.clear()
    result = yield
    if _started and item.get_closest_marker("process") is None:
        pytest.fail(f"starts a process: extend STARTS_PROCESS in tests/conftest.py ({_started[0]})")
    return result


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the command in the test's own folder, within this process."""
    return partial(call, tmp_path)


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load()


@pytest.fixture(scope="session")
def cases() -> list[Case]:
    """All cases of the suite, as the command collects them."""
    return collect()


@pytest.fixture(scope="session")
def full_runs(tmp_path_factory: pytest.TempPathFactory) -> FullRuns:
    return once(tmp_path_factory, "full_runs", partial(_full_runs, tmp_path_factory))


def _full_runs(tmp_path_factory: pytest.TempPathFactory) -> FullRuns:
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
