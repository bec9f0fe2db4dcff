"""Judges the transcript of a report again and says where the two contradict each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from conformance.acceptance import comparing
from conformance.contract.cases import Case
from conformance.contract.document import load
from conformance.errors import TranscriptError, UsageError
from conformance.report.model import Result
from conformance.running.rejudging import rejudged
from conformance.running.settings import Settings
from conformance.running.sources import Replayed


@dataclass(frozen=True)
class Contradictions:
    """What of a report does not follow from its transcript.

    ``transcript`` says why the transcript cannot be used, None if it can be. ``run`` has facts of the run
    that differ, ``outcomes`` the verdict and outcomes that differ, ``details`` findings, numbers and texts.
    """

    transcript: str | None = None
    run: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    shows_data: bool = False

    @property
    def first(self) -> str | None:
        """The first of them, None if there are none."""
        return next(
            chain(filter(None, [self.transcript]), self.run, self.outcomes, self.details), None
        )


def contradictions(result: Result, transcript: Path, cases: Sequence[Case]) -> Contradictions:
    """Judge a transcript again and compare the result with a report. Nothing is sent."""
    try:
        source = Replayed.read(transcript, Settings(), load(), None)
        again = rejudged(source, cases, allow_incomplete=_allowed(result))
    except TranscriptError as problem:
        return Contradictions(transcript=str(problem))
    except UsageError as problem:
        return Contradictions(transcript=str(problem).partition("is refused: ")[2] or str(problem))
    except Exception as problem:  # a transcript whose seal was made again may hold anything
        return Contradictions(
            transcript=f"it cannot be judged again: {type(problem).__name__}: {problem}"
        )
    return Contradictions(
        run=tuple(comparing.recorded(result, source.recording.run)),
        outcomes=tuple(comparing.outcomes(result, again)),
        details=tuple(comparing.details(result, again)),
        shows_data=not source.recording.run.get("masked"),
    )


def _allowed(result: Result) -> bool:
    """Return whether the run counted an incomplete result as a success, which no transcript records."""
    return result["verdict"] == "incomplete" and result["exit_status"] == 0
