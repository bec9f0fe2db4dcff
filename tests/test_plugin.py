"""The suite under plain pytest: it judges like the command, and does not affect other tests."""

from __future__ import annotations

import os
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from conformance.reference.server import EmbeddedServer
from tests.support.servers import (
    ALONE,
    PLUGIN,
    ROOT,
    Ended,
    FullRuns,
    canned,
    keys_for,
    recorded,
    start,
)

SUITE = ("--pyargs", "conformance.suite")


def plain(folder: Path, *arguments: str, **variables: str) -> Ended:
    return start(folder, *arguments, module="pytest", **ALONE | variables).end()


def test_plain_pytest_judges_like_the_command(full_runs: FullRuns) -> None:
    one, two = full_runs.command.report(), full_runs.pytest.report()
    assert full_runs.command.status == full_runs.pytest.status == one["exit_status"]
    for member in ("verdict", "reason", "exit_status", "totals", "contract", "seed", "depth"):
        assert one[member] == two[member]
    outcomes = [
        [(row["id"], row["outcome"], row["cases"]) for row in report["requirements"]]
        for report in (one, two)
    ]
    assert outcomes[0] == outcomes[1]
    assert one["requests"]["by_area"] == two["requests"]["by_area"]


def test_plain_pytest_shows_each_case_and_the_path_of_the_report(full_runs: FullRuns) -> None:
    ended = full_runs.pytest
    cases = {case for row in ended.report()["requirements"] for case in row["cases"]}
    assert f"{len(cases)} passed" in ended.out
    assert "= conformance: conformant =" in ended.out
    assert f"report: reports/{ended.reports[0].name}" in ended.out
    assert ended.err == ""


def test_a_selection_is_incomplete(tmp_path: Path) -> None:
    recorder = recorded()
    with EmbeddedServer(recorder) as server:
        (tmp_path / "conformance.toml").write_text(
            f"base_url = '{server.base_url}'\nseed = 7\nreport_dir = 'here'\n", "utf-8"
        )
        variables = keys_for("")
        del variables["CONFORMANCE_BASE_URL"]
        ended = plain(
            tmp_path, *SUITE, *PLUGIN, "-k", "foreign_id_is_not_found", *("-p", "no:cacheprovider"),
            **variables,
        )  # fmt: skip
    report = ended.report("here")
    assert (ended.status, report["verdict"]) == (3, "incomplete"), ended.text
    assert (report["seed"], report["target"]["base_url"]) == (7, server.base_url)
    judged = [row["id"] for row in report["requirements"] if row["cases"]]
    assert judged == ["ORG-01"]
    assert len(recorder.seen) == report["requests"]["sent"] < 40
    assert "1 passed" in ended.out
    doubts = {row["reason"] for row in report["requirements"] if row["outcome"] == "inconclusive"}
    assert "no case yet" not in doubts


@pytest.mark.broad
def test_prefixed_options_do_not_conflict_with_other_plugins(tmp_path: Path) -> None:
    (tmp_path / "base_url_plugin.py").write_text(
        "def pytest_addoption(parser):\n"
        "    for name in ('--base-url', '--depth', '--seed', '--api-key', '--quiet-run'):\n"
        "        parser.addoption(name, default='theirs')\n"
        "def pytest_configure(config):\n"
        "    assert config.getoption('--base-url') == 'http://theirs.example'\n",
        "utf-8",
    )
    with EmbeddedServer(recorded()) as server:
        ended = plain(
            tmp_path, *SUITE, "-p", "base_url_plugin", *PLUGIN, "-q",
            *("--base-url", "http://theirs.example"),
            *("--conformance-base-url", server.base_url),
            *("--conformance-depth", "smoke", "--conformance-max-requests", "150"),
            *("--conformance-report-dir", "here", "--conformance-seed", "3"),
            "--conformance-allow-incomplete",
            PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)]), **keys_for("http://127.0.0.1:9"),
        )  # fmt: skip
    assert ended.status == 0, ended.text
    report = ended.report("here")
    assert report["target"]["base_url"] == server.base_url
    assert (report["depth"], report["seed"]) == ("smoke", 3)
    assert report["requests"]["limit"] == 150


def test_an_untestable_target_fails_no_case_and_ends_with_4(tmp_path: Path) -> None:
    with EmbeddedServer(canned(401, "{}")) as server:
        ended = plain(tmp_path, *SUITE, *PLUGIN, "-q", **keys_for(server.base_url))
    assert ended.status == 4, ended.text
    assert " passed" not in ended.out
    assert " failed" not in ended.out
    assert "the key in CONFORMANCE_API_KEY is not accepted" in ended.out


def test_a_bad_setting_ends_with_2(tmp_path: Path) -> None:
    ended = plain(tmp_path, *SUITE, *PLUGIN, "-q", CONFORMANCE_BASE_URL="api.example.org")
    assert ended.status == 2
    assert "CONFORMANCE_BASE_URL: 'api.example.org' is not a valid base URL" in ended.text
    assert "Traceback" not in ended.text


def test_collect_only_sends_no_request(tmp_path: Path) -> None:
    ended = plain(
        tmp_path, *SUITE, *PLUGIN, "--collect-only", "-q", CONFORMANCE_BASE_URL="http://127.0.0.1:9"
    )
    assert ended.status == 0
    assert not (tmp_path / "reports").exists()


THEIRS = """
import pytest

@pytest.fixture
def api():
    return "theirs"

@pytest.mark.requirement("theirs")
def test_theirs(api):
    assert api == "theirs"

def test_fails():
    assert not "theirs"

@pytest.mark.parametrize("name", ["session", "directory", "other", "spare", "foreign", "contract"])
def test_nothing_is_given(request, name):
    with pytest.raises(pytest.FixtureLookupError):
        request.getfixturevalue(name)
"""


def entry_point(folder: Path) -> None:
    """Write the metadata that makes pytest see the package as installed in the folder."""
    if any(item.value == "conformance.plugin" for item in entry_points(group="pytest11")):
        return  # it is installed anyway
    info = folder / "suite_under_test-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: suite-under-test\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[pytest11]\nconformance = conformance.plugin\n")


@pytest.mark.broad
def test_an_installed_plugin_is_inert_for_other_tests(tmp_path: Path) -> None:
    site, folder = tmp_path / "site", tmp_path / "project"
    folder.mkdir()
    entry_point(site)
    (folder / "test_theirs.py").write_text(THEIRS, "utf-8")
    ended = plain(
        folder, *("-p", "no:cacheprovider", "--trace-config"),
        PYTHONPATH=os.pathsep.join([str(site), str(ROOT)]),
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="",
        # An invalid value causes no error in runs of other tests.
        CONFORMANCE_BASE_URL="nonsense",
    )  # fmt: skip
    assert ended.status == 1, ended.text
    assert "conformance/plugin.py" in ended.out
    assert "1 failed, 7 passed" in ended.out
    assert "CONFORMANCE_" not in ended.out
    assert "= conformance:" not in ended.out
    assert {path.name for path in folder.iterdir()} <= {"test_theirs.py", "__pycache__"}


def test_the_suite_runs_with_an_installed_plugin(tmp_path: Path) -> None:
    """An installed plugin needs no ``-p``."""
    entry_point(tmp_path / "site")
    with EmbeddedServer(recorded()) as server:
        ended = plain(
            tmp_path, *SUITE, "-q", "-k", "foreign_id_is_not_found", *("-p", "no:cacheprovider"),
            PYTHONPATH=os.pathsep.join([str(tmp_path / "site"), str(ROOT)]),
            PYTEST_DISABLE_PLUGIN_AUTOLOAD="",
            **keys_for(server.base_url),
        )  # fmt: skip
    assert ended.status == 3, ended.text
    assert "1 passed" in ended.out
