"""The tools that are compared: how each is run on a server, and what it then holds against it."""

from __future__ import annotations

import importlib.metadata
import json
import os
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
from conformance.http.client import Client
from conformance.judging.engine import judge
from conformance.judging.session import Session
from conformance.proof.catalogue import departures
from conformance.proof.trial import taken_down
from conformance.reference.ratelimit import REQUESTS_AN_HOUR
from conformance.running.result import Times, build
from conformance.running.table import MAX_REQUESTS
from conformance.target.target import Target
from conformance.text.stamps import now

# The key comes from the environment: a process list shows arguments to everybody.
KEY_VARIABLE: Final = "BENCHMARK_API_KEY"
CONFIGURATION: Final = f'headers = {{ Authorization = "Bearer ${{{KEY_VARIABLE}}}" }}\n'
LIMIT: Final = 120.0
# High enough never to be met, and still a limit: the headers that tell of it are under test.
UNLIMITED: Final = 1_000_000

REPLAY_PYTHON: Final = Path(".venv/bench/bin/python")
REPLAY: Final = Path(__file__).with_name("replay.py")


@dataclass(frozen=True)
class Held:
    """What a tool holds against a server, each in a few words, and what kept it from judging."""

    findings: list[str] = field(default_factory=list)
    problem: str | None = None


class Tool(ABC):
    """Something that judges a server by the contract.

    ``rate_limit`` is what the server grants a key in an hour while the tool runs.
    """

    name: str
    label: str
    rate_limit = UNLIMITED

    @property
    @abstractmethod
    def version(self) -> str | None:
        """What is installed, None where nothing is."""

    @property
    def missing(self) -> str | None:
        """How to install it, where it is not."""
        return None

    @abstractmethod
    def run(self, variant: Variant, target: Target, /) -> Held:
        """Judge a server."""


class Ours(Tool):
    """This suite, in this process."""

    rate_limit = REQUESTS_AN_HOUR
    version = conformance.__version__

    def __init__(self, name: str, depth: Depth, cases: Sequence[Case]) -> None:
        self.name = name
        self.label = f"this suite, {depth.name.lower()}"
        self.depth = depth
        self.cases = cases

    def run(self, variant: Variant, target: Target) -> Held:
        """A must has to fail to be a find; for a fault that breaks a should, a warning will do."""
        contract = load()
        with Client(target, max_requests=MAX_REQUESTS) as client:
            session = Session(client, contract, depth=self.depth, seed=0)
            started = now()
            judgement = judge(session, self.cases)
            result, _ = build(session, judgement, Times(started, now()), allow_incomplete=False)
        trial = taken_down(variant.name, result, 0.0, judgement.error)
        if variant.requirement is None:
            findings = [one for one in trial.red if one not in departures(variant)]
        else:
            must = contract.requirements[variant.requirement].level.value == "must"
            findings = [one for one in trial.red if not must or trial.outcomes[one] == "failed"]
        return Held(findings, trial.problem)


class Schemathesis(Tool):
    """``st run`` with the contract, the key, and nothing else: default checks, phases, examples."""

    name = "schemathesis"
    label = "schemathesis, stock"
    version = importlib.metadata.version("schemathesis")

    def run(self, _variant: Variant, target: Target) -> Held:
        """Exit status 1 with failures is a find; each reads as operation and code."""
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            (Path(folder) / "schemathesis.toml").write_text(CONFIGURATION, "utf-8")
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
                return Held(problem=output)
            content: dict[str, Any] = json.loads(report.read_text("utf-8"))
        if status != 1:
            return Held()
        return Held(
            sorted(
                {
                    f"{operation} {failure['code']}"
                    for failure in content["failures"]
                    for operation in failure["operations"]
                }
            )
        )


class OpenapiCore(Tool):
    """The contract's example requests, sent once each, and the answers validated by openapi-core."""

    name = "openapi-core"
    label = "openapi-core, examples"

    def __init__(self, python: Path = REPLAY_PYTHON) -> None:
        self.python = python

    @property
    def version(self) -> str | None:
        """Asked of the environment that it is installed in, which is none of this process's."""
        command = "import importlib.metadata as m; print(m.version('openapi-core'))"
        try:
            asked = subprocess.run(  # noqa: S603
                [str(self.python), "-c", command], capture_output=True, text=True, check=False
            )
        except OSError:
            return None
        return asked.stdout.strip() or None

    @property
    def missing(self) -> str | None:
        return None if self.version else "not installed: make bench-tools"

    def run(self, _variant: Variant, target: Target) -> Held:
        """What the script prints, a finding a line."""
        command = [str(self.python), str(REPLAY), str(document_path().resolve()), target.base_url]
        status, output = _run(command, target, None)
        if status not in (0, 1):
            return Held(problem=output)
        return Held(sorted(set(output.splitlines())))


def _run(command: list[str], target: Target, folder: str | None) -> tuple[int | None, str]:
    """Exit status and output of a command, which learns the key; None and why where it did not end."""
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
        return None, f"it did not end within {LIMIT:g} s"
    return done.returncode, done.stdout.strip()


NAMES: Final = ("ours", "smoke", Schemathesis.name, OpenapiCore.name)


def chosen(names: Sequence[str], cases: Sequence[Case]) -> list[Tool]:
    """The tools of those names, in the order of the table."""
    tools: list[Tool] = [
        Ours("ours", Depth.STANDARD, cases),
        Ours("smoke", Depth.SMOKE, cases),
        Schemathesis(),
        OpenapiCore(),
    ]
    return [tool for tool in tools if tool.name in names]
