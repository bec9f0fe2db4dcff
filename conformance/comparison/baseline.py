"""A run compared with its baseline, as its own result holds it."""

from __future__ import annotations

from typing import Any, Literal

from conformance.comparison.compare import is_later
from conformance.comparison.findings import Prints
from conformance.report import Result

_OPEN = ("inconclusive", "waived", "unselected")
_JUDGED = ("passed", "failed", "warned")


def against(baseline: Result, result: Result, fail_on: Literal["any", "new"]) -> dict[str, Any]:
    """Return the member ``baseline`` of a result.

    A finding is known if the baseline has one of its kind, or was not judged by its requirement.
    """
    prints = Prints.of(baseline, result)
    before = {row["id"]: row for row in baseline["requirements"]}
    known: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    for row in result["requirements"]:
        earlier = before.get(row["id"])
        added = earlier is None or is_later(earlier, baseline, result)
        for index, finding in enumerate(row["findings"]):
            is_known = added or prints.key(finding) in prints.old
            (known if is_known else new).append({"requirement": row["id"], "index": index})
    judged = {row["id"] for row in result["requirements"] if row["outcome"] in _JUDGED}
    fixed = [
        finding["fingerprint"]
        for row in baseline["requirements"]
        for finding in row["findings"]
        if row["id"] in judged and prints.key(finding) not in prints.new
    ]
    unchecked = [
        row["id"]
        for row in result["requirements"]
        if row["outcome"] == "inconclusive"
        and row["level"] == "must"
        and (row["id"] not in before or before[row["id"]]["outcome"] in _OPEN)
    ]
    lost = [
        row["id"]
        for row in result["requirements"]
        if row["outcome"] == "inconclusive"
        and row["id"] in before
        and before[row["id"]]["outcome"] in _JUDGED
    ]
    return {
        "base_url": baseline["target"]["base_url"],
        "started_at": baseline["started_at"],
        "labels": baseline["labels"],
        "fail_on": fail_on,
        "known": known,
        "new": new,
        "fixed": sorted(set(fixed)),
        "unchecked": unchecked,
        "lost": lost,
    }
