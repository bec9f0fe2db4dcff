"""Replays of older formats give the outcomes that their own version reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.contract.cases import Case
from conformance.contract.document import load
from conformance.recording.convert import converted
from conformance.running.run import run
from conformance.running.settings import Settings

FORMAT_1 = Path(__file__).parent / "data" / "format-1.har"
PASSED = [
    *("AUTH-01", "AUTH-02", "ENV-01", "ENV-02", "ENV-03", "ENV-04"),
    *("ENV-07", "ENV-08", "ENV-11", "ENV-12", "OBJ-01", "OBJ-02"),
    *("OBJ-03", "OBJ-04", "LIM-04", "PAG-01", "PAG-03", "FIL-01"),
    *("SRCH-01", "RET-03", "ORG-02", "ORG-09", "RO-01", "ROB-09"),
]
"""What version 0.1.0 reported as passed when it recorded the transcript, at depth smoke."""


def test_format_1_is_replayed_to_the_same_outcomes(tmp_path: Path, cases: list[Case]) -> None:
    report = run(Settings(replay=FORMAT_1, report_dir=tmp_path / "replayed"), cases)
    rows = report.result["requirements"]
    passed = [row["id"] for row in rows if row["outcome"] == "passed"]
    later = load().frozen("1.0").later
    assert [name for name in passed if name not in later] == PASSED
    assert not [row["id"] for row in rows if row["outcome"] in ("failed", "warned")]
    assert report.result["depth"] == "smoke"
    # It recorded 30 requests with the own key. The cases ask for some of them.
    assert report.result["requests"]["by_identity"] == {"own": 26, "other": 4, "anonymous": 4}


def test_content_that_breaks_its_format_is_an_error() -> None:
    with pytest.raises(KeyError, match="profile"):
        converted({"run": {}, "entries": []}, ours="_ours", old=1, new=2)
    with pytest.raises(KeyError, match="again"):
        converted(
            {"run": {"profile": "deep"}, "entries": [{"_ours": {}}]}, ours="_ours", old=1, new=2
        )


def test_content_of_the_current_format_stays_unchanged() -> None:
    content = {"run": {"depth": "deep"}, "entries": [{"_ours": {"repeat": ""}}]}
    assert converted(content, ours="_ours", old=2, new=2) == content
