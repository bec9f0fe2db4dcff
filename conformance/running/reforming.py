"""Writes the forms of an earlier report again: nothing is judged again, and the verdict stays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from conformance.comparison.reading import read_report
from conformance.errors import TranscriptError, UsageError
from conformance.http.exchange import Exchange
from conformance.privacy.masking import Mask
from conformance.privacy.personal_data import PersonalData
from conformance.recording import har
from conformance.report import FORMS, Result
from conformance.report.store import JSON_NAME
from conformance.running import exchanges
from conformance.running.kept import Kept

_ARGUMENT = "REPORT"


@dataclass(frozen=True)
class Reformed:
    """What was written: names of files, and each that was not with its problem.

    ``note`` says why the exchanges are not on the page; None if they are.
    """

    result: Result
    directory: Path
    written: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()
    note: str | None = None


def reform(path: Path, directory: Path | None = None) -> Reformed:
    """Write every form of a report again from its ``report.json``, which stays as it is.

    A ``report.json`` without exchanges gets them from the transcript beside it.

    :param path: the directory of a report, or its ``report.json``.
    :param directory: where the forms go, by default the directory of the report; another one gets a copy of
        ``report.json`` too.
    :raises UsageError: if the report cannot be used.
    """
    folder = path if path.is_dir() else path.parent
    result = _read(path, folder)
    shown, note = _with_exchanges(result, folder / har.NAME)
    place = folder if directory is None else directory
    kept = Kept(place)
    here = place.exists() and place.samefile(folder)
    for name, make in FORMS.items():
        if name != JSON_NAME:
            kept.form(name, make, shown)
        elif not here:
            kept.form(name, make, result)
    found = Reformed(shown, place, note=note)
    return replace(found, written=tuple(kept.names), unwritten=tuple(kept.problems))


def _read(path: Path, folder: Path) -> Result:
    """Return the result; if it is lost and the transcript is there, the error names what helps."""
    try:
        return read_report(path, _ARGUMENT)
    except UsageError as problem:
        transcript = folder / har.NAME
        if not transcript.is_file():
            raise
        way = f"conformance run --replay {transcript} judges its transcript again"
        raise UsageError(f"{problem}; {way}") from None


def _with_exchanges(result: Result, path: Path) -> tuple[Result, str | None]:
    """Return the result with the exchanges of its transcript, and why it has none."""
    if "exchanges" in result:
        return result, None
    if not path.is_file():
        return result, f"the report has no exchanges, and there is no {path}"
    try:
        recording = har.read(path)
    except TranscriptError as problem:
        return result, f"the report has no exchanges, and {path} is refused: {problem}"
    if recording.run.get("started_at") != result["started_at"]:
        return result, f"the report has no exchanges, and {path} is of another run"
    answers = [entry.answer for entry in recording.entries if isinstance(entry.answer, Exchange)]
    named = {item["exchange"] for item in result["incidents"] if item["exchange"] is not None}
    for row in result["requirements"]:
        for finding in row["findings"]:
            texts = (finding["expected"], finding["received"], finding["detail"])
            named |= exchanges.numbers(finding["exchange"], texts)
    base_url = result["target"]["base_url"]
    mask = Mask(PersonalData(answers), base_url) if recording.run.get("masked") else None
    found: list[Any] = exchanges.written(answers, named, mask)
    return cast("Result", {**result, "exchanges": found}), None
