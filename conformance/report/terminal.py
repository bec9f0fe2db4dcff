"""The result on a terminal: the table of areas, each finding, the verdict.

Nothing that a target sent reaches the terminal as it came: text is never read as markup, and
characters without a shape are written out. A curl stands on one line of its own, however long,
so that it can be copied from a window or a log.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import IO

from rich.box import Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.report import clock, view
from conformance.report.model import OUTCOMES, Finding, Outcome, Requirement, Result
from conformance.report.progress import Progress
from conformance.text.printable import can_show, fit, visible
from conformance.text.wording import plural

__all__ = ["Progress", "make_console", "render"]

STYLES = {
    "failed": "bold red",
    "warned": "yellow",
    "inconclusive": "cyan",
    "waived": "magenta",
    "passed": "green",
    "conformant": "bold green",
    "non-conformant": "bold red",
    "incomplete": "bold cyan",
    "untestable": "bold yellow",
    "error": "bold yellow",
}
SIGNS = {
    "failed": ("\N{BALLOT X}", "x"),
    "warned": ("!", "!"),
    "inconclusive": ("?", "?"),
}
MOST_FINDINGS = 3
"""Findings shown of one requirement; the report has them all."""

_INDENT = 4
_LABEL = 10
_PLAIN_RULE = Box("    \n    \n -- \n    \n -- \n    \n    \n    \n", ascii=True)
_RULE = Box("    \n    \n ── \n    \n ── \n    \n    \n    \n")


def make_console(file: IO[str] | None = None, *, stderr: bool = False) -> Console:
    """A console that prints text as it is: no markup, no emoji names, no guessed colours.

    `file` is a text stream (default standard output, or standard error with `stderr`). Colour
    follows what the stream is, and NO_COLOR.
    """
    return Console(
        file=file, stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=False
    )


def render(
    result: Result, console: Console, report_path: Path | None, *, quiet: bool = False
) -> None:
    """Print `result`, which has been validated, and where its report lies.

    `report_path` is printed as it is given; None says that no report was written. With `quiet`
    only the verdict and the path are printed.
    """
    Screen(console).show(result, report_path, quiet=quiet)


class Screen:
    """A console, and what its encoding can show."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.rich = can_show("\N{BALLOT X}─", console.encoding)

    def show(self, result: Result, report_path: Path | None, *, quiet: bool) -> None:
        """Print the whole result, or with `quiet` its verdict."""
        if not quiet:
            self._areas(result)
            self._groups(view.groups(result, "failed"), "failed")
            self._groups(view.groups(result, "warned"), "warned")
            self._inconclusive(result)
            self.line()
        self._verdict(result, report_path, quiet=quiet)

    # The parts, from top to bottom

    def _areas(self, result: Result) -> None:
        rule = _RULE if self.rich else _PLAIN_RULE
        table = Table(
            box=rule, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), safe_box=False
        )
        table.add_column("Area", no_wrap=True)
        for name in ("All", *(outcome.capitalize() for outcome in OUTCOMES), "Requests"):
            table.add_column(name, justify="right", no_wrap=True)
        for row in view.area_rows(result):
            counts = (Text(str(row.counts.get(o) or ""), STYLES[o]) for o in OUTCOMES)
            table.add_row(row.name, str(row.total or ""), *counts, str(row.requests))
        totals = (str(result["totals"][o]) for o in OUTCOMES)
        table.add_section()
        all_of_them = str(result["totals"]["requirements"])
        table.add_row("together", all_of_them, *totals, str(result["requests"]["sent"]))
        self.line()
        self.console.print(table)

    def _groups(self, groups: list[view.Group], outcome: Outcome) -> None:
        if not groups:
            return
        self._heading("Findings" if outcome == "failed" else "Warnings")
        for group in groups:
            requirement = group.requirement
            self.line()
            self._requirement(requirement)
            for number, finding in enumerate(group.findings[:MOST_FINDINGS]):
                if number:
                    self.line()
                self._finding(finding, short=outcome == "warned")
            hidden = len(group.findings) - MOST_FINDINGS
            if hidden > 0:
                self._wrapped(f"and {plural(hidden, 'more finding')}, in the report", _INDENT)
            if group.followers:
                ids = ", ".join(follower.requirement["id"] for follower in group.followers)
                verb = "follows" if group.following == 1 else "follow"
                count = plural(group.following, "finding")
                self._wrapped(f"and {count} of {ids} {verb} from it", _INDENT)

    def _inconclusive(self, result: Result) -> None:
        musts = view.by_reason(result, "inconclusive", "must")
        shoulds = view.by_reason(result, "inconclusive", "should")
        waived = view.by_reason(result, "waived")
        if musts:
            self._heading("Inconclusive")
            for group in musts:
                self.line()
                self._wrapped(group.reason, 2, sign="inconclusive")
                # A reason shared by many is about the run; the ids say enough.
                if len(group.requirements) > 4:
                    self._wrapped(_ids(group.requirements), _INDENT, style="dim")
                else:
                    for r in group.requirements:
                        self._labelled(r["id"], r["text"])
        if shoulds:
            self._heading("Inconclusive, of what is only recommended")
            self.line()
            for group in shoulds:
                self._wrapped(f"{_ids(group.requirements)}: {group.reason}", 2)
        if waived:
            count = sum(len(group.requirements) for group in waived)
            self._heading(f"Waived: {plural(count, 'requirement')}")
            self.line()
            for group in waived:
                self._wrapped(f"{_ids(group.requirements)}: {group.reason}", 2)

    def _verdict(self, result: Result, report_path: Path | None, *, quiet: bool) -> None:
        name = result["verdict"]
        status = f"exit status {result['exit_status']}: {view.exit_meaning(result)}"
        if quiet:
            self.line(f"{name} ({status}): {result['reason']}", STYLES[name])
            for warning in result["warnings"]:
                self.line(f"WARNING: {warning}", STYLES["failed"])
        else:
            self._wrapped(f"{name.upper()} ({status})", 0, style=STYLES[name])
            self._wrapped(result["reason"], 0)
            self._wrapped(view.meaning(result), 0, style="dim")
            self.line()
            self._fact("Target", result["target"]["base_url"])
            self._fact("Requests", view.requests_line(result))
            self._fact("Directory", view.directory_line(result))
            self._fact("Time", clock.duration(result))
            for warning in result["warnings"]:
                self._wrapped(f"WARNING: {warning}", 0, style=STYLES["failed"])
        self._fact("Report", str(report_path) if report_path else "not written")

    def _requirement(self, requirement: Requirement) -> None:
        outcome = requirement["outcome"]
        source = view.SOURCES[requirement["source"]]
        head = f"{requirement['id']}  {requirement['level']}, {source}"
        self._wrapped(head, 2, sign=outcome, style=STYLES[outcome])
        self._wrapped(requirement["text"], _INDENT)

    def _finding(self, finding: Finding, *, short: bool) -> None:
        self._labelled("expected", finding["expected"])
        self._labelled("received", finding["received"], style="bold")
        if finding["detail"] and not short:
            self._labelled("detail", finding["detail"])
        if finding["request_id"] and not short:
            self._labelled("request id", finding["request_id"])
        if finding["curl"]:
            self.line(" " * _INDENT + finding["curl"])

    # Lines

    def line(self, text: str = "", style: str = "") -> None:
        """Print one line, of whatever length, unbroken."""
        self.console.print(self._text(text, style), soft_wrap=True)

    def _heading(self, text: str) -> None:
        self.line()
        self.line(text, "bold")

    def _fact(self, label: str, value: str) -> None:
        self.line(f"{label:{_LABEL}}{value}")

    def _labelled(self, label: str, value: str, style: str = "") -> None:
        first = Text(f"{' ' * _INDENT}{label:{_LABEL}} ", "dim")
        self._block(value, first, " " * len(first), style)

    def _wrapped(self, text: str, indent: int, *, style: str = "", sign: str = "") -> None:
        first = " " * indent
        if sign in SIGNS:
            first = f"{first[:-2]}{SIGNS[sign][0 if self.rich else 1]} "
        self._block(text, Text(first, style), " " * indent, style)

    def _block(self, value: str, first: Text, rest: str, style: str) -> None:
        # Room for the text beside its margin; a very narrow window gets what it can.
        width = max(20, self.console.width - len(rest))
        lead = first
        for part in value.split("\n"):
            for piece in self._text(part, style).wrap(self.console, width, overflow="fold"):
                piece.rstrip()
                self.console.print(Text.assemble(lead, piece), soft_wrap=True)
                lead = Text(rest)

    def _text(self, text: str, style: str) -> Text:
        return Text(fit(visible(text), self.console.encoding), style)


def _ids(requirements: Iterable[Requirement]) -> str:
    return ", ".join(requirement["id"] for requirement in requirements)
