"""The benchmark runs, and reports the figures of its runs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import targets
from benchmarks.node_tools import failed_scenarios, known_id
from benchmarks.sample import area, draw
from conformance.contract.document import load
from conformance.proof import catalogue as catalogues
from conformance.reference.store import Store

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.broad
def test_a_small_benchmark(tmp_path: Path) -> None:
    output = tmp_path / "bench.json"
    command = [sys.executable, "-m", "benchmarks", "--faults", "2", "--lawful", "1"]
    command += ["--tools", "ours", "--rounds", "0", "--output", str(output)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    content = json.loads(output.read_text("utf-8"))
    (ours,) = content["tools"]
    assert (content["faults"], content["right"], len(content["servers"])) == (2, 2, 4)
    assert (ours["found"], ours["false_alarms"], ours["problems"]) == (2, 0, 0)
    assert (ours["requests_ratio"], ours["seconds_ratio"]) == (1, 1)
    assert 50 < ours["requests"] < 300
    assert "2 of 2" in done.stdout


SCENARIO = "Contract Tests > contractTest() > Scenario: GET /clinician-profiles -> 200"
FAILURE = """Scenario failed
  >> RESPONSE.BODY.data[3].email
      R1001: Type mismatch
"""


def test_failed_scenarios_are_named_by_their_rules_without_the_number_of_a_row(
    tmp_path: Path,
) -> None:
    suite = ElementTree.Element("testsuite")
    ElementTree.SubElement(suite, "testcase", name="Contract Tests > Scenario: passed")
    failed = ElementTree.SubElement(suite, "testcase", name=SCENARIO)
    ElementTree.SubElement(failed, "failure", message="").text = FAILURE
    report = tmp_path / "report.xml"
    ElementTree.ElementTree(suite).write(report)
    assert failed_scenarios(report) == [
        "GET /clinician-profiles -> 200: >> RESPONSE.BODY.data[].email, R1001: Type mismatch"
    ]


def test_tools_of_node_retrieve_a_profile_that_the_server_has() -> None:
    known = known_id(catalogues.CORRECT)
    store = Store.seeded()
    try:
        (row,) = store.rows("SELECT organisation_id FROM clinicians WHERE id = ?", (known,))
        assert row["organisation_id"] == catalogues.CORRECT.data().own.id
    finally:
        store.close()


@pytest.mark.process
@pytest.mark.broad
def test_a_measurement_covers_a_complete_process() -> None:
    """The exact figures depend on the machine, so the test only checks plausible ranges."""
    seen: list[str] = []
    (row,) = targets.measure(1, seen.append, [targets.Setup("slow", latency_ms=5)])
    assert row["exit_status"] == [0]
    assert 200 < row["requests"] < 300
    assert row["startup"] > 0
    assert row["seconds"] > 0
    assert 20 < row["megabytes"] < 1000
    assert seen == ["slow, round 0 of 1", "slow, round 1 of 1"]
    assert targets.table([row]).row_count == 1


def test_a_sample_covers_every_area() -> None:
    catalogue = catalogues.load(load())
    for count in (12, 24, 50):
        chosen = draw(catalogue, count, 6)
        assert len({fault.name for fault in chosen.faults}) == count
        assert len({variant.name for variant in chosen.right}) == 7
        assert {area(fault) for fault in chosen.faults} == {area(one) for one in catalogue.faults}
