"""``conformance list`` and ``conformance explain``: the requirements, and how one is judged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import click

from conformance.cli.completion import requirement_ids, requirement_names
from conformance.cli.output import printing
from conformance.contract.cases import Case
from conformance.contract.requirements import AREAS, Level, Requirement
from conformance.errors import UsageError

_MEANINGS = {
    "data leak": "another organisation's data are shown, or that they exist",
    "access": "a request is accepted that must be refused, or internals are shown",
    "data loss": "a client loses records, gets them twice, or changes them by reading",
    "crash": "the server fails, or its response cannot be read",
    "wrong result": "a client gets what it did not ask for",
    "contract form": "a client that follows the documented form cannot read the response",
    "advice": "a recommendation: nothing breaks for a client that follows the documents",
}


@click.command("list")
@click.argument("names", metavar="[ID|AREA]...", nargs=-1, shell_complete=requirement_names)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_command(names: tuple[str, ...], as_json: bool) -> int:
    """List the requirements by area, with level, source and the smallest depth that judges them.

    Ids (PAG-04), prefixes (PAG), areas (pagination) and levels (must, should) choose some of them.

    \b
    Exit status: 0, or 2 for a name that chooses nothing.
    """
    from conformance.contract.document import load
    from conformance.contract.selection import selected
    from conformance.plugin import collect
    from conformance.report import make_console

    contract = load()
    wanted = selected(contract.requirements, names, "ID|AREA") if names else contract.requirements
    cases = collect()
    rows = [_row(row, cases) for id_, row in contract.requirements.items() if id_ in wanted]
    with printing():
        if as_json:
            document = {"contract": contract.version, "requirements": rows}
            click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        else:
            _show(rows, make_console())
    return 0


@click.command()
@click.argument("name", metavar="ID", shell_complete=requirement_ids)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def explain(name: str, as_json: bool) -> int:
    """Explain a requirement: its text and source, what a breach means, how it is judged, what usually causes
    a breach and how to fix it, and the faulty servers that break it.

    \b
    Exit status: 0, or 2 for an id that the contract does not have.
    """
    from conformance.contract.document import load
    from conformance.diagnosis import usual
    from conformance.plugin import collect
    from conformance.proof import catalogue
    from conformance.report import make_console

    contract = load()
    known = contract.requirements
    if name not in known:
        near = ", ".join(get_close_matches(name.upper(), known, n=3))
        raise UsageError(f"ID: {name} is not a requirement{f': is it {near}?' if near else ''}")
    cases = [case for case in collect() if case.requirement == name]
    faults = [item for item in catalogue.load(contract).faults if item.requirement == name]
    document = _row(known[name], cases) | {
        "severity": _severity(known[name]),
        "usual_causes": [item._asdict() for item in usual.of(name)],
        "judged_by": _judged_by(cases),
        "broken_by": [{"fault": item.name, "text": item.text} for item in faults],
    }
    with printing():
        if as_json:
            click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        else:
            _explain(document, make_console())
    return 0


def _severity(requirement: Requirement) -> str:
    from conformance.contract.verdict import Finding
    from conformance.diagnosis.severity import severity_of

    return severity_of(requirement, Finding("", "")).label


def _row(requirement: Requirement, cases: Sequence[Case]) -> dict[str, Any]:
    depths = [case.depth for case in cases if case.requirement == requirement.id]
    return {
        "id": requirement.id,
        "area": requirement.area,
        "level": requirement.level.value,
        "source": requirement.source,
        "since": ".".join(map(str, requirement.since)) if requirement.since else None,
        "depth": min(depths).name.lower() if depths else None,
        "full_depth": max(depths).name.lower() if depths else None,
        "not_tested": requirement.not_tested,
        "text": requirement.text,
    }


def _judged_by(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Return a row for each function, with its docstring; parametrised cases are one row."""
    found: dict[str, dict[str, Any]] = {}
    for case in cases:
        row = found.setdefault(
            case.function.__name__,
            {
                "case": case.function.__name__,
                "text": case.sentence,
                "depth": case.depth.name.lower(),
                "sends": not case.universal,
                "variants": 0,
            },
        )
        row["variants"] += 1
    return list(found.values())


def _show(rows: Sequence[dict[str, Any]], console: Any) -> None:
    from rich.text import Text

    from conformance.report.lines import Lines
    from conformance.text.wording import plural

    lines = Lines(console)
    for area in AREAS.values():
        listed = [row for row in rows if row["area"] == area]
        if listed:
            lines.line()
            lines.line(area, "bold")
        for row in listed:
            depth = row["depth"] or "untested"
            level = row["level"] if row["level"] == Level.MUST else "should"
            lead = Text(f"{row['id']:8}{level:7}{row['source']:8}{depth:9}")
            lines.block(row["text"], lead, style="" if row["level"] == Level.MUST else "dim")
    lines.line()
    musts = sum(row["level"] == Level.MUST for row in rows)
    lines.line(f"{plural(len(rows), 'requirement')}, {musts} mandatory")


def _explain(document: dict[str, Any], console: Any) -> None:
    from rich.text import Text

    from conformance.report import view
    from conformance.report.lines import Lines
    from conformance.text.wording import plural

    lines = Lines(console)
    since = f", since {document['since']}" if document["since"] else ""
    level, source = view.LEVELS[document["level"]], view.SOURCES[document["source"]]
    lines.line(f"{document['id']}  {document['area']}, {level}, {source}{since}", "bold")
    lines.block(document["text"])
    lines.line()
    lines.block(f"{document['severity']}: {_MEANINGS[document['severity']]}", "A breach   ")
    if document["not_tested"]:
        lines.block(document["not_tested"], "Not tested ")
    if document["judged_by"]:
        lines.line()
        lines.line("How it is judged", "bold")
    for row in document["judged_by"]:
        asks = "" if row["sends"] else ", from the exchanges of all other cases"
        many = f", {plural(row['variants'], 'variant')}" if row["variants"] > 1 else ""
        lines.block(f"{row['text']} ({row['depth']} depth{many}{asks})", "  ")
        lines.line(f"    {row['case']}", "dim")
    if document["usual_causes"]:
        lines.line()
        lines.line("What usually causes a breach, and how to fix it", "bold")
    for row in document["usual_causes"]:
        if row["what"]:
            lines.block(f"{row['what'][0].upper()}{row['what'][1:]}.", "  ")
        lines.block(row["usually"], Text("    Usually  ", "dim"))
        lines.block(row["fix"], Text("    Fix      ", "dim"))
    if document["broken_by"]:
        lines.line()
        lines.line("Servers that break it (conformance serve --fault NAME)", "bold")
    for row in document["broken_by"]:
        lines.block(row["text"], "  ")
        lines.line(f"    {row['fault']}", "dim")
