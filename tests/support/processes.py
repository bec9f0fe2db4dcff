"""The command as a process of its own: how it is started, and how it ended."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import pytest

from conformance import report
from conformance.cli.main import main
from conformance.reference import seed
from conformance.report.model import Result

ROOT = Path(__file__).resolve().parents[2]
OWN_KEY = seed.build().own_key.key
OTHER_KEY = seed.build().other_key.key
PATIENCE = 60


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    arguments: Sequence[str]
    status: int
    out: str
    err: str
    seconds: float
    folder: Path

    @property
    def text(self) -> str:
        """All that it printed."""
        return self.out + self.err

    @property
    def reports(self) -> list[Path]:
        """The report directories that it left in the usual place, ``latest`` left out."""
        return sorted(path for path in (self.folder / "reports").glob("*") if not path.is_symlink())

    def report(self, place: str = "reports/latest") -> Result:
        """Its report, which has to be sound."""
        return report.read(self.folder / place)

    def complaint(self) -> str:
        """The one line of an error: no traceback, nothing else printed."""
        assert self.out == ""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("conformance: ")
        return lines[0].removeprefix("conformance: ")


@dataclass
class Command:
    """A process that was started: ``end()`` waits for it."""

    process: subprocess.Popen[str]
    folder: Path
    arguments: Sequence[str]
    started: float = field(default_factory=time.monotonic)

    def end(self, seconds: float = PATIENCE) -> Ended:
        """Wait until it has ended by itself."""
        try:
            out, err = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            pytest.fail(f"{self.arguments} still ran after {seconds} s:\n{out}{err}")
        return Ended(
            self.arguments,
            self.process.returncode,
            out,
            err,
            time.monotonic() - self.started,
            self.folder,
        )


def surroundings(**variables: str) -> dict[str, str]:
    """The environment of a process: this one's without settings of ours, and these."""
    ours = ("CONFORMANCE_", "PYTEST_", "NO_COLOR", "FORCE_COLOR", "COLUMNS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    paths = [str(ROOT), *filter(None, [kept.get("PYTHONPATH")])]
    # Transcripts are wanted, so that all that can be written is looked into.
    added = {"PYTHONDONTWRITEBYTECODE": "1", "CONFORMANCE_TRANSCRIPT": "1"}
    return kept | {"PYTHONPATH": os.pathsep.join(paths)} | added | variables


def keys_for(base_url: str, **more: str) -> dict[str, str]:
    """The variables that name a target and both keys."""
    return {
        "CONFORMANCE_BASE_URL": base_url,
        "CONFORMANCE_API_KEY": OWN_KEY,
        "CONFORMANCE_OTHER_API_KEY": OTHER_KEY,
    } | more


def start(folder: Path, *arguments: str, module: str = "conformance", **variables: str) -> Command:
    """Start ``python -m conformance`` in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=surroundings(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    return Command(process, folder, arguments)


def call(folder: Path, *arguments: str, **variables: str) -> Ended:
    """Run the command within this process, in a folder and an environment as ``start`` gives it.

    It saves the second that a new process takes for its imports. What depends on a process, such as
    signals, a terminal or the settings of pytest, needs ``start``.
    """
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    started = time.monotonic()
    with (
        mock.patch.dict(os.environ, surroundings(**variables), clear=True),
        chdir(folder),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        status = main(arguments)
    printed, complained = (file.buffer.getvalue().decode() for file in (out, err))  # type: ignore[attr-defined]
    return Ended(arguments, status, printed, complained, time.monotonic() - started, folder)
