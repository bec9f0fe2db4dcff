"""`ctrf.json`: the report in the Common Test Report Format, for tools that read no JUnit.

As in `junit.xml`, a test fails if and only if the exit status of the command is not 0.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from conformance.report import acceptance, clock, requirements, view
from conformance.report.model import Requirement, Result
from conformance.text.printable import visible

VERSION = "0.0.0"
"""The version of the format, as its JSON Schema numbers it."""

_STATUSES = ("passed", "failed", "skipped", "pending", "other")
_LABELS = {
    "commit": "commit",
    "branch": "branchName",
    "build": "buildId",
    "build-url": "buildUrl",
    "version": "appVersion",
    "environment": "testEnvironment",
}
"""Label of a run → the member of an environment that means the same."""


def render(result: Result) -> bytes:
    """Return the document. The result has been validated."""
    accepted = acceptance.accepted_ids(result)
    tests = [
        _test(row, allowed=not result["exit_status"] or row["id"] in accepted)
        for row in view.in_order(result["requirements"])
    ]
    if result["exit_status"] and not any(test["status"] == "failed" for test in tests):
        # Untestable, interrupted or broken before a mandatory requirement was judged: never green.
        message = f"{result['verdict']}: {result['reason']}"
        tests.append({"name": "verdict", "testId": "verdict", "status": "failed", "duration": 0})
        tests[-1] |= {"message": visible(message), "rawStatus": result["verdict"]}
    counts = Counter(test["status"] for test in tests)
    start, stop = (_milliseconds(result[name]) for name in ("started_at", "finished_at"))
    suite, target = result["suite"], result["target"]
    document = {
        "reportFormat": "CTRF",
        "specVersion": VERSION,
        "reportId": str(uuid5(NAMESPACE_URL, f"{target['base_url']}#{result['started_at']}")),
        "timestamp": result["finished_at"],
        "generatedBy": f"{suite['name']} {suite['version']}",
        "results": {
            "tool": {"name": suite["name"], "version": suite["version"]},
            "summary": {
                "tests": len(tests),
                **{status: counts[status] for status in _STATUSES},
                "suites": len(view.by_area(result)),
                "start": start,
                "stop": stop,
                "duration": stop - start,
            },
            "tests": tests,
            "environment": _environment(result),
        },
        "extra": {
            "verdict": result["verdict"],
            "reason": visible(result["reason"]),
            "exitStatus": result["exit_status"],
            "warnings": [visible(warning) for warning in result["warnings"]],
        },
    }
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    return (text + "\n").encode("utf-8", "backslashreplace")


def _test(row: Requirement, *, allowed: bool) -> dict[str, Any]:
    """Return the test of a requirement. The times of its requests are shared with others, so it has none.

    :param allowed: whether it does not stop a gate: the command ends with 0, or a waiver or the baseline
        accepts it.
    """
    outcome = row["outcome"]
    status, message = "passed", None
    match outcome:
        case "failed" | "warned":
            first = row["findings"][0]
            message = f"expected {first['expected']}; received {first['received']}"
            status = "passed" if outcome == "warned" else "skipped" if allowed else "failed"
        case "inconclusive" | "waived" | "unselected":
            stops = outcome == "inconclusive" and row["level"] == "must" and not allowed
            message = view.reason_of(row)
            status = "failed" if stops else "skipped"
    test: dict[str, Any] = {
        "name": row["id"],
        "testId": row["id"],
        "status": status,
        "duration": 0,
        "suite": [row["area"]],
        "rawStatus": outcome,
        "tags": [row["level"], row["source"]],
        "extra": {
            "text": row["text"],
            "cases": [visible(case) for case in row["cases"]],
            "page": requirements.link(row["id"]),
        },
    }
    if message is not None:
        test["message"] = visible(message)
    return test


def _environment(result: Result) -> dict[str, Any]:
    members: Mapping[str, Any] = result
    labels: Mapping[str, str] = members.get("labels", {})
    found: dict[str, Any] = {
        "reportName": f"{result['contract']['title']} {result['contract']['version']}",
        "appName": result["target"]["base_url"],
        "extra": {"depth": result["depth"], "seed": result["seed"]},
    }
    return found | {
        _LABELS[name]: visible(text) for name, text in labels.items() if name in _LABELS
    }


def _milliseconds(time: str) -> int:
    return round(clock.parse(time).timestamp() * 1000)
