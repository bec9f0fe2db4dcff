"""``conformance history``: many runs on one page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance import report
from conformance.comparison.check import check_schema
from conformance.comparison.history import cell, history
from tests.report.conftest import HOSTILE, Build
from tests.support.in_process import call

BUILD = Build()
PRINT = "PAG-03/list/limit/0a1b2c3d"


def result(day: int, *rows: dict[str, Any], **changes: Any) -> Any:
    times = {
        "started_at": f"2026-03-{day:02}T10:15:04Z",
        "finished_at": f"2026-03-{day:02}T10:16:04Z",
    }
    return BUILD.result(BUILD.requirement("AUTH-01"), *rows, **times | changes)


def failed(id_: str = "PAG-03", fingerprint: str = PRINT) -> dict[str, Any]:
    return BUILD.requirement(id_, "failed", findings=[BUILD.finding(fingerprint=fingerprint)])


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Return a folder with four reports: PAG-03 passes, fails twice, and passes again."""
    rows = [BUILD.requirement("PAG-03"), failed(), failed(), BUILD.requirement("PAG-03")]
    for day, row in enumerate(rows, 1):
        made = result(day, row, labels={"build": str(day)})
        report.write(made, tmp_path / "reports" / f"run-{9 - day}")
    (tmp_path / "reports" / "latest").symlink_to("run-5")
    (tmp_path / "reports" / "notes").mkdir()
    return tmp_path


def test_a_defect_has_its_first_and_last_run(runs: Path) -> None:
    ended = call(runs, "history", "reports", "--format", "json")
    assert ended.status == 0, ended.text
    document = json.loads(ended.out)
    assert [run["labels"]["build"] for run in document["runs"]] == ["1", "2", "3", "4"]
    assert [run["areas"]["pagination"]["failed"] for run in document["runs"]] == [0, 1, 1, 0]
    (defect,) = document["defects"]
    assert (defect["state"], defect["runs"]) == ("fixed", [1, 2])
    assert defect["first_seen"].startswith("2026-03-02")
    assert defect["last_seen"].startswith("2026-03-03")


@pytest.mark.parametrize(
    ("last", "state"),
    [(failed(), "open"), (BUILD.requirement("PAG-03", "inconclusive"), "unchecked")],
)
def test_the_last_run_decides_the_state(last: dict[str, Any], state: str) -> None:
    document = history([result(1, failed()), result(2, last)])
    check_schema(document, "history")
    assert [item["state"] for item in document["defects"]] == [state]


def test_other_kinds_are_other_defects() -> None:
    other = "PAG-03/list/offset/missing"
    document = history([result(1, failed()), result(2, failed(fingerprint=other))])
    assert [item["state"] for item in document["defects"]] == ["fixed", "open"]
    newer = result(2, failed(fingerprint="PAG-03/list/limit/ffffffff"))
    newer["suite"]["version"] = "9.9.9"
    assert len(history([result(1, failed()), newer])["defects"]) == 1


def test_the_forms_show_every_run_and_defect(runs: Path) -> None:
    text = call(runs, "history", "reports/run-8", "reports/run-7", "--report-dir", "out").out
    assert "build 1" in text
    assert "build 3" not in text
    assert "Open problems" in text
    assert all(len(line) <= 80 for line in text.splitlines())
    page = (runs / "out" / "history.html").read_text("utf-8")
    assert 'href="requirements.html#' in page
    assert "1 failed" in page
    assert "2026-03-02 10:15:04 UTC" in page
    check_schema(json.loads((runs / "out" / "history.json").read_text("utf-8")), "history")


def test_text_of_a_target_is_no_markup(tmp_path: Path) -> None:
    made = result(1, failed(), labels={"branch": "<b>x</b>"})
    made["defects"][0]["title"] = HOSTILE
    report.write(made, tmp_path / "one")
    ended = call(tmp_path, "history", "one", "--format", "html")
    assert "<script" not in ended.out
    assert "<b>" not in ended.out
    assert "\x1b" not in call(tmp_path, "history", "one").out


def test_what_cannot_be_shown_is_one_line(runs: Path) -> None:
    (runs / "cut").mkdir()
    (runs / "cut" / "report.json").write_text('{"format": 2', "utf-8")
    (runs / "newer").mkdir()
    newer = json.loads((runs / "reports" / "run-8" / "report.json").read_text("utf-8"))
    (runs / "newer" / "report.json").write_text(json.dumps(newer | {"format": 3}), "utf-8")
    other = result(5)
    other["target"]["base_url"] = "https://other.example.org/api-v1"
    report.write(other, runs / "other")
    (runs / "file").write_text("", "utf-8")
    for arguments, why in (
        (("none",), "none cannot be read"),
        (("reports/notes",), "cannot be read"),
        (("reports", "cut"), "cut short"),
        (("newer",), "upgrade this suite"),
        (("reports", "other"), "--other-target"),
        (("reports", "--report-dir", "file"), "file cannot be written"),
    ):
        ended = call(runs, "history", *arguments)
        assert (ended.status, why in ended.complaint()) == (2, True), ended.text
    assert call(runs, "history", "reports", "other", "--other-target").status == 0


def test_a_partial_run_says_how_much_of_an_area_it_checked() -> None:
    rows = [BUILD.requirement("PAG-03"), BUILD.requirement("PAG-04", "unselected")]
    document = history([result(1, *rows, verdict="partial")])
    assert cell(document["runs"][0]["areas"]["pagination"]) == ("1/2 ok", "good")
    assert cell(document["runs"][0]["areas"]["authentication"]) == ("ok", "good")
    assert cell(document["runs"][0]["areas"]["search"]) == ("", "")
