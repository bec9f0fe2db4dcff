"""The forms of a comparison and of a history: terminal, Markdown, HTML, JSON."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from markupsafe import Markup, escape
from rich.console import Console
from rich.text import Text

from conformance.comparison import history as past
from conformance.comparison import view
from conformance.report import clock, requirements
from conformance.report.html import page_environment
from conformance.report.lines import Lines
from conformance.report.model import AREAS
from conformance.text.printable import can_show, visible

_MARKDOWN = re.compile(r"([\\`*_\[\]|#])")
_ARROW = "→"
_STYLES = {
    "new": "bold red",
    "fixed": "green",
    "still": "red",
    "waived": "magenta",
    "unchecked": "cyan",
    "lost": "cyan",
    "gained": "green",
}


def as_json(document: Mapping[str, Any]) -> str:
    """Return a document as JSON."""
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def show(document: Mapping[str, Any], console: Console) -> None:
    """Print a comparison."""
    lines = _Lines(console)
    for section in view.sections(document):
        lines.line()
        lines.line(section.heading, _STYLES.get(section.state, "bold"))
        if section.lead:
            lines.block(section.lead, "  ", style="dim")
        for row in section.rows:
            lines.block(_sentence(section, row), "  ")
    lines.line()
    for note in document["notes"]:
        lines.block(note, style="dim")
    for name, before, after in view.runs(document).rows:
        lines.block(before if before == after else f"{before} → {after}", f"{name:12}")
    lines.line()
    lines.block(view.title(document), style="bold red" if document["regression"] else "bold green")
    lines.block(document["reason"])


class _Lines(Lines):
    """Prints an arrow also where the encoding has none."""

    def text(self, text: str, style: str = "") -> Text:
        """Return a text that is safe to print."""
        shown = text if can_show(_ARROW, self.console.encoding) else text.replace(_ARROW, "->")
        return super().text(shown, style)


def _sentence(section: view.Section, row: Sequence[str]) -> str:
    """Return a row of a table as one line."""
    if section.state == "latency":
        kind, median, later, high, higher, p, change = row
        text = f"{kind}: p50 {median} → {later}, p95 {high} → {higher}, p {p}"
        return f"{text}, {change}" if change else text
    if section.state == "observations":
        return f"{row[0]}: {row[1]} → {row[2]}"
    return "  ".join(cell for cell in row if cell)


def markdown(document: Mapping[str, Any]) -> str:
    """Return a comparison as Markdown."""
    parts = [f"# {view.title(document).capitalize()}", escaped(document["reason"])]
    parts.append(_table(view.runs(document)))
    parts += [escaped(note) for note in document["notes"]]
    for section in view.sections(document):
        parts.append(f"## {section.heading}")
        if section.lead:
            parts.append(escaped(section.lead))
        parts.append(_table(section))
    return "\n\n".join(parts) + "\n"


def _table(section: view.Section) -> str:
    lines = [section.columns, ["---"] * len(section.columns)]
    lines += [[escaped(cell) for cell in row] for row in section.rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escaped(text: str) -> str:
    # A target may send any text: none of it is markup, and no cell of a table ends early.
    return _MARKDOWN.sub(r"\\\1", html.escape(visible(text), quote=False))


def reference(identifier: str, *, linked: bool) -> str:
    """Return the id of a requirement as HTML, with a link to its explanation if there is one.

    :param linked: whether ``requirements.html`` lies beside the page.
    """
    if not linked or identifier not in requirements.explained():
        return escape(identifier)
    return Markup('<a href="{}">{}</a>').format(requirements.link(identifier), identifier)


def page(document: Mapping[str, Any], *, linked: bool = False) -> str:
    """Return a comparison as an HTML page that loads nothing.

    :param linked: as for :func:`reference`.
    """
    template = page_environment("conformance.comparison").get_template("compare.html.j2")
    return template.render(
        document=document,
        title=view.title(document).capitalize(),
        runs=view.runs(document),
        sections=list(view.sections(document)),
        ref=partial(reference, linked=linked),
    )


_STATES = (
    ("open", "Open problems"),
    ("unchecked", "Problems that the last run could not check"),
    ("fixed", "Fixed problems"),
)


def show_history(document: Mapping[str, Any], console: Console) -> None:
    """Print a history."""
    lines = _Lines(console)
    for text, style in past.lines(document, _STATES):
        indent = text[: len(text) - len(text.lstrip())]
        if "  " in text.strip() and not indent:
            lines.line(text, style)  # a row of the table
        else:
            lines.block(text.strip(), Text(indent, style), style=style)


def history_page(document: Mapping[str, Any], *, linked: bool = False) -> str:
    """Return a history as an HTML page that loads nothing.

    :param linked: as for :func:`reference`.
    """
    template = page_environment("conformance.comparison").get_template("history.html.j2")
    return template.render(
        document=document,
        areas=AREAS,
        states=_STATES,
        cell=past.cell,
        moment=clock.moment,
        labels_of=past.labels_of,
        ref=partial(reference, linked=linked),
    )
