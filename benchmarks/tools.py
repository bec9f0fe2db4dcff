"""The compared tools: how each runs on a server, and how its findings are read."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import conformance
from conformance.contract.cases import Case, Depth
from conformance.contract.document import document_path, load
from conformance.faults.variant import Variant
from conformance.proof.matrix import caught_by, false_alarms
from conformance.proof.trial import run_suite, to_trial
from conformance.reference.ratelimit import REQUESTS_AN_HOUR
from conformance.target.target import Target

# The key is passed in the environment, because every user can read the arguments of a process.
KEY_VARIABLE: Final = "CONFORMANCE_API_KEY"
LIMIT: Final = 120.0
# High enough never to be reached. Not 0, because some faults concern the rate limit headers.
UNLIMITED: Final = 1_000_000

REPLAY_PYTHON: Final = Path(".venv/bench/bin/python")
REPLAY: Final = Path(__file__).with_name("replay.py")


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


class Ours(Tool):
    """This suite, run in this process."""

    rate_limit = REQUESTS_AN_HOUR
    version = conformance.__version__

    def __init__(self, name: str, depth: Depth, cases: Sequence[Case]) -> None:
        self.name = name
        self.label = f"this suite, {depth.name.lower()}"
        self.depth = depth
        self.cases = cases

    def run(self, variant: Variant, target: Target) -> ToolReport:
        """Return the requirements that found the fault, or raised a false alarm, as the proof counts."""
        result, error = run_suite(target, self.cases, self.depth)
        trial = to_trial(variant.name, result, 0.0, error)
        if variant.requirement is None:
            return ToolReport(false_alarms(variant, trial), error)
        return ToolReport(caught_by(load(), variant, trial), error)


class Schemathesis(Tool):
    """``st run`` with the contract, the settings beside it and the key: default phases and examples."""

    name = "schemathesis"
    label = "schemathesis, stock"
    version = importlib.metadata.version("schemathesis")

    def run(self, _variant: Variant, target: Target) -> ToolReport:
        """Return each failure of a run with exit status 1 as its operation and code."""
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            shutil.copy(document_path().with_name("schemathesis.toml"), folder)
            command = [
                sys.executable,
                "-c",
                "from schemathesis.cli import schemathesis as st; st()",
            ]
            command += ["run", str(document_path().resolve()), "--url", target.base_url]
            command += ["--seed", "1", "--generation-database", "none", "--no-color"]
            command += ["--report", "json", "--report-json-path", str(report)]
            status, output = _run(command, target, folder)
            if status is None or not report.is_file():
                return ToolReport(problem=output)
            content: dict[str, Any] = json.loads(report.read_text("utf-8"))
        if status != 1:
            return ToolReport()
        return ToolReport(
            sorted(
                {
                    f"{operation} {failure['code']}"
                    for failure in content["failures"]
                    for operation in failure["operations"]
                }
            )
        )


class OpenapiCore(Tool):
    """Sends the contract's example requests once; openapi-core validates the responses."""

    name = "openapi-core"
    label = "openapi-core, examples"

    def __init__(self, python: Path = REPLAY_PYTHON) -> None:
        self.python = python

    @property
    def version(self) -> str | None:
        """Return the version in the tool's own virtual environment."""
        command = "import importlib.metadata as m; print(m.version('openapi-core'))"
        try:
            done = subprocess.run(  # noqa: S603
                [str(self.python), "-c", command], capture_output=True, text=True, check=False
            )
        except OSError:
            return None
        return done.stdout.strip() or None

    @property
    def missing(self) -> str | None:
        return None if self.version else "run: make bench-tools"

    def run(self, _variant: Variant, target: Target) -> ToolReport:
        """Return the lines that the script prints: one finding each."""
        command = [str(self.python), str(REPLAY), str(document_path().resolve()), target.base_url]
        status, output = _run(command, target, None)
        if status not in (0, 1):
            return ToolReport(problem=output)
        return ToolReport(sorted(set(output.splitlines())))


def _run(command: list[str], target: Target, folder: str | None) -> tuple[int | None, str]:
    """Run a command that gets the key in its environment, and return exit status and output.

    After a timeout the status is None and the output is the reason.
    """
    try:
        done = subprocess.run(  # noqa: S603
            command,
            cwd=folder,
            env={**os.environ, KEY_VARIABLE: target.own_key},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=LIMIT,
        )
    except subprocess.TimeoutExpired:
        return None, f"it did not finish within {LIMIT:g} s"
    return done.returncode, done.stdout.strip()


NAMES: Final = ("ours", "smoke", Schemathesis.name, OpenapiCore.name)


def chosen(names: Sequence[str], cases: Sequence[Case]) -> list[Tool]:
    """Return the tools with these names, in the order of the table."""
    tools: list[Tool] = [
        Ours("ours", Depth.STANDARD, cases),
        Ours("smoke", Depth.SMOKE, cases),
        Schemathesis(),
        OpenapiCore(),
    ]
    return [tool for tool in tools if tool.name in names]
