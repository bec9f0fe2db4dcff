"""SIGINT and SIGTERM stop a run as Ctrl-C does: it writes a report of what it established."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from conformance.cli.signals import Signals
from conformance.contract.cases import Case
from conformance.errors import Terminated
from conformance.reference.server import EmbeddedServer
from tests.support.processes import keys_for, start, surroundings
from tests.support.replaying import again
from tests.support.servers import recorded


@pytest.mark.parametrize(
    ("number", "status", "word"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
)
def test_a_signal_becomes_an_interruption_with_its_own_status(
    number: signal.Signals, status: int, word: str
) -> None:
    before = signal.getsignal(number)
    with Signals() as signals:
        with pytest.raises(KeyboardInterrupt) as reason:
            signal.raise_signal(number)
        assert isinstance(reason.value, Terminated) is (number is signal.SIGTERM)
        assert (signals.exit_status, signals.word) == (status, word)
    assert signal.getsignal(number) is before


def test_in_another_thread_the_handlers_stay_as_they_are() -> None:
    statuses = []

    def call() -> None:
        with Signals() as signals:
            statuses.append(signals.exit_status)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join(5)
    assert statuses == [130]


def test_a_terminated_run_leaves_a_report_and_replays_to_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cases: list[Case]
) -> None:
    monkeypatch.chdir(tmp_path)
    recorder = recorded(latency_ms=40)
    with EmbeddedServer(recorder) as server:
        command = start(tmp_path, "run", "--report-dir", "recorded", **keys_for(server.base_url))
        recorder.wait_for(80)
        os.kill(command.process.pid, signal.SIGTERM)
        ended = command.end(15)
    assert ended.status == 143, ended.text
    assert "Traceback" not in ended.text
    report = ended.report("recorded")
    assert (report["verdict"], report["exit_status"], report["interrupted"]) == (
        "incomplete",
        143,
        True,
    )
    assert {"passed", "inconclusive"} <= {row["outcome"] for row in report["requirements"]}
    two = again(cases)
    assert (two.exit_status, two.result["requirements"]) == (143, report["requirements"])


@pytest.mark.broad
def test_sigint_stops_a_run_that_a_shell_started_in_the_background(tmp_path: Path) -> None:
    """A shell leaves SIGINT ignored in such a process."""
    recorder = recorded(latency_ms=40)
    with EmbeddedServer(recorder) as server:
        process = subprocess.Popen(
            [
                "sh",
                "-c",
                'trap "" INT; exec "$@"',
                "sh",
                sys.executable,
                "-m",
                "conformance",
                "run",
            ],
            cwd=tmp_path,
            env=surroundings(**keys_for(server.base_url)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            recorder.wait_for(40)
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 130
        finally:
            process.kill()
