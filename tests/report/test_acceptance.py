"""A result with waivers or a baseline: its exit status, and what its forms show."""

from __future__ import annotations

import io
from typing import Any
from xml.etree import ElementTree

import pytest

from conformance.errors import ReportError
from conformance.report import html, junit, make_console, render, validate
from conformance.report.acceptance import accepted_ids, waived_ids


def waiver(id_: str, *indices: int, **changes: Any) -> dict[str, Any]:
    return {
        "requirement": id_,
        "fingerprint": None,
        "owner": "Data team",
        "reason": "Planned for 2.5.",
        "ticket": "API-17",
        "expires": "2027-01-31",
        "state": "used",
        "findings": [{"requirement": id_, "index": index} for index in indices],
    } | changes


def baseline(**changes: Any) -> dict[str, Any]:
    return {
        "base_url": "http://127.0.0.1:8000/api-v1",
        "started_at": "2026-03-01T10:15:04Z",
        "labels": {"version": "2.3"},
        "fail_on": "new",
        "known": [],
        "new": [],
        "fixed": [],
        "unchecked": [],
        "lost": [],
    } | changes


def place(id_: str, index: int = 0) -> dict[str, Any]:
    return {"requirement": id_, "index": index}


@pytest.fixture
def red(build: Any) -> Any:
    """Return a result in which PAG-03 failed with two findings and FIL-02 could not be checked."""
    failed = build.requirement("PAG-03", "failed", findings=[build.finding(), build.finding()])
    passed = build.requirement("AUTH-01")
    return build.result(passed, failed, build.requirement("FIL-02", "inconclusive"))


@pytest.mark.parametrize(
    ("waivers", "compared", "accepted", "statuses"),
    [
        ([], None, set(), {1}),
        ([waiver("PAG-03", 0)], None, set(), {1}),
        ([waiver("PAG-03", 0, 1)], None, {"PAG-03"}, {0, 3, 4}),
        ([waiver("PAG-03", 0), waiver("PAG-03", 1)], None, {"PAG-03"}, {0, 3, 4}),
        ([waiver("FIL-02")], None, {"FIL-02"}, {1}),
        ([waiver("FIL-02", state="undecided")], None, set(), {1}),
        ([waiver("PAG-03", 0, 1), waiver("AUTH-01", state="unused")], None, {"PAG-03"}, {2, 4}),
        ([], baseline(known=[place("PAG-03"), place("PAG-03", 1)]), {"PAG-03"}, {0, 3, 4}),
        ([], baseline(known=[place("PAG-03")], new=[place("PAG-03", 1)]), set(), {1}),
        ([waiver("PAG-03", 1)], baseline(known=[place("PAG-03")]), {"PAG-03"}, {0, 3, 4}),
        ([], baseline(fail_on="any", known=[place("PAG-03"), place("PAG-03", 1)]), set(), {1}),
        ([], baseline(unchecked=["FIL-02"]), {"FIL-02"}, {1}),
    ],
)
def test_an_exit_status_needs_its_reason(
    red: Any, waivers: list[Any], compared: Any, accepted: set[str], statuses: set[int]
) -> None:
    red["waivers"], red["baseline"] = waivers, compared
    assert accepted_ids(red) == accepted
    assert waived_ids(red) <= accepted
    valid = set()
    for status in (0, 1, 2, 3, 4):
        red["exit_status"] = status
        try:
            validate(red)
        except ReportError:
            continue
        valid.add(status)
    assert valid == statuses


@pytest.mark.parametrize(
    "wrong", [waiver("PAG-03", 2), waiver("PAG-03") | {"findings": [place("AUTH-01")]}]
)
def test_a_waiver_covers_findings_that_exist(red: Any, wrong: dict[str, Any]) -> None:
    red["waivers"] = [wrong]
    with pytest.raises(ReportError, match=r"not listed|another requirement"):
        validate(red)


def test_every_form_shows_what_is_accepted(red: Any) -> None:
    red["waivers"] = [waiver("PAG-03", 0, 1), waiver("FIL-02")]
    red["exit_status"] = 0
    validate(red)
    file = io.StringIO()
    render(red, make_console(file), None)
    for text in (file.getvalue(), html.render(red)):
        assert "waived until 2027-01-31 by Data team, API-17: Planned for 2.5." in text.replace(
            "\n", " "
        )
        assert "every failure is accepted" in text
    root = ElementTree.fromstring(junit.render(red))
    assert (root.get("failures"), root.get("errors")) == ("0", "0")
    messages = [item.get("message", "") for item in root.iter("skipped")]
    assert len([text for text in messages if "Planned for 2.5." in text]) == 2
    assert any("expected: " in (item.text or "") for item in root.iter("system-out"))


def test_an_unused_waiver_is_an_error_in_junit(build: Any) -> None:
    green = build.result(build.requirement("AUTH-01"))
    green["waivers"], green["exit_status"] = [waiver("AUTH-01", state="unused")], 2
    validate(green)
    assert ElementTree.fromstring(junit.render(green)).get("errors") == "1"
