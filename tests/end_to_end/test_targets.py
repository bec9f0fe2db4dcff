"""Untestable targets and interrupted runs, each with a report."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from conformance.reference.server import EmbeddedServer
from conformance.report import clock
from tests.support.in_process import call
from tests.support.servers import ROOT, Ended, Recorder, canned, keys_for, recorded, start

ERROR = '{"data": null, "meta": {"request_id": "r"}, "error": {"code": "NO", "message": "No."}}'
LOGIN = "<!doctype html><title>Sign in</title><form><input name=password></form>"


@dataclass(frozen=True)
class Unfit:
    """An untestable server, words that the reason must contain, and the number of requests."""

    app: Recorder
    words: tuple[str, ...]
    requests: int = 1


UNFIT = {
    "401 to everything": Unfit(canned(401, ERROR), ("401", "CONFORMANCE_API_KEY")),
    "a login page": Unfit(
        canned(200, LOGIN, ("content-type", "text/html")), ("200", "text/html", "not this API")
    ),
    "other JSON": Unfit(canned(200, '{"status": "ok"}'), ("200", "JSON", "not this API")),
    "a redirect": Unfit(
        canned(302, "", ("location", "https://sso.example.org/login")),
        ("302", "redirect", "https://sso.example.org/login"),
    ),
    "a gateway without a server": Unfit(canned(503, LOGIN), ("503", "gateway"), 4),
}


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Ended]]:
    """The runs on all untestable targets."""
    with ExitStack() as stack:
        urls = {
            name: stack.enter_context(EmbeddedServer(unfit.app)).base_url
            for name, unfit in UNFIT.items()
        }
        plain = stack.enter_context(EmbeddedServer(recorded()))
        urls["TLS against plain HTTP"] = plain.base_url.replace("http:", "https:")
        held = stack.enter_context(socket.socket())
        held.bind(
            ("127.0.0.1", 0)
        )  # bound but not listening, so that no other process uses the port
        urls["a dead port"] = f"http://127.0.0.1:{held.getsockname()[1]}/api-v1"
        yield {
            name: call(tmp_path_factory.mktemp("unfit"), "run", **keys_for(url))
            for name, url in urls.items()
        }


def untestable(ended: Ended, *words: str) -> None:
    """Check that a run ended with status 4 within seconds, and that its report says why."""
    assert ended.status == 4, ended.text
    assert ended.err == ""
    assert "Traceback" not in ended.out
    report = ended.report()
    assert clock.seconds(report) < 8
    assert (report["verdict"], report["exit_status"]) == ("untestable", 4)
    assert report["reason"].startswith("The target cannot be tested: ")
    assert all(word in report["reason"] for word in words), report["reason"]
    assert report["requests"]["sent"] <= 5
    flat = " ".join(ended.out.split())
    assert "UNTESTABLE (exit status 4" in flat
    assert report["reason"] in flat


@pytest.mark.parametrize("name", list(UNFIT))
def test_an_untestable_target_is_reported_with_its_reason(
    ends: Mapping[str, Ended], name: str
) -> None:
    untestable(ends[name], *UNFIT[name].words)
    assert len(UNFIT[name].app.seen) == UNFIT[name].requests
    assert ends[name].report()["requests"]["sent"] == UNFIT[name].requests


def test_an_untestable_target_fails_and_passes_no_requirement(ends: Mapping[str, Ended]) -> None:
    """For example, a login page shows nothing about the API."""
    for name in UNFIT:
        outcomes = {row["outcome"] for row in ends[name].report()["requirements"]}
        assert outcomes == {"inconclusive", "waived"}, name
        assert "Problems" not in ends[name].out


def test_a_dead_port_cannot_be_tested(ends: Mapping[str, Ended]) -> None:
    untestable(ends["a dead port"], "no connection")


def test_tls_against_plain_http_cannot_be_tested(ends: Mapping[str, Ended]) -> None:
    untestable(ends["TLS against plain HTTP"], "TLS")


def test_an_unknown_host_cannot_be_tested(tmp_path: Path) -> None:
    """The second name is invalid, so that it cannot be looked up."""
    for host in ("no-such-host.invalid", "a..example.invalid"):
        ended = call(
            tmp_path, "run", "--base-url", f"http://{host}/v1", CONFORMANCE_API_KEY="pk_test_a"
        )
        assert ended.status in (2, 4), ended.text
        assert "Traceback" not in ended.text
        if ended.status == 4:
            untestable(ended)


def interrupted(ended: Ended) -> None:
    """Check that a run ended as interrupted, with a report."""
    assert ended.status == 130, ended.text
    assert "Traceback" not in ended.text
    assert "INTERNALERROR" not in ended.text
    report = ended.report()
    assert report["interrupted"] is True
    assert (report["verdict"], report["exit_status"]) == ("incomplete", 130)
    assert "interrupted" in report["reason"]


def test_an_interrupted_run_reports_what_it_established(tmp_path: Path) -> None:
    recorder = recorded(latency_ms=40)
    with EmbeddedServer(recorder) as server:
        command = start(tmp_path, "run", **keys_for(server.base_url))
        recorder.wait_for(80)
        os.kill(command.process.pid, signal.SIGINT)
        ended = command.end(15)
        after = len(recorder.seen)
    interrupted(ended)
    report = ended.report()
    outcomes = {row["outcome"] for row in report["requirements"]}
    assert {"passed", "inconclusive"} <= outcomes
    assert "failed" not in outcomes
    assert "INCOMPLETE (exit status 130" in ended.out
    assert report["requests"]["sent"] <= after < 250


def test_an_interruption_before_the_first_response_leaves_a_report(tmp_path: Path) -> None:
    never = Recorder(_never)
    with EmbeddedServer(never) as server:
        command = start(tmp_path, "run", **keys_for(server.base_url))
        never.wait_for(1)
        signalled = time.monotonic()
        os.kill(command.process.pid, signal.SIGINT)
        ended = command.end(15)
    interrupted(ended)
    assert time.monotonic() - signalled < 6
    assert {row["outcome"] for row in ended.report()["requirements"]} <= {"inconclusive", "waived"}


async def _never(scope: Scope, receive: Receive, send: Send) -> None:
    """Send no response; return when the client disconnects."""
    while (await receive())["type"] != "http.disconnect":
        pass


INTERRUPTING = """
import os, signal, sys
def hook(event, arguments):
    if event == "open" and "test_search." in str(arguments[0]) and not sent:
        sent.append(event)
        os.kill(os.getpid(), signal.SIGINT)
sent = []
sys.addaudithook(hook)
"""


def test_an_interruption_while_the_cases_are_collected_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTING, "utf-8")
    ended = start(tmp_path, "run", PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)])).end()
    assert ended.status == 130, ended.text
    assert "the suite itself failed" not in ended.text
    assert "Traceback" not in ended.text
