"""The command: its exit status, its output and the files that it writes."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from conformance.reference.api import ClinicianApi
from conformance.reference.server import EmbeddedServer
from tests.support.in_process import call
from tests.support.servers import (
    OTHER_KEY,
    OWN_KEY,
    Ended,
    FullRuns,
    Open,
    Run,
    keys_for,
    recorded,
    start,
    surroundings,
)

URL = "http://127.0.0.1:9/api-v1"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

USAGE: dict[str, tuple[tuple[str, ...], dict[str, str], tuple[str, ...]]] = {
    "unknown option": (("run", "--frobnicate"), {}, ("--frobnicate",)),
    "unknown command": (("judge",), {}, ("judge",)),
    "an argument": (("run", "staging"), {}, ("staging",)),
    "no scheme": (
        ("run", "--base-url", "api.example.org/api-v1"),
        {"CONFORMANCE_API_KEY": "pk_test_a"},
        ("--base-url", "https://"),
    ),
    "a bracket in the base URL": (
        ("run", "--base-url", "http://[::1/api-v1"),
        {"CONFORMANCE_API_KEY": "pk_test_a"},
        ("--base-url",),
    ),
    "no key": (("run", "--base-url", URL), {}, ("CONFORMANCE_API_KEY", "--api-key-file")),
    "the same key twice": (
        ("run",),
        keys_for(URL, CONFORMANCE_OTHER_API_KEY=OWN_KEY),
        ("CONFORMANCE_OTHER_API_KEY", "CONFORMANCE_API_KEY", "--foreign-id"),
    ),
    "a file in the way of the report": (
        ("run", "--report-dir", "taken"),
        {},
        ("--report-dir", "taken", "choose"),
    ),
    "a file above the report": (
        ("run", "--report-dir", "taken/below"),
        {},
        ("--report-dir", "taken/below", "choose"),
    ),
    "a port too high": (("serve", "--port", "99999"), {}, ("--port", "65535")),
    "a folder for a database": (("serve", "--database", "."), {}, ("--database",)),
}


@pytest.mark.parametrize(("arguments", "variables", "named"), USAGE.values(), ids=list(USAGE))
def test_bad_input_ends_in_one_line(
    run: Run,
    tmp_path: Path,
    arguments: tuple[str, ...],
    variables: dict[str, str],
    named: tuple[str, ...],
) -> None:
    (tmp_path / "taken").write_text("", "utf-8")
    ended = run(*arguments, **variables)
    assert ended.status == 2, ended.text
    complaint = ended.complaint()
    assert all(word in complaint for word in named), complaint
    assert len(complaint) < 250
    assert OWN_KEY not in complaint
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_an_unknown_key_of_the_file_ends_in_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text("base-url = 'x'\n", "utf-8")
    ended = run("run")
    assert ended.status == 2
    assert "conformance.toml: unknown setting 'base-url'" in ended.complaint()


def test_the_reports_folder_may_be_in_the_way(run: Run, tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("", "utf-8")
    ended = run("run")
    assert ended.status == 2
    assert "reports" in ended.complaint()


def test_help_names_every_flag_and_status(run: Run) -> None:
    ended = run("run", "--help")
    assert ended.status == 0
    flags = (
        *("base-url", "api-key-file", "other-api-key-file", "foreign-id", "location-id"),
        *("known-id", "other-location-id"),
        *("depth", "max-requests", "report-dir", "seed", "allow-incomplete", "quiet"),
        *("replay", "transcript", "show-data", "rate", "max-wait", "concurrency", "no-writes"),
        *("header", "ca-bundle", "client-cert", "insecure", "http2"),
    )
    assert all(re.search(rf"--{flag}\b", ended.out) for flag in flags)
    assert not re.search(r"--(other-)?api-key\b(?!-file)", ended.out)
    for status in ("0 conformant", "1 non-conformant", "2 usage", "3 incomplete", "130"):
        assert status in ended.out


def test_what_serve_prints_is_a_conformant_target(full_runs: FullRuns) -> None:
    printed, judged = full_runs.printed, full_runs.pytest
    assert [line.split("=")[0] for line in printed] == [
        "export CONFORMANCE_BASE_URL",
        "export CONFORMANCE_API_KEY",
        "export CONFORMANCE_OTHER_API_KEY",
    ]
    assert re.fullmatch(r".*=http://127\.0\.0\.1:\d+/api-v1", printed[0])
    report = judged.report()
    assert (report["verdict"], judged.status) == ("conformant", 0), report["reason"]
    assert report["target"]["embedded"] is False
    assert report["target"]["identities"] == {"own": True, "other": True}


def test_a_run_shows_areas_verdict_and_report(full_runs: FullRuns) -> None:
    ended = full_runs.command
    assert ended.status == 0, ended.text
    assert ended.err == ""
    assert not CONTROL.search(ended.out)
    report = ended.report()
    assert report["exit_status"] == 0
    assert {row["outcome"] for row in report["requirements"]} == {"passed", "waived"}
    for area in {row["area"] for row in report["requirements"]}:
        assert re.search(rf"^  ok +{area} +\d+ passed", ended.out, re.MULTILINE)
    assert "CONFORMANT (exit status 0" in ended.out
    assert f"reports/{ended.reports[0].name}" in ended.out
    files = {path.name for path in ended.reports[0].iterdir()}
    assert {"report.json", "junit.xml", "summary.md", "report.html"} <= files


def test_a_run_leaves_nothing_but_its_report(full_runs: FullRuns) -> None:
    assert [path.name for path in full_runs.command.folder.iterdir()] == ["reports"]


def test_the_report_counts_what_the_server_saw(full_runs: FullRuns) -> None:
    seen, requests = full_runs.seen, full_runs.command.report()["requests"]
    bearers = Counter(item.authorization for item in seen)
    assert requests["sent"] == len(seen) == sum(requests["by_area"].values())
    assert requests["by_identity"]["own"] == bearers[f"Bearer {OWN_KEY}"] <= 300
    assert requests["by_identity"]["other"] == bearers[f"Bearer {OTHER_KEY}"] <= 300
    assert requests["incidents"] == 0


def test_nothing_is_written_to_a_target_but_to_ids_that_nobody_has(full_runs: FullRuns) -> None:
    known = {record.id for record in ClinicianApi().store.data.clinicians()}
    writes = [item for item in full_runs.seen if item.method not in ("GET", "HEAD", "OPTIONS")]
    assert writes
    for item in writes:
        assert not any(record in item.target for record in known), item


def test_without_a_base_url_the_embedded_server_is_judged(run: Run) -> None:
    dead = {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    ended = run("run", "--depth", "smoke", "--allow-incomplete", **dead)
    assert ended.status == 0, ended.text
    assert re.match(r"No base URL is set: .* http://127\.0\.0\.1:\d+/api-v1\n", ended.out)
    assert "PARTIAL (exit status 0" in ended.out
    report = ended.report()
    assert (report["verdict"], report["depth"]) == ("partial", "smoke")
    assert report["target"]["embedded"] is True
    assert report["requests"]["sent"] < 100


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """The quick run on the embedded server, quiet."""
    return call(tmp_path_factory.mktemp("smoke"), "run", "--depth", "smoke", "--quiet")


def test_a_smaller_depth_gives_a_reason_for_each_open_requirement(smoke: Ended) -> None:
    assert smoke.status == 0
    doubts = {row["reason"] for row in smoke.report()["requirements"] if row["reason"]}
    assert "no case yet" not in doubts


def test_quiet_is_the_verdict_and_where_the_report_lies(smoke: Ended) -> None:
    *_, verdict, place = smoke.out.splitlines()
    assert len(smoke.out.splitlines()) <= 3
    assert verdict.startswith("partial (exit status 0")
    assert re.search(r"Partial run: \d+ of \d+ requirements\.", verdict)
    assert place == f"Report    reports/{smoke.reports[0].name}"
    assert smoke.err == ""


def test_quiet_still_says_that_the_embedded_server_was_judged(smoke: Ended) -> None:
    """A variable that was mistyped must not look like a conformant staging server."""
    assert "embedded" in smoke.out


def test_the_bound_on_requests_is_never_passed(run: Run) -> None:
    recorder = recorded()
    with EmbeddedServer(recorder) as server:
        ended = run(
            *("run", "--depth", "smoke", "--max-requests", "20"), **keys_for(server.base_url)
        )
    report = ended.report()
    assert (ended.status, report["verdict"]) == (3, "incomplete")
    own, other = (f"Bearer {key}" for key in (OWN_KEY, OTHER_KEY))
    bearers = Counter(
        {own: "own", other: "other"}.get(item.authorization, "anonymous") for item in recorder.seen
    )
    assert max(bearers.values()) == 20
    assert dict(bearers) == {
        name: count for name, count in report["requests"]["by_identity"].items() if count
    }
    assert "--max-requests" in " ".join(row["reason"] or "" for row in report["requirements"])


def test_a_failure_shows_requirement_expected_received_and_curl(run: Run) -> None:
    with EmbeddedServer(recorded(Open())) as server:
        ended = run("run", "--depth", "smoke", **keys_for(server.base_url, COLUMNS="100"))
    report = ended.report()
    assert (ended.status, report["verdict"]) == (1, "non-conformant")
    failed = [row for row in report["requirements"] if row["outcome"] == "failed"]
    assert {row["area"] for row in failed} == {"isolation"}
    assert "data leak  " in ended.out
    assert f"  {failed[0]['id']}  mandatory" in ended.out
    assert re.search(r"expected .*\n +received .*\n", ended.out)
    finding = failed[0]["findings"][0]
    assert finding["curl"] is not None
    assert "$CONFORMANCE_API_KEY" in finding["curl"]
    for line in report["defects"][0]["reproduction"]:
        assert f"    {line}\n" in ended.out


def test_latest_points_at_the_newest_report(tmp_path: Path) -> None:
    arguments = ("run", "--base-url", URL, "--quiet")
    reports = tmp_path / "reports"
    latest = reports / "latest"
    for place in ((), ("--report-dir", "elsewhere/deep")):
        ended = call(tmp_path, *arguments, *place, CONFORMANCE_API_KEY="pk_test_a")
        assert ended.status == 4
        named = ended.out.splitlines()[-1].removeprefix("Report    ")
        assert latest.resolve() == (tmp_path / named).resolve()
        assert ended.report(named)["verdict"] == "untestable"
    assert len([path for path in reports.iterdir() if not path.is_symlink()]) == 1
    assert not latest.readlink().is_absolute()


def on_a_terminal(folder: Path, **variables: str) -> str:
    """What a smoke run on the embedded server sends to a terminal."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance", "run", "--depth", "smoke"],
        cwd=folder,
        env=surroundings(TERM="xterm-256color", COLUMNS="100", LINES="40", **variables),
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    shown = b""
    try:
        while piece := os.read(leader, 65536):
            shown += piece
    except OSError:  # the terminal is closed when the process has ended
        pass
    finally:
        os.close(leader)
    assert process.wait(10) == 0
    return shown.decode()


def test_a_terminal_gets_colours_and_progress(tmp_path: Path) -> None:
    shown = on_a_terminal(tmp_path)
    assert re.search(r"\x1b\[[\d;]*3\dm", shown)
    assert re.search(r"\d+/\d+.* requests?, \d+ left", shown)


@pytest.mark.broad
def test_no_color_is_respected(tmp_path: Path) -> None:
    assert not re.search(r"\x1b\[[\d;]*[39]\dm", on_a_terminal(tmp_path, NO_COLOR="1"))


def test_the_environment_of_pytest_does_not_matter(tmp_path: Path) -> None:
    """Neither options in the environment, nor a configuration in the folder."""
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", "utf-8")
    (tmp_path / "conftest.py").write_text("raise SystemExit(9)\n", "utf-8")
    ended = start(
        tmp_path,
        *("run", "--depth", "smoke", "--quiet", "--allow-incomplete"),
        PYTEST_ADDOPTS="--no-such-option",
        PYTEST_PLUGINS="no_such_plugin",
    ).end()
    assert ended.status == 0, ended.text
