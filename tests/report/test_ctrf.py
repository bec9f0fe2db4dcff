"""`ctrf.json` matches the schema of its format, and fails when the command does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.report import badge, ctrf

SCHEMA = json.loads((Path(__file__).parent / "data" / "ctrf-schema-0.0.json").read_text("utf-8"))


def document(result: Any) -> Any:
    return json.loads(ctrf.render(result))


def test_every_result_matches_the_schema(every: dict[str, Any]) -> None:
    checker = jsonschema.Draft7Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    for result in every.values():
        labels = {"commit": "0123abc", "build": "7", "build-url": "https://ci.example.com/7"}
        for one in (result, result | {"labels": labels | {"team": "EHR"}}):
            assert list(checker.iter_errors(document(one))) == []


def test_a_test_fails_if_and_only_if_the_command_does(every: dict[str, Any]) -> None:
    for name, result in every.items():
        results = document(result)["results"]
        statuses = [test["status"] for test in results["tests"]]
        assert bool(statuses.count("failed")) is bool(result["exit_status"]), name
        summary = results["summary"]
        assert summary["tests"] == len(statuses)
        for status in ("passed", "failed", "skipped", "pending", "other"):
            assert summary[status] == statuses.count(status)


def test_names_do_not_change_with_the_wording(mixed: Any) -> None:
    """A tool that keeps the history of a test knows it by its name."""
    tests = {test["name"]: test for test in document(mixed)["results"]["tests"]}
    assert list(tests) == [
        *("AUTH-01", "LIM-03", "LIM-04", "PAG-04", "PAG-05", "PAG-10", "FIL-02", "RO-01")
    ]
    assert {name: test["rawStatus"] for name, test in tests.items()} == {
        row["id"]: row["outcome"] for row in mixed["requirements"]
    }
    assert (
        tests["PAG-04"]["message"]
        == "expected meta.has_more is false; received meta.has_more is true"
    )
    assert (tests["PAG-10"]["status"], tests["RO-01"]["status"]) == ("passed", "skipped")
    assert tests["RO-01"]["message"] == "would use up the rate limit"


def test_hostile_text_is_made_visible(hostile: Any) -> None:
    text = ctrf.render(hostile).decode()
    assert not {"\x1b", "\u202e", "\x00"} & set(text)
    assert r"\\u001b" not in text


def test_labels_become_the_environment(mixed: Any) -> None:
    labels = {"version": "4.2", "environment": "staging", "team": "EHR"}
    environment = document(mixed | {"labels": labels})["results"]["environment"]
    assert (environment["appVersion"], environment["testEnvironment"]) == ("4.2", "staging")
    assert "team" not in environment


@pytest.mark.parametrize(
    ("name", "message", "colour"),
    [
        ("conformant", None, "brightgreen"),
        ("mixed", "2 failed", "red"),
        ("incomplete", "incomplete", "yellow"),
        ("untestable", "untestable", "lightgrey"),
        ("error before anything", "error", "lightgrey"),
    ],
)
def test_a_badge_shows_the_verdict(
    every: dict[str, Any], name: str, message: str | None, colour: str
) -> None:
    result = every[name]
    shown = json.loads(badge.render(result))
    count = result["totals"]["passed"]
    tested = count + result["totals"]["warned"]
    assert shown == {
        "schemaVersion": 1,
        "label": "conformance",
        "message": message or f"{count} of {tested} passed",
        "color": colour,
    }
