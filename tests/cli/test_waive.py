"""``conformance waive`` writes an entry, or says in one line why it does not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conformance.waivers.file import schema
from tests.support.in_process import call

LATER = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
GIVEN = ("--owner", "Data team", "--reason", "Planned.", "--until", LATER)


def test_a_file_is_created_and_extended(tmp_path: Path) -> None:
    assert call(tmp_path, "waive", "PAG-04", *GIVEN, "--ticket", "API-17").status == 0
    kind = "FIL-08/list/is_active+location_id/unexpected"
    ended = call(tmp_path, "waive", kind, *GIVEN)
    assert "waivers.yaml, line 9: " in ended.out
    text = (tmp_path / "waivers.yaml").read_text("utf-8")
    assert "$schema=waivers.schema.json" in text
    assert text.count("- requirement:") == 2
    assert f"fingerprint: {kind}\n" in text
    again = call(tmp_path, "waive", "PAG-04", *GIVEN)
    assert (again.status, "line 4: PAG-04 is waived already" in again.complaint()) == (2, True)
    assert (tmp_path / "waivers.yaml").read_text("utf-8") == text


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("PAG-99", *GIVEN), "ID: PAG-99 is not a requirement: is it PAG-09"),
        (("pag-04", *GIVEN), "is it PAG-04"),
        (("AUTH-11", *GIVEN), "ID: AUTH-11 is not tested"),
        (("PAG-04/Nonsense!", *GIVEN), "not a fingerprint"),
        (("PAG-04", *GIVEN[:-1], "2020-01-31"), "--until: 2020-01-31 is in the past"),
        (("PAG-04", *GIVEN[:-1], "tomorrow"), "--until: 'tomorrow' is not a date"),
        (("PAG-04", *GIVEN[:1], " ", *GIVEN[2:]), "--owner: expected one line"),
        (("PAG-04", *GIVEN, "--ticket", "a\nb"), "--ticket: expected one line"),
        (
            ("PAG-04", *GIVEN, "--file", "file/waivers.yaml"),
            "--file: file/waivers.yaml cannot be written",
        ),
        (("PAG-04", *GIVEN, "--file", "foreign.json"), "foreign.json, line 1: "),
        (("PAG-04", *GIVEN, "--file", "binary"), "--file: binary cannot be read: it is not UTF-8"),
    ],
)
def test_what_cannot_be_written_is_one_line(
    tmp_path: Path, arguments: tuple[str, ...], why: str
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    (tmp_path / "foreign.json").write_text('{"a": [1]}', "utf-8")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    ended = call(tmp_path, "waive", *arguments)
    assert (ended.status, why in ended.complaint()) == (2, True), ended.text
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_schema_is_printed_for_editors(tmp_path: Path) -> None:
    ended = call(tmp_path, "waive", "--schema")
    assert (ended.status, json.loads(ended.out)) == (0, schema())
