"""Diagnoses an earlier run from its transcript, without sending anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.contract.cases import Case
from conformance.contract.document import load
from conformance.errors import UsageError
from conformance.judging.session import Session
from conformance.recording import har
from conformance.running.result import Times, build
from conformance.running.selection import Selection, judge_selected
from conformance.running.settings import Settings
from conformance.running.sources import Replayed, diagnosis_of
from conformance.text.stamps import now

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
    transcript = path / har.NAME if path.is_dir() else path
    if transcript.name == "report.json":
        transcript = transcript.with_name(har.NAME)
    if not transcript.exists():
        raise UsageError(
            f"{transcript} does not exist: a diagnosis needs the transcript of the run, "
            "which --no-transcript leaves out"
        )
    contract = load()
    source = Replayed.read(transcript, Settings(), contract, None)
    settings, masked = source.settings, bool(source.recording.run.get("masked"))
    started = now()
    with source.client() as client:
        session = Session(
            client, contract.frozen(settings.requirements), depth=settings.depth, seed=settings.seed
        )
        source.prepare(session)
        judgement = judge_selected(session, cases, source.narrowed(Selection()))
        source.finish(judgement)
        found = source.diagnosis(session, judgement) if masked else diagnosis_of(session, judgement)
        result, _ = build(
            session,
            judgement,
            Times(started, now()),
            allow_incomplete=False,
            mask=source.mask(client),
            diagnosis=found,
        )
    return Diagnosed(result, _HIDDEN if masked else None)
