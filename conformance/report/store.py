"""Reports on disk: written whole or not at all, and refused where they are not whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, cast

from conformance.errors import ReportError
from conformance.report import html, junit
from conformance.report.check import validate
from conformance.report.model import Result
from conformance.text import files, strict_json

JSON_NAME: Final = "report.json"
JUNIT_NAME: Final = "junit.xml"
HTML_NAME: Final = "report.html"


def write(result: Result, directory: Path) -> list[Path]:
    """Write `report.json`, `junit.xml` and `report.html` into `directory`; return their paths.

    The directory is made if it is missing. Each file appears complete or not at all, in the place
    of one that was there. Raises ReportError, before anything is written, if the result is not
    sound; an OSError propagates.
    """
    validate(result)
    directory.mkdir(parents=True, exist_ok=True)
    # The record comes first: if a view of it cannot be made, what was found is not lost with it.
    return [
        files.write(directory / JSON_NAME, dumps(result)),
        files.write(directory / JUNIT_NAME, junit.render(result)),
        files.write(directory / HTML_NAME, html.render(result).encode("utf-8")),
    ]


def dumps(result: Result) -> bytes:
    """The bytes of `report.json`: UTF-8, members sorted, a newline at the end."""
    text = json.dumps(result, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False)
    # A lone surrogate has no UTF-8. Its escape is what JSON writes for it as well.
    return (text + "\n").encode("utf-8", "backslashreplace")


def read(path: Path) -> Result:
    """The result in a `report.json`, or in that of a report directory.

    Raises ReportError, in one line, for a report that is empty, cut short, no JSON, or not sound;
    an OSError (no such file) propagates.
    """
    if path.is_dir():
        path = path / JSON_NAME
    data = path.read_bytes()
    if not data.strip():
        raise ReportError(["empty"], str(path))
    try:
        # Without its closing brace a report may have lost anything; json says so by itself.
        result = strict_json.loads(data)
    except ValueError as error:
        raise ReportError([f"cut short or edited: it {error}"], str(path)) from error
    validate(result, str(path))
    return cast("Result", result)
