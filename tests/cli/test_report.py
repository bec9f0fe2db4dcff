"""``conformance report``: the forms of an earlier report, written again."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance import report
from conformance.report.store import FORMS
from tests.report.conftest import Build
from tests.support.in_process import call

BUILD = Build()
OTHERS = sorted(FORMS.keys() - {"report.json"})


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a real run with its transcript."""
    folder = tmp_path_factory.mktemp("smoke")
    ended = call(folder, "run", "--depth", "smoke", "--report-dir", "there")
    assert ended.status == 0, ended.text
    return folder / "there"


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """Return the directory of a red report."""
    result = BUILD.result(BUILD.requirement("AUTH-01"), BUILD.requirement("PAG-03", "failed"))
    report.write(result, tmp_path / "there")  # type: ignore[arg-type]
    return tmp_path / "there"


def test_lost_forms_come_back_as_they_were(smoke: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    shutil.copytree(smoke, there)
    before = {path.name: path.read_bytes() for path in there.iterdir()}
    for name in OTHERS:
        (there / name).unlink()
    ended = call(tmp_path, "report", "there")
    assert ended.status == 0, ended.text
    assert {path.name: path.read_bytes() for path in there.iterdir()} == before
    assert "PASSED IN PART" in ended.out


def test_the_page_gets_its_exchanges_from_the_transcript(smoke: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    shutil.copytree(smoke, there)
    content = json.loads((there / "report.json").read_text("utf-8"))
    exchanges = content.pop("exchanges")
    (there / "report.json").write_text(json.dumps(content), "utf-8")
    page = (there / "report.html").read_text("utf-8")
    ended = call(tmp_path, "report", "there", "--quiet")
    assert (ended.status, "Not on the page" in ended.out) == (0, False), ended.text
    assert "exchanges" not in json.loads((there / "report.json").read_text("utf-8"))
    rewritten = (there / "report.html").read_text("utf-8")
    rows = re.compile(r'id="x\d+"')
    assert len(rows.findall(rewritten)) == len(rows.findall(page)) == len(exchanges)
    names = re.compile(r"masked|Okonkwo", re.IGNORECASE)
    assert len(names.findall(rewritten)) == len(names.findall(page))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda path: path.unlink(), "there is no there/transcript.har"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "transcript.har is refused"),
        (None, "is of another run"),
    ],
    ids=["none", "cut", "other"],
)
def test_a_transcript_that_cannot_be_used_is_said(
    smoke: Path, tmp_path: Path, change: Callable[[Path], object] | None, why: str
) -> None:
    there = tmp_path / "there"
    shutil.copytree(smoke, there)
    content = json.loads((there / "report.json").read_text("utf-8"))
    del content["exchanges"]
    if change is None:
        content["started_at"] = "2026-01-02T03:04:05Z"
    else:
        change(there / "transcript.har")
    (there / "report.json").write_text(json.dumps(content), "utf-8")
    ended = call(tmp_path, "report", "there")
    assert (ended.status, why in ended.out) == (0, True), ended.text


def test_the_verdict_is_that_of_the_report(there: Path, tmp_path: Path) -> None:
    before = (there / "report.json").read_bytes()
    ended = call(tmp_path, "report", "there/report.json", "--report-dir", "elsewhere")
    assert ended.status == 0, ended.text
    assert "FAILED: do not release" in ended.out
    assert (there / "report.json").read_bytes() == before
    assert report.read(tmp_path / "elsewhere") == report.read(there)
    assert sorted(path.name for path in (tmp_path / "elsewhere").iterdir()) == sorted(FORMS)


def test_what_cannot_be_written_costs_nothing_else(there: Path, tmp_path: Path) -> None:
    (there / "junit.xml").unlink()
    (there / "junit.xml").mkdir()
    (there / "summary.md").unlink()
    ended = call(tmp_path, "report", "there", "--quiet")
    assert ended.status == 2
    assert ended.err == (
        "conformance: not written to there: junit.xml (Is a directory); "
        "--report-dir names another directory\n"
    )
    assert (there / "summary.md").is_file()
    (tmp_path / "file").write_text("", "utf-8")
    ended = call(tmp_path, "report", "there", "--report-dir", "file")
    assert ended.status == 2
    assert "not written to file: " in ended.err
    assert "FAILED: do not release" in ended.out


def test_a_form_that_cannot_be_made_leaves_the_old_one(
    there: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("no such row")

    before = (there / "report.html").read_bytes()
    monkeypatch.setattr("conformance.report.first.of", broken)
    ended = call(tmp_path, "report", "there")
    assert ended.status == 2
    assert "report.html (it could not be made: ValueError)" in ended.err
    assert (there / "report.html").read_bytes() == before


def _edit(**changes: Any) -> Callable[[Path], object]:
    def edit(path: Path) -> None:
        path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")

    return edit


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (Path.unlink, "cannot be read"),
        (lambda path: path.write_bytes(path.read_bytes()[:-20]), "cut short"),
        (lambda path: path.write_text('{"a": 1}', "utf-8"), "not a report of this suite"),
        (_edit(format=99), "upgrade this suite"),
        (_edit(verdict="conformant"), "edited"),
    ],
    ids=["missing", "cut", "foreign", "newer", "edited"],
)
def test_a_report_that_cannot_be_used_is_one_line(
    there: Path, tmp_path: Path, spoil: Callable[[Path], object], why: str
) -> None:
    spoil(there / "report.json")
    before = (there / "report.html").read_bytes()
    line = call(tmp_path, "report", "there").complaint()
    assert line.startswith("REPORT: ")
    assert why in line
    assert (there / "report.html").read_bytes() == before
    (there / "transcript.har").write_text("{}")
    ended = call(tmp_path, "report", "there")
    assert ended.status == 2
    assert "conformance run --replay there/transcript.har" in ended.complaint()
