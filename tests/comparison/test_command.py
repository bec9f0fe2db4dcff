"""``conformance compare`` as a command: its forms, its exit statuses, and reports that it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance import report
from conformance.comparison.check import check_schema
from tests.report.conftest import HOSTILE, Build
from tests.support.in_process import call

BUILD = Build()


def written(folder: Path, name: str, *rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    result = BUILD.result(BUILD.requirement("AUTH-01"), *rows, **changes)
    report.write(result, folder / name)  # type: ignore[arg-type]
    return result


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Return a folder with two reports: PAG-03 passes in the first one and fails in the second one."""
    written(tmp_path, "old", BUILD.requirement("PAG-03"))
    finding = BUILD.finding(received=f"1 | 2 {HOSTILE}")
    written(tmp_path, "new", BUILD.requirement("PAG-03", "failed", findings=[finding]))
    return tmp_path


def test_a_regression_has_status_1_and_the_reverse_0(two: Path) -> None:
    ended = call(two, "compare", "old", "new")
    assert ended.status == 1
    assert "REGRESSION" in ended.out
    assert "PAG-03" in ended.out
    assert call(two, "compare", "new/report.json", "old").status == 0


def test_lost_coverage_has_status_1_with_strict_alone(tmp_path: Path) -> None:
    written(tmp_path, "old", BUILD.requirement("PAG-03"))
    written(tmp_path, "new", BUILD.requirement("PAG-03", "inconclusive"))
    ended = call(tmp_path, "compare", "old", "new")
    assert (ended.status, "no longer checked: PAG-03" in ended.out) == (0, True)
    assert call(tmp_path, "compare", "old", "new", "--strict").status == 1


def test_every_form_names_the_regression(two: Path) -> None:
    written(two, "hostile", BUILD.requirement("PAG-03"))
    for form in ("text", "markdown", "json", "html"):
        ended = call(two, "compare", "old", "new", "--format", form)
        assert ended.status == 1
        assert "PAG-03" in ended.out
        assert "\x1b" not in ended.out.replace("\\u001b", "")
    ended = call(two, "compare", "old", "new", "--report-dir", "out")
    assert sorted(path.name for path in (two / "out").iterdir()) == [
        "compare.html",
        "compare.json",
        "compare.md",
        "requirements.html",
    ]
    page = (two / "out" / "compare.html").read_text("utf-8")
    assert 'href="requirements.html#PAG-03"' in page
    # Printed, the page has no file beside it.
    assert "requirements.html" not in call(two, "compare", "old", "new", "--format", "html").out
    check_schema(json.loads((two / "out" / "compare.json").read_text("utf-8")), "compare")


def test_no_form_lets_a_target_write_markup(two: Path) -> None:
    new = json.loads((two / "new" / "report.json").read_text("utf-8"))
    new["defects"][0]["title"] = f"PAG-03 | {HOSTILE}".replace("\ud800", "").replace("\ufffe", "")
    new["observations"] = [{"name": "order", "text": "The order.", "value": "<b>x</b>|`y`"}]
    (two / "new" / "report.json").write_text(json.dumps(new), "utf-8")
    text = call(two, "compare", "old", "new", "--format", "markdown").out
    assert "<script>" not in text
    cells = [line.replace("\\|", "").count("|") for line in text.splitlines() if "order" in line]
    assert cells == [5]
    page = call(two, "compare", "old", "new", "--format", "html").out
    tags = set(re.findall(r"<(\w+)", page))
    assert "table" in tags
    assert not {"script", "b"} & tags


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _edited(**changes: Any) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")

    return edit


BROKEN: list[tuple[Callable[[Path], Any], str]] = [
    (Path.unlink, "cannot be read"),
    (_cut, "cut short"),
    (lambda path: path.write_bytes(b""), "is empty"),
    (lambda path: path.write_bytes(b"\xff\xfe"), "cut short or edited"),
    (lambda path: path.write_text('{"a": 1}', "utf-8"), "not a report of this suite"),
    (lambda path: path.write_text("[1]", "utf-8"), "not a report of this suite"),
    (_edited(format=99), "upgrade this suite"),
    (_edited(format=1), "run the target again"),
    (_edited(verdict="conformant"), "edited"),
]


@pytest.mark.parametrize(("spoil", "why"), BROKEN, ids=[why for _, why in BROKEN])
@pytest.mark.parametrize("name", ["old", "new"])
def test_a_report_that_cannot_be_used_is_one_line(
    two: Path, name: str, spoil: Callable[[Path], Any], why: str
) -> None:
    written(two, "old", BUILD.requirement("PAG-03", "failed"))
    spoil(two / name / "report.json")
    ended = call(two, "compare", "old", "new")
    assert ended.status == 2
    line = ended.complaint()
    assert line.startswith(f"{name.upper()}: ")
    assert why in line


@pytest.mark.parametrize("path", ["a" * 300, "old/report.json/x"])
def test_a_path_that_no_file_can_have_is_one_line(two: Path, path: str) -> None:
    for arguments in (("compare", path, "new"), ("history", path), ("run", "--baseline", path)):
        ended = call(two, *arguments)
        assert ended.status == 2, ended.text
        assert "cannot be read" in ended.complaint()


def test_a_directory_that_cannot_be_written_is_one_line(two: Path) -> None:
    (two / "file").write_text("", "utf-8")
    ended = call(two, "compare", "old", "new", "--report-dir", "file")
    assert ended.status == 2
    assert ended.complaint().startswith("--report-dir: file cannot be written")
    assert (two / "old" / "report.json").exists()
