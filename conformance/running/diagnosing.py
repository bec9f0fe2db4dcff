"""Diagnoses an earlier run from its transcript, without sending anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.contract.cases import Case
from conformance.contract.document import load
from conformance.errors import UsageError
from conformance.recording import har
from conformance.running.rejudging import rejudged
from conformance.running.settings import Settings
from conformance.running.sources import Replayed, diagnosis_of

_HIDDEN = (
    "The transcript holds pseudonyms in place of personal data, so a cause that rests on searched terms "
    "cannot be found in it. Causes that the run itself has found are shown."
)


@dataclass(frozen=True)
class Diagnosed:
    """The result of an earlier run with its causes, and what limits them; None if nothing does."""

    result: dict[str, Any]
    limit: str | None


def diagnose(path: Path, cases: Sequence[Case]) -> Diagnosed:
    """Judge a transcript again, and look for causes.

    The causes that the run has found are kept if the transcript holds pseudonyms.

    :param path: the directory of a report, its ``report.json``, or a transcript.
    :raises UsageError: if there is no transcript, or it cannot be replayed.
    """
    transcript = har.file_of(path)
    if transcript.name == "report.json":
        transcript = transcript.with_name(har.NAME)
    if not transcript.exists():
        raise UsageError(
            f"{transcript} does not exist: a diagnosis needs the transcript of the run, "
            "which --no-transcript leaves out"
        )
    source = Replayed.read(transcript, Settings(), load(), None)
    masked = bool(source.recording.run.get("masked"))
    result = rejudged(source, cases, diagnosis=source.diagnosis if masked else diagnosis_of)
    return Diagnosed(result, _HIDDEN if masked else None)
