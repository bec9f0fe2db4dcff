"""What every form of the report shows: rows, groups and wording, each computed in one place."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from conformance.report.model import (
    AREAS,
    SETUP,
    Defect,
    Finding,
    Level,
    Outcome,
    Requirement,
    Result,
)
from conformance.text.wording import plural

SOURCES = {
    "seed": "API reference",
    "public": "public documentation",
    "decided": "decided by this contract",
}
LEVELS = {"must": "mandatory", "should": "recommended"}
IDENTITIES = {
    "own": "your key",
    "other": "second organisation's key",
    "anonymous": "no valid key",
}
OUTCOMES = {
    "passed": "passed",
    "failed": "failed",
    "warned": "warned",
    "inconclusive": "inconclusive",
    "waived": "not tested",
    "unselected": "not selected",
}
"""The outcomes in the words of the report."""

USUAL_LIMIT = 300
"""The usual limit on requests with each key, which a command need not name."""

MOST_FINDINGS = 3
"""Findings of a requirement that are shown at once; the page has the others folded."""

_COMMON_PROTOCOL = "HTTP/1.1"
_NOT_TESTED = "not tested: "
_ORDER = {area.name: number for number, area in enumerate(AREAS)}


@dataclass(frozen=True)
class AreaRow:
    """One row of the table of areas. `name` is `setup` for requests sent before the first case."""

    name: str
    total: int
    counts: dict[str, int]
    requests: int


@dataclass(frozen=True)
class Part:
    """A requirement that a defect breaks, and its findings in that defect."""

    requirement: Requirement
    findings: list[Finding]


@dataclass(frozen=True)
class Card:
    """A defect with its evidence: the requirement that the title speaks of, and the others."""

    defect: Defect
    first: Part
    others: list[Part]

    @property
    def level(self) -> str:
        """Return ``mandatory`` or ``recommended``."""
        return LEVELS[self.first.requirement["level"]]

    @property
    def further(self) -> str:
        """A sentence about the other parts: `2 more findings: PAG-05, PAG-10`."""
        count = sum(len(part.findings) for part in self.others)
        ids = id_list(part.requirement for part in self.others)
        return f"{plural(count, 'more finding')}: {ids}"

    @property
    def support(self) -> str:
        """A sentence about what supports the probable cause; empty if there is none."""
        cause = self.defect["probable_cause"]
        if cause is None:
            return ""
        return (
            f"Explains {plural(cause['explains'], 'deviating response')}, "
            f"contradicts {cause['contradicts'] or 'none'} of {cause['agrees']:,} others."
        )


@dataclass(frozen=True)
class Reason:
    """A reason and the requirements that have it."""

    reason: str
    requirements: list[Requirement]


def in_order(requirements: Iterable[Requirement]) -> list[Requirement]:
    """Return the requirements sorted by area, as in the contract, then by number."""
    return sorted(requirements, key=lambda r: (_ORDER[r["area"]], int(r["id"].rsplit("-", 1)[1])))


def by_area(result: Result) -> dict[str, list[Requirement]]:
    """Return the requirements of each area that has any, in order."""
    areas: dict[str, list[Requirement]] = {}
    for requirement in in_order(result["requirements"]):
        areas.setdefault(requirement["area"], []).append(requirement)
    return areas


def id_list(requirements: Iterable[Requirement]) -> str:
    """Return the ids of the requirements: `PAG-05, PAG-10`."""
    return ", ".join(requirement["id"] for requirement in requirements)


def area_rows(result: Result) -> list[AreaRow]:
    """Return the rows of the table of areas. The row `setup` is first, if it has requests."""
    sent = result["requests"]["by_area"]
    areas = by_area(result)
    rows = []
    if sent.get(SETUP):
        rows.append(AreaRow(SETUP, 0, {}, sent[SETUP]))
    for area in AREAS:
        listed = areas.get(area.name, [])
        requests = sent.get(area.prefix, 0)
        if listed or requests:
            counts: Counter[str] = Counter(r["outcome"] for r in listed)
            rows.append(AreaRow(area.name, len(listed), dict(counts), requests))
    return rows


def cards(result: Result, outcome: Outcome) -> list[Card]:
    """Return the defects whose first requirement has this outcome, the worst first."""
    by_id = {requirement["id"]: requirement for requirement in result["requirements"]}
    found = []
    for defect in result["defects"]:
        parts: dict[str, list[Finding]] = {id_: [] for id_ in defect["requirements"]}
        for place in defect["findings"]:
            finding = by_id[place["requirement"]]["findings"][place["index"]]
            parts[place["requirement"]].append(finding)
        first, *others = (Part(by_id[id_], findings) for id_, findings in parts.items())
        if first.requirement["outcome"] == outcome:
            found.append(Card(defect, first, others))
    return found


def by_reason(result: Result, outcome: Outcome, level: Level | None = None) -> list[Reason]:
    """Return the requirements with this outcome, grouped by reason, in order of first appearance."""
    gathered: dict[str, list[Requirement]] = {}
    for requirement in in_order(result["requirements"]):
        if requirement["outcome"] == outcome and level in (None, requirement["level"]):
            gathered.setdefault(reason_of(requirement), []).append(requirement)
    return [Reason(reason, requirements) for reason, requirements in gathered.items()]


def reason_of(requirement: Requirement) -> str:
    """Return the reason of an outcome. What the outcome itself says (`not tested: `) is left out."""
    reason = requirement["reason"] or ""
    if requirement["outcome"] == "waived" and reason.lower().startswith(_NOT_TESTED):
        return reason[len(_NOT_TESTED) :]
    return reason


def meaning(result: Result) -> str:
    """Return what the verdict means, for a reader who sees one for the first time."""
    if result["interrupted"]:
        return "The run was interrupted. This report covers only what was checked before that."
    match result["verdict"]:
        case "conformant":
            return "The target meets its contract, as far as this suite tests it."
        case "non-conformant":
            return (
                "The target breaks its contract. A client that follows the documentation "
                "cannot rely on it."
            )
        case "incomplete":
            return "An incomplete run does not prove conformance."
        case "partial":
            return (
                "Only a part of the contract was checked. A partial run does not prove conformance."
            )
        case "untestable":
            return "The target could not be tested. This report says nothing about its conformance."
        case "error":
            return "The suite itself failed. This report says nothing about the target."


def exit_line(result: Result) -> str:
    """Return the exit status with its meaning: `exit status 1: a mandatory requirement failed`."""
    status = result["exit_status"]
    if status == 0 and result["verdict"] == "incomplete":
        return "exit status 0: incomplete, which the settings of this run allow"
    if status in (0, 3) and result["verdict"] == "non-conformant":
        rest = "" if status == 0 else ", but a mandatory requirement could not be checked"
        return f"exit status {status}: every failure is accepted{rest}"
    if status == 0 and result["verdict"] == "partial":
        return "exit status 0: all selected mandatory requirements passed"
    meanings = {
        0: "all tested mandatory requirements passed",
        1: "a mandatory requirement failed",
        2: "a waiver is unused",
        3: "a mandatory requirement could not be checked",
        4: "the target could not be tested",
        5: "the suite itself failed",
        130: "interrupted",
        143: "terminated",
    }
    return f"exit status {status}: {meanings[status]}"


def requests_line(result: Result) -> str:
    """Return how many requests the run sent, and their limit."""
    requests = result["requests"]
    protocols = list(requests["by_protocol"])
    over = f" over {' and '.join(protocols)}" if protocols not in ([], [_COMMON_PROTOCOL]) else ""
    parts = [f"{plural(requests['sent'], 'request')} sent{over}"]
    if requests["reused"]:
        parts.append(f"{plural(requests['reused'], 'response')} reused")
    parts.append(f"limit {requests['limit']:,} per key")
    if requests["incidents"]:
        parts.append(plural(requests["incidents"], "incident"))
    return ", ".join(parts)


def keys_line(result: Result) -> str:
    """Return which keys and ids the run was given."""
    target = result["target"]
    given = target["identities"]
    keys = ["your key"] if given["own"] else []
    if given["other"]:
        keys.append("a second organisation's key")
    parts = [" and ".join(keys) or "no key"]
    if target["foreign_ids"]:
        parts.append(plural(target["foreign_ids"], "foreign id"))
    if target["location_ids"]:
        parts.append(plural(target["location_ids"], "location id"))
    if count := target["other_location_ids"]:
        parts.append(f"{plural(count, 'location id')} of the second organisation")
    if count := target["known_ids"]:
        parts.append(plural(count, "known id"))
    return ", ".join(parts)


def labels_line(result: Result) -> str:
    """Return the labels of the run: `branch main, build 42`; empty if it has none."""
    return ", ".join(f"{name} {text}" for name, text in result["labels"].items())


def directory_line(result: Result) -> str:
    """Return how much of the list of profiles was read, and whether it changed."""
    directory = result["directory"]
    if directory is None:
        return "not read"
    total, read = directory["total"], directory["records_seen"]
    if directory["walked"]:
        line = f"{plural(read, 'record')}, read completely"
    elif total is None or read > total:
        line = f"{plural(read, 'record')} read, total unknown"
    else:
        line = f"{read:,} of {plural(total, 'record')} read"
    if directory["windows"]:
        ranges = (f"{item['first']:,}-{item['last']:,}" for item in directory["windows"])
        line += f": positions {', '.join(ranges)}"
    if directory["slices"]:
        slices = (f"{item['query']} ({item['total']:,})" for item in directory["slices"])
        line += f"; filtered lists read completely: {', '.join(slices)}"
    if directory["moved"]:
        counts = {
            "added": directory["added"],
            "removed": directory["removed"],
            "edited": directory["edited"],
        }
        changes = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
        line += f"; changed during the run{f': {changes}' if changes else ''}"
    return line


def value_text(value: Any) -> str:
    """Return the value of an observation on one line: a string as it is, anything else as JSON."""
    return (
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    )
