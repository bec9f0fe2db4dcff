"""Judges an earlier run again from its transcript. Nothing is sent, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from conformance.contract.cases import Case
from conformance.contract.document import load
from conformance.diagnosis.diagnose import Diagnosis
from conformance.judging.engine import Judgement
from conformance.judging.session import Session
from conformance.running.result import Times, build
from conformance.running.selection import Selection, judge_selected
from conformance.running.sources import Replayed
from conformance.text.stamps import now


def rejudged(
    source: Replayed,
    cases: Sequence[Case],
    *,
    allow_incomplete: bool = False,
    diagnosis: Callable[[Session, Judgement], Diagnosis] | None = None,
) -> dict[str, Any]:
    """Return the result that the exchanges of a recorded run lead to, by the contract of this suite.

    Its times are those of this judgement, and its software is that of this machine.

    :param diagnosis: finds the causes; by default those that the run found are read.
    """
    settings, started = source.settings, now()
    contract = load().frozen(settings.requirements)
    with source.client() as client:
        session = Session(client, contract, depth=settings.depth, seed=settings.seed)
        source.prepare(session)
        selection = source.narrowed(Selection())
        judgement = judge_selected(session, cases, selection)
        source.finish(judgement)
        found = (diagnosis or source.diagnosis)(session, judgement)
        result, _ = build(
            session,
            judgement,
            Times(started, now()),
            allow_incomplete=allow_incomplete,
            mask=source.mask(client),
            diagnosis=found,
            only=selection.only,
            skip=selection.skip,
        )
    return result
