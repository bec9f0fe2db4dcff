"""What every form of a comparison shows: sections with rows, each worded once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.comparison.latency import sentence
from conformance.report import clock, view

_DEFECTS = {
    "new": "New problems",
    "fixed": "Fixed problems",
    "still": "Problems that remain",
    "waived": "Known problems, waived",
    "unchecked": "Problems that could not be checked again",
    "added": "Problems with requirements that the newer contract adds",
}
_REQUIREMENTS = {
    "new": "Requirements that fail now",
    "fixed": "Requirements that pass now",
    "still": "Requirements that still fail",
    "waived": "Requirements that fail and are waived",
    "lost": "Requirements that are no longer checked",
    "gained": "Requirements that are checked now and pass",
    "added": "Requirements that the newer contract adds",
    "removed": "Requirements that the newer report does not have",
}


@dataclass(frozen=True)
class Section:
    """A heading, and a table below it. ``state`` is its name in the document, for the style of a form."""

    state: str
    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    lead: str = ""


def title(document: Mapping[str, Any]) -> str:
    """Return the result in capital letters."""
    return "REGRESSION" if document["regression"] else "NO REGRESSION"


def runs(document: Mapping[str, Any]) -> Section:
    """Return a table of the two runs."""
    facts: list[tuple[str, Callable[[Mapping[str, Any]], str]]] = [
        ("Run", lambda run: clock.moment(run["started_at"])),
        ("Target", lambda run: "the embedded server" if run["embedded"] else run["base_url"]),
        ("Labels", lambda run: ", ".join(f"{k} {v}" for k, v in run["labels"].items()) or "none"),
        ("Verdict", lambda run: f"{run['verdict']} (exit status {run['exit_status']})"),
        ("Failed", lambda run: str(run["totals"]["failed"])),
        ("Not checked", lambda run: str(run["totals"]["inconclusive"])),
        ("Depth", lambda run: f"{run['depth']}, seed {run['seed']}"),
    ]
    rows = [(name, fact(document["old"]), fact(document["new"])) for name, fact in facts]
    return Section("runs", "Runs", ("", "Before", "Now"), rows)


def sections(document: Mapping[str, Any]) -> Iterator[Section]:
    """Yield the sections that have rows, what matters most first."""
    for state, heading in _DEFECTS.items():
        rows = [
            (item["severity"], item["title"], ", ".join(item["requirements"]), _kinds(item))
            for item in document["defects"][state]
        ]
        if rows:
            columns = ("Severity", "Problem", "Requirements", "Fingerprints")
            yield Section(state, heading, columns, rows)
    for state, heading in _REQUIREMENTS.items():
        rows = [
            (item["id"], view.LEVELS[item["level"]], _change(item), _note(item) or item["text"])
            for item in document["requirements"][state]
        ]
        if rows:
            yield Section(state, heading, ("Id", "Level", "Change", "Requirement"), rows)
    if observations := document["observations"]:
        values = [
            (item["name"], _value(item["before"]), _value(item["after"]), item["text"])
            for item in observations
        ]
        columns = ("Name", "Before", "Now", "Observation")
        yield Section("observations", "Changed observations", columns, values)
    if latency := document["latency"]:
        yield Section(
            "latency",
            "Latency",
            ("Requests", "p50 before", "p50 now", "p95 before", "p95 now", "p", "Change"),
            [_latency(row) for row in latency["kinds"]],
            f"{sentence(latency)} {latency['method']}.",
        )


def _latency(row: Mapping[str, Any]) -> tuple[str, ...]:
    before, after = row["before"], row["after"]
    return (
        f"{row['kind']} ({before['requests']}, {after['requests']})",
        *(f"{run[name]:g} ms" for name in ("p50_ms", "p95_ms") for run in (before, after)),
        f"{row['p']:g}" if row["p"] else "< 0.0001",
        "" if row["change"] == "none" else row["change"],
    )


def _kinds(defect: Mapping[str, Any]) -> str:
    shown = defect["new_fingerprints"] or defect["fingerprints"]
    return ", ".join(shown)


def _change(row: Mapping[str, Any]) -> str:
    before, after = (
        "not in the contract" if row[name] is None else view.OUTCOMES[row[name]]
        for name in ("before", "after")
    )
    return after if before == after else f"{before} → {after}"


def _note(row: Mapping[str, Any]) -> str:
    if row.get("new_kinds") and row["before"] in ("failed", "warned"):
        return f"fails in a new way: {', '.join(row['new_kinds'])}"
    if row.get("not_selected"):
        return f"not selected: {row['reason']}"
    if "not_selected" in row:
        return f"could not be checked: {row['reason']}"
    return ""


def _value(value: Any) -> str:
    return "not observed" if value is None else view.value_text(value)
