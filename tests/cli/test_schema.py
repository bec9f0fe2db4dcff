"""``conformance schema``: the JSON Schemas of what the suite reads and writes."""

from __future__ import annotations

import json
from pathlib import Path

import conformance
from conformance.cli.schema import FILES
from tests.support.in_process import call

HOME = Path(conformance.__file__).parent


def test_every_schema_of_the_package_can_be_printed(tmp_path: Path) -> None:
    shipped = {path.name.removesuffix(".schema.json") for path in HOME.rglob("*.schema.json")}
    assert shipped == FILES.keys()
    for name in sorted(shipped):
        ended = call(tmp_path, "schema", name)
        assert ended.status == 0, ended.text
        assert json.loads(ended.out)["$schema"]
    listed = call(tmp_path, "schema").out
    assert [line.split()[0] for line in listed.splitlines()] == sorted(FILES)


def test_waive_prints_the_same_one(tmp_path: Path) -> None:
    one = json.loads(call(tmp_path, "waive", "--schema").out)
    assert one == json.loads(call(tmp_path, "schema", "waivers").out)


def test_an_unknown_name_is_one_line(tmp_path: Path) -> None:
    ended = call(tmp_path, "schema", "nothing")
    assert (ended.status, "'nothing' is not one of" in ended.complaint()) == (2, True)
