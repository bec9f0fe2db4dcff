"""The pytest plugin: collects the cases, judges them once, and lets each item report how its case ended.

It does nothing in a session that collects no case of the suite. Its options have a prefix
(``--conformance-…``), because pytest-base-url and other plugins use the short names.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.cases import Depth
from conformance.contract.verdict import ExitStatus
from conformance.errors import Terminated, UsageError
from conformance.running.ahead import load_ahead
from conformance.running.layers import resolve
from conformance.running.setting import Kind
from conformance.running.settings import Settings
from conformance.running.table import TABLE
from conformance.text.printable import visible

if TYPE_CHECKING:
    from conformance.contract.cases import Case
    from conformance.running.run import Report

SUITE_PACKAGE = "conformance.suite"
_OPTIONS = tuple(row for row in TABLE if row.pytest)


@dataclass(eq=False)
class Judging:
    """Carries the settings from the command to the plugin, and the report back."""

    settings: Settings
    progress: Callable[[int, int, int, int, str], None] | None = None
    announce: Callable[[str], None] | None = None
    report: Report | None = None
    problem: UsageError | None = None
    collected: list[Case] = field(default_factory=list)
    collect_only: bool = False
    failure: str | None = None
    stopped: bool = False

    # pytest has one status for an interruption and for cases that cannot be collected: these tell them apart.

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep why the cases cannot be collected."""
        if report.failed:
            self.failure = report.longreprtext.strip().rpartition("\n")[2]

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that the user stopped the run before its first case."""
        self.stopped = excinfo.type in (KeyboardInterrupt, Terminated)


_JUDGING = pytest.StashKey[Judging]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup(
        "conformance", "conformance suite (only with --pyargs conformance.suite)"
    )
    for row in _OPTIONS:
        flag, name = f"--conformance-{row.flag[2:]}", f"conformance_{row.name}"
        if row.kind is Kind.SWITCH:
            group.addoption(flag, dest=name, action="store_true", default=None, help=row.help)
        else:
            group.addoption(flag, dest=name, metavar=row.metavar, default=None, help=row.help)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "requirement(id): the requirement of the contract that a case judges"
    )
    handed = next(
        (item for item in config.pluginmanager.get_plugins() if isinstance(item, Judging)), None
    )
    if handed is not None:
        config.stash[_JUDGING] = handed


def _is_case(item: pytest.Item) -> bool:
    module = getattr(getattr(item, "module", None), "__name__", "")
    return module.startswith(SUITE_PACKAGE) and item.get_closest_marker("requirement") is not None


def _case(item: pytest.Item) -> Case:
    from conformance.contract.cases import Case, Depth

    marker = item.get_closest_marker("requirement")
    assert marker is not None
    callspec = getattr(item, "callspec", None)
    return Case(
        name=item.name,
        requirement=marker.args[0],
        function=item.obj,  # type: ignore[attr-defined]  # only functions carry the marker
        arguments=dict(callspec.params) if callspec is not None else {},
        universal=marker.kwargs.get("universal", False),
        depth=marker.kwargs.get("depth", Depth.STANDARD),
        last=marker.kwargs.get("last", False),
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    items = [item for item in session.items if _is_case(item)]
    if items and not session.config.option.collectonly and not session.testsfailed:
        _judge(session, items)
    return (yield)


def _judge(session: pytest.Session, items: list[pytest.Item]) -> None:
    config = session.config
    if hasattr(config, "workerinput") or getattr(config.option, "numprocesses", None):
        pytest.exit("conformance: the suite judges as one process: leave out -n", ExitStatus.USAGE)
    judging = config.stash.get(_JUDGING, None)
    handed = judging is not None
    if judging is None:
        try:
            judging = Judging(_settings(config))
        except UsageError as problem:
            pytest.exit(f"conformance: {problem}", ExitStatus.USAGE)
        config.stash[_JUDGING] = judging
    judging.collected = [_case(item) for item in items]
    if judging.collect_only:
        session.items.clear()
        return
    from conformance.running.run import run

    try:
        judging.report = run(
            judging.settings,
            judging.collected,
            progress=judging.progress,
            announce=judging.announce,
        )
    except UsageError as problem:
        judging.problem = problem
        pytest.exit(f"conformance: {problem}", ExitStatus.USAGE)
    if handed:
        session.items.clear()  # the command has its report and needs no items


def _settings(config: pytest.Config) -> Settings:
    flags = {row.name: getattr(config.option, f"conformance_{row.name}") for row in _OPTIONS}
    return replace(resolve(flags), quiet=False)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Report how a case ended instead of calling it a second time."""
    judging = pyfuncitem.config.stash.get(_JUDGING, None)
    if judging is None or judging.report is None or not _is_case(pyfuncitem):
        return None
    ended = judging.report.outcome_of(pyfuncitem.name)
    text = visible(ended.text, keep="\n")
    if ended.failed:
        pytest.fail(text, pytrace=False)
    if ended.inconclusive:
        pytest.skip(text)
    return True


def pytest_sessionfinish(session: pytest.Session) -> None:
    judging = session.config.stash.get(_JUDGING, None)
    if judging is not None and judging.report is not None:
        session.exitstatus = int(judging.report.exit_status)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    judging = config.stash.get(_JUDGING, None)
    if judging is not None and judging.report is not None:
        report = judging.report
        terminalreporter.section(f"conformance: {report.verdict}")
        terminalreporter.write_line(visible(report.reason))
        terminalreporter.write_line(f"report: {report.directory}")
        if report.unwritten:
            terminalreporter.write_line(f"not written: {', '.join(report.unwritten)}")
        sys.stdout.flush()


_SUITE = Path(__file__).parent / "suite"
_PYTEST = (
    # The directory itself, so that no conftest.py and no configuration of the working directory applies.
    str(_SUITE),
    f"--confcutdir={_SUITE}",
    f"--rootdir={_SUITE}",
    "-c",
    os.devnull,
    "--disable-plugin-autoload",
    "-p",
    "conformance.plugin",
    "-p",
    "no:terminal",
    "-p",
    "no:cacheprovider",
    "-p",
    # It saves and restores the warning filters around each item, also those that another thread sets.
    "no:warnings",
    "-p",
    "no:unraisableexception",  # it collects garbage several times at the end, which takes time
    "-p",
    "no:threadexception",
    "-p",
    "no:logging",
    "--capture=no",
)


def run_suite(judging: Judging) -> int:
    """Run the suite under pytest, without the options and plugins of the environment.

    :returns: pytest's exit status, which is that of the run if it reached a verdict.
    """
    saved = {name: os.environ.pop(name, None) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")}
    if not judging.collect_only and judging.settings.depth >= Depth.STANDARD:
        load_ahead()
    try:
        return int(pytest.main(list(_PYTEST), plugins=[judging]))
    finally:
        os.environ.update({name: value for name, value in saved.items() if value is not None})


def collect() -> list[Case]:
    """Return the cases of the suite, as the command collects them.

    They are collected once in a process.

    :raises RuntimeError: if they cannot be collected.
    """
    return list(_collected())


@cache
def _collected() -> list[Case]:
    judging = Judging(Settings(), collect_only=True)
    status = run_suite(judging)
    if not judging.collected:
        raise RuntimeError(f"the cases cannot be collected: pytest ended with {status}")
    return judging.collected
