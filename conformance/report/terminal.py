"""The result on a terminal: the table of areas, each failed requirement, the verdict.

Text that a target sent is never read as markup, and its invisible characters are printed as escapes. A curl
command is one line, however long, so that it can be copied.
"""

from __future__ import annotations

from pathlib import Path

from rich.box import Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.report import acceptance, clock, view
from conformance.report.lines import Lines
from conformance.report.model import OUTCOMES, Finding, Outcome, Requirement, Result
from conformance.text.printable import can_show
from conformance.text.wording import plural

STYLES = {
    "failed": "bold red",
    "warned": "yellow",
    "inconclusive": "cyan",
    "waived": "magenta",
    "unselected": "dim",
    "passed": "green",
    "conformant": "bold green",
    "non-conformant": "bold red",
    "incomplete": "bold cyan",
    "partial": "bold cyan",
    "untestable": "bold yellow",
    "error": "bold yellow",
}
SIGNS = {
    "failed": ("\N{BALLOT X}", "x"),
    "warned": ("!", "!"),
    "inconclusive": ("?", "?"),
}

_INDENT = 4
_LABEL = 10
_NARROW = 60
"""A narrower window has labels on lines of their own: a UUID does not fit beside one."""
_MANY = 4
"""Requirements with one reason that are still listed with their texts."""
_COLUMNS = tuple(outcome for outcome in OUTCOMES if outcome != "unselected")
"""Outcomes in the table: one more would not fit into 80 columns."""

_PLAIN_RULE = Box("    \n    \n -- \n    \n -- \n    \n    \n    \n", ascii=True)
_RULE = Box("    \n    \n ── \n    \n ── \n    \n    \n    \n")


def render(
    result: Result, console: Console, report_path: Path | None, *, quiet: bool = False
) -> None:
    """Print a result that has been validated.

    :param report_path: printed as it is; None prints that no report was written.
    :param quiet: print the verdict and the path only.
    """
    Screen(console).show(result, report_path, quiet=quiet)


class Screen(Lines):
    """Prints a result on a console."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self.rich = can_show("\N{BALLOT X}─", console.encoding)
        self._accepted: dict[str, str] = {}

    def show(self, result: Result, report_path: Path | None, *, quiet: bool) -> None:
        """Print the result, or with ``quiet`` its verdict only."""
        if not quiet:
            self._areas(result)
            self.show_defects(result)
            self._inconclusive(result)
            self._not_tested(result)
            self._waivers(result)
            self.line()
        self._verdict(result, report_path, quiet=quiet)

    def show_defects(self, result: Result) -> None:
        """Print the defects, the worst first."""
        self._accepted = acceptance.notes(result)
        self._cards("Problems", view.cards(result, "failed"), "failed")
        self._cards("Recommended requirements not met", view.cards(result, "warned"), "warned")

    # The parts, from top to bottom

    def _areas(self, result: Result) -> None:
        rows = view.area_rows(result)
        totals = result["totals"]
        counts: dict[str, int] = {outcome: totals[outcome] for outcome in OUTCOMES}
        total = view.AreaRow("Total", totals["requirements"], counts, result["requests"]["sent"])
        table = self._table([*rows, total])
        self.line()
        widest = self.console.options.update(width=1000)
        if self.console.measure(table, options=widest).maximum <= self.console.width:
            self.console.print(table)
            return
        for row in [*rows, total]:
            self._area_as_text(row)

    def _table(self, rows: list[view.AreaRow]) -> Table:
        table = Table(
            box=_RULE if self.rich else _PLAIN_RULE,
            show_edge=False,
            pad_edge=False,
            padding=(0, 1, 0, 0),
            safe_box=False,
        )
        table.add_column("Area", no_wrap=True)
        outcomes = (view.OUTCOMES[outcome].capitalize() for outcome in _COLUMNS)
        for name in ("All", *outcomes, "Requests"):
            table.add_column(name, justify="right", no_wrap=True)
        for row in rows:
            if row is rows[-1]:
                table.add_section()
            zero = "0" if row is rows[-1] else ""
            counts = (Text(str(row.counts.get(o) or zero), STYLES[o]) for o in _COLUMNS)
            table.add_row(row.name, str(row.total or zero), *counts, str(row.requests))
        return table

    def _area_as_text(self, row: view.AreaRow) -> None:
        """Print a row of the table as a sentence, for a window that is too narrow for the table."""
        counts = [f"{row.counts[o]} {view.OUTCOMES[o]}" for o in OUTCOMES if row.counts.get(o)]
        if row.total:
            counts.insert(0, plural(row.total, "requirement"))
        self.line(row.name)
        self.block(", ".join([*counts, plural(row.requests, "request")]), "  ", style="dim")

    def _cards(self, heading: str, cards: list[view.Card], outcome: Outcome) -> None:
        if not cards:
            return
        self._heading(heading)
        for card in cards:
            self.line()
            self._title(card, outcome)
            self._cause(card)
            self._requirement(card.first.requirement)
            self._findings(card.first, short=outcome == "warned")
            for part in card.others:
                self._requirement(part.requirement)
                self._findings(part, short=True, most=1)

    def _title(self, card: view.Card, outcome: Outcome) -> None:
        lead = f"{SIGNS[outcome][0 if self.rich else 1]} {card.defect['severity']}  "
        self.block(card.defect["title"], Text(lead, STYLES[outcome]), style="bold")

    def _cause(self, card: view.Card) -> None:
        cause = card.defect["probable_cause"]
        if cause is None:
            return
        self._labelled("cause", cause["mechanism"])
        for candidate in cause["candidates"]:
            self._labelled("or", candidate)
        self._labelled("usually", cause["usually"])
        self._labelled("fix", cause["fix"])
        self._indented(card.support, _INDENT, style="dim")

    def _findings(self, part: view.Part, *, short: bool, most: int = view.MOST_FINDINGS) -> None:
        for number, finding in enumerate(part.findings[:most]):
            if number:
                self.line()
            self._finding(finding, short=short)
        hidden = len(part.findings) - most
        if hidden > 0:
            self._indented(f"{plural(hidden, 'more finding')} in the report", _INDENT)

    def _inconclusive(self, result: Result) -> None:
        mandatory = view.by_reason(result, "inconclusive", "must")
        if mandatory:
            self._heading("Could not be checked")
        for group in mandatory:
            self.line()
            self._indented(group.reason, 2, sign="inconclusive")
            if len(group.requirements) > _MANY:
                self._indented(view.id_list(group.requirements), _INDENT, style="dim")
            else:
                for requirement in group.requirements:
                    self._labelled(requirement["id"], requirement["text"])
        self._reasons(
            "Recommended requirements not checked",
            view.by_reason(result, "inconclusive", "should"),
        )

    def _not_tested(self, result: Result) -> None:
        count = plural(result["totals"]["waived"], "requirement")
        self._reasons(f"Not tested: {count}", view.by_reason(result, "waived"))
        reasons = view.by_reason(result, "unselected")
        if reasons:
            self._heading(f"Not selected: {plural(result['totals']['unselected'], 'requirement')}")
            self.line()
        for group in reasons:
            self._indented(f"{plural(len(group.requirements), 'requirement')}: {group.reason}", 2)

    def _waivers(self, result: Result) -> None:
        if result["waivers"]:
            self._heading(f"Waivers: {len(result['waivers'])}")
            self.line()
        for line in acceptance.waiver_lines(result):
            self._indented(line, 2)

    def _reasons(self, heading: str, reasons: list[view.Reason]) -> None:
        if reasons:
            self._heading(heading)
            self.line()
        for group in reasons:
            self._indented(f"{view.id_list(group.requirements)}: {group.reason}", 2)

    def _verdict(self, result: Result, report_path: Path | None, *, quiet: bool) -> None:
        name = result["verdict"]
        status = view.exit_line(result)
        if quiet:
            self.line(f"{name} ({status}): {result['reason']}", STYLES[name])
            for warning in result["warnings"]:
                self.line(f"WARNING: {warning}", STYLES["failed"])
        else:
            self.block(f"{name.upper()} ({status})", style=STYLES[name])
            self.block(result["reason"])
            self.block(view.meaning(result), style="dim")
            self.line()
            self._fact("Target", result["target"]["base_url"])
            if labels := view.labels_line(result):
                self._fact("Labels", labels)
            self._fact("Requests", view.requests_line(result))
            self._fact("Directory", view.directory_line(result))
            self._fact("Time", clock.duration(result))
            for warning in result["warnings"]:
                self.block(f"WARNING: {warning}", style=STYLES["failed"])
        # A path may have spaces: it is not wrapped.
        self.line(f"{'Report':{_LABEL}}{report_path or 'not written'}")

    def _requirement(self, requirement: Requirement) -> None:
        level, source = view.LEVELS[requirement["level"]], view.SOURCES[requirement["source"]]
        self._indented(
            f"{requirement['id']}  {level}, {source}", 2, style=STYLES[requirement["outcome"]]
        )
        self._indented(requirement["text"], _INDENT)
        if note := self._accepted.get(requirement["id"]):
            self._labelled("accepted", note)

    def _finding(self, finding: Finding, *, short: bool) -> None:
        self._labelled("expected", finding["expected"])
        self._labelled("received", finding["received"], style="bold")
        if finding["detail"] and not short:
            self._labelled("detail", finding["detail"])
        if finding["request_id"] and not short:
            self._labelled("request id", finding["request_id"])
        if finding["curl"]:
            # Not wrapped and without a label, so that the line works as pasted.
            self.line(" " * _INDENT + finding["curl"])

    # Lines

    def _heading(self, text: str) -> None:
        self.line()
        self.line(text, "bold")

    def _fact(self, label: str, value: str) -> None:
        self.block(value, f"{label:{_LABEL}}")

    def _labelled(self, label: str, value: str, style: str = "") -> None:
        lead = f"{' ' * _INDENT}{label:{_LABEL}} "
        if self.console.width < _NARROW:
            self.line(f"  {label}", "dim")
            self.block(value, "  ", style=style)
        else:
            self.block(value, Text(lead, "dim"), style=style)

    def _indented(self, text: str, indent: int, *, style: str = "", sign: str = "") -> None:
        lead = " " * indent
        if sign in SIGNS:
            lead = f"{lead[:-2]}{SIGNS[sign][0 if self.rich else 1]} "
        self.block(text, Text(lead, style), style=style)
