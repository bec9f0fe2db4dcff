"""Prints the document: a line for each check, requirements that cannot be checked, the cost of a run."""

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
    0: "every mandatory requirement can be checked",
    3: "some mandatory requirements cannot be checked",
    4: "the target cannot be tested",
    5: "the suite itself failed",
}
_LABELS = {
    "way": "proxy",
    "key": "your key",
    "other key": "second key",
    "own directory": "your directory",
    "other directory": "2nd directory",
}
"""Names of checks in the document → on the terminal."""

_STATE, _NAME = 8, 16


class Screen:
    """Prints on a console. A word names the state of each check; colour only repeats it."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, document: dict[str, Any]) -> None:
        """Print the whole document."""
        self._line("")
        for check in document["checks"]:
            self._check(check)
        prospect = document["prospect"]
        if prospect is not None:
            self._open(prospect["open"], "must", "Mandatory requirements that cannot be checked")
            self._open(
                prospect["open"], "should", "Recommended requirements that cannot be checked"
            )
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
        self._line(f"{'Sent':10}{plural(sent, 'request')} of {limit}")

    def _check(self, check: dict[str, Any]) -> None:
        state = check["state"]
        lead = Text(f"{state:{_STATE}}", _STYLES[state])
        name = _LABELS.get(check["name"], check["name"])
        lead.append(f"{name:{_NAME}}", "bold" if state != "ok" else "")
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
        estimated = (
            "" if prospect["exact"] else " (estimated: the directories were not read completely)"
        )
        self._line("")
        self._line(f"Requests of a run{estimated}", "bold")
        self._line(f"  {'depth':10}{'your key':>10}{'second key':>12}{'no valid key':>14}")
        for name, sent in prospect["costs"].items():
            self._line(f"  {name:10}{sent['own']:>10}{sent['other']:>12}{sent['anonymous']:>14}")

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(self._text(text, style), soft_wrap=True)

    def _block(self, value: str, lead: Text | str, *, style: str = "") -> None:
        """Print a text beside its margin, wrapped."""
        first = Text(lead) if isinstance(lead, str) else lead
        rest = " " * len(first)
        width = max(20, self._console.width - len(rest))
        for piece in self._text(value, style).wrap(self._console, width, overflow="fold"):
            piece.rstrip()
            self._console.print(Text.assemble(first, piece), soft_wrap=True)
            first = Text(rest)

    def _text(self, text: str, style: str) -> Text:
        return Text(fit(visible(text), self._console.encoding), style)
