"""The table of coverage lists what was never seen, and a status that never occurred once."""

from __future__ import annotations

from typing import Any

from conformance.report import coverage, html
from tests.support.page import Page


def part(kind: str, place: str, **points: int | None) -> dict[str, Any]:
    named = [{"name": name.replace("_", " "), "exchange": at} for name, at in points.items()]
    return {"kind": kind, "place": place, "points": named}


def test_headers_of_a_status_that_never_occurred_are_left_out(conformant: Any) -> None:
    conformant["coverage"] = [
        part("statuses", "list", **{"200": 1, "429": None}),
        part("headers", "list", **{"200_Date": 1, "200_Allow": None, "429_Retry-After": None}),
    ]
    assert coverage.rows(conformant) == [
        coverage.Row("statuses", "list", 1, 2, ["429"]),
        coverage.Row("headers", "list", 1, 2, ["200 Allow"]),
    ]
    text = Page(html.render(conformant)).text
    assert "Coverage of the contract" in text
    assert "Retry-After" not in text


def test_a_target_that_could_not_be_tested_has_no_table_of_zeros(build: Any) -> None:
    silent = build.result(build.requirement("PAG-01", "inconclusive"), verdict="untestable")
    silent["coverage"] = [part("statuses", "list", **{"200": None})]
    assert "Coverage of the contract" not in html.render(silent)


def test_a_report_of_an_earlier_version_has_no_table(conformant: Any) -> None:
    assert coverage.rows(conformant) == []
    assert "Coverage of the contract" not in html.render(conformant)
