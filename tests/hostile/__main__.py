"""``make fuzz``: runs on servers that spoil their responses at random, until the time is up."""

from __future__ import annotations

import argparse
import itertools
import resource
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from tests.hostile.runs import KINDS, Cost

ROUND = ("single",) * 10 + ("whole",) * 8 + ("command",) * 2
"""The kinds of runs in turn: ten rounds are 5,000 single responses and 100 complete runs."""

_MOST_MEMORY = 4 << 30
"""Bytes of memory of a process, beyond which it gets no more: the other programs of a machine go on."""


def seeds(seed: str) -> Iterator[str]:
    """Yield the seeds of all runs: ``single 17-0``, ``single 17-1`` and so on."""
    for number in itertools.count():
        yield f"{ROUND[number % len(ROUND)]} {seed}-{number}"


def attempt(seed: str) -> Cost | str:
    """Make one run; return what it took, or how it broke an invariant."""
    try:
        return KINDS[seed.split(maxsplit=1)[0]](seed)
    except Exception:
        return traceback.format_exc(-2)


class Counts:
    """What was done: runs by kind, single responses, broken runs, and the dearest runs."""

    def __init__(self) -> None:
        self.runs = dict.fromkeys(KINDS, 0)
        self.responses = 0
        self.broken: list[str] = []
        self.slowest = ("", Cost(0.0, 0))
        self.largest = ("", Cost(0.0, 0))

    def add(self, seed: str, done: Cost | str) -> None:
        """Count one run; print its seed if it broke an invariant."""
        self.runs[seed.split(maxsplit=1)[0]] += 1
        if isinstance(done, str):
            self.broken.append(seed)
            print(f"\n{seed}\n{done}Again: make fuzz ARGS=\"--only '{seed}'\"", flush=True)
            return
        if seed.startswith("single"):
            self.responses += done.responses
        self.slowest = max(self.slowest, (seed, done), key=lambda pair: pair[1].seconds)
        self.largest = max(self.largest, (seed, done), key=lambda pair: pair[1].memory)

    def text(self) -> str:
        """Return the counts as a line."""
        complete = self.runs["whole"] + self.runs["command"]
        slowest, largest = self.slowest, self.largest
        return (
            f"{self.responses:,} single responses in {self.runs['single']:,} runs, {complete:,} complete "
            f"runs ({self.runs['command']:,} by the command); at most {slowest[1].seconds:.1f} s "
            f"({slowest[0]}) and {largest[1].memory} MiB ({largest[0]}); "
            f"{len(self.broken)} with a broken invariant"
        )


def work_through(given: Iterator[str], jobs: int, ends: float) -> Counts:
    """Make the runs in processes of their own, until there are no more or the time is up."""
    counts = Counts()
    pending: dict[Future[Cost | str], str] = {}
    shown = time.monotonic()
    with ProcessPoolExecutor(jobs, initializer=_bound_memory) as pool:
        while True:
            while len(pending) < jobs and time.monotonic() < ends:
                seed = next(given, None)
                if seed is None:
                    break
                pending[pool.submit(attempt, seed)] = seed
            if not pending:
                return counts
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                seed = pending.pop(future)
                try:
                    counts.add(seed, future.result())
                except BrokenProcessPool:
                    print(f"\n{seed}\nits process ended, or another one beside it", flush=True)
                    raise
            if time.monotonic() - shown > 60:
                shown = time.monotonic()
                print(counts.text(), flush=True)


def _bound_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


def main(arguments: Sequence[str] | None = None) -> int:
    """Make runs, print the seed of each that breaks an invariant, and return 1 if there is one."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="the time for all runs")
    parser.add_argument("--rounds", type=int, help="rounds of 500 single responses and 10 runs")
    parser.add_argument(
        "--seed", default=str(int(time.time())), help="the same seed, the same runs"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--only", metavar="SEED", help="one run, such as 'single 17-4'")
    options = parser.parse_args(arguments)
    if options.only:
        print(KINDS[options.only.split()[0]](options.only))
        return 0
    print(f"seed {options.seed}", flush=True)
    most = None if options.rounds is None else options.rounds * len(ROUND)
    given = itertools.islice(seeds(options.seed), most)
    counts = work_through(given, options.jobs, time.monotonic() + 60 * options.minutes)
    print(f"seed {options.seed}: {counts.text()}")
    # A bound on time must not pass for a run of all rounds.
    missing = 0 if most is None else most - sum(counts.runs.values())
    if missing:
        print(f"{missing} of {most} runs were not made: the time was up")
    return int(bool(counts.broken) or bool(missing))


if __name__ == "__main__":
    sys.exit(main())
