"""The terminal output of a proof: a progress line while it runs, and its summary."""

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
from conformance.proof.catalogue import area
from conformance.text.printable import visible
from conformance.text.wording import listing, plural

_BAR = 24
_PAUSE = 0.1
_NAMED = 6
KINDS = {
    "not-correct": "the correct server did not pass",
    "not-found": "not found",
    "found-elsewhere": "found only by another area",
    "never-red": "not shown to fail",
    "false-alarm": "false alarm",
    "unexplained": "inconclusive without a reason",
    "exit-status": "wrong exit status",
    "did-not-end": "did not finish",
    "suite-failed": "error in the suite",
}


class Progress:
    """A progress line that disappears at the end. Without a terminal it shows nothing."""

    def __init__(self, console: Console) -> None:
        self._live: Live | None = None
        if console.is_terminal and not console.is_dumb_terminal:
            # No auto-refresh: its thread could hold a lock during a fork.
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
        """Show the number of finished servers, the total and the name of the last one."""
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
    """Print the figures of each area, the totals and every problem."""
    if proof["faults"]:
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
    """Return one sentence that says whether the proof holds."""
    totals = proof["totals"]
    part = "" if proof["whole"] else " (part of the catalogue)"
    cost = f"{plural(totals['requests'], 'request')} in {proof['seconds']:g} s"
    if proof["holds"]:
        return f"The proof holds{part}: {cost}."
    return f"The proof does not hold{part}: {plural(len(proof['problems']), 'problem')}, {cost}."


def lines(proof: dict[str, Any]) -> list[str]:
    """Return the totals: one sentence for each kind of server, and one for the requirements."""
    totals, correct = proof["totals"], proof["correct"]
    used = correct["requests"]
    incomplete = sum(variant["verdict"] == "incomplete" for variant in proof["lawful"])
    return [
        (
            f"Correct server: {correct['verdict'] or 'did not finish'}. "
            f"{plural(used['own'], 'request')} with the first organisation's key, "
            f"{used['other']} with the second organisation's key, {used['anonymous']} without a key."
        ),
        (
            f"Faults: {totals['found']} of {totals['faults']} faults found, "
            f"{totals['found_by_own']} by the requirement that they break."
        ),
        (
            f"Requirements that fail on a fault: {totals['mean_red']:.2f} on average, "
            f"{totals['unexplained']} without a known reason{_unexplained(proof)}."
        ),
        (
            f"Requirements: {totals['turned_red']} of {totals['tested']} tested requirements "
            "shown to fail."
        ),
        (
            f"Lawful variants: {totals['lawful_ok']} of {totals['lawful']} without a false alarm, "
            f"{incomplete} incomplete."
        ),
        (
            f"Servers that cannot be judged: {totals['harness_ok']} of {totals['harness']} "
            "with the expected exit status."
        ),
    ]


def _unexplained(proof: dict[str, Any]) -> str:
    """Return the first consequences without a reason, to be appended to their number."""
    found = [
        f"{item['id']} on {fault['name']}"
        for fault in proof["faults"]
        for item in fault["consequences"]
        if item["reason"] is None
    ]
    return f" ({listing(found, _NAMED)})" if found else ""


def _areas(proof: dict[str, Any]) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 1, 0, 0))
    table.add_column("Area", min_width=max(map(len, AREAS.values())))
    for column in (
        *("Faults", "Found", "By own requirement", "Tested", "Shown to fail"),
        *("Requests", "Seconds"),
    ):
        table.add_column(column, justify="right")
    tested = [row for row in proof["requirements"] if row["not_tested"] is None]
    shown: list[dict[str, Any]] = []
    for prefix, name in AREAS.items():
        faults = [fault for fault in proof["faults"] if area(fault["requirement"]) == prefix]
        rows = [row for row in tested if row["area"] == name]
        if faults or proof["whole"]:
            table.add_row(name, *_figures(faults, rows))
            shown += rows
    table.add_row("Total", *_figures(proof["faults"], shown), style="bold")
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
