"""The rows of the table of coverage: which parts of the contract a run has touched, and which never."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.report.model import Coverage, Result

_BY_STATUS = ("media types", "headers")


@dataclass(frozen=True)
class Row:
    """A part of the contract: how many of its points were seen, and the names of those that never were."""

    kind: str
    place: str
    seen: int
    total: int
    never: list[str]


def rows(result: Result) -> list[Row]:
    """Return the rows; none for a report that was made without coverage.

    A status that never occurred is listed once, and its headers and media types are left out of the table.
    """
    parts = result.get("coverage", [])
    absent = {
        part["place"]: {point["name"] for point in part["points"] if point["exchange"] is None}
        for part in parts
        if part["kind"] == "statuses"
    }
    found = [_row(part, absent.get(part["place"], set())) for part in parts]
    return [row for row in found if row.total]


def _row(part: Coverage, absent: set[str]) -> Row:
    points = part["points"]
    if part["kind"] in _BY_STATUS:
        points = [point for point in points if point["name"].split(" ")[0] not in absent]
    never = [point["name"] for point in points if point["exchange"] is None]
    return Row(part["kind"], part["place"], len(points) - len(never), len(points), never)
