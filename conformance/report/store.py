"""Writes a report to a directory, and reads one. A report that is incomplete or edited is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, cast

from conformance.errors import ReportError
from conformance.report import badge, ctrf, html, junit, markdown, requirements
from conformance.report.check import validate
from conformance.report.model import Result
from conformance.text import files, strict_json

JSON_NAME: Final = "report.json"
JUNIT_NAME: Final = "junit.xml"
HTML_NAME: Final = "report.html"
MARKDOWN_NAME: Final = "summary.md"
CTRF_NAME: Final = "ctrf.json"
BADGE_NAME: Final = "badge.json"


def write(result: Result, directory: Path) -> list[Path]:
    """Write every form of a report into `directory`; return their paths.

    Creates the directory if it is missing. Each file is replaced atomically. Raises ReportError, before
    anything is written, if the result is not valid; an OSError propagates.
    """
    validate(result)
    directory.mkdir(parents=True, exist_ok=True)
    return [files.write(directory / name, make(result)) for name, make in FORMS.items()]


def dumps(result: Result) -> bytes:
    """Return the bytes of `report.json`: UTF-8, members sorted, a newline at the end."""
    text = json.dumps(result, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False)
    # A lone surrogate cannot be encoded in UTF-8; as an escape it is valid JSON.
    return (text + "\n").encode("utf-8", "backslashreplace")


FORMS: Final[Mapping[str, Callable[[Result], bytes]]] = {
    # JSON is first: if another form cannot be made, the findings are not lost.
    JSON_NAME: dumps,
    JUNIT_NAME: junit.render,
    MARKDOWN_NAME: lambda result: markdown.render(result).encode("utf-8"),
    HTML_NAME: lambda result: html.render(result).encode("utf-8"),
    CTRF_NAME: ctrf.render,
    BADGE_NAME: badge.render,
    requirements.NAME: lambda _: requirements.page(),
}
"""The files of a report: name → what makes its content from a result that has been validated."""


def read(path: Path) -> Result:
    """Return the result in `report.json`.

    Raises ReportError for a report that is empty, cut short, not JSON or not valid; an OSError (no such file)
    propagates.

    :param path: the file, or the directory that holds it.
    """
    if path.is_dir():
        path = path / JSON_NAME
    data = path.read_bytes()
    if not data.strip():
        raise ReportError(["empty"], str(path))
    try:
        # A report that was cut short lacks its closing brace, so it does not parse.
        result = strict_json.loads(data)
    except ValueError as error:
        raise ReportError([f"cut short or edited: it {error}"], str(path)) from error
    validate(result, str(path))
    return cast("Result", result)
