"""Which requirements a run judges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.document import load
from conformance.errors import UsageError
from conformance.plugin import collect
from conformance.running.selection import select
from conformance.running.settings import Settings
from tests.report.conftest import Build
from tests.support.in_process import call
from tests.support.resolving import refused, settings_from

CONTRACT = load()
CASES = collect()
PAG = {id_ for id_ in CONTRACT.requirements if id_.startswith("PAG-")}
SHOULD = {id_ for id_, row in CONTRACT.requirements.items() if row.level == "should"}


@pytest.mark.parametrize(
    ("settings", "ids"),
    [
        (Settings(only=("PAG",)), PAG),
        (Settings(only=("pagination", "RET-01")), PAG | {"RET-01"}),
        (Settings(only=("PAG",), skip=("should",)), PAG - SHOULD),
        (Settings(skip=("PAG",)), set(CONTRACT.requirements) - PAG),
    ],
)
def test_names_select_requirements(settings: Settings, ids: set[str]) -> None:
    assert set(select(settings, CONTRACT, CASES)[1].ids or ()) == ids


def test_a_run_without_names_judges_all() -> None:
    assert select(Settings(), CONTRACT, CASES)[1].ids is None


def test_nothing_left_is_an_error() -> None:
    for settings in (
        Settings(only=("AUTH-11",)),
        Settings(only=("PAG",), skip=("pagination",)),
        Settings(skip=("must", "should")),
    ):
        with pytest.raises(UsageError, match="no requirement is left"):
            select(settings, CONTRACT, CASES)


def test_names_come_from_all_three_sources(tmp_path: Path) -> None:
    wanted = ("PAG-03", "search")
    assert settings_from(tmp_path, {"only": ("PAG-03", "search")}).only == wanted
    assert settings_from(tmp_path, {}, {"CONFORMANCE_ONLY": "PAG-03, search"}).only == wanted
    assert settings_from(tmp_path, {}, {}, 'only = ["PAG-03", "search"]').only == wanted
    assert "is it PAG" in refused(tmp_path, {"skip": ("PAG-3",)})
    assert refused(tmp_path, {"only": (" ",)}).startswith("--only: expected ids")


def earlier(folder: Path, *failed: str, **changes: Any) -> Path:
    build = Build()
    rows = [build.requirement("AUTH-01")]
    rows += [build.requirement(id_, "failed") for id_ in failed]
    result = build.result(*rows, **changes)
    (folder / "earlier").mkdir()
    (folder / "earlier" / "report.json").write_text(json.dumps(result), "utf-8")
    return folder / "earlier"


def test_a_recheck_judges_what_failed_as_the_earlier_run_did(tmp_path: Path) -> None:
    path = earlier(tmp_path, "PAG-03", "RET-01", depth="deep", seed=7)
    settings, selection = select(Settings(recheck=path), CONTRACT, CASES)
    assert set(selection.ids or ()) == {"PAG-03", "RET-01"}
    assert (settings.depth.name, settings.seed, settings.baseline) == ("DEEP", 7, path)
    _, selection = select(Settings(recheck=path, only=("PAG",)), CONTRACT, CASES)
    assert set(selection.ids or ()) == {"PAG-03"}


def test_without_its_transcript_all_cases_run_for_a_finding_of_all_exchanges(
    tmp_path: Path,
) -> None:
    path = earlier(tmp_path, "ENV-12", "PAG-03")
    report = json.loads((path / "report.json").read_text("utf-8"))
    case = next(case.name for case in CASES if case.universal and case.requirement == "ENV-12")
    assert not select(Settings(recheck=path), CONTRACT, CASES)[1].everything
    report["requirements"][1]["findings"][0]["case"] = case
    (path / "report.json").write_text(json.dumps(report), "utf-8")
    selection = select(Settings(recheck=path), CONTRACT, CASES)[1]
    assert (selection.everything, selection.again) == (True, ())
    assert not select(Settings(recheck=path, only=("PAG",)), CONTRACT, CASES)[1].everything


def test_what_cannot_be_checked_again_is_one_line(tmp_path: Path) -> None:
    path = str(earlier(tmp_path))
    cut = tmp_path / "cut.json"
    cut.write_text('{"format"', "utf-8")
    for arguments, why in (
        (("--recheck", path), f"--recheck: nothing failed in {path}"),
        (("--recheck", "none"), "--recheck: none cannot be read"),
        (("--recheck", "cut.json"), "--recheck: cut.json was cut short"),
        (("--last-failed",), "--last-failed: reports/latest cannot be read"),
        (("--only", "nothing"), "--only: 'nothing' chooses no requirement"),
    ):
        ended = call(tmp_path, "run", *arguments)
        assert (ended.status, why in ended.err) == (2, True), ended.text
        assert len(ended.err.splitlines()) == 1
        assert not (tmp_path / "reports").exists()
