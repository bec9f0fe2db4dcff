"""``conformance merge``: one overview of the reports on many targets."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from conformance import report
from conformance.comparison.check import check_schema
from tests.report.conftest import HOSTILE, Build
from tests.support.in_process import call

BUILD = Build()
FORMS = ("text", "markdown", "json", "html")


def target(name: str, **changes: Any) -> dict[str, Any]:
    """Return changes that make a result one on a target of its own."""
    given = BUILD.result(BUILD.requirement("AUTH-01"))["target"]
    return {
        "target": given | {"base_url": f"https://{name}.example.com/api-v1"},
        "labels": {"vendor": name},
    } | changes


def write(folder: Path, name: str, *rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    result = BUILD.result(BUILD.requirement("AUTH-01"), *rows, **target(name, **changes))
    report.write(result, folder / name)  # type: ignore[arg-type]
    return result


def failed(id_: str = "PAG-03", **changes: Any) -> dict[str, Any]:
    finding = BUILD.finding(fingerprint=f"{id_}/list/limit/0a1b2c3d")
    return BUILD.requirement(id_, "failed", findings=[finding], **changes)


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """Return a folder with a report of each state but that of a waiver, and one that was cut."""
    fleet = tmp_path / "fleet"
    write(fleet, "good")
    write(fleet, "bad", failed(), failed("PAG-04"))
    write(fleet, "worse", failed())
    write(fleet, "open", BUILD.requirement("SRCH-01", "inconclusive"))
    for name, severity in (("bad", "contract form"), ("worse", "data leak")):
        path = fleet / name / "report.json"
        content = json.loads(path.read_text("utf-8"))
        content["defects"][0]["severity"] = severity
        path.write_text(json.dumps(content), "utf-8")
    (fleet / "stopped").mkdir()
    write(fleet, "cut")
    path = fleet / "cut" / "report.json"
    path.write_bytes(path.read_bytes()[:-20])
    return tmp_path


def merged(folder: Path, *arguments: str) -> dict[str, Any]:
    ended = call(folder, "merge", *arguments, "--format", "json")
    document: dict[str, Any] = json.loads(ended.out)
    check_schema(document, "merge")
    assert ended.status == document["exit_status"]
    return document


def test_each_report_is_a_row_the_worst_first(fleet: Path) -> None:
    document = merged(fleet, "fleet")
    rows = [(Path(row["path"]).name, row["state"]) for row in document["targets"]]
    assert rows == [
        ("worse", "failed"),
        ("bad", "failed"),
        ("cut", "unusable"),
        ("stopped", "unusable"),
        ("open", "open"),
        ("good", "passed"),
    ]
    assert document["exit_status"] == 1
    assert document["targets"][1]["run"]["areas"]["pagination"]["failed"] == 2
    assert document["targets"][0]["run"]["severities"]["data leak"] == 1
    assert "cut short" in document["targets"][2]["problem"]
    (both, one) = sorted(document["defects"], key=lambda item: -len(item["targets"]))
    assert (both["targets"], one["targets"]) == ([0, 1], [1])


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_the_same(fleet: Path, form: str) -> None:
    ended = call(fleet, "merge", "fleet", "--format", form)
    assert ended.status == 1, ended.text
    for text in ("good", "worse", "data leak", "The problem of PAG-03", "cut short", "PAG-04"):
        assert text in ended.out, text
    if form == "text":
        assert all(len(line) <= 80 for line in ended.out.splitlines() if "/report.json" not in line)
    if form != "json":
        assert "2 OF 6 TARGETS FAILED" in ended.out.upper()


@pytest.mark.parametrize(
    ("names", "status"),
    [
        (("good",), 0),
        (("good", "open"), 3),
        (("good", "open", "cut"), 2),
        (("good", "stopped"), 2),
        (("good", "none"), 2),
        (("open", "bad"), 1),
        (("cut", "bad"), 1),
        (("good", "waived"), 0),
        (("good", "unneeded"), 2),
        (("good", "interrupted"), 3),
        (("good", "interrupted-bad"), 1),
        (("good", "untestable"), 3),
        (("good", "partial"), 0),
    ],
)
def test_the_first_status_that_applies_counts(
    fleet: Path, names: tuple[str, ...], status: int
) -> None:
    place = fleet / "fleet"
    waiver = {
        "requirement": "PAG-03",
        "fingerprint": None,
        "owner": "Team",
        "reason": "Later",
        "ticket": None,
        "expires": "2099-01-01",
    }
    covered = waiver | {"state": "used", "findings": [{"requirement": "PAG-03", "index": 0}]}
    if "waived" in names:
        write(place, "waived", failed(), waivers=[covered], exit_status=0)
    if "unneeded" in names:
        unneeded = waiver | {"state": "unused", "findings": []}
        write(place, "unneeded", waivers=[unneeded], exit_status=2)
    if "interrupted" in names:
        write(place, "interrupted", interrupted=True, verdict="incomplete")
    if "interrupted-bad" in names:
        write(place, "interrupted-bad", failed(), interrupted=True, verdict="incomplete")
    if "untestable" in names:
        write(place, "untestable", verdict="untestable")
    if "partial" in names:
        write(place, "partial", BUILD.requirement("PAG-03", "unselected"), verdict="partial")
    document = merged(fleet, *(f"fleet/{name}" for name in names))
    assert document["exit_status"] == status
    assert len(document["targets"]) == len(names)


def test_other_versions_and_sets_are_said(tmp_path: Path) -> None:
    suite = BUILD.result(BUILD.requirement("AUTH-01"))["suite"]
    contract = BUILD.result(BUILD.requirement("AUTH-01"))["contract"]
    write(tmp_path, "one")
    write(tmp_path, "two", suite=suite | {"version": "9.0.0"}, depth="smoke")
    write(tmp_path, "three", contract=contract | {"requirements": "1.1", "version": "1.1.0"})
    write(tmp_path, "four", contract=contract | {"sha256": "f" * 64}, labels={"vendor": "one"})
    write(tmp_path, "old", started_at="2026-02-02T10:15:04Z")
    newer = json.loads((tmp_path / "one" / "report.json").read_text("utf-8"))
    (tmp_path / "five").mkdir()
    (tmp_path / "five" / "report.json").write_text(json.dumps(newer | {"format": 3}), "utf-8")
    document = merged(tmp_path, "one", "two", "three", "four", "five", "old")
    notes = " ".join(document["notes"])
    for text in (
        "versions of the suite: 0.1.0 (4 reports), 9.0.0 (1 report)",
        "versions of the contract: 1.0.0",
        "requirement sets: 1.0",
        "depths: standard",
        "different texts of one version",
        "2026-02-02 10:15:04 UTC to 2026-03-02 10:15:04 UTC",
    ):
        assert text in notes
    assert [row["problem"] for row in document["targets"] if row["state"] == "unusable"] == [
        next(
            row["problem"]
            for row in document["targets"]
            if "upgrade this suite" in str(row["problem"])
        )
    ]


def test_two_reports_that_nothing_tells_apart_are_said(tmp_path: Path) -> None:
    for name in ("one", "two"):
        result = BUILD.result(BUILD.requirement("AUTH-01"))
        report.write(result, tmp_path / name)  # type: ignore[arg-type]
    (tmp_path / "latest").symlink_to("two")
    document = merged(tmp_path, ".", "one", "latest")
    assert len(document["targets"]) == 2, "a link and a directory that is named twice are no rows"
    assert "2 reports are on http://127.0.0.1:8000/api-v1 without labels" in document["notes"][0]


def test_the_files_link_to_the_reports(fleet: Path) -> None:
    """The links hold from the directory of the page, and no page asks a network."""
    odd = "fleet/odd #1 <b>&quot;"
    (fleet / "fleet" / "good").rename(fleet / odd)
    ended = call(fleet, "merge", "fleet", "--report-dir", "out/overview")
    assert ended.status == 1, ended.text
    page = (fleet / "out" / "overview" / "merge.html").read_text("utf-8")
    links = re.findall(r'href="([^"]+)"', page)
    assert "../../fleet/worse/report.html" in links
    assert "../../fleet/odd%20%231%20%3Cb%3E%26quot%3B/report.html" in links
    assert all(link.startswith(("../../fleet/", "data:,", "requirements.html#")) for link in links)
    assert "<b>" not in page
    assert re.search(r"<(script|img|link rel=.stylesheet)", page) is None
    assert "default-src 'none'" in page
    names = sorted(path.name for path in (fleet / "out" / "overview").iterdir())
    assert names == ["merge.html", "merge.json", "merge.md", "requirements.html"]
    # What merge has written is no target of the next one.
    rows = merged(fleet, "out", "fleet")["targets"]
    assert "out/overview" not in [row["path"] for row in rows]


def test_text_of_a_target_is_no_markup(tmp_path: Path) -> None:
    result = write(tmp_path, "one", failed(), labels={"branch": "<b>x</b>|`y`"}, reason=HOSTILE)
    result["defects"][0]["title"] = HOSTILE
    report.write(result, tmp_path / "one")  # type: ignore[arg-type]
    for form in ("html", "markdown", "text"):
        text = call(tmp_path, "merge", "one", "--format", form).out
        assert "PAG-03" in text
        assert "\x1b" not in text
        if form != "text":
            assert "<script" not in text
            assert "<b>" not in text


def test_a_directory_that_cannot_be_written_costs_no_row(fleet: Path) -> None:
    (fleet / "file").write_text("", "utf-8")
    ended = call(fleet, "merge", "fleet", "--report-dir", "file")
    assert (ended.status, "2 OF 6 TARGETS FAILED" in ended.out) == (2, True), ended.text
    assert ended.err.startswith("conformance: --report-dir: file cannot be written")
    assert ended.err.count("\n") == 1


def test_foreign_json_and_no_file_are_rows(tmp_path: Path) -> None:
    write(tmp_path, "good")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "report.json").write_text('{"a": 1}', "utf-8")
    document = merged(tmp_path, "good", "foreign", "none", "a" * 300)
    problems = [row["problem"] for row in document["targets"] if row["problem"]]
    assert [text for text in problems if "not a report of this suite" in text]
    assert len([text for text in problems if "cannot be read" in text]) == 2
    assert document["exit_status"] == 2
