"""Directories for reports: made before the first request, and ``reports/latest``."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from conformance.errors import UsageError
from conformance.running.settings import Settings
from conformance.text import files

REPORTS = Path("reports")
LATEST = "latest"
_LONGEST_NAME = 60


def prepare(settings: Settings, stamp: str) -> Path:
    """Make and return the report directory of a run.

    It is made before the first request: a run whose report cannot be written is not started.

    :param stamp: time of the start, for the name.
    :raises UsageError: if the directory cannot be made or written.
    """
    host = urlsplit(settings.base_url).hostname if settings.base_url else "embedded"
    name = (host or "target").replace(":", "-")[:_LONGEST_NAME]
    directory = settings.report_dir or _free(REPORTS / f"{stamp}-{name}")
    make_writable(directory)
    return directory


def make_writable(directory: Path) -> None:
    """Make a directory for reports, and check that a file can be written there.

    :raises UsageError: if it cannot.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as problem:
        raise UsageError(
            f"--report-dir: {directory} cannot be written: {problem.strerror}; choose another directory"
        ) from None


def point_latest_at(directory: Path) -> None:
    """Make ``reports/latest`` a link to the newest report."""
    link = REPORTS / LATEST
    if link.exists() and not link.is_symlink():
        return  # a file or directory of the user
    REPORTS.mkdir(parents=True, exist_ok=True)
    files.link(link, directory)


def _free(directory: Path) -> Path:
    """Return the directory, or the first of its name with a number that does not exist yet."""
    number = 2
    found = directory
    while found.exists():
        found = directory.with_name(f"{directory.name}-{number}")
        number += 1
    return found
