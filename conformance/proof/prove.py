"""The proof: runs the suite on servers with known faults and checks what it finds.

A suite that has never failed proves nothing when it passes. So the proof runs it on the correct server,
which must pass; on every fault of the catalogue, which it must find; on lawful variants, which must raise
no false alarm; and on servers that cannot be judged, where a run must end with the expected exit status.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from conformance.contract.cases import Case
from conformance.contract.document import load as load_contract
from conformance.faults.unjudgeable.servers import UnjudgeableServer
from conformance.faults.variant import Variant
from conformance.proof import catalogue as catalogues
from conformance.proof import document as documents
from conformance.proof import page, summary
from conformance.proof.catalogue import CORRECT, Catalogue
from conformance.proof.matrix import Matrix, Problem
from conformance.proof.server_process import ServerProcess
from conformance.proof.trial import Trial, attempt, collect, serving
from conformance.proof.workers import MANY, work_through
from conformance.running.ahead import collect_garbage_less
from conformance.running.directories import make_writable
from conformance.suite import covering
from conformance.text import files
from conformance.text.stamps import now

LIMIT: Final = 60.0
MAX_RETRIES: Final = 8
DIRECTORY: Final = Path("reports/proof")
JSON_NAME: Final = "proof.json"
HTML_NAME: Final = "proof.html"

Server = Variant | UnjudgeableServer
Announce = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Proof:
    """A finished proof: the content of ``proof.json``, and why it does not hold."""

    document: dict[str, Any]
    problems: list[Problem]
    directory: Path

    @property
    def exit_status(self) -> int:
        """Return 0 if every criterion is met, else 1."""
        return 1 if self.problems else 0


def prove(
    names: Sequence[str] | None = None,
    workers: int | None = None,
    directory: Path = DIRECTORY,
    announce: Announce | None = None,
) -> Proof:
    """Run the suite on the selected servers, and write ``proof.json`` and ``proof.html``.

    :param names: names, patterns and requirement ids; none for the complete catalogue. The correct server
        is always included, because a fault counts as found only if the correct server passes.
    :param workers: number of parallel processes, by default one more than processors.
    :param announce: called after each server with the number of finished servers, the total and its name.
    :raises UsageError: for a name that selects nothing, or a directory that cannot be written.
    """
    contract = load_contract()
    catalogue = catalogues.load(contract)
    if names:
        catalogue = catalogue.only(names)
    make_writable(directory)
    started, clock = now(), time.perf_counter()
    workers = workers or MANY
    trials = run(catalogue, workers, announce or (lambda *_: None))
    matrix = Matrix(contract, catalogue, trials)
    missed = [fault for fault in catalogue.faults if matrix.fault(fault, trials[fault.name])]
    if 0 < len(missed) <= MAX_RETRIES:
        trials |= retry(missed, workers)
        matrix = Matrix(contract, catalogue, trials)
    problems = matrix.problems()
    span = documents.Span(started, time.perf_counter() - clock, workers)
    content = documents.document(matrix, problems, span)
    files.write(directory / JSON_NAME, documents.dumps(content))
    files.write(directory / HTML_NAME, page.render(content).encode())
    return Proof(content, problems, directory)


def run(catalogue: Catalogue, workers: int, announce: Announce) -> dict[str, Trial]:
    """Run the suite on the correct server and every server of the catalogue."""
    # Before the first fork, so that no process has to repeat it.
    cases = collect()
    covering.make_ready()
    gc.freeze()
    collect_garbage_less()
    # Lawful variants first: the longest runs are among them, and should not start last.
    judged: list[Server] = [CORRECT, *catalogue.lawful, *catalogue.faults]
    trials: dict[str, Trial] = {}

    def done(server: Server, trial: Trial) -> None:
        trials[server.name] = trial
        announce(len(trials), len(catalogue) + 1, server.name)

    # A run on an unjudgeable server mostly waits: these get one more process.
    _work([(judged, workers), (list(catalogue.unjudgeable), 1)], cases, done)
    return trials


def retry(missed: Sequence[Variant], workers: int) -> dict[str, Trial]:
    """Run the suite a second time on faults that it missed.

    A stateful fault may depend on the order in which parallel requests arrive. Lawful variants are not
    retried: an alarm that is not reproducible is still a false alarm.
    """
    trials: dict[str, Trial] = {}
    _work(
        [(list(missed), workers)],
        collect(),
        lambda server, trial: trials.update({server.name: trial}),
    )
    return trials


def _work(
    lanes: Sequence[tuple[Sequence[Server], int]],
    cases: Sequence[Case],
    done: Callable[[Server, Trial], None],
) -> None:
    variants = [item for lane, _ in lanes for item in lane if isinstance(item, Variant)]
    servers = ServerProcess(variants, serving)
    work_through(
        lanes,
        partial(attempt, cases=cases, serve=servers.serving),
        limit=LIMIT,
        lost=lambda server, reason: Trial(server.name, reason=reason, seconds=LIMIT),
        done=done,
    )


def main(names: Sequence[str], workers: int | None, directory: Path | None) -> int:
    """Run ``conformance prove``: prove, print the summary and return the exit status."""
    console = Console(highlight=False, soft_wrap=True)
    with summary.Progress(Console(stderr=True)) as progress:
        proof = prove(names, workers, directory or DIRECTORY, progress.update)
    summary.show(proof.document, console)
    console.print(f"Report: {proof.directory / HTML_NAME}", markup=False)
    return proof.exit_status
