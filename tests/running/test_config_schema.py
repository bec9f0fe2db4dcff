"""The JSON Schema of ``conformance.toml``: it is that of the table of settings, and says what runs accept."""

from __future__ import annotations

import json
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from conformance.contract.document import load
from conformance.errors import UsageError
from conformance.running.config_schema import schema, text
from conformance.running.layers import read_file
from conformance.running.table import ROWS, SETTINGS

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
VALIDATOR = Draft7Validator(schema())

GOOD: dict[str, list[Any]] = {
    "base_url": ["https://staging.example.com/api-v1", "http://127.0.0.1:8000"],
    "foreign_id": [ID, [ID, ID.upper()]],
    "depth": ["smoke", "standard", "deep"],
    "only": ["PAG-04", "search, must", ["PAG", "read-only", "should"]],
    "requirements": load().requirement_sets,
    "max_requests": [1, 300],
    "label": ["version=2.4", ["version=2.4", "vendor=A/S B"]],
    "rate": ["5/s", "100/m", "0.5 / h"],
    "max_wait": [0, 2.5, 3600],
    "concurrency": [1, 32],
    "no_writes": [True, False],
    "header": ["X-Gateway: one", ["X-Gateway: one", "X-Other:two"]],
    "client_cert": ["cert.pem", "cert.pem,key.pem"],
    "fail_on": ["any", "new"],
    "waivers": ["waivers.yaml"],
    "report_dir": ["out"],
}
BAD: dict[str, list[Any]] = {
    "base_url": [
        "staging.example.com",
        "ftp://a/b",
        "https://user:word@host/api",
        5,
        "https://h/a?b=c",
    ],
    "foreign_id": ["x", ["x"], 5],
    "depth": ["full", 1],
    "only": [5, "", [5]],
    "requirements": ["9.9", 1.0],
    "max_requests": [0, -1, 1.5, "many", True],
    "label": ["version", ["=x"], 5],
    "rate": ["fast", "5", 5, "5/d"],
    "max_wait": [-1, 3601, "long", True],
    "concurrency": [0, 33],
    "no_writes": ["perhaps", 7],
    "header": ["X-Gateway", ["no colon"], 5],
    "client_cert": ["", "a,b,c", 5],
    "fail_on": ["all", True],
    "waivers": [5, True],
    "report_dir": [5],
}


def is_valid(name: str, value: Any) -> bool:
    return bool(VALIDATOR.is_valid({name: value}))


def is_accepted(name: str, value: Any) -> bool:
    try:
        ROWS[name].parse(value, name)
    except UsageError:
        return False
    return True


def test_the_file_is_that_of_the_table() -> None:
    file = resources.files("conformance.running").joinpath("config.schema.json")
    assert file.read_text("utf-8") == text(), "run make docs"
    assert list(schema()["properties"]) == list(SETTINGS)


def test_it_is_a_schema_that_editors_read() -> None:
    Draft7Validator.check_schema(schema())
    for name, row in schema()["properties"].items():
        assert row["description"].startswith(ROWS[name].help)
        assert "default" not in row or is_accepted(name, row["default"])
    known = schema()["properties"]["only"]["anyOf"][0]["anyOf"][0]["enum"]
    assert {"PAG-04", "pagination", "PAG", "must"} <= set(known)


@pytest.mark.parametrize("name", GOOD)
def test_what_it_accepts_a_run_accepts(name: str) -> None:
    values = GOOD[name]
    assert [value for value in values if not is_valid(name, value)] == []
    assert [value for value in values if not is_accepted(name, value)] == []


@pytest.mark.parametrize("name", BAD)
def test_what_it_refuses_a_run_refuses(name: str) -> None:
    values = BAD[name]
    assert [value for value in values if is_valid(name, value)] == []
    assert [value for value in values if is_accepted(name, value)] == []


def test_a_key_and_an_unknown_name_are_refused() -> None:
    assert not is_valid("api_key", "pk_live_x")
    assert not is_valid("other_api_key", "pk_live_x")
    assert not is_valid("max_request", 5)
    assert not is_valid("replay", "transcript.har")


def test_the_line_for_editors_is_a_comment(tmp_path: Path) -> None:
    """Editors find the schema by a comment, so that the file stays what a run reads."""
    content = "#:schema ./conformance.schema.json\nmax_requests = 100\n"
    (tmp_path / "conformance.toml").write_text(content, "utf-8")
    assert read_file(tmp_path) == tomllib.loads(content) == {"max_requests": 100}
    assert json.loads(text())["title"] == "conformance.toml"
