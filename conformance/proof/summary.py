"""The summary of a proof for a terminal, and one live line on the way to it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from conformance.contract.requirements import AREAS
from conformance.text.printable import visible
from conformance.text.wording import plural

_BAR = 24
_PAUSE = 0.1
KINDS = {
    "not-correct": "the correct server is not clean",
    "not-found": "not found",
    "found-elsewhere": "found by another area only",
    "never-red": "no fault turns it red",
    "false-alarm": "false alarm",
    "unexplained": "open without a reason",
    "exit-status": "wrong exit status",
    "did-not-end": "did not end",
    "suite-failed": "the suite itself failed",
}


class Progress:
    """A line that says how far a proof is, and is gone when it ends; nothing where no terminal is."""

    def __init__(self, console: Console) -> None:
        self._live: Live | None = None
        if console.is_terminal and not console.is_dumb_terminal:
            # Drawn by hand: a thread that draws would be forked in the middle of it.
            self._live = Live(Text(), console=console, auto_refresh=False, transient=True)
        self._drawn = float("-inf")

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def update(self, done: int, total: int, name: str) -> None:
        """Show how many servers of how many are judged, and the name of the last one."""
        now = time.monotonic()
        if self._live is None or (now - self._drawn < _PAUSE and done < total):
            return
        self._drawn = now
        filled = _BAR * done // total
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append("━" * filled, "green").append("─" * (_BAR - filled), "dim")
        line.append(f" {done}/{total}", "bold").append(f"  {name}", "dim")
        self._live.update(line, refresh=True)


def show(proof: dict[str, Any], console: Console) -> None:
    """The matrix, area by area, what came of the rest, and every problem."""
    console.print(_areas(proof))
    console.print()
    for line in lines(proof):
        console.print(line, markup=False)
    if proof["problems"]:
        console.print()
        for problem in proof["problems"]:
            text = Text(f"{KINDS[problem['kind']]}: ", "red")
            text.append(problem["name"], "bold").append(f"  {visible(problem['text'])}", "default")
            console.print(text)
    console.print()
    tone = "bold green" if proof["holds"] else "bold red"
    console.print(Text(headline(proof), tone))


def headline(proof: dict[str, Any]) -> str:
    """Whether the proof holds, in a sentence."""
    totals = proof["totals"]
    part = "" if proof["whole"] else " (a part of the catalogue)"
    took = f"{proof['seconds']:g} s, {plural(totals['requests'], 'request')}"
    if proof["holds"]:
        return f"The proof holds{part}: {took}."
    return f"The proof does not hold{part}: {plural(len(proof['problems']), 'problem')} in {took}."


def lines(proof: dict[str, Any]) -> list[str]:
    """What was found, alarmed and ended as it should, a sentence each."""
    totals, correct = proof["totals"], proof["correct"]
    used = correct["requests"]
    lawful = proof["lawful"]
    open_ = sum(variant["verdict"] == "incomplete" for variant in lawful)
    return [
        (
            f"Correct server: {correct['verdict']}, with {used['own']} requests of the own key, "
            f"{used['other']} of the other, {used['anonymous']} without one."
        ),
        (
            f"Faults: {totals['found']} of {totals['faults']} found, "
            f"{totals['found_by_own']} by the very requirement that they break."
        ),
        f"Requirements: {totals['turned_red']} of {totals['tested']} that are tested turned red.",
        (
            f"Lawful variants: {totals['lawful_ok']} of {totals['lawful']} without a false alarm, "
            f"{open_} of them incomplete."
        ),
        f"Harness faults: {totals['harness_ok']} of {totals['harness']} with the right exit status.",
    ]


def _areas(proof: dict[str, Any]) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 1, 0, 0))
    table.add_column("Area")
    for name in ("Faults", "Found", "By own", "Requirements", "Turned red", "Requests", "Seconds"):
        table.add_column(name, justify="right")
    for prefix, area in AREAS.items():
        faults = [row for row in proof["faults"] if row["requirement"].split("-")[0] == prefix]
        rows = [
            row
            for row in proof["requirements"]
            if row["area"] == area and row["not_tested"] is None
        ]
        if faults or proof["whole"]:
            table.add_row(area, *_figures(faults, rows))
    return table


def _figures(faults: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> list[Text]:
    found = sum(fault["found"] for fault in faults)
    red = sum(bool(row["faults"]) for row in rows)
    return [
        Text(str(len(faults))),
        Text(str(found), "" if found == len(faults) else "red"),
        Text(str(sum(fault["caught_first"] == fault["requirement"] for fault in faults))),
        Text(str(len(rows))),
        Text(str(red), "" if red == len(rows) else "red"),
        Text(f"{sum(sum(fault['requests'].values()) for fault in faults):,}"),
        Text(f"{sum(fault['seconds'] for fault in faults):.1f}"),
    ]
