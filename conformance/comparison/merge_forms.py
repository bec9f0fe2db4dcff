"""The forms of the overview of a fleet: terminal, Markdown, HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from conformance.comparison.forms import escaped, reference
from conformance.comparison.history import cell, labels_of
from conformance.comparison.merge import SEVERITIES, target_of
from conformance.report import clock
from conformance.report.html import page_environment
from conformance.report.lines import Lines
from conformance.report.model import AREAS
from conformance.report.store import HTML_NAME, JSON_NAME
from conformance.text.wording import listing, plural

MOST_DEFECTS = 3
"""Defects that a row names; the report of the target has all of them."""

_MOST_TARGETS = 6
_NAME = 16
_STYLES = {
    "failed": "bold red",
    "unusable": "bold red",
    "unneeded": "magenta",
    "open": "cyan",
    "accepted": "magenta",
    "passed": "bold green",
}
_SHORT = {"open": "?", "warned": "w"}


def title(document: Mapping[str, Any]) -> str:
    """Return the result in capital letters."""
    counts = document["counts"]
    total = len(document["targets"])
    if counts["failed"]:
        return f"{counts['failed']} OF {total} TARGETS FAILED"
    if counts["unusable"]:
        return f"{counts['unusable']} OF {total} REPORTS CANNOT BE USED"
    if counts["unneeded"]:
        return f"{counts['unneeded']} OF {total} TARGETS HAVE A WAIVER TO REMOVE"
    if counts["open"]:
        return f"{counts['open']} OF {total} TARGETS NOT CHECKED COMPLETELY"
    return "ALL TARGETS PASSED"


def name_of(row: Mapping[str, Any]) -> str:
    """Return what a row is called: the directory of its report."""
    return str(row["path"])


def verdict_of(row: Mapping[str, Any]) -> str:
    """Return the verdict of a row with its exit status."""
    run = row["run"]
    if run is None:
        return "report cannot be used"
    status = f"{run['verdict']}, exit status {run['exit_status']}"
    return f"{status}, every failure accepted" if row["state"] == "accepted" else status


def severities_of(run: Mapping[str, Any]) -> str:
    """Return how many defects of each severity a run has: ``1 data leak, 3 crash``."""
    found = [f"{run['severities'][name]} {name}" for name in SEVERITIES if run["severities"][name]]
    return ", ".join(found)


def worst_of(run: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield severity, title and requirements of the worst defects."""
    for item in run["defects"][:MOST_DEFECTS]:
        ids = ", ".join(item["requirements"])
        yield item["severity"], item["title"], f"{ids}, accepted" if item["accepted"] else ids


def further(run: Mapping[str, Any]) -> str:
    """Return how many defects a row does not name; empty if it names all."""
    rest = len(run["defects"]) - MOST_DEFECTS
    return f"{plural(rest, 'more problem')}" if rest > 0 else ""


def targets_of(defect: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """Return the names of the targets that have a defect."""
    names = [name_of(document["targets"][number]) for number in defect["targets"]]
    return listing(names, _MOST_TARGETS)


def shared(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the defects that several targets have."""
    return [item for item in document["defects"] if len(item["targets"]) > 1]


def show(document: Mapping[str, Any], console: Console) -> None:
    """Print an overview; a row of the table fits into 80 columns."""
    lines = Lines(console)
    lines.line(f"{'':{_NAME}}" + "".join(f"{area.prefix:>5}" for area in AREAS), "bold")
    for row in document["targets"]:
        _show_row(row, lines)
    if common := shared(document):
        lines.line()
        lines.line("Problems of several targets", "bold")
    for item in common:
        lines.block(f"{item['severity']}  {item['title']}", "  ")
        ids = ", ".join(item["requirements"])
        text = f"{ids}, {len(item['targets'])} targets: {targets_of(item, document)}"
        lines.block(text, Text("    ", "dim"), style="dim")
    lines.line()
    legend = (
        "3: failed; 3?: could not be checked; 3w: warnings; 3/20: passed, the others not selected."
    )
    lines.block(legend, style="dim")
    for note in document["notes"]:
        lines.block(note)
    lines.line()
    lines.block(title(document), style=_STYLES[document["targets"][0]["state"]])
    lines.block(document["reason"])


def _show_row(row: Mapping[str, Any], lines: Lines) -> None:
    style, run = _STYLES[row["state"]], row["run"]
    name = name_of(row)
    cells = "" if run is None else "".join(f"{_short(run['areas'][a.name]):>5}" for a in AREAS)
    if len(name) < _NAME:
        lines.line(f"{name:{_NAME}}{cells}".rstrip(), style)
    else:
        lines.line(name, style)
        if cells.strip():
            lines.line(f"{'':{_NAME}}{cells}", style)
    if run is None:
        lines.block(row["problem"], "  ", style=style)
        return
    about = [target_of(run), labels_of(run), run["depth"], clock.moment(run["started_at"])]
    lines.block(", ".join(filter(None, [verdict_of(row), *about])), Text("  ", "dim"), style="dim")
    if row["state"] in ("open", "unneeded"):
        lines.block(run["reason"], "  ")
    for severity, text, ids in worst_of(run):
        lines.block(f"{severity}  {text} ({ids})", "  ")
    if rest := further(run):
        lines.block(rest, "  ")
    if row["link"] is not None:
        lines.line(f"  {Path(row['path'].removesuffix(JSON_NAME), HTML_NAME)}", "dim")


def _short(counts: Mapping[str, int]) -> str:
    number, _, word = cell(counts)[0].partition(" ")
    return number + _SHORT.get(word, "")


def markdown(document: Mapping[str, Any]) -> str:
    """Return an overview as Markdown."""
    parts = [f"# {title(document).capitalize()}", escaped(document["reason"])]
    parts += [escaped(note) for note in document["notes"]]
    prefixes = [area.prefix for area in AREAS]
    rows = [["Target", "Verdict", "Problems", *prefixes], ["---"] * (3 + len(prefixes))]
    rows += [_markdown_row(row) for row in document["targets"]]
    parts.append("\n".join(f"| {' | '.join(row)} |" for row in rows))
    for row in document["targets"]:
        parts += _details(row)
    if common := shared(document):
        table = [["Severity", "Problem", "Requirements", "Targets"], ["---"] * 4]
        table += [
            [
                *(item["severity"], escaped(item["title"]), ", ".join(item["requirements"])),
                f"{len(item['targets'])}: {escaped(targets_of(item, document))}",
            ]
            for item in common
        ]
        parts += ["## Problems of several targets"]
        parts.append("\n".join(f"| {' | '.join(row)} |" for row in table))
    return "\n\n".join(parts) + "\n"


def _markdown_row(row: Mapping[str, Any]) -> list[str]:
    name, run = escaped(name_of(row)), row["run"]
    if row["link"] is not None:
        name = f"[{name}](<{row['link']}>)"
    if run is None:
        return [name, verdict_of(row), "", *("" for _ in AREAS)]
    cells = [cell(run["areas"][area.name])[0] for area in AREAS]
    return [name, verdict_of(row), severities_of(run), *cells]


def _details(row: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a row says beside the table."""
    run = row["run"]
    if row["state"] == "passed":
        return
    yield f"## {escaped(name_of(row))}"
    if run is None:
        yield escaped(row["problem"])
        return
    about = [target_of(run), labels_of(run), run["depth"], clock.moment(run["started_at"])]
    yield escaped(", ".join(filter(None, about)))
    yield escaped(run["reason"])
    items = [f"- {severity}: {escaped(text)} ({ids})" for severity, text, ids in worst_of(run)]
    items += [f"- {rest}"] if (rest := further(run)) else []
    if items:
        yield "\n".join(items)


def page(document: Mapping[str, Any], *, linked: bool = False) -> str:
    """Return an overview as an HTML page that loads nothing.

    :param linked: whether ``requirements.html`` lies beside the page.
    """
    template = page_environment("conformance.comparison").get_template("merge.html.j2")
    return template.render(
        document=document,
        title=title(document).capitalize(),
        areas=AREAS,
        shared=shared(document),
        cell=cell,
        further=further,
        labels_of=labels_of,
        moment=clock.moment,
        name_of=name_of,
        severities_of=severities_of,
        target_of=target_of,
        ref=partial(reference, linked=linked),
        targets_of=targets_of,
        verdict_of=verdict_of,
        worst_of=worst_of,
        style_of={
            "failed": "bad",
            "unusable": "bad",
            "unneeded": "accepted",
            "open": "open",
            "accepted": "accepted",
            "passed": "good",
        },
    )
