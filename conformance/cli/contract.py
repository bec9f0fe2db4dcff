"""``conformance contract``: what a version changed, and which parts of the contract a run has touched."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.output import printing

if TYPE_CHECKING:
    from conformance.contract.changes import Change, Comparison

_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
_LONGEST = 300


@click.group()
def contract() -> None:
    """Compare versions of the contract, or show which parts of it a run has touched."""


@contract.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@_json
def diff(old: Path, new: Path, as_json: bool) -> int:
    """Show what changed between two contracts, and the version step that this calls for.

    OLD and NEW are OpenAPI documents. Descriptions, examples and names of components do not count as changes
    of a schema.

    \b
    Exit status: 0 if the version of NEW makes that step, 1 if it does not, 2 for a document that cannot be
    read.
    """
    from conformance.contract import changes, outline
    from conformance.report import make_console

    found = changes.compare(outline.read(old), outline.read(new), names=(str(old), str(new)))
    with printing():
        if as_json:
            text = json.dumps(_document(found), indent=2, ensure_ascii=False, default=str)
            click.echo(text.encode("utf-8", "backslashreplace"))
        else:
            _show(found, make_console())
    return 0 if found.suffices else 1


@contract.command()
@click.argument("report", type=click.Path(path_type=Path))
@_json
def coverage(report: Path, as_json: bool) -> int:
    """Show which operations, parameters, responses and schemas a run has touched, and which never.

    REPORT is a report directory or its report.json. Nothing is sent.

    \b
    Exit status: 0, or 2 for a report that cannot be read or has no coverage.
    """
    from conformance.comparison.reading import read_report
    from conformance.errors import UsageError
    from conformance.report import coverage as table
    from conformance.report import make_console

    result = read_report(report, "REPORT")
    if not result.get("coverage"):
        raise UsageError(f"{report} has no coverage: an earlier version of the suite made it")
    with printing():
        if as_json:
            document = {"contract": result["contract"], "coverage": result["coverage"]}
            click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        else:
            _table(table.rows(result), make_console())
    return 0


def _document(found: Comparison) -> dict[str, Any]:
    return {
        "old": found.old,
        "new": found.new,
        "needed": found.needed.name.lower(),
        "made": found.made.name.lower() if found.made is not None else None,
        "suffices": found.suffices,
        "changes": [
            {
                "kind": change.kind,
                "place": change.place,
                "what": change.what,
                "step": change.step.name.lower(),
                "before": change.before,
                "after": change.after,
            }
            for change in found.changes
        ],
    }


def _show(found: Comparison, console: Any) -> None:
    from conformance.report.lines import Lines
    from conformance.text.wording import plural

    lines = Lines(console)
    for kind, heading in (("requirement", "Requirements"), ("schema", "Operations and schemas")):
        rows = [change for change in found.changes if change.kind == kind]
        if rows:
            lines.line(heading, "bold")
        for change, more in _grouped(rows):
            places = f" (and {plural(more, 'more place')})" if more else ""
            lines.block(_words(change) + places, f"  {change.step.name.lower():6} ")
        if rows:
            lines.line()
    needed = found.needed.name.lower()
    made = "no" if found.made is None or not found.made else found.made.name.lower()
    versions = f"{found.old or 'no version'} to {found.new or 'no version'}"
    if not found.changes:
        lines.line(f"Nothing changed from {versions}")
    else:
        article = "" if made == "no" else "a "
        joined = "and" if found.suffices else "but"
        text = f"The changes call for a {needed} step, {joined} {versions} is {article}{made} step"
        lines.line(text, "bold")


def _grouped(changes: Sequence[Change]) -> list[tuple[Change, int]]:
    """Return each change with the number of further places that have the same one.

    A component to which many responses refer changes at each of them.
    """
    groups: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        last = change.place if change.kind == "requirement" else change.place.rpartition(" ")[2]
        key = last, change.what, _value(change.before), _value(change.after)
        groups.setdefault(key, []).append(change)
    return [(group[0], len(group) - 1) for group in groups.values()]


def _words(change: Change) -> str:
    from conformance.text.printable import visible
    from conformance.text.wording import shorten

    if change.what in ("added", "removed"):
        text = change.after if change.what == "added" else change.before
        words = f"{change.what}: {text}" if text is not None else change.what
    elif change.what == "words":
        words = "descriptions, examples or names changed"
    else:
        words = f"{change.what}: {_value(change.before)} -> {_value(change.after)}"
    return visible(f"{change.place}  {shorten(words, _LONGEST)}")


def _value(value: Any) -> str:
    return (
        "none"
        if value is None
        else value
        if isinstance(value, str)
        else json.dumps(value, default=str)
    )


def _table(rows: Any, console: Any) -> None:
    from conformance.report.lines import Lines

    lines = Lines(console)
    kind = ""
    for row in rows:
        if row.kind != kind:
            kind = row.kind
            lines.line(kind.capitalize(), "bold")
        place = row.place or "of the contract"
        lines.block(f"{row.seen} of {row.total} seen", f"  {place:42} ")
        if row.never:
            lines.block(", ".join(row.never), "    never: ", style="dim")
