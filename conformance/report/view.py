"""What both the page and the terminal show, worked out once: rows, groups and words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from conformance.report.causes import root_of
from conformance.report.model import (
    AREAS,
    SETUP,
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
IDENTITIES = {"own": "own key", "other": "other key", "anonymous": "no key"}

_USUAL = "HTTP/1.1"
_ORDER = {area.name: number for number, area in enumerate(AREAS)}


@dataclass(frozen=True)
class AreaRow:
    """One line of the table of areas. `name` is `setup` for what came before the cases."""

    name: str
    total: int
    counts: dict[str, int]
    requests: int


@dataclass(frozen=True)
class Follower:
    """A requirement with those of its findings that another requirement explains."""

    requirement: Requirement
    findings: list[Finding]


@dataclass
class Group:
    """A breached requirement, its own findings, and what follows from it."""

    requirement: Requirement
    findings: list[Finding] = field(default_factory=list)
    followers: list[Follower] = field(default_factory=list)

    @property
    def following(self) -> int:
        """How many findings follow from this one."""
        return sum(len(follower.findings) for follower in self.followers)


@dataclass(frozen=True)
class Reason:
    """Requirements that share one reason."""

    reason: str
    requirements: list[Requirement]


def in_order(requirements: Iterable[Requirement]) -> list[Requirement]:
    """Requirements by area, in the order of the contract, then by number."""
    return sorted(requirements, key=lambda r: (_ORDER[r["area"]], int(r["id"].rsplit("-", 1)[1])))


def area_rows(result: Result) -> list[AreaRow]:
    """The table of areas; `setup` first, where anything was sent before the cases."""
    by_area = result["requests"]["by_area"]
    rows = []
    if by_area.get(SETUP):
        rows.append(AreaRow(SETUP, 0, {}, by_area[SETUP]))
    for area in AREAS:
        listed = [r for r in result["requirements"] if r["area"] == area.name]
        requests = by_area.get(area.prefix, 0)
        if listed or requests:
            counts: Counter[str] = Counter(r["outcome"] for r in listed)
            rows.append(AreaRow(area.name, len(listed), dict(counts), requests))
    return rows


def groups(result: Result, outcome: Outcome) -> list[Group]:
    """Findings of the requirements with this outcome, those with a cause under their cause.

    A breach is never folded under something milder: a failed must that follows from a warned
    should, or from a waived one, stands by itself.
    """
    by_id = {r["id"]: r for r in result["requirements"]}
    found: dict[str, Group] = {}

    def group(requirement: Requirement) -> Group:
        return found.setdefault(requirement["id"], Group(requirement))

    for requirement in in_order(result["requirements"]):
        if requirement["outcome"] not in ("failed", "warned"):
            continue
        apart: dict[str, list[Finding]] = {}
        for finding in requirement["findings"]:
            root = root_of(finding, by_id)
            if root is None or not _may_hold(by_id[root]["outcome"], requirement["outcome"]):
                group(requirement).findings.append(finding)
            else:
                apart.setdefault(root, []).append(finding)
        for root, findings in apart.items():
            group(by_id[root]).followers.append(Follower(requirement, findings))

    chosen = [g for g in found.values() if g.requirement["outcome"] == outcome]
    order = {r["id"]: n for n, r in enumerate(in_order(g.requirement for g in chosen))}
    return sorted(chosen, key=lambda g: order[g.requirement["id"]])


def by_reason(result: Result, outcome: Outcome, level: Level | None = None) -> list[Reason]:
    """Requirements with this outcome, gathered by their reason, in order of first appearance."""
    gathered: dict[str, list[Requirement]] = {}
    for requirement in in_order(result["requirements"]):
        if requirement["outcome"] == outcome and level in (None, requirement["level"]):
            gathered.setdefault(requirement["reason"] or "", []).append(requirement)
    return [Reason(reason, requirements) for reason, requirements in gathered.items()]


def meaning(result: Result) -> str:
    """What the verdict means to someone who reads one for the first time."""
    if result["interrupted"]:
        return (
            "The run was interrupted. What is reported was established before that; "
            "nothing is said of the rest."
        )
    match result["verdict"]:
        case "conformant":
            waived = result["totals"]["waived"]
            but = f", but for {plural(waived, 'waived requirement')}" if waived else ""
            return f"Every must of the contract was put to the test on this target and held{but}."
        case "non-conformant":
            return (
                "The target breaks its contract: a client that follows the documents "
                "cannot rely on it."
            )
        case "incomplete":
            return (
                "Nothing failed, but not every must could be put to the test, so this is "
                "no proof of conformance."
            )
        case "untestable":
            return "The target could not be tested. Nothing is said about its conformance."
        case "error":
            return "The suite itself failed. Nothing is said about the target."


def exit_meaning(result: Result) -> str:
    """The exit status in words."""
    if result["exit_status"] == 0 and result["verdict"] == "incomplete":
        return "incomplete, which this run allows"
    return {
        0: "every must held",
        1: "a must is breached",
        3: "a must was not established",
        4: "the target cannot be tested",
        5: "the suite itself failed",
        130: "interrupted",
        143: "terminated",
    }[result["exit_status"]]


def requests_line(result: Result) -> str:
    """What the run cost, in words."""
    requests = result["requests"]
    versions = list(requests["by_protocol"])
    over = f" over {' and '.join(versions)}" if versions not in ([], [_USUAL]) else ""
    parts = [f"{plural(requests['sent'], 'request')} sent{over}"]
    if requests["reused"]:
        parts.append(f"{plural(requests['reused'], 'answer')} reused")
    parts.append(f"at most {requests['limit']:,} a key")
    if requests["incidents"]:
        parts.append(plural(requests["incidents"], "incident"))
    return ", ".join(parts)


def keys_line(result: Result) -> str:
    """Which identities the run had, in words."""
    target = result["target"]
    had = [name for name, given in target["identities"].items() if given]
    parts = [f"{' and '.join(had) or 'no'} key"]
    if target["foreign_ids"]:
        parts.append(plural(target["foreign_ids"], "foreign id"))
    if target["location_ids"]:
        parts.append(plural(target["location_ids"], "location id"))
    return ", ".join(parts)


def directory_line(result: Result) -> str:
    """How much of the list of profiles was read, in words."""
    directory = result["directory"]
    if directory is None:
        return "not read"
    total, seen = directory["total"], directory["records_seen"]
    if directory["walked"]:
        line = f"{plural(seen, 'record')}, walked to the end"
    elif total is None:
        line = f"{plural(seen, 'record')} seen, total unknown"
    else:
        line = f"{seen:,} of {plural(total, 'record')} seen, sampled"
    if directory["windows"]:
        places = (f"{item['first']:,}-{item['last']:,}" for item in directory["windows"])
        line += f": places {', '.join(places)}"
    if directory["slices"]:
        slices = (f"{item['query']} ({item['total']:,})" for item in directory["slices"])
        line += f"; read as a whole: {', '.join(slices)}"
    if directory["moved"]:
        counts = {
            "added": directory["added"],
            "removed": directory["removed"],
            "edited": directory["edited"],
        }
        changes = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
        line += f"; changing during the run: {changes or 'some came and went'}"
    return line


def value_text(value: Any) -> str:
    """The value of an observation on one line: a string as it is, else JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _may_hold(root: Outcome, effect: Outcome) -> bool:
    return root == "failed" or (root == "warned" and effect == "warned")
