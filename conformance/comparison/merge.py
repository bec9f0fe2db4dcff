"""The overview of a fleet: reports on many targets side by side, each with its verdict and its defects.

A report that cannot be used is a row that says why, so that a missing target is never taken for a good one.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

from conformance.comparison.history import counts_by_area, labels_of, seen_defects
from conformance.comparison.reading import read_report
from conformance.errors import UsageError
from conformance.report import Result, clock, first
from conformance.report.acceptance import accepted_ids
from conformance.report.model import Severity
from conformance.report.store import HTML_NAME, JSON_NAME
from conformance.text.printable import well_formed
from conformance.text.wording import be, listing, plural

FORMAT = 1
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
STATES = ("failed", "unusable", "unneeded", "open", "accepted", "passed")
"""What a report says to a gate, the worst first."""

_STATUS = {"failed": 1, "unusable": 2, "unneeded": 2, "open": 3, "accepted": 0, "passed": 0}
_OTHER_FILES = ("merge.json", "history.json", "compare.json", "proof.json")
_NAMED = 8
_APART = timedelta(days=1)


@dataclass(frozen=True)
class Member:
    """One report of the fleet: where it is, and its result, or why it cannot be used."""

    path: Path
    result: Result | None = None
    problem: str | None = None


def read(paths: Sequence[Path]) -> list[Member]:
    """Return the reports that the paths name, each once.

    :param paths: reports, directories of reports, or directories that hold such directories.
    """
    found: dict[Path, Member] = {}
    for path in paths:
        for place in _places(path):
            try:
                key = place.resolve()
            except (OSError, RuntimeError):  # RuntimeError: a loop of links
                key = place
            if key not in found:
                found[key] = _member(place)
    return list(found.values())


def _places(path: Path) -> list[Path]:
    """Return the directories of reports below a path, or the path itself."""
    try:
        if not path.is_dir() or (path / JSON_NAME).exists():
            return [path.parent if path.is_file() and path.name == JSON_NAME else path]
        inner = [
            item
            for item in sorted(path.iterdir())
            if item.is_dir() and not item.is_symlink() and not item.name.startswith(".")
        ]
        kept = [item for item in inner if not any((item / name).exists() for name in _OTHER_FILES)]
    except OSError:
        return [path]  # reading it says why
    return kept or [path]


def _member(path: Path) -> Member:
    try:
        return Member(path, read_report(path, "DIR"))
    except UsageError as problem:
        return Member(path, problem=str(problem).removeprefix("DIR: "))


def merge(members: Sequence[Member], base: Path | None = None) -> dict[str, Any]:
    """Return the overview of reports, as one dict of JSON values: the worst target first.

    :param base: the directory that links start from, by default the working directory.
    """
    rows = [(_state(member.result), member) for member in members]
    rows.sort(key=lambda row: (STATES.index(row[0]), _worst(row[1].result)))
    ordered = [member for _, member in rows]
    results = [member.result for member in ordered if member.result is not None]
    counts = Counter(state for state, _ in rows)
    document = {
        "format": FORMAT,
        "exit_status": next(
            (_STATUS[state] for state in STATES if counts[state] and _STATUS[state]), 0
        ),
        "reason": _reason(counts, results),
        "counts": {state: counts[state] for state in STATES},
        "notes": list(_notes(results)),
        "targets": [_row(state, member, base or Path.cwd()) for state, member in rows],
        "defects": _defects(ordered),
    }
    return {name: _well_formed(value) for name, value in document.items()}


def _well_formed(value: Any) -> Any:
    """Return a value whose texts can be written as UTF-8."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, dict):
        return {well_formed(name): _well_formed(member) for name, member in value.items()}
    return [_well_formed(member) for member in value] if isinstance(value, list) else value


def target_of(run: Mapping[str, Any]) -> str:
    """Return what a run judged: the base URL, or the embedded server, whose port differs each time."""
    return "the embedded server" if run["embedded"] else str(run["base_url"])


def _state(result: Result | None) -> str:
    """Return what a report says to a gate."""
    if result is None:
        return "unusable"
    accepted = accepted_ids(result)
    failed = {row["id"] for row in result["requirements"] if row["outcome"] == "failed"}
    if failed - accepted:
        return "failed"  # an interrupted run too: what was found until then stays found
    match result["exit_status"]:
        case 0:
            return "accepted" if result["verdict"] in ("non-conformant", "incomplete") else "passed"
        case 2:
            return "unneeded"
        case _:
            return "open"


def _worst(result: Result | None) -> tuple[int, int]:
    """Return the worst severity and the negative number of failures, to sort by."""
    if result is None:
        return 0, 0
    worst = min((SEVERITIES.index(item["severity"]) for item in result["defects"]), default=99)
    return worst, -result["totals"]["failed"]


def _row(state: str, member: Member, base: Path) -> dict[str, Any]:
    return {
        "path": str(member.path),
        "link": _link(member.path, base),
        "state": state,
        "problem": member.problem,
        "run": None if member.result is None else _run(member.result),
    }


def _link(path: Path, base: Path) -> str | None:
    """Return the relative URL of the page of a report; None if there is no page."""
    folder = path if path.name != JSON_NAME else path.parent
    try:
        if not (folder / HTML_NAME).is_file():
            return None
        return quote(os.path.relpath((folder / HTML_NAME).resolve(), base.resolve()))
    except (OSError, RuntimeError):
        return None


def _run(result: Result) -> dict[str, Any]:
    accepted = accepted_ids(result)
    severities = Counter(item["severity"] for item in result["defects"])
    defects: list[dict[str, Any]] = [
        {
            "title": item["title"],
            "severity": item["severity"],
            "requirements": item["requirements"],
            "accepted": set(item["requirements"]) <= accepted,
        }
        for item in result["defects"]
    ]
    return {
        "base_url": result["target"]["base_url"],
        "embedded": result["target"]["embedded"],
        "labels": result["labels"],
        "started_at": result["started_at"],
        "verdict": result["verdict"],
        "exit_status": result["exit_status"],
        "headline": first.headline(result),
        "reason": result["reason"],
        "depth": result["depth"],
        "suite": result["suite"]["version"],
        "contract": result["contract"]["version"],
        "requirements": result["contract"]["requirements"],
        "totals": dict(result["totals"]),
        "areas": counts_by_area(result),
        "severities": {name: severities[name] for name in SEVERITIES},
        "defects": sorted(
            defects, key=lambda item: (item["accepted"], SEVERITIES.index(item["severity"]))
        ),
    }


def _defects(members: Sequence[Member]) -> list[dict[str, Any]]:
    """Return the defects of all targets, matched by fingerprint: the worst and most frequent first."""
    numbers = [number for number, member in enumerate(members) if member.result is not None]
    results = [member.result for member in members if member.result is not None]
    found = [
        {
            "title": item.defect["title"],
            "severity": item.defect["severity"],
            "requirements": item.defect["requirements"],
            "fingerprints": sorted(item.kinds),
            "targets": [numbers[index] for index in item.runs],
        }
        for item in seen_defects(results)
    ]
    return sorted(
        found, key=lambda item: (SEVERITIES.index(item["severity"]), -len(item["targets"]))
    )


def _reason(counts: Counter[str], results: Sequence[Result]) -> str:
    total = sum(counts.values())
    words = {
        "failed": "failed",
        "open": "could not be checked completely",
        "accepted": "passed with accepted problems",
        "passed": "passed",
    }
    parts = [f"{counts[state]} {text}" for state, text in words.items() if counts[state]]
    text = f"{plural(total, 'target')}: {', '.join(parts)}." if parts else plural(total, "target")
    if count := counts["unusable"]:
        text = (
            f"{text.rstrip('.')}{'; ' if parts else ': '}{plural(count, 'report')} cannot be used."
        )
    if count := counts["unneeded"]:
        text += f" {plural(count, 'report')} with a waiver that is not needed any more."
    partial = sum(result["verdict"] == "partial" for result in results)
    if partial:
        text += f" {plural(partial, 'run')} {be(partial)} partial."
    return text


def _notes(results: Sequence[Result]) -> Iterator[str]:
    """Yield why the rows may not be comparable."""
    facts: tuple[tuple[str, Callable[[Result], str]], ...] = (
        ("versions of the suite", lambda result: result["suite"]["version"]),
        ("versions of the contract", lambda result: result["contract"]["version"]),
        ("requirement sets", lambda result: result["contract"]["requirements"]),
        ("depths", lambda result: result["depth"]),
    )
    for what, fact in facts:
        found = Counter(map(fact, results))
        if len(found) > 1:
            counts = [f"{value} ({plural(count, 'report')})" for value, count in found.items()]
            yield f"The reports are of different {what}: {listing(counts, _NAMED)}."
    checksums = {(item["contract"]["version"], item["contract"]["sha256"]) for item in results}
    if len(checksums) > len({version for version, _ in checksums}):
        yield "The reports were made by different texts of one version of the contract."
    dates = sorted((item["started_at"] for item in results), key=clock.parse)
    if dates and clock.parse(dates[-1]) - clock.parse(dates[0]) > _APART:
        first_, last = (clock.moment(date) for date in (dates[0], dates[-1]))
        yield f"The reports are of {first_} to {last}: an old one may be of another release."
    alike = Counter((target_of(item["target"]), labels_of(item)) for item in results)
    for (name, labels), count in alike.items():
        if count > 1:
            which = f"{name} with the labels {labels}" if labels else f"{name} without labels"
            yield f"{plural(count, 'report')} are on {which}: --label tells them apart."
