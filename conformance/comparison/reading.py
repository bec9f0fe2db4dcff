"""Reads reports that a user names, and says in one line why one cannot be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.errors import ReportError, UsageError
from conformance.report import Result, validate
from conformance.report.check import schema
from conformance.report.store import JSON_NAME
from conformance.text import strict_json
from conformance.text.printable import visible
from conformance.text.wording import shorten


def read_report(path: Path, name: str) -> Result:
    """Return the result of a report.

    :param path: the file, or the directory that holds it.
    :param name: what the user calls it: ``OLD`` or ``--baseline``.
    :raises UsageError: if it is missing, cut, edited, of another program or of another format.
    """
    file = path
    try:
        file = path / JSON_NAME if path.is_dir() else path
        data = file.read_bytes()
    except OSError as problem:
        raise UsageError(f"{name}: {file} cannot be read: {problem.strerror}") from None
    if not data.strip():
        raise UsageError(f"{name}: {file} is empty: give the report of a run that has ended")
    try:
        result = strict_json.loads(data)
    except ValueError as problem:
        why = shorten(visible(str(problem)), 120)
        raise UsageError(f"{name}: {file} was cut short or edited: it {why}") from None
    _check_format(result, f"{name}: {file}")
    try:
        validate(result, str(file))
    except ReportError as problem:
        raise UsageError(f"{name}: a report that was edited: {problem}") from None
    found: Result = result
    return found


def _check_format(result: Any, where: str) -> None:
    known = schema()["properties"]["format"]["const"]
    if not isinstance(result, dict) or not {"format", "verdict", "requirements"} <= result.keys():
        raise UsageError(
            f"{where} is not a report of this suite: give report.json or its directory"
        )
    if result["format"] != known:
        written = result["format"]
        newer = isinstance(written, int) and written > known
        way = "upgrade this suite" if newer else "run the target again with this version"
        raise UsageError(
            f"{where} has format {written!r}, and version {__version__} reads format {known}: {way}"
        )
