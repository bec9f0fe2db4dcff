"""The history of many runs on one target: a row a run, a column an area, and when each defect was seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.comparison.compare import identity
from conformance.comparison.findings import kinds_of, whole, without_kind
from conformance.comparison.reading import read_report
from conformance.errors import UsageError
from conformance.report import Result, clock
from conformance.report.model import AREAS, OUTCOMES, Defect
from conformance.report.store import JSON_NAME

FORMAT = 1
_JUDGED = ("passed", "failed", "warned")


@dataclass
class Seen:
    """A defect over all runs: the last form of it, its kinds of findings, and the runs that have it."""

    defect: Defect
    kinds: set[str] = field(default_factory=set)
    runs: list[int] = field(default_factory=list)


def read(paths: Sequence[Path], *, other_target: bool) -> list[Result]:
    """Return the reports of directories, the oldest first.

    :param paths: reports, directories of reports, or directories that hold such directories.
    :raises UsageError: if there is none, if one cannot be used, or if they are of several targets.
    """
    results = [read_report(file, "DIR") for file in _files(paths)]
    targets = sorted({identity(result) for result in results})
    if len(targets) > 1 and not other_target:
        raise UsageError(
            f"DIR: these are reports on {len(targets)} targets, {targets[0]} and {targets[1]}: "
            "give those of one, or --other-target if these are deployments of one API"
        )
    return sorted(results, key=lambda result: clock.parse(result["started_at"]))


def _files(paths: Sequence[Path]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in paths:
        try:
            own = path / JSON_NAME if path.is_dir() else path
            several = [] if own.exists() or not path.is_dir() else sorted(path.iterdir())
        except OSError as problem:
            raise UsageError(f"DIR: {path} cannot be read: {problem.strerror}") from None
        files = [item / JSON_NAME for item in several if (item / JSON_NAME).exists()] or [own]
        # reports/latest is a link to one of the others.
        found |= dict.fromkeys(file.resolve() for file in files)
    return list(found)


def history(results: Sequence[Result]) -> dict[str, Any]:
    """Return the history of results, as one dict of JSON values."""
    return {
        "format": FORMAT,
        "runs": [_run(result) for result in results],
        "defects": [_defect(item, results) for item in seen_defects(results)],
    }


def counts_by_area(result: Result) -> dict[str, dict[str, int]]:
    """Return how many requirements of each area have each outcome."""
    counts: dict[str, Counter[str]] = {area.name: Counter() for area in AREAS}
    for row in result["requirements"]:
        counts[row["area"]][row["outcome"]] += 1
    return {
        name: {outcome: found[outcome] for outcome in OUTCOMES} for name, found in counts.items()
    }


def _run(result: Result) -> dict[str, Any]:
    return {
        "started_at": result["started_at"],
        "base_url": result["target"]["base_url"],
        "embedded": result["target"]["embedded"],
        "labels": result["labels"],
        "verdict": result["verdict"],
        "exit_status": result["exit_status"],
        "depth": result["depth"],
        "suite": result["suite"]["version"],
        "contract": result["contract"]["version"],
        "areas": counts_by_area(result),
    }


def seen_defects(results: Sequence[Result]) -> list[Seen]:
    """Return the defects in the order in which they were first seen."""
    one = len({result["suite"]["version"] for result in results}) == 1
    seen: list[Seen] = []
    for number, result in enumerate(results):
        for defect in result["defects"]:
            kinds = kinds_of(result, defect, whole if one else without_kind)
            item = next((item for item in seen if item.kinds & kinds), None)
            if item is None:
                item = Seen(defect)
                seen.append(item)
            item.defect = defect
            item.kinds |= kinds
            if number not in item.runs:
                item.runs.append(number)
    return seen


def _defect(item: Seen, results: Sequence[Result]) -> dict[str, Any]:
    last = len(results) - 1
    outcomes = {row["id"]: row["outcome"] for row in results[last]["requirements"]}
    state = "open"
    if item.runs[-1] != last:
        judged = all(outcomes.get(id_, "passed") in _JUDGED for id_ in item.defect["requirements"])
        state = "fixed" if judged else "unchecked"
    return {
        "title": item.defect["title"],
        "severity": item.defect["severity"],
        "requirements": item.defect["requirements"],
        "fingerprints": sorted(item.kinds),
        "state": state,
        "first_seen": results[item.runs[0]]["started_at"],
        "last_seen": results[item.runs[-1]]["started_at"],
        "runs": item.runs,
    }


# What the forms show


def cell(counts: Mapping[str, int]) -> tuple[str, str]:
    """Return the text and the style of an area in a run: the worst of its outcomes, with their number."""
    if counts["failed"]:
        return f"{counts['failed']} failed", "bad"
    if counts["inconclusive"]:
        return f"{counts['inconclusive']} open", "open"
    if counts["warned"]:
        return f"{counts['warned']} warned", "accepted"
    if counts["passed"] and counts["unselected"]:
        return f"{counts['passed']}/{sum(counts.values())} ok", "good"
    return ("ok", "good") if counts["passed"] else ("", "")


def labels_of(run: Mapping[str, Any]) -> str:
    """Return the labels of a run in one line."""
    return ", ".join(f"{name} {text}" for name, text in run["labels"].items())


def span(defect: Mapping[str, Any], total: int) -> str:
    """Return when a defect was seen: ``first seen …, last seen …, in 3 of 8 runs``."""
    first, last = (clock.moment(defect[name]) for name in ("first_seen", "last_seen"))
    return f"first seen {first}, last seen {last}, in {len(defect['runs'])} of {total} runs"


def lines(
    document: Mapping[str, Any], states: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """Yield the lines of a terminal, each with its style; a row of the table fits into 80 columns.

    :param states: the states of defects, with their headings.
    """
    yield f"{'Run (UTC)':16}" + "".join(f"{area.prefix:>5}" for area in AREAS), "bold"
    for run in document["runs"]:
        cells = []
        for area in AREAS:
            text, _ = cell(run["areas"][area.name])
            number, _, word = text.partition(" ")
            cells.append(f"{number + {'open': '?', 'warned': 'w'}.get(word, ''):>5}")
        style = {"non-conformant": "red", "conformant": "green"}.get(run["verdict"], "cyan")
        yield (clock.moment(run["started_at"])[:16] + "".join(cells)).rstrip(), style
        labels = labels_of(run)
        status = f"{run['verdict']}, exit status {run['exit_status']}, {run['depth']}"
        yield f"  {status}{f', {labels}' if labels else ''}", "dim"
    yield "", ""
    yield (
        "3: failed; 3?: could not be checked; 3w: warnings; 3/20: passed, the others not selected.",
        "dim",
    )
    for state, heading in states:
        items = [item for item in document["defects"] if item["state"] == state]
        if items:
            yield "", ""
            yield heading, "bold"
        for item in items:
            yield f"  {item['severity']}  {item['title']}", ""
            ids = ", ".join(item["requirements"])
            yield f"    {ids}: {span(item, len(document['runs']))}", "dim"
