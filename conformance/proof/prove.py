"""The proof: the suite judges servers whose faults are known, and is itself judged by what it finds.

A suite that was never seen to fail says nothing when it passes. So it is run on the correct server,
which must be clean; on every fault of the catalogue, which must be found; on servers that are right
in another way, which must raise no alarm; and on servers that cannot be judged at all.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from conformance.contract.document import load as load_contract
from conformance.faults.unjudgeable.servers import UnjudgeableServer
from conformance.faults.variant import Variant
from conformance.proof import catalogue as catalogues
from conformance.proof import document as documents
from conformance.proof import page, summary
from conformance.proof.catalogue import CORRECT, Catalogue
from conformance.proof.matrix import Matrix, Problem
from conformance.proof.trial import Trial, attempt, collect
from conformance.proof.workers import work_through
from conformance.running.run import make_writable
from conformance.text import files
from conformance.text.stamps import now

LIMIT: Final = 60.0
SECOND_LOOKS: Final = 8
DIRECTORY: Final = Path("reports/proof")
JSON_NAME: Final = "proof.json"
HTML_NAME: Final = "proof.html"

Server = Variant | UnjudgeableServer
Announce = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Proof:
    """What came of it: the content of ``proof.json``, and why it does not hold."""

    document: dict[str, Any]
    problems: list[Problem]
    directory: Path

    @property
    def exit_status(self) -> int:
        """0 where every criterion is met, else 1."""
        return 1 if self.problems else 0


def prove(
    names: Sequence[str] | None = None,
    workers: int | None = None,
    directory: Path = DIRECTORY,
    announce: Announce | None = None,
) -> Proof:
    """Run the suite on everything that the names select, and write ``proof.json`` and ``proof.html``.

    :param names: names, patterns and requirement ids; none for the whole catalogue. The correct server
        is always judged: without it no fault counts as found.
    :param workers: processes that judge side by side, by default one for each processor.
    :param announce: called after each server with the number of those done, of all, and its name.
    :raises UsageError: for a name that selects nothing, or a directory that cannot be written.
    """
    contract = load_contract()
    catalogue = catalogues.load(contract)
    if names:
        catalogue = catalogue.only(names)
    make_writable(directory)
    started, clock = now(), time.perf_counter()
    workers = workers or os.cpu_count() or 1
    trials = run(catalogue, workers, announce or (lambda *_: None))
    matrix = Matrix(contract, catalogue, trials)
    missed = [fault for fault in catalogue.faults if matrix.fault(fault, trials[fault.name])]
    if 0 < len(missed) <= SECOND_LOOKS:
        trials |= again(missed, workers)
        matrix = Matrix(contract, catalogue, trials)
    problems = matrix.problems()
    span = documents.Span(started, time.perf_counter() - clock, workers)
    content = documents.document(matrix, problems, span)
    files.write(directory / JSON_NAME, documents.dumps(content))
    files.write(directory / HTML_NAME, page.render(content).encode())
    return Proof(content, problems, directory)


def run(catalogue: Catalogue, workers: int, announce: Announce) -> dict[str, Trial]:
    """Judge the correct server and everything of the catalogue."""
    # Before the first fork, so that every process finds it done.
    cases = collect()
    gc.freeze()
    # The longest runs are among the lawful ones: last, they would be waited for.
    judged: list[Server] = [CORRECT, *catalogue.lawful, *catalogue.faults]
    trials: dict[str, Trial] = {}

    def done(server: Server, trial: Trial) -> None:
        trials[server.name] = trial
        announce(len(trials), len(catalogue) + 1, server.name)

    work_through(
        # Servers that break the harness are mostly waited for: they get a process beside the others.
        [(judged, workers), (list(catalogue.unjudgeable), 1)],
        partial(attempt, cases=cases),
        limit=LIMIT,
        lost=lambda server, reason: Trial(server.name, reason=reason, seconds=LIMIT),
        done=done,
    )
    return trials


def again(missed: Sequence[Variant], workers: int) -> dict[str, Trial]:
    """Judge faults once more that were missed.

    What a fault with a memory shows depends on which of the requests that are under way together comes
    first. Lawful variants get no second look: an alarm that comes and goes is a false one.
    """
    trials: dict[str, Trial] = {}
    work_through(
        [(list(missed), workers)],
        partial(attempt, cases=collect()),
        limit=LIMIT,
        lost=lambda server, reason: Trial(server.name, reason=reason, seconds=LIMIT),
        done=lambda server, trial: trials.update({server.name: trial}),
    )
    return trials


def main(names: Sequence[str], workers: int | None, directory: Path | None) -> int:
    """What ``conformance prove`` does: prove, show the summary, and say how the command ends."""
    console = Console(highlight=False, soft_wrap=True)
    with summary.Progress(Console(stderr=True)) as progress:
        proof = prove(names, workers, directory or DIRECTORY, progress.update)
    summary.show(proof.document, console)
    console.print(f"Report: {proof.directory / HTML_NAME}", markup=False)
    return proof.exit_status
