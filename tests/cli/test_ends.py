"""Every end of the command is one line and a status of its interface, whatever failed."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from conformance.cli import main as module
from conformance.errors import SuiteError, UsageError
from tests.support.processes import start, surroundings

FAILURES: list[tuple[BaseException, int, str]] = [
    (EOFError(), 5, "conformance: the suite itself failed: EOFError (test_ends.py, line "),
    (ValueError("three\nlines\nof it"), 5, "failed: ValueError: three lines of it (test_ends.py"),
    (SuiteError("no case"), 5, "conformance: the suite itself failed: no case"),
    (UsageError("--seed: bad"), 2, "conformance: --seed: bad"),
    (KeyboardInterrupt(), 130, "conformance: interrupted"),
    (click.Abort(), 130, "conformance: interrupted"),
    (click.ClickException("broken"), 5, "conformance: broken"),
]


@pytest.mark.parametrize(
    ("problem", "status", "line"), FAILURES, ids=lambda item: type(item).__name__
)
def test_an_error_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    problem: BaseException,
    status: int,
    line: str,
) -> None:
    def fail(_: list[str]) -> None:
        raise problem

    monkeypatch.setattr(module, "_invoke", fail)
    assert module.main([]) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert line in err
    assert err.count("\n") == 1


def test_help_and_version_end_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert module.main(["--version"]) == 0
    assert module.main(["run", "--help"]) == 0
    assert "--max-requests N" in capsys.readouterr().out
    assert module.main([]) == 2


def test_a_broken_settings_file_does_not_hide_the_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("conformance.toml").write_text("seed =", "utf-8")
    assert module.main(["run", "--help"]) == 0
    assert module.main(["run"]) == 2
    assert "conformance.toml: cannot be read" in capsys.readouterr().err


def test_an_eof_error_inside_a_run_is_not_an_interruption(tmp_path: Path) -> None:
    """``click`` reports every EOFError as an interruption by the user."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "def hook(event, arguments):\n"
        "    if event == 'open' and 'test_search.' in str(arguments[0]):\n"
        "        raise EOFError('no more')\n"
        "sys.addaudithook(hook)\n",
        "utf-8",
    )
    path = surroundings()["PYTHONPATH"]
    ended = start(tmp_path, "run", PYTHONPATH=f"{tmp_path}:{path}").end()
    assert ended.status == 5, ended.text
    assert "interrupted" not in ended.text
    assert "Traceback" not in ended.text


def test_a_reader_that_leaves_does_not_change_the_status(tmp_path: Path) -> None:
    """``conformance run | head -1``: the report is written, and its status counts."""
    command = start(tmp_path, "run", "--depth", "smoke", "--allow-incomplete")
    assert command.process.stdout is not None
    command.process.stdout.close()
    assert command.process.wait(60) == 0
    assert (tmp_path / "reports" / "latest" / "report.json").is_file()
