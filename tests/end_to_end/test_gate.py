"""A gate on a faulty target: waivers, and a baseline. One run is recorded; replays of it are judged."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conformance.contract.document import load
from conformance.proof import catalogue
from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store
from tests.support.in_process import call
from tests.support.processes import Ended, keys_for
from tests.support.shared import once

LATER = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
FAILS = ("RET-03",)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the report of a smoke run on a target whose unknown ids return 403."""
    return once(tmp_path_factory, "gate", partial(_recorded, tmp_path_factory))


def _recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    (variant,) = catalogue.load(load()).only(["unknown-id-forbidden"]).faults
    with EmbeddedServer(variant.app(variant.api(Store.seeded(), RateLimiter()))) as server:
        run = ("run", "--depth", "smoke", "--report-dir", "red", "--label", "version=1")
        ended = call(folder, *run, **keys_for(server.base_url))
    assert ended.status == 1, ended.text
    report = ended.report("red")
    failed = [row["id"] for row in report["requirements"] if row["outcome"] == "failed"]
    assert set(FAILS) <= set(failed)
    return folder


def replay(folder: Path, out: Path, *arguments: str) -> Ended:
    transcript = str(folder / "red" / "transcript.har")
    run = ("run", "--replay", transcript, "--allow-incomplete", "--report-dir", "report")
    return call(out, *run, *arguments)


def failing(folder: Path) -> list[str]:
    rows = call(folder, "compare", "red", "red").out.splitlines()
    return [line.split()[0] for line in rows if "  mandatory  failed" in line]


def waive(folder: Path, *ids: str) -> None:
    for id_ in ids:
        agreed = ("--owner", "Platform team", "--until", LATER, "--reason", "Planned for 2.5.")
        ended = call(folder, "waive", id_, *agreed, "--ticket", "API-17")
        assert ended.status == 0, ended.text


def test_what_is_waived_stays_visible_and_opens_the_gate(recorded: Path, tmp_path: Path) -> None:
    ids = failing(recorded)
    waive(tmp_path, *ids)
    ended = replay(recorded, tmp_path)
    assert ended.status == 0, ended.text
    report = ended.report("report")
    assert report["verdict"] == "non-conformant"
    assert [waiver["state"] for waiver in report["waivers"]] == ["used"] * len(ids)
    for id_ in ids:
        assert f"{id_} until {LATER} (Platform team)" in report["reason"]
    assert "API-17" in ended.out
    assert "Planned for 2.5." in (tmp_path / "report" / "report.html").read_text("utf-8")
    junit = ElementTree.parse(tmp_path / "report" / "junit.xml").getroot()
    assert (junit.get("failures"), junit.get("errors")) == ("0", "0")
    assert any("API-17" in item.get("message", "") for item in junit.iter("skipped"))


def test_a_failure_that_is_not_waived_keeps_the_gate_closed(recorded: Path, tmp_path: Path) -> None:
    waive(tmp_path, *failing(recorded)[1:])
    ended = replay(recorded, tmp_path)
    assert ended.status == 1
    assert "Waived failures" in ended.report("report")["reason"] or len(failing(recorded)) == 1


def test_a_fingerprint_waives_one_kind_of_finding(recorded: Path, tmp_path: Path) -> None:
    report = Ended((), 0, "", "", 0, recorded).report("red")
    prints = {
        finding["fingerprint"]
        for row in report["requirements"]
        if row["outcome"] == "failed"
        for finding in row["findings"]
    }
    waive(tmp_path, *sorted(prints))
    assert replay(recorded, tmp_path).status == 0


def test_an_unused_waiver_ends_a_run_with_2_and_names_its_line(
    recorded: Path, tmp_path: Path
) -> None:
    waive(tmp_path, *failing(recorded), "ENV-03")
    ended = replay(recorded, tmp_path)
    assert ended.status == 2, ended.text
    line = (
        (tmp_path / "waivers.yaml").read_text("utf-8").splitlines().index("  - requirement: ENV-03")
    )
    assert f"waivers.yaml, line {line + 1}: nothing needs the waiver of ENV-03" in " ".join(
        ended.out.split()
    )
    assert ended.report("report")["exit_status"] == 2


def test_expired_and_misspelt_waivers_stop_a_run_before_its_first_request(
    recorded: Path, tmp_path: Path
) -> None:
    waive(tmp_path, "RET-03")
    path = tmp_path / "waivers.yaml"
    good = path.read_text("utf-8")
    for old, new, why in (
        (LATER, "2020-01-31", "line 4: the waiver of RET-03 expired on 2020-01-31"),
        ("RET-03", "RTE-03", "line 4: RTE-03 is not a requirement"),
        ("owner:", "onwer:", "line 4"),
    ):
        path.write_text(good.replace(old, new), "utf-8")
        ended = replay(recorded, tmp_path)
        assert (ended.status, why in ended.err) == (2, True), ended.text
        assert not (tmp_path / "report").exists()


def test_a_gap_is_accepted_by_a_waiver(recorded: Path, tmp_path: Path) -> None:
    waive(tmp_path, *failing(recorded))
    transcript = str(recorded / "red" / "transcript.har")
    ended = call(tmp_path, "run", "--replay", transcript, "--report-dir", "report")
    assert ended.status == 3, ended.text
    rows = ended.report("report")["requirements"]
    gaps = [r["id"] for r in rows if (r["outcome"], r["level"]) == ("inconclusive", "must")]
    waive(tmp_path, *gaps)
    ended = call(tmp_path, "run", "--replay", transcript, "--report-dir", "report")
    assert ended.status == 0, ended.text
    assert f"Waived, not checked: {gaps[0]} until {LATER}" in ended.report("report")["reason"]


def test_a_baseline_tells_new_from_known(recorded: Path, tmp_path: Path) -> None:
    baseline = ("--baseline", str(recorded / "red"))
    ended = replay(recorded, tmp_path, *baseline)
    assert ended.status == 1
    found = ended.report("report")
    assert "(version 1): 0 new, 0 fixed" in found["reason"]
    assert found["baseline"] is not None
    assert found["baseline"]["known"]
    ended = replay(recorded, tmp_path, *baseline, "--fail-on", "new")
    assert ended.status == 0, ended.text
    assert ended.report("report")["verdict"] == "non-conformant"


def test_a_failure_that_the_baseline_lacks_fails_the_gate(recorded: Path, tmp_path: Path) -> None:
    green = call(tmp_path, "run", "--depth", "smoke", "--report-dir", "green")
    assert green.status == 0
    baseline = ("--baseline", "green", "--fail-on", "new")
    refused = replay(recorded, tmp_path, *baseline)
    assert refused.status == 2
    assert "--other-target" in refused.err
    ended = replay(recorded, tmp_path, *baseline, "--other-target")
    assert ended.status == 1
    assert call(tmp_path, "compare", "green", "report", "--other-target").status == 1
    fixed = call(tmp_path, "compare", "report", "green", "--other-target")
    assert (fixed.status, "Fixed problems" in fixed.out) == (0, True)


def test_what_cannot_be_a_baseline_is_one_line(recorded: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.json").write_bytes((recorded / "red" / "report.json").read_bytes()[:-9])
    for arguments, why in (
        (("--baseline", "none"), "--baseline: none cannot be read"),
        (("--baseline", "cut.json"), "--baseline: cut.json was cut short"),
        (("--fail-on", "new"), "give --baseline"),
        (("--fail-on", "old"), "--fail-on: 'old'"),
        (("--waivers", "none.yaml"), "--waivers: none.yaml cannot be read"),
    ):
        ended = replay(recorded, tmp_path, *arguments)
        assert (ended.status, why in ended.err) == (2, True), ended.text
        assert len(ended.err.splitlines()) == 1


def test_a_recheck_says_fixed_or_still_failing(tmp_path: Path) -> None:
    """The way of an engineer: red, a fix, and green, in a few requests."""
    (variant,) = catalogue.load(load()).only(["unknown-id-forbidden"]).faults
    apis = iter([variant.api, ClinicianApi])

    def serve(*arguments: str) -> Ended:
        app = variant.app(next(apis)(Store.seeded(), RateLimiter()))
        with EmbeddedServer(app, port=port) as server:
            return call(tmp_path, "run", *arguments, **keys_for(server.base_url))

    port = free_port()
    red = serve("--only", "RET-03", "--only", "ENV-04")
    assert red.status == 1, red.text
    assert "Partial run: 2 of" in red.report()["reason"]
    assert red.report()["requests"]["sent"] < 20
    first = red.reports[0]
    summary = (tmp_path / first / "summary.md").read_text("utf-8")
    (defect,) = red.report()["defects"]
    assert defect["title"].startswith("The response is 403"), defect["title"]
    assert defect["title"].partition(":")[0] in summary
    replayed = call(
        tmp_path, "run", "--replay", "reports/latest/transcript.har", "--report-dir", "again"
    )
    assert replayed.status == 1
    assert replayed.report("again")["totals"] == red.report()["totals"]
    fixed = serve("--recheck", first.as_posix())
    assert fixed.status == 0, fixed.text
    report = fixed.report()
    assert report["verdict"] == "partial"
    assert "0 new, 1 fixed (RET-03), 0 known" in report["reason"]
    assert report["requests"]["sent"] < 20
    again = call(tmp_path, "compare", first.as_posix(), "reports/latest")
    assert (again.status, "Fixed problems" in again.out) == (0, True)


class OddCode(ClinicianApi):
    """Returns an error code in lower case for an unknown id, and for nothing else."""

    def profile_not_found(self) -> Refusal:
        return Refusal(404, "not found", "There is no such clinician profile.")


@pytest.mark.broad
def test_a_recheck_sends_what_a_finding_rests_on(tmp_path: Path) -> None:
    """ENV-05 is judged from the exchanges of other cases: without them it must not be called fixed."""
    port = free_port()

    def judge(api: type[ClinicianApi], *arguments: str) -> Ended:
        app = build_app(api(Store.seeded(), RateLimiter()))
        with EmbeddedServer(app, port=port) as server:
            return call(tmp_path, "run", *arguments, **keys_for(server.base_url))

    red = judge(OddCode, "--only", "RET-03", "--only", "ENV-05")
    failed = [row["id"] for row in red.report()["requirements"] if row["outcome"] == "failed"]
    assert failed == ["ENV-05"], red.text
    still = judge(OddCode, "--last-failed")
    assert still.status == 1, still.text
    assert "1 known (ENV-05)" in still.report()["reason"]
    replayed = call(
        tmp_path, "run", "--replay", "reports/latest/transcript.har", "--report-dir", "again"
    )
    assert replayed.status == 1, replayed.text
    fixed = judge(ClinicianApi, "--recheck", "reports/latest")
    assert fixed.status == 0, fixed.text
    assert "1 fixed (ENV-05)" in fixed.report()["reason"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
