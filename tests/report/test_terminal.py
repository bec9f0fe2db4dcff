"""The terminal shows all that matters, at any width, to a person or to a pipe."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from conformance.report import Progress, make_console, render, write

Result = Any

SHOW = """
import sys
from pathlib import Path
from conformance.report import Progress, make_console, read, render
console = make_console()
with Progress(console) as progress:
    for done in range(4):
        progress.update(done, 3, done * 2, 300 - done * 2, "pagination")
render(read(Path(sys.argv[1])), console, Path("reports/latest/report.html"))
"""


def shown(result: Result, *, quiet: bool = False, width: int | None = None) -> str:
    file = io.StringIO()
    console = make_console(file)
    if width:
        console.width = width
    render(result, console, Path("reports/latest/report.html"), quiet=quiet)
    return file.getvalue()


def environment(**changes: str) -> dict[str, str]:
    dropped = {"NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS", "LINES", "TERM"}
    kept = {key: value for key, value in os.environ.items() if key not in dropped}
    return kept | {"TERM": "xterm-256color", "PYTHONUTF8": "1"} | changes


def piped(path: Path, **changes: str) -> bytes:
    return subprocess.run(
        [sys.executable, "-c", SHOW, str(path)],
        check=True, capture_output=True, env=environment(**changes),
    ).stdout  # fmt: skip


def on_terminal(path: Path, **changes: str) -> bytes:
    """What a real terminal of 80 columns is sent."""
    leader, follower = pty.openpty()
    env = environment(COLUMNS="80", LINES="24", **changes)
    with subprocess.Popen([sys.executable, "-c", SHOW, str(path)], stdout=follower, env=env) as run:
        os.close(follower)
        data = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:  # the last writer has gone
                break
            if not piece:
                break
            data += piece
        run.wait()
    os.close(leader)
    return data


@pytest.fixture
def report(tmp_path: Path, mixed: Result) -> Path:
    return write(mixed, tmp_path)[0]


def test_all_that_matters_is_shown(mixed: Result) -> None:
    text = shown(mixed)
    for words in (
        "pagination",
        "PAG-04  must, public documentation",
        "The text of PAG-04.",
        "expected   meta.has_more is false",
        "received   meta.has_more is true",
        "and 2 findings of PAG-05, PAG-10 follow from it",
        "FIL-02  should",
        "fewer than 101 clinicians",
        "LIM-03     The text of LIM-03.",
        "LIM-04: no case yet",
        "Waived: 1 requirement",
        "RO-01: accepted until June",
        "NON-CONFORMANT (exit status 1: a must is breached)",
        "12 requests sent, 30 answers reused",
        "2.2 s",
        "Report    reports/latest/report.html\n",
    ):
        assert words in text, words


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"HTTP/1.1": 11}, "12 requests sent, 30"),
        ({}, "12 requests sent, 30"),
        ({"HTTP/2": 11}, "12 requests sent over HTTP/2, 30"),
        ({"HTTP/1.1": 1, "HTTP/2": 10}, "12 requests sent over HTTP/1.1 and HTTP/2, 30"),
    ],
)
def test_a_version_of_http_that_is_not_the_usual_one_is_named(
    mixed: Result, counts: dict[str, int], words: str
) -> None:
    mixed["requests"]["by_protocol"] = counts
    assert words in shown(mixed)


def test_order(mixed: Result) -> None:
    text = shown(mixed)
    places = [
        text.index(words)
        for words in ("Area", "\nFindings", "\nWarnings", "\nInconclusive", "NON-")
    ]
    assert places == sorted(places)


def test_curl_is_one_line(mixed: Result) -> None:
    curl = mixed["requirements"][1]["findings"][0]["curl"]
    assert len(curl) > 160
    for width in (40, 80, 200):
        assert f"    {curl}\n" in shown(mixed, width=width)


def test_eighty_columns_are_enough(every: dict[str, Result]) -> None:
    for name, result in every.items():
        for line in shown(result, width=80).splitlines():
            assert len(line) <= 80 or line.lstrip().startswith("curl"), (name, line)
            assert line == line.rstrip(), "no blanks at the end of a line"
            assert "…" not in line, "nothing is cut off"


def test_areas_add_up(mixed: Result) -> None:
    lines = {line.split()[0]: line.split()[1:] for line in shown(mixed).splitlines() if line}
    assert lines["setup"] == ["2"]
    assert lines["together"] == ["8", "1", "2", "2", "2", "1", "12"]


def test_only_some_findings_of_many(build: Any) -> None:
    findings = [build.finding(received=f"{n} records") for n in range(7)]
    text = shown(build.result(build.requirement("LIM-01", "failed", findings=findings)))
    assert text.count("expected ") == 3
    assert "and 4 more findings, in the report" in text


def test_quiet_is_two_lines(every: dict[str, Result]) -> None:
    for result in every.values():
        lines = shown(result, quiet=True).splitlines()
        assert len(lines) == 2 + len(result["warnings"])
        assert lines[0].startswith(f"{result['verdict']} (exit status {result['exit_status']}")
        assert lines[-1] == "Report    reports/latest/report.html"


def test_how_the_data_moved_is_said(mixed: Result) -> None:
    directory = mixed["directory"]
    assert directory is not None
    assert "changing" not in shown(mixed)
    directory["moved"] = True
    directory["added"], directory["edited"] = 3, 1200
    said = "263 records, walked to the end; changing during the run: 3 added, 1,200 edited"
    assert f"Directory {said}\n" in shown(mixed)


def test_no_report(mixed: Result) -> None:
    file = io.StringIO()
    render(mixed, make_console(file), None)
    assert file.getvalue().endswith("Report    not written\n")


def test_hostile_text_is_shown_and_harmless(hostile: Result) -> None:
    text = shown(hostile)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "[bold]:smile:\\ud800\\ufffe" in text.replace("\n               ", "")
    assert "\\x1b[31m" in text


def test_hostile_text_keeps_its_place(build: Any) -> None:
    finding = build.finding(received="1 record\nCONFORMANT (exit status 0)\r\x1b[A")
    text = shown(build.result(build.requirement("PAG-04", "failed", findings=[finding])))
    assert "\nCONFORMANT" not in text
    assert "\n               CONFORMANT (exit status 0)\\r\\x1b[A\n" in text


def test_wide_characters_are_measured(build: Any) -> None:
    finding = build.finding(received="診療所" * 40)
    text = shown(build.result(build.requirement("PAG-04", "failed", findings=[finding])), width=80)
    assert text.count("診療所") + text.count("診\n") + text.count("診療\n") == 40


def test_pipe_gets_no_control_codes(report: Path, mixed: Result) -> None:
    data = piped(report)
    assert b"\x1b" not in data
    assert b"\r" not in data
    assert data.decode("utf-8") == shown(mixed), "and nothing of the progress"


def test_narrow_encoding_gets_ascii(tmp_path: Path, hostile: Result) -> None:
    path = write(hostile, tmp_path)[0]
    for encoding in ("ascii", "latin-1", "cp1252"):
        data = piped(path, PYTHONIOENCODING=f"{encoding}:strict", PYTHONUTF8="0")
        assert data.isascii()
        assert b"x PAG-04" in data
        assert b"-------" in data


def test_terminal_gets_colour_unless_told_otherwise(report: Path) -> None:
    assert b"\x1b[1;31m" in on_terminal(report)
    plain = on_terminal(report, NO_COLOR="1")
    for colour in range(30, 38):
        assert f";{colour}m".encode() not in plain
        assert f"[{colour}m".encode() not in plain


def test_terminal_sees_progress_and_then_does_not(report: Path) -> None:
    data = on_terminal(report)
    assert b"0/3  0 requests, 300 left  pagination" in strip(data)
    assert data.index(b"300 left") < data.index(b"Area")
    assert b"\x1b[2K" in data, "the line is erased"


def strip(data: bytes) -> bytes:
    return re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", data)


def test_dumb_terminal_sees_no_progress(report: Path) -> None:
    assert b"left  pagination" not in on_terminal(report, TERM="dumb")


def test_progress_is_one_line_and_restores_the_cursor() -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=60, height=10, color_system=None)
    with Progress(console) as progress:
        progress.update(0, 0, 0, 300, "before the first case")
        time.sleep(0.11)
        progress.update(3, 92, 1, 299, "a label \x1b[2J that is far too long for the width " * 3)
    text = file.getvalue()
    assert "3/92  1 request, 299 left  a label" in text
    assert "\x1b[2J" not in text
    assert text.index("\x1b[?25l") < text.index("\x1b[?25h"), "the cursor is shown again"
    assert "…" in text, "and cut to the width"
    progress.close()
    progress.update(92, 92, 1, 1, "after the end")
    assert file.getvalue() == text
