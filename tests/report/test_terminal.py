"""The terminal shows the result at any width, and plain text in a pipe."""

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
from syrupy.assertion import SnapshotAssertion

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


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_screen_at_a_width(build: Any, width: int, snapshot: SnapshotAssertion) -> None:
    """No word, UUID, URL or path is broken. Only a curl command is wider than the window."""
    profile = "0f8fad5b-d9cb-469f-a165-70867728950e"
    finding = build.finding(
        expected=f"the profiles that match, {profile} and {profile.upper()} among them",
        received="1 of 2 matching profiles is missing",
        detail=f"GET http://127.0.0.1:8000/api-v1/clinician-profiles/{profile} returns it",
        request_id=profile,
    )
    result = build.result(
        build.requirement(
            "PAG-04", "failed", findings=[finding], text="The last page has no next page."
        ),
        build.requirement("PAG-05", "failed", findings=[finding]),
        build.requirement("LIM-03", "inconclusive", reason="needs more than 100 profiles"),
        build.requirement("LIM-04", "inconclusive", level="should", reason="needs a location"),
        build.requirement("ERR-05", "waived", reason="not tested: would use up the rate limit"),
        reason="2 mandatory requirements failed: PAG-04, PAG-05.",
        together=("PAG-04", "PAG-05"),
    )
    result["defects"][0]["probable_cause"] = build.cause("The last page is skipped, and no other.")
    text = shown(result, width=width)
    for line in text.splitlines():
        assert len(line) <= width or line.lstrip().startswith("curl ") or long_word(line, width)
    assert text == snapshot


def long_word(line: str, width: int) -> bool:
    """Return whether a line ends with a word that does not fit beside a margin."""
    return len(line.rsplit(maxsplit=1)[-1]) > width - 15


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
    """Return the bytes that a terminal of 80 columns gets."""
    leader, follower = pty.openpty()
    env = environment(COLUMNS="80", LINES="24", **changes)
    with subprocess.Popen([sys.executable, "-c", SHOW, str(path)], stdout=follower, env=env) as run:
        os.close(follower)
        data = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:  # the process has closed its end
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


def test_the_screen_has_the_facts_of_the_run(mixed: Result) -> None:
    text = shown(mixed)
    for words in (
        "FAILED: do not release",
        "problem  pagination      2 failed, 1 warned",
        "1  data loss  The problem of PAG-04. (PAG-04, PAG-05, PAG-10; documented)",
        "Run again conformance run --base-url http://127.0.0.1:8000/api-v1",
        "PAG-04  mandatory, public documentation",
        "The text of PAG-04.",
        "expected   meta.has_more is false",
        "received   meta.has_more is true",
        "data loss  The problem of PAG-04.",
        "PAG-05  mandatory",
        "PAG-10  recommended",
        "FIL-02  recommended",
        "fewer than 101 clinicians",
        "LIM-03: fewer than 101 clinicians",
        "-> add such profiles to the data of the target",
        "LIM-04: no case yet",
        "Not tested: 1 requirement",
        "RO-01: would use up the rate limit",
        "NON-CONFORMANT (exit status 1: a mandatory requirement failed)",
        "12 requests sent, 30 responses reused",
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
def test_a_version_of_http_other_than_1_1_is_named(
    mixed: Result, counts: dict[str, int], words: str
) -> None:
    mixed["requests"]["by_protocol"] = counts
    assert words in shown(mixed)


def test_an_untestable_target_is_three_lines_with_a_remedy(build: Any) -> None:
    requirements = [build.requirement(f"PAG-{n:02}", "inconclusive") for n in range(1, 13)]
    result = build.result(
        *requirements, verdict="untestable", reason="GET /clinician-profiles returned 401: refused"
    )
    assert shown(result, width=120) == (
        "\nproblem  GET /clinician-profiles returned 401: refused\n"
        "         -> set CONFORMANCE_API_KEY to a valid key, or pass --api-key-file\n"
        "\nUNTESTABLE (exit status 4: the target could not be tested)\n"
        "Report    reports/latest/report.html\n"
    )


def test_the_parts_are_in_order(mixed: Result) -> None:
    text = shown(mixed)
    places = [
        text.index(words)
        for words in (
            "FAILED",
            "\nProblems, worst first",
            "\nAreas",
            "\nProblems in detail",
            "\nRecommended requirements not met",
            "\nCould not be checked",
            "\nRecommended requirements not checked",
            "\nNot tested",
            "NON-",
        )
    ]
    assert places == sorted(places)


def test_a_line_to_paste_is_one_line(mixed: Result) -> None:
    curl = mixed["defects"][0]["reproduction"][0]
    assert len(curl) > 160
    for width in (40, 80, 200):
        assert f"    {curl}\n" in shown(mixed, width=width)


def test_lines_fit_in_80_columns(every: dict[str, Result]) -> None:
    for name, result in every.items():
        for line in shown(result, width=80).splitlines():
            fits = len(line) <= 80 or line.lstrip().startswith("curl ") or long_word(line, 80)
            assert fits, (name, line)
            assert line == line.rstrip(), "no spaces at the end of a line"
            assert "…" not in line, "nothing is cut off"


def test_at_most_three_findings_are_shown(build: Any) -> None:
    findings = [build.finding(received=f"{n} records") for n in range(7)]
    text = shown(build.result(build.requirement("LIM-01", "failed", findings=findings)))
    assert text.count("expected ") == 3
    assert "4 more findings in the report" in text


def test_quiet_prints_the_verdict_and_the_path(every: dict[str, Result]) -> None:
    for result in every.values():
        lines = shown(result, quiet=True).splitlines()
        assert len(lines) == 2 + len(result["warnings"])
        assert lines[0].startswith(f"{result['verdict']} (exit status {result['exit_status']}")
        assert lines[-1] == "Report    reports/latest/report.html"


def test_changes_of_the_data_are_shown(mixed: Result) -> None:
    directory = mixed["directory"]
    assert directory is not None
    assert "changed" not in shown(mixed)
    directory["moved"] = True
    directory["added"], directory["edited"] = 3, 1200
    line = "Directory 263 records, read completely; changed during the run: 3 added, 1,200 edited"
    assert f"{line}\n" in shown(mixed, width=120)


def test_a_report_that_was_not_written(mixed: Result) -> None:
    file = io.StringIO()
    render(mixed, make_console(file), None)
    assert file.getvalue().endswith("Report    not written\n")


def test_hostile_text_is_escaped(hostile: Result) -> None:
    text = shown(hostile)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "[bold]:smile:\\ud800\\ufffe" in text.replace("\n               ", "")
    assert "\\x1b[31m" in text


def test_a_line_of_hostile_text_stays_indented(build: Any) -> None:
    finding = build.finding(received="1 record\nCONFORMANT (exit status 0)\r\x1b[A")
    text = shown(build.result(build.requirement("PAG-04", "failed", findings=[finding])))
    assert "\nCONFORMANT" not in text
    assert "\n               CONFORMANT (exit status 0)\\r\\x1b[A\n" in text


def test_text_without_spaces_is_wrapped_by_the_width_of_its_characters(build: Any) -> None:
    finding = build.finding(received="診療所" * 40)
    text = shown(build.result(build.requirement("PAG-04", "failed", findings=[finding])), width=80)
    assert text.count("診療所") + text.count("診\n") + text.count("診療\n") == 40


def test_a_pipe_gets_no_control_codes(report: Path, mixed: Result) -> None:
    data = piped(report)
    assert b"\x1b" not in data
    assert b"\r" not in data
    assert data.decode("utf-8") == shown(mixed), "and no progress"


def test_an_encoding_without_the_signs_gets_ascii(tmp_path: Path, hostile: Result) -> None:
    path = write(hostile, tmp_path)[0]
    for encoding in ("ascii", "latin-1", "cp1252"):
        data = piped(path, PYTHONIOENCODING=f"{encoding}:strict", PYTHONUTF8="0")
        assert data.isascii()
        assert b"x 1  data loss  <script>" in data


def test_a_terminal_gets_colour_unless_no_color_is_set(report: Path) -> None:
    assert b"\x1b[1;31m" in on_terminal(report)
    plain = on_terminal(report, NO_COLOR="1")
    for colour in range(30, 38):
        assert f";{colour}m".encode() not in plain
        assert f"[{colour}m".encode() not in plain


def test_a_terminal_shows_progress_and_erases_it(report: Path) -> None:
    data = on_terminal(report)
    assert b"0/3  0 requests, 300 left  pagination" in strip(data)
    assert data.index(b"300 left") < data.index(b"Area")
    assert b"\x1b[2K" in data, "the line is erased"


def strip(data: bytes) -> bytes:
    return re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", data)


def test_a_dumb_terminal_shows_no_progress(report: Path) -> None:
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
