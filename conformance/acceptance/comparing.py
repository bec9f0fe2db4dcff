"""Compares a report with what the transcript of its run leads to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.report.model import Result

STATEMENTS = frozenset({"labels", "waivers", "baseline"})
"""Members that the user of the suite states; no exchange can confirm them."""

_WORDED_BY_STATEMENTS = frozenset({"reason", "exit_status"})
"""Members that waivers and a baseline change; the check of a report compares them with its outcomes."""

_TIMES = ("started_at", "finished_at")
_MACHINE = ("python", "schemathesis")
_SEPARATE = frozenset({"requirements", "suite", *_TIMES, *STATEMENTS})


def outcomes(packed: Result, again: Mapping[str, Any]) -> Iterator[str]:
    """Yield where the verdict or an outcome does not follow from the transcript."""
    if packed["verdict"] != again["verdict"]:
        yield f"the verdict is {packed['verdict']}, and the transcript leads to {again['verdict']}"
    rows = {row["id"]: row for row in again["requirements"]}
    for row in packed["requirements"]:
        other = rows.pop(row["id"], None)
        if other is None:
            yield f"{row['id']} is {row['outcome']}, and this suite does not have that requirement"
        elif other["outcome"] != row["outcome"]:
            yield f"{row['id']} is {row['outcome']}, and the transcript leads to {other['outcome']}"
    yield from (f"{id_} is missing" for id_ in rows)


def details(packed: Result, again: Mapping[str, Any]) -> Iterator[str]:
    """Yield what else of a report does not follow from the transcript: findings, numbers, texts."""
    rows = {row["id"]: row for row in again["requirements"]}
    for row in packed["requirements"]:
        other = rows.get(row["id"], row)
        names = [name for name in row if name != "outcome" and row[name] != other.get(name)]  # type: ignore[literal-required]
        if names:
            yield f"{row['id']}: {', '.join(names)} of the report differ from what the transcript leads to"
    stated = packed.get("waivers") or packed.get("baseline")
    separate = _SEPARATE | {"verdict"} | (_WORDED_BY_STATEMENTS if stated else frozenset())
    if stated and not packed["reason"].startswith(again["reason"]):
        yield "reason of the report does not begin with what the transcript leads to"
    for name in sorted((packed.keys() | again.keys()) - separate):
        if packed.get(name) != again.get(name):
            yield f"{name} of the report differs from what the transcript leads to"
    for name in packed["suite"].keys() - set(_MACHINE):
        if packed["suite"][name] != again["suite"].get(name):  # type: ignore[literal-required]
            yield f"suite.{name} of the report is not that of this suite"


def recorded(packed: Result, run: Mapping[str, Any]) -> Iterator[str]:
    """Yield where a report names another run than its transcript."""
    facts = {
        "started_at": packed["started_at"],
        "finished_at": packed["finished_at"],
        "suite": packed["suite"]["version"],
        "contract": packed["contract"]["sha256"],
        "base_url": packed["target"]["base_url"],
    }
    if "labels" in run:
        facts["labels"] = packed.get("labels")  # type: ignore[assignment]
    for name, value in facts.items():
        if run.get(name) != value:
            yield f"{name} of the run is {run.get(name)!r} in the transcript and {value!r} in the report"
