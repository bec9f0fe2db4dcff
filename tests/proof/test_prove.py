"""The proof: each criterion with made-up outcomes, its files, and one small real proof."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.document import Contract, load
from conformance.contract.verdict import ExitStatus
from conformance.errors import CatalogueError, UsageError
from conformance.faults.unjudgeable.servers import UNJUDGEABLE, UnjudgeableServer
from conformance.faults.variant import Variant
from conformance.proof import catalogue as catalogues
from conformance.proof import consequences, page, summary
from conformance.proof import document as documents
from conformance.proof.catalogue import CORRECT, Catalogue
from conformance.proof.matrix import Matrix
from conformance.proof.trial import Trial
from conformance.reference.api import ClinicianApi
from conformance.report import make_console

CONTRACT = Contract(
    b"""
info: {title: A made-up API, version: 1.2.3}
x-requirements:
  - {id: PAG-01, level: must, source: seed, text: Pages `end`.}
  - {id: PAG-02, level: should, source: seed, text: Pages are short.}
  - {id: FIL-01, level: must, source: seed, text: Filters filter.}
  - {id: ORG-01, level: must, source: seed, text: Organisations are isolated., not_tested: There are none.}
"""
)
PASSED = {"PAG-01": "passed", "PAG-02": "passed", "FIL-01": "passed", "ORG-01": "waived"}


class _Departs(ClinicianApi):
    departs_from = frozenset({"PAG-02"})


FAULT = Variant("endless", "Pages never end.", ClinicianApi, "PAG-01")
LONG = Variant("long", "Pages are long.", ClinicianApi, "PAG-02")
OPEN = Variant("open", "Filters do <nothing>.", ClinicianApi, "FIL-01")
LAWFUL = Variant("other", "It is correct in another way.", ClinicianApi)
DEPARTS = Variant("departs", "It departs from a recommendation.", _Departs)
DEAD = UnjudgeableServer("dead", "Nothing listens.", ExitStatus.UNTESTABLE, UNJUDGEABLE[0].serve)


def trial(name: str, verdict: str = "conformant", status: int | None = 0, **outcomes: str) -> Trial:
    changed = {identifier.replace("_", "-"): value for identifier, value in outcomes.items()}
    red = [one for one, outcome in changed.items() if outcome in ("failed", "warned")]
    return Trial(
        name,
        verdict=verdict,
        exit_status=status,
        reason="Because.",
        outcomes={**PASSED, **changed},
        doubts={one: "too few" for one, outcome in changed.items() if outcome == "inconclusive"},
        findings=dict.fromkeys(red, ("an end", "no <end>")),
        requests={"own": 3, "other": 2, "anonymous": 1},
        seconds=0.5,
    )


def broken(name: str, **outcomes: str) -> Trial:
    return trial(name, "non-conformant", 1, **outcomes)


FOUND = [
    broken("endless", PAG_01="failed", FIL_01="failed"),
    trial("long", PAG_02="warned"),
    broken("open", FIL_01="failed"),
]
GOOD = [
    trial("correct"),
    *FOUND,
    trial("other"),
    trial("departs", PAG_02="warned"),
    trial("dead", "untestable", 4),
]


def matrix(*changed: Trial, whole: bool = True) -> Matrix:
    trials = {item.name: item for item in (*GOOD, *changed)}
    catalogue = Catalogue([FAULT, LONG, OPEN], [LAWFUL, DEPARTS], [DEAD], whole)
    return Matrix(CONTRACT, catalogue, trials)


def kinds(*changed: Trial, whole: bool = True) -> list[tuple[str, str]]:
    return [(item.kind, item.name) for item in matrix(*changed, whole=whole).problems()]


def test_the_proof_holds_if_every_criterion_is_met() -> None:
    assert kinds() == []


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (trial("correct", "incomplete", 3, PAG_01="inconclusive"), "not-correct"),
        (trial("correct", PAG_02="warned"), "not-correct"),
        (trial("correct", PAG_02="inconclusive"), "not-correct"),
        (trial("long"), "not-found"),
        (trial("long", PAG_02="inconclusive"), "not-found"),
        (broken("long", FIL_01="failed"), "found-elsewhere"),
        (
            trial("endless", PAG_02="warned"),
            "not-found",
        ),  # a warning does not find a fault of a mandatory requirement
        (broken("endless", FIL_01="failed", PAG_02="warned"), "found-elsewhere"),
        (Trial("endless", reason="it did not end within 60 s"), "did-not-end"),
        (Trial("endless", problem="ZeroDivisionError: division by zero"), "suite-failed"),
        (broken("other", PAG_01="failed"), "false-alarm"),
        (trial("other", PAG_02="warned"), "false-alarm"),
        (trial("other", "untestable", 4), "false-alarm"),
        (broken("departs", PAG_01="failed", PAG_02="warned"), "false-alarm"),
        (trial("dead", "incomplete", 3), "exit-status"),
        (trial("dead"), "exit-status"),
        (Trial("dead", reason="it did not end within 60 s"), "did-not-end"),
    ],
)
def test_each_criterion_can_fail(changed: Trial, problem: str) -> None:
    assert (problem, changed.name) in kinds(changed)


def test_a_requirement_that_no_fault_fails_is_a_problem_only_for_the_full_catalogue() -> None:
    nothing = trial("long")
    assert ("never-red", "PAG-02") in kinds(nothing)
    assert ("never-red", "PAG-02") not in kinds(nothing, whole=False)
    assert "ORG-01" not in [name for _, name in kinds(nothing)]  # it is not tested, with a reason


def test_a_fault_found_by_another_requirement_of_its_area_is_found() -> None:
    both = matrix(broken("long", PAG_01="failed", FIL_01="failed"))
    assert [problem.kind for problem in both.problems()] == ["never-red"]
    assert both.first(LONG, both.trials["long"]) == "PAG-01"


def test_a_lawful_variant_may_be_incomplete_only_with_reasons() -> None:
    assert kinds(trial("other", "incomplete", 3, PAG_01="inconclusive")) == []
    silent = trial("other", "incomplete", 3, PAG_01="inconclusive")
    silent.doubts["PAG-01"] = " "
    assert kinds(silent) == [("unexplained", "other")]


def written(*changed: Trial) -> dict[str, Any]:
    shown = matrix(*changed)
    span = documents.Span(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), 12.34, 2)
    return documents.document(shown, shown.problems(), span)


def test_the_document_says_which_requirement_caught_which_fault() -> None:
    proof = written()
    assert json.loads(documents.dumps(proof)) == proof
    assert proof["holds"] is True
    endless = proof["faults"][0]
    assert (endless["caught_first"], endless["caught_by"]) == ("PAG-01", ["PAG-01", "FIL-01"])
    assert endless["finding"] == {"expected": "an end", "received": "no <end>"}
    assert endless["consequences"] == [{"id": "FIL-01", "reason": None}]
    by_id = {row["id"]: row for row in proof["requirements"]}
    assert by_id["FIL-01"]["faults"] == ["open", "endless"]  # the fault of this requirement first
    assert by_id["FIL-01"]["first_for"] == ["open"]
    assert proof["totals"] == {
        "faults": 3,
        "found": 3,
        "found_by_own": 3,
        "lawful": 2,
        "lawful_ok": 2,
        "harness": 1,
        "harness_ok": 1,
        "requirements": 4,
        "tested": 3,
        "turned_red": 3,
        "mean_red": 1.33,
        "unexplained": 1,
        "requests": 7 * 6,
    }


def test_a_document_that_breaks_its_schema_is_not_written() -> None:
    proof = written()
    proof["faults"][0]["caught_by"] = ["not an id"]
    with pytest.raises(ValueError, match="caught_by"):
        documents.dumps(proof)


def test_each_consequence_has_a_reason_or_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    why = consequences.Consequence("ORG-* PAG-01", "PAG-0[2-5]", "Endless pages are long.")
    monkeypatch.setattr(consequences, "TABLE", [why])
    proof = written(broken("endless", PAG_01="failed", PAG_02="warned"))
    assert proof["faults"][0]["consequences"] == [{"id": "PAG-02", "reason": why.reason}]
    assert why.reason in page.render(proof)
    assert "1.33 on average, 0 without a known reason." in " ".join(summary.lines(proof))
    assert "1 without a known reason (FIL-01 on endless)." in " ".join(summary.lines(written()))


@pytest.mark.parametrize(
    "item", consequences.TABLE, ids=lambda item: f"{item.cause}: {item.effect}"
)
def test_the_table_of_consequences_names_requirements(item: consequences.Consequence) -> None:
    known = load().requirements
    for pattern in (*item.cause.split(), *item.effect.split()):
        assert any(fnmatchcase(identifier, pattern) for identifier in known), pattern


def test_problems_are_shown_in_document_page_and_summary() -> None:
    proof = written(trial("endless"), trial("dead"))
    documents.dumps(proof)
    assert {item["kind"] for item in proof["problems"]} == {"not-found", "exit-status", "never-red"}
    html = page.render(proof)
    assert "Not proven" in html
    assert "exit status 0, expected 4" in html
    console = make_console()
    with console.capture() as capture:
        summary.show(proof, console)
    assert "not found: endless" in capture.get()
    assert "The proof does not hold: 3 problems" in capture.get()


def test_the_page_escapes_texts_of_servers_and_loads_nothing() -> None:
    html = page.render(written())
    assert "Filters do &lt;nothing&gt;." in html
    assert "no &lt;end&gt;" in html
    assert "Pages <code>end</code>." in html
    assert "<script" not in html
    assert "http://" not in html
    assert "https://" not in html


def test_the_areas_that_find_a_fault_are_counted() -> None:
    rows = {row["prefix"]: row for row in page.heat(written())}
    cells = {cell["prefix"]: cell["hits"] for cell in rows["PAG"]["cells"]}
    assert (cells["PAG"], cells["FIL"], cells["ORG"]) == (2, 1, 0)


def test_names_select_by_name_pattern_and_requirement() -> None:
    whole = matrix().catalogue
    assert [fault.name for fault in whole.only(["PAG-01", "lo*"]).faults] == ["endless", "long"]
    assert [item.name for item in whole.only(["dead", "correct"]).unjudgeable] == ["dead"]
    assert len(whole.only(["correct"])) == 0
    assert whole.only(["endless"]).complete is False
    with pytest.raises(UsageError, match="'nonesuch'"):
        whole.only(["nonesuch"])


@pytest.mark.parametrize(
    ("faults", "lawful", "name"),
    [
        ([FAULT, FAULT], [], "endless"),
        ([CORRECT], [], "correct"),
        ([Variant("stray", "It.", ClinicianApi, "XYZ-99")], [], "XYZ-99"),
        (
            [],
            [Variant("bold", "It.", type("_", (_Departs,), {"departs_from": {"PAG-01"}}))],
            "bold",
        ),
    ],
)
def test_a_catalogue_that_contradicts_itself_is_refused(
    faults: Sequence[Variant], lawful: Sequence[Variant], name: str
) -> None:
    with pytest.raises(CatalogueError, match=name):
        catalogues.check(CONTRACT, faults, lawful, [])


SCRIPT = """
import sys
from pathlib import Path
from conformance.proof.prove import main
sys.exit(main(sys.argv[2:], 2, Path(sys.argv[1])))
"""


def prove(directory: Path, *names: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", SCRIPT, str(directory), *names]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.broad
def test_a_small_real_proof(tmp_path: Path) -> None:
    run = prove(
        tmp_path, "clamps-bounds", "seven-clinicians", "server-error", "empty-database", "LIM-15"
    )
    assert run.stderr == ""
    assert "The proof holds (part of the catalogue)" in run.stdout, run.stdout
    assert run.returncode == 0
    proof = json.loads((tmp_path / "proof.json").read_text("utf-8"))
    assert proof["correct"]["exit_status"] == 0
    assert proof["faults"]
    assert all("LIM-15" in fault["caught_by"] for fault in proof["faults"])
    assert [variant["verdict"] for variant in proof["lawful"]] == ["conformant", "incomplete"]
    assert [fault["exit_status"] for fault in proof["harness"]] == [1, 3]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["proof.html", "proof.json"]
