"""The command in a process of its own: how to start it, and how it ended."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conformance import report
from conformance.reference import seed
from conformance.report.model import Result

ROOT = Path(__file__).resolve().parents[2]
OWN_KEY = seed.build().own_key.key
OTHER_KEY = seed.build().other_key.key
TIMEOUT = 90


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
        """Standard output and standard error."""
        return self.out + self.err

    @property
    def reports(self) -> list[Path]:
        """The report directories in ``reports``, without ``latest``."""
        return sorted(path for path in (self.folder / "reports").glob("*") if not path.is_symlink())

    def report(self, place: str = "reports/latest") -> Result:
        """Read its report, which must be valid."""
        return report.read(self.folder / place)

    def complaint(self) -> str:
        """Return the one line of an error. Nothing else may be printed."""
        assert self.out == ""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("conformance: ")
        return lines[0].removeprefix("conformance: ")


@dataclass
class Command:
    """A process that was started. ``end()`` waits for its end."""

    process: subprocess.Popen[str]
    folder: Path
    arguments: Sequence[str]
    started: float = field(default_factory=time.monotonic)

    def end(self, seconds: float = TIMEOUT) -> Ended:
        """Wait until it ends by itself; fail the test after ``seconds``."""
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
    """Return the environment of this process without the settings of the suite, plus ``variables``."""
    ours = ("CONFORMANCE_", "PYTEST_", "NO_COLOR", "FORCE_COLOR", "COLUMNS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    paths = [str(ROOT), *filter(None, [kept.get("PYTHONPATH")])]
    # Each run writes a transcript, so that tests look at everything that can be written.
    added = {"CONFORMANCE_TRANSCRIPT": "1"}
    return kept | {"PYTHONPATH": os.pathsep.join(paths)} | added | variables


def keys_for(base_url: str, **more: str) -> dict[str, str]:
    """Return the variables that name a target and both keys, and ``more``."""
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
