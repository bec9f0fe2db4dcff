"""The figures of a benchmark: the content of ``bench.json``, and the printed tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Run, Runs
from benchmarks.sample import Sample, area
from benchmarks.tool import Tool
from conformance.proof.catalogue import CORRECT
from conformance.text.wording import plural


def document(sample: Sample, tools: Sequence[Tool], results: Mapping[str, Runs]) -> dict[str, Any]:
    """Return the content of ``bench.json``: every run, and the figures of each tool."""
    rows = [figures(tool, sample, results) for tool in tools]
    ours = next((row for row in rows if row["name"] == "ours" and "requests" in row), None)
    for row in rows if ours else ():
        for figure in ("requests", "seconds"):
            if ours and figure in row and ours[figure]:
                row[f"{figure}_ratio"] = round(row[figure] / ours[figure], 3)
    servers = [
        {
            "name": variant.name,
            "requirement": variant.requirement,
            "text": variant.text,
            "runs": {name: vars(run) for name, run in results[variant.name].items()},
        }
        for variant in sample.variants
    ]
    return {
        "format": 1,
        "faults": len(sample.faults),
        "right": len(sample.right),
        "right_names": [variant.name for variant in sample.right],
        "tools": rows,
        "servers": servers,
    }


def figures(tool: Tool, sample: Sample, results: Mapping[str, Runs]) -> dict[str, Any]:
    """Return the figures of one tool.

    A fault counts as found if the tool reports something that it does not report on the correct server.
    """
    row: dict[str, Any] = {"name": tool.name, "label": tool.label, "version": tool.version}
    if tool.missing:
        return {**row, "missing": tool.missing}
    usual = set(results[CORRECT.name][tool.name].findings)

    def found(run: Run) -> bool:
        return bool(set(run.findings) - usual)

    areas: dict[str, dict[str, int]] = {}
    for fault in sample.faults:
        count = areas.setdefault(area(fault), {"found": 0, "of": 0})
        count["found"] += found(results[fault.name][tool.name])
        count["of"] += 1
    runs = [results[variant.name][tool.name] for variant in sample.variants]
    alarms = [one.name for one in sample.right if results[one.name][tool.name].findings]
    return {
        **row,
        "found": sum(count["found"] for count in areas.values()),
        "false_alarms": len(alarms),
        "alarmed_by": alarms,
        "requests": median(run.requests for run in runs),
        "seconds": round(median(run.seconds for run in runs), 3),
        "problems": sum(run.problem is not None for run in runs),
        "areas": areas,
    }


def show(content: Mapping[str, Any], console: Console) -> None:
    """Print the tables."""
    console.print(summary(content))
    console.print(by_area(content))
    console.print(
        "Requests and seconds: medians over all servers. "
        f"False alarms hold on these servers only: {', '.join(content['right_names'])}.\n"
        "This suite runs in the server's process; each other tool starts its own."
    )
    for row in content["tools"]:
        if row.get("alarmed_by"):
            console.print(f"{row['label']}: false alarms on {', '.join(row['alarmed_by'])}")
        if row.get("problems"):
            console.print(f"{row['label']}: {plural(row['problems'], 'run')} ended with an error")


def summary(content: Mapping[str, Any]) -> Table:
    """Return a table with a row for each tool."""
    table = Table()
    table.add_column("Tool")
    for name in ("Found", "False alarms", "Requests", "× ours", "Seconds", "× ours"):
        table.add_column(name, justify="right")
    for row in content["tools"]:
        label = f"{row['label']} {row['version'] or ''}".strip()
        if "missing" in row:
            table.add_row(label, row["missing"])
            continue
        table.add_row(
            label,
            f"{row['found']} of {content['faults']}",
            f"{row['false_alarms']} of {content['right']}",
            f"{row['requests']:g}",
            f"{row['requests_ratio']:.2f}" if "requests_ratio" in row else "",
            f"{row['seconds']:.2f}",
            f"{row['seconds_ratio']:.2f}" if "seconds_ratio" in row else "",
        )
    return table


def by_area(content: Mapping[str, Any]) -> Table:
    """Return a table with a row for each area: its faults, and how many each tool found."""
    rows = [row for row in content["tools"] if "areas" in row]
    table = Table()
    table.add_column("Area")
    table.add_column("Faults", justify="right")
    for row in rows:
        table.add_column(row["name"], justify="right")
    for name, count in rows[0]["areas"].items() if rows else ():
        table.add_row(name, str(count["of"]), *(str(row["areas"][name]["found"]) for row in rows))
    return table
