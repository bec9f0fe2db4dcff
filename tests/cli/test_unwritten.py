"""A verdict that was reached is printed and decides the status, whatever happens to files and streams."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.report.store import FORMS
from tests.support.in_process import call
from tests.support.marks import broad
from tests.support.processes import surroundings
from tests.support.servers import Run

SMOKE = ("run", "--depth", "smoke", "--allow-incomplete")


def test_a_working_directory_that_cannot_be_written_does_not_cost_the_verdict(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "reports").write_text("a file where the directory should be", "utf-8")
    ended = run(*SMOKE, "--report-dir", str(tmp_path / "elsewhere"))
    assert ended.status == 0, ended.text
    assert "PARTIAL" in ended.out
    assert ended.err == "conformance: not written: reports/latest (File exists)\n"
    assert (tmp_path / "elsewhere" / "report.json").is_file()


def test_a_file_that_cannot_be_written_does_not_cost_the_others(run: Run, tmp_path: Path) -> None:
    (tmp_path / "there" / "junit.xml").mkdir(parents=True)
    ended = run(*SMOKE, "--report-dir", "there")
    assert ended.status == 0, ended.text
    assert ended.err == "conformance: not written: junit.xml (Is a directory)\n"
    written = {path.name for path in (tmp_path / "there").iterdir() if path.is_file()}
    assert written == {*FORMS, "transcript.har"} - {"junit.xml"}


def test_a_form_that_cannot_be_made_does_not_cost_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("no such row")

    monkeypatch.setattr("conformance.report.first.of", broken)
    ended = call(tmp_path, *SMOKE, "--report-dir", "there")
    assert ended.status == 0, ended.text
    assert "partial (exit status 0)" in ended.out
    assert "the result cannot be shown (ValueError): see report.json" in ended.err
    assert "summary.md (it could not be made: ValueError)" in ended.err
    assert "report.html (it could not be made: ValueError)" in ended.err
    written = {path.name for path in (tmp_path / "there").iterdir()}
    assert written >= {"report.json", "junit.xml", "transcript.har"}


@pytest.mark.parametrize("closed", ["both", *broad("stdout", "full")])
def test_the_status_is_that_of_the_verdict_without_streams_and_space(
    tmp_path: Path, closed: str
) -> None:
    """A disk that is full from the first kibibyte on, and a standard output that is closed or full."""

    def before() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
        for number in {"stdout": [1], "both": [1, 2], "full": []}[closed]:
            os.close(number)

    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "conformance", *SMOKE],
            cwd=tmp_path,
            env=surroundings(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            preexec_fn=before,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    names = ("transcript.har", *(name for name in FORMS if name != "badge.json"))  # it is small
    line = f"conformance: not written: {', '.join(f'{name} (File too large)' for name in names)}\n"
    assert ended.stderr == ("" if closed == "both" else line)


def test_nothing_is_left_in_the_working_directory_but_reports(run: Run, tmp_path: Path) -> None:
    ended = run("run", "--depth", "smoke", "--allow-incomplete")
    assert ended.status == 0
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]
    (report,) = (path for path in (tmp_path / "reports").iterdir() if path.name != "latest")
    assert json.loads((report / "report.json").read_text("utf-8"))["verdict"] == "partial"
