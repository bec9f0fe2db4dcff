"""The document on a terminal: a line for each check, what the data cannot show, what a run costs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.text import Text

from conformance.text.printable import fit, visible
from conformance.text.wording import plural

_STYLES = {
    "ok": "green",
    "warning": "yellow",
    "problem": "bold red",
    "ready": "bold green",
    "usable": "bold cyan",
    "untestable": "bold yellow",
    "error": "bold yellow",
}
_MEANINGS = {
    0: "every must can be established",
    3: "a run can be made, and cannot establish every must",
    4: "the target cannot be tested",
    5: "the suite itself failed",
}
_STATE, _NAME = 8, 16
_MANY = 4


class Screen:
    """Prints on a console. Words tell the state of a check; colour only repeats them."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, document: dict[str, Any]) -> None:
        """Print the whole document."""
        self._line("")
        for check in document["checks"]:
            self._check(check)
        prospect = document["prospect"]
        if prospect is not None:
            self._open(prospect["open"], "must", "What must hold and cannot be established")
            self._open(prospect["open"], "should", "What is recommended and cannot be established")
            self._costs(prospect)
        status = document["exit_status"]
        verdict = document["verdict"]
        self._line("")
        self._block(
            f"{verdict.upper()} (exit status {status}: {_MEANINGS[status]})",
            "",
            style=_STYLES[verdict],
        )
        self._block(document["reason"], "")
        self._line("")
        sent, limit = document["requests"]["sent"], document["requests"]["limit"]
        self._line(f"{'Target':10}{document['target']['base_url']}")
        self._line(f"{'Asked':10}{plural(sent, 'request')} of {limit}")

    def _check(self, check: dict[str, Any]) -> None:
        state = check["state"]
        lead = Text(f"{state:{_STATE}}", _STYLES[state])
        lead.append(f"{check['name']:{_NAME}}", "bold" if state != "ok" else "")
        self._block(check["text"], lead)
        if check["advice"]:
            self._block(f"-> {check['advice']}", " " * (_STATE + _NAME), style="dim")

    def _open(self, rows: Iterable[dict[str, Any]], level: str, heading: str) -> None:
        reasons: dict[str, list[str]] = {}
        for row in rows:
            if row["level"] == level:
                reasons.setdefault(row["reason"], []).append(row["id"])
        if not reasons:
            return
        self._line("")
        self._line(heading, "bold")
        for reason, ids in reasons.items():
            self._block(f"{', '.join(ids)}: {reason}", "  ")

    def _costs(self, prospect: dict[str, Any]) -> None:
        about = "" if prospect["exact"] else ", about: the directories were not seen as a whole"
        self._line("")
        self._line(f"What a run costs, in requests{about}", "bold")
        self._line(f"  {'depth':10}{'own key':>10}{'other key':>11}{'no valid key':>14}")
        for name, sent in prospect["costs"].items():
            self._line(f"  {name:10}{sent['own']:>10}{sent['other']:>11}{sent['anonymous']:>14}")

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(self._text(text, style), soft_wrap=True)

    def _block(self, value: str, lead: Text | str, *, style: str = "") -> None:
        """A text beside its margin, wrapped."""
        first = Text(lead) if isinstance(lead, str) else lead
        rest = " " * len(first)
        width = max(20, self._console.width - len(rest))
        for piece in self._text(value, style).wrap(self._console, width, overflow="fold"):
            piece.rstrip()
            self._console.print(Text.assemble(first, piece), soft_wrap=True)
            first = Text(rest)

    def _text(self, text: str, style: str) -> Text:
        return Text(fit(visible(text), self._console.encoding), style)
