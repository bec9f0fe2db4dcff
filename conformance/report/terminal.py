"""The result on a terminal: the first screen, each problem, what was not checked, the verdict.

Text that a target sent is never read as markup, and its invisible characters are printed as escapes. A curl
command is one line, however long, so that it can be copied.
"""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from conformance.report import acceptance, clock, first, view
from conformance.report.lines import Lines
from conformance.report.model import Defect, Finding, Outcome, Requirement, Result
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
_STATE, _AREA = 9, 16
_NAMED = 3


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
        screen = first.of(result)
        if not quiet:
            self.line()
            self._headline(result, screen)
            self._problems(screen)
            if screen.is_incomplete:
                self._unchecked(screen)
            self._areas(screen)
            self.show_defects(result, screen)
            if not screen.is_incomplete:
                self._unchecked(screen)
            if screen.areas:
                self._not_tested(result)
                self._waivers(result)
            self.line()
            if not screen.remedy:
                self._again(screen)
                self._facts(result)
        self._verdict(result, report_path, quiet=quiet)

    def show_defects(self, result: Result, screen: first.First | None = None) -> None:
        """Print the defects, the worst first."""
        screen = screen or first.of(result)
        self._accepted = acceptance.notes(result)
        self._cards("Problems in detail", screen.problems, "failed")
        self._cards("Recommended requirements not met", screen.advice, "warned")

    # The parts, from top to bottom

    def _headline(self, result: Result, screen: first.First) -> None:
        style = STYLES[result["verdict"]]
        if screen.remedy:
            # As the doctor prints it: what is wrong, and what to do.
            lead = Text(f"{'problem':{_STATE}}", STYLES["failed"])
            self.block(result["reason"], lead)
            self.block(f"-> {screen.remedy}", " " * _STATE, style="dim")
            return
        self.block(screen.headline, style=style)
        self.block(screen.sentence)
        if screen.compared:
            self.block(screen.compared)
        self.block(screen.about, style="dim")
        for warning in result["warnings"]:
            self.block(f"WARNING: {warning}", style=STYLES["failed"])

    def _problems(self, screen: first.First) -> None:
        rows = screen.problems
        if not rows:
            return
        self._heading("Problems, worst first")
        width = max(len(row.severity) for row in rows)
        for row in rows:
            lead = Text(f"{row.number:>4}  ", "dim")
            lead.append(f"{row.severity:{width}}  ", STYLES["failed"])
            ids = ", ".join(row.defect["requirements"][:_NAMED])
            left = len(row.defect["requirements"]) - _NAMED
            more = f" and {left} more" if left > 0 else ""
            self.block(f"{row.title} ({ids}{more}; {row.source})", lead)
        self.line()
        self.block(screen.whose, "  ")

    def _areas(self, screen: first.First) -> None:
        if not screen.areas:
            return
        self._heading("Areas")
        for area in screen.areas:
            lead = Text(f"  {area.state:{_STATE}}", STYLES[area.outcome])
            lead.append(f"{area.name:{_AREA}}", "bold" if area.state != "ok" else "")
            if self.console.width < _NARROW:
                lead.rstrip()
                self.console.print(lead)
                self.block(area.words, " " * _INDENT)
            else:
                self.block(area.words, lead)

    def _unchecked(self, screen: first.First) -> None:
        for heading, groups in (
            ("Could not be checked", screen.unchecked),
            ("Recommended requirements not checked", screen.unchecked_advice),
        ):
            if groups:
                self._heading(heading)
                self.line()
            for group in groups:
                self._indented(f"{group.ids}: {group.reason}", 2)
                self._indented(f"-> {group.remedy}", _INDENT, style="dim")

    def _again(self, screen: first.First) -> None:
        # Not wrapped, so that it can be copied.
        self.line(f"{'Run again':{_LABEL}}{screen.again}")

    def _cards(self, heading: str, rows: list[first.Problem], outcome: Outcome) -> None:
        if not rows:
            return
        self._heading(heading)
        for row in rows:
            self.line()
            self._title(row, outcome)
            self._cause(row.card)
            self._requirement(row.card.first.requirement)
            self._findings(row.card.first, short=outcome == "warned")
            for part in row.card.others:
                self._requirement(part.requirement)
                self._findings(part, short=True, most=1)
            self._reproduction(row.defect)

    def _title(self, row: first.Problem, outcome: Outcome) -> None:
        lead = f"{SIGNS[outcome][0 if self.rich else 1]} {row.number}  {row.severity}  "
        self.block(row.title, Text(lead, STYLES[outcome]), style="bold")

    def _reproduction(self, defect: Defect) -> None:
        """Print the lines to paste: not wrapped and without a label, so that they work as pasted."""
        if defect["reproduction"]:
            self._indented("Reproduce", 2, style="bold")
        for line in defect["reproduction"]:
            self.line(" " * _INDENT + line, "dim" if line.startswith("#") else "")

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
        # A path may have spaces: it is not wrapped.
        self.line(f"{'Report':{_LABEL}}{report_path or 'not written'}")

    def _facts(self, result: Result) -> None:
        self._fact("Target", result["target"]["base_url"])
        if labels := view.labels_line(result):
            self._fact("Labels", labels)
        self._fact("Requests", view.requests_line(result))
        self._fact("Directory", view.directory_line(result))
        self._fact("Time", clock.duration(result))
        self.block(result["reason"])
        self.block(view.meaning(result), style="dim")

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
