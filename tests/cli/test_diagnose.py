"""``conformance diagnose`` lists the defects of an earlier run, from its transcript."""

from __future__ import annotations

from pathlib import Path

from tests.support.in_process import call


def test_a_report_without_a_transcript_is_a_usage_error(tmp_path: Path) -> None:
    ended = call(tmp_path, "diagnose", str(tmp_path))
    assert ended.status == 2
    assert "needs the transcript" in ended.text


def test_an_earlier_run_is_diagnosed(tmp_path: Path) -> None:
    ran = call(tmp_path, "run", "--depth", "smoke", "--report-dir", "report", "--quiet")
    assert ran.status == 0, ran.text
    ended = call(tmp_path, "diagnose", "report")
    assert ended.status == 0, ended.text
    assert "pseudonyms" in ended.text
