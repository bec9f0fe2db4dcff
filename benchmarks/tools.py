"""The compared tools in Python: how each runs on a server, and how its findings are read."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import conformance
from benchmarks.node_tools import Portman, Specmatic
from benchmarks.tool import Tool, ToolReport, run_command
from conformance.contract.cases import Case, Depth
from conformance.contract.document import document_path, load
from conformance.faults.variant import Variant
from conformance.proof.matrix import caught_by, false_alarms
from conformance.proof.trial import run_suite, to_trial
from conformance.reference.ratelimit import REQUESTS_AN_HOUR
from conformance.target.target import Target

REPLAY_PYTHON: Final = Path(".venv/bench/bin/python")
REPLAY: Final = Path(__file__).with_name("replay.py")


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
            status, output = run_command(command, target, folder)
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
        status, output = run_command(command, target, None)
        if status not in (0, 1):
            return ToolReport(problem=output)
        return ToolReport(sorted(set(output.splitlines())))


NAMES: Final = (
    *("ours", "smoke"),
    *(tool.name for tool in (Schemathesis, OpenapiCore, Specmatic, Portman)),
)


def chosen(names: Sequence[str], cases: Sequence[Case]) -> list[Tool]:
    """Return the tools with these names, in the order of the table."""
    tools: list[Tool] = [
        Ours("ours", Depth.STANDARD, cases),
        Ours("smoke", Depth.SMOKE, cases),
        Schemathesis(),
        OpenapiCore(),
        Specmatic(),
        Portman(),
    ]
    return [tool for tool in tools if tool.name in names]
