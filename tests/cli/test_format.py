"""``conformance run --format json``: standard output is the report and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.in_process import call
from tests.support.servers import Run, keys_for


def test_standard_output_is_the_report(run: Run, tmp_path: Path) -> None:
    ended = run("run", "--format", "json", "--depth", "smoke", "--report-dir", "there")
    assert ended.status == 3
    assert ended.out == (tmp_path / "there" / "report.json").read_text("utf-8")
    assert json.loads(ended.out)["verdict"] == "incomplete"
    assert "checking the embedded server" in ended.err


def test_a_target_that_cannot_be_tested_is_a_report_too(tmp_path: Path) -> None:
    ended = call(tmp_path, "run", "--format", "json", **keys_for("http://127.0.0.1:9/v1"))
    assert ended.status == 4
    assert json.loads(ended.out)["verdict"] == "untestable"


def test_bad_input_prints_no_document(run: Run) -> None:
    ended = run("run", "--format", "json", "--depth", "wide")
    assert ended.status == 2
    assert "'wide' is not a depth" in ended.complaint()
    assert run("run", "--format", "xml").status == 2
