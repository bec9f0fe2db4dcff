"""``conformance prove --paste``: runs the reproductions of every fault, as a user would paste them.

Each fault is served and judged once. Its reproductions, with masked data and without, are pasted into bash
against the same server, against the same faulty server started afresh, and against the correct server with
the same data, which must print otherwise.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from rich.console import Console

from conformance.contract.cases import Case, Depth
from conformance.contract.document import load
from conformance.diagnosis.diagnose import diagnosed
from conformance.errors import UsageError
from conformance.faults.variant import Variant
from conformance.http.client import Client
from conformance.http.limits import MAX_REQUESTS, Limits
from conformance.http.sender import Sender
from conformance.judging.engine import judge
from conformance.judging.session import Session
from conformance.privacy.disguise import disguised
from conformance.proof import catalogue as catalogues
from conformance.proof.catalogue import CORRECT
from conformance.proof.paste import Pasted, absent, paste
from conformance.proof.summary import Progress
from conformance.proof.trial import collect, serving
from conformance.proof.workers import MANY, work_through
from conformance.running.result import Times, build
from conformance.target.target import Target
from conformance.text.stamps import now
from conformance.text.wording import plural

LIMIT = 240.0
SEED = 0
SHOWN, ALONE, UNCHECKED, ALIKE, WRONG = (
    "shown",
    "not reproducible alone, which its lines say",
    "shown without a line to check",
    "printed by the correct server too",
    "wrong",
)
_NOT_ALONE = (
    "# This does not show each time",
    "cannot be reproduced alone",
    "# curl does not show",
)


@dataclass(frozen=True)
class Attempt:
    """One reproduction: of which fault and defect, whether data were masked, and what became of it."""

    fault: str
    title: str
    masked: bool
    outcome: str
    detail: str = ""


def main(names: Sequence[str], workers: int | None, sample: int | None) -> int:
    """Paste the reproductions of faults, print the summary and return the exit status."""
    if missing := absent():
        raise UsageError(f"--paste needs {' and '.join(missing)}, which this machine does not have")
    catalogue = catalogues.load(load())
    faults = list((catalogue.only(names) if names else catalogue).faults)
    if sample is not None and sample < len(faults):
        faults = random.Random(SEED).sample(faults, sample)
    console = Console(highlight=False, soft_wrap=True)
    attempts: list[Attempt] = []
    with Progress(Console(stderr=True)) as progress:
        ended = 0

        def done(fault: Variant, found: list[Attempt]) -> None:
            nonlocal ended
            ended += 1
            attempts.extend(found)
            progress.update(ended, len(faults), fault.name)

        cases = collect()
        work_through(
            [(faults, workers or MANY)],
            partial(attempt, cases=cases),
            limit=LIMIT,
            lost=lambda fault, why: [Attempt(fault.name, "the run", False, WRONG, why)],
            done=done,
        )
    show(attempts, len(faults), console.print)
    return int(any(item.outcome == WRONG for item in attempts))


def show(attempts: Sequence[Attempt], faults: int, print_: Callable[..., Any]) -> None:
    """Print how many reproductions were shown, and each one that was not."""
    counts = Counter(item.outcome for item in attempts)
    print_(
        f"{plural(len(attempts), 'reproduction')} of {plural(faults, 'fault')} pasted:",
        markup=False,
    )
    for outcome in (SHOWN, ALONE, UNCHECKED, ALIKE, WRONG):
        print_(f"  {counts[outcome]:5} {outcome}", markup=False)
    for item in attempts:
        if item.outcome in (WRONG, ALIKE):
            how = "masked" if item.masked else "with --show-data"
            print_(
                f"{item.outcome}: {item.fault} ({how}): {item.title}\n{item.detail}", markup=False
            )


def attempt(fault: Variant, cases: Sequence[Case], depth: Depth = Depth.STANDARD) -> list[Attempt]:
    """Judge one faulty server, and paste the reproductions of its defects.

    They are pasted against the judged server, against the same faulty one started afresh, and against the
    correct one. A server may be in a state that the run left, which a stranger's server is not.
    """
    with serving(fault) as target:
        results = judged(target, cases, depth)
        base_url = target.base_url
        defects = [(one, masked) for masked, found in results.items() for one in found["defects"]]
        pasted = [paste(one["reproduction"], target) for one, _ in defects]
    # What does not show alone, or has nothing to compare, is pasted once only.
    wanted = [
        _shows_alone(one["reproduction"]) and bool(run.wanted)
        for (one, _), run in zip(defects, pasted, strict=True)
    ]
    again = []
    for server in (fault, replace(CORRECT, data=fault.data)):
        with serving(server) as target:
            again.append(
                [
                    paste(one["reproduction"], target, base_url=base_url) if is_wanted else run
                    for (one, _), run, is_wanted in zip(defects, pasted, wanted, strict=True)
                ]
            )
    attempts = []
    for (defect, masked), *runs in zip(defects, pasted, *again, strict=True):
        found, detail = outcome(defect["reproduction"], *runs)
        attempts.append(Attempt(fault.name, defect["title"], masked, found, detail))
    return attempts


def _shows_alone(lines: Sequence[str]) -> bool:
    """Return whether a reproduction does not say that it cannot show the defect each time."""
    return not any(words in line for words in _NOT_ALONE for line in lines)


def outcome(
    lines: Sequence[str], judged: Pasted, afresh: Pasted, correct: Pasted
) -> tuple[str, str]:
    """Return what became of a reproduction, and the detail if it does not show the defect."""
    text = "\n".join(lines)
    if not _shows_alone(lines):
        return ALONE, ""
    if not judged.wanted:
        return UNCHECKED, ""
    for where, run in (("", judged), (" by the server started afresh", afresh)):
        if not run.shows:
            return WRONG, f"{text}\nprinted{where} {run.printed}\n{run.errors}"
    return (ALIKE, text) if correct.printed == judged.printed else (SHOWN, "")


def judged(target: Target, cases: Sequence[Case], depth: Depth) -> dict[bool, dict[str, Any]]:
    """Return the result of a run with masked data (True) and with all data shown (False)."""
    with Client(Sender(target, Limits(max_requests=MAX_REQUESTS))) as client:
        session = Session(client, load(), depth=depth, seed=0)
        started = now()
        judgement = judge(session, cases)
        causes = diagnosed(judgement.results, client.transcript.exchanges)
        found = {}
        for masked in (True, False):
            mask = disguised(client).mask() if masked else None
            times = Times(started, now())
            found[masked], _ = build(
                session, judgement, times, allow_incomplete=False, mask=mask, diagnosis=causes
            )
    return found
