"""A run of a part of the contract: each area alone can be green, whatever exchanges it rests on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.cases import Depth
from conformance.contract.document import load
from conformance.contract.requirements import AREAS
from conformance.judging.engine import Judgement
from conformance.judging.session import Session
from conformance.plugin import collect
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store
from conformance.running.result import requirement_results
from conformance.running.selection import Selection, judge_selected, select
from conformance.running.settings import Settings
from tests.report.conftest import Build
from tests.support.asking import client_to
from tests.support.in_process import call
from tests.support.marks import broad
from tests.support.servers import Open, recorded, target_of

CONTRACT = load()
CASES = collect()
WRITES = {"POST", "PUT", "PATCH", "DELETE"}
RESTING = ("ENV", "LIM")
"""Areas whose requirements rest on exchanges of others: of cheap cases, and of one area more."""


def judged(only: Sequence[str], **changes: Any) -> tuple[Judgement, set[str], dict[str, str]]:
    """Judge a part; return the judgement, the methods that were sent, and the outcomes."""
    settings = Settings(only=tuple(only), **changes.pop("settings", {}))
    _, selection = select(settings, CONTRACT, CASES)
    api = changes.pop("api", None)
    with (
        EmbeddedServer(recorded(api)) as server,
        client_to(target_of(server, embedded=True), **changes) as client,
    ):
        session = Session(client, CONTRACT, depth=Depth.STANDARD, seed=0)
        judgement = judge_selected(session, CASES, selection)
        methods = {item.request.method for item in client.transcript}
    rows = requirement_results(CONTRACT, judgement.results)
    return judgement, methods, {row.requirement.id: row.outcome.value for row in rows}


@pytest.mark.parametrize(
    "area", [*RESTING, *broad(*(area for area in AREAS if area not in RESTING))]
)
def test_an_area_alone_is_green(tmp_path: Path, area: str) -> None:
    ended = call(tmp_path, "run", "--only", area, "--report-dir", "there")
    assert ended.status == 0, ended.text
    result = ended.report("there")
    assert result["verdict"] == "partial"
    for row in result["requirements"]:
        wanted = row["id"].split("-")[0] == area
        assert row["outcome"] in (("passed", "waived") if wanted else ("unselected", "waived")), row
    if area != "RO":
        assert not WRITES & {item["method"] for item in result.get("exchanges", [])}
    assert f"conformance run --only {area}" in (tmp_path / "there" / "summary.md").read_text()


@pytest.mark.parametrize("only", ["ERR-01", *broad("ENV-16", "LIM-03", "OBJ-02")])
def test_a_replay_of_a_part_is_the_same(tmp_path: Path, only: str) -> None:
    ended = call(tmp_path, "run", "--only", only, "--report-dir", "there")
    assert ended.status == 0, ended.text
    transcript = str(tmp_path / "there" / "transcript.har")
    again = call(tmp_path, "run", "--replay", transcript, "--report-dir", "again")
    assert again.status == 0, again.text
    before, after = ended.report("there"), again.report("again")
    for name in ("requirements", "totals", "settings", "requests", "observations"):
        assert before[name] == after[name], name


def test_what_others_find_is_not_judged() -> None:
    """The server shows profiles of others: a run of ENV asks for them, and judges the form alone."""
    judgement, methods, outcomes = judged(["ENV"], api=Open(Store.seeded(), RateLimiter(1000)))
    assert judgement.error is None
    assert not WRITES & methods
    assert outcomes["ENV-04"] == "passed"
    assert {outcomes[id_] for id_ in outcomes if id_.startswith("ORG")} == {"unselected"}


def test_what_is_left_out_does_not_run_for_others() -> None:
    """Without the cases of AUTH and ROB nothing provokes the errors that ERR-01 rests on."""
    settings = {"skip": ("AUTH", "ROB", "LIM", "FIL", "SRCH")}
    _, _, outcomes = judged(["ERR-01", "AUTH-01"], settings=settings)
    assert outcomes["ERR-01"] == "inconclusive"


def test_a_part_that_lacks_nothing_sends_nothing_more() -> None:
    _, selection = select(Settings(only=("PAG-03",)), CONTRACT, CASES)
    assert selection.support(CASES)
    assert Selection(frozenset({"PAG-03"}), supported=False).support(CASES) == []
    assert Selection().support(CASES) == []
    with (
        EmbeddedServer(recorded()) as server,
        client_to(target_of(server, embedded=True)) as client,
    ):
        session = Session(client, CONTRACT, depth=Depth.STANDARD, seed=0)
        judge_selected(session, CASES, selection)
        assert client.total_sent < 40


def test_a_small_budget_is_kept() -> None:
    _, _, outcomes = judged(["ERR"], max_requests=12)
    assert outcomes["ERR-01"] == "inconclusive"


def test_an_older_transcript_of_a_part_has_no_support(tmp_path: Path) -> None:
    """It lacks the requests of other cases: its result is what it was."""
    from conformance.recording import seal

    ended = call(tmp_path, "run", "--only", "PAG-03", "--report-dir", "there")
    assert ended.status == 0, ended.text
    path = tmp_path / "there" / "transcript.har"
    log = seal.load(path)
    for name in ("refused", "only", "skip", "selected_by"):
        del log["run"][name]
    seal.save(log, path)
    again = call(tmp_path, "run", "--replay", str(path), "--report-dir", "again")
    assert again.status == 0, again.text
    assert again.report("again")["settings"]["only"] == ["PAG-03"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"only": ["PAG-04", "search"]}, "--only PAG-04,search"),
        ({"only": ["must"], "skip": ["ORG"]}, "--only must --skip ORG"),
        ({"only": [], "skip": []}, "conformance run --base-url"),
    ],
)
def test_every_form_has_the_command_of_the_selection(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    from conformance import report

    build = Build()
    result = build.result(build.requirement("PAG-01"), build.requirement("PAG-04", "failed"))
    result["settings"] |= changes
    result["contract"] |= {"version": "1.1.0", "requirements": "1.0"}
    result["depth"] = "smoke"
    report.write(result, tmp_path / "there")  # type: ignore[arg-type]
    shown = call(tmp_path, "report", "there").out
    page = (tmp_path / "there" / "report.html").read_text("utf-8")
    summary = (tmp_path / "there" / "summary.md").read_text("utf-8")
    for text in (shown, page, summary):
        flat = " ".join(text.split())
        assert words in flat
        assert "--requirements 1.0" in flat
        assert "--depth smoke" in flat


def test_a_recheck_can_be_repeated_without_its_report(tmp_path: Path) -> None:
    build = Build()
    rows = [build.requirement("AUTH-01"), build.requirement("PAG-03", "failed")]
    (tmp_path / "earlier").mkdir()
    (tmp_path / "earlier" / "report.json").write_text(json.dumps(build.result(*rows)), "utf-8")
    _, selection = select(Settings(recheck=tmp_path / "earlier"), CONTRACT, CASES)
    assert (selection.only, selection.skip) == (("PAG-03",), ())
