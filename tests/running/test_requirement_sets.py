"""Runs that are judged by an earlier version of the contract, with ``--requirements``."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from conformance import report
from conformance.contract.cases import Case
from conformance.contract.document import load
from conformance.doctor.examine import examine
from conformance.errors import TranscriptError
from conformance.proof import catalogue
from conformance.proof.trial import serving
from conformance.recording.replay import requirements_of
from conformance.running.run import Report, run
from conformance.running.settings import Settings
from conformance.text.wording import plural
from tests.support.in_process import call
from tests.support.replaying import again, same
from tests.support.resolving import refused, settings_from

LATER = "FIL-15"
FAULT = "yes-crashes"
"""A fault that breaks only a requirement that version 1.1 added, and ROB-01 if that request is sent."""

SAYS = f"{plural(len(load().frozen('1.0').later), 'later requirement')} "


@pytest.fixture
def filters(cases: Sequence[Case]) -> list[Case]:
    """Return few cases, some of them of requirements that were added later."""
    wanted = {"FIL-13", "ROB-01", LATER, *load().frozen("1.0").later}
    return [case for case in cases if case.requirement in wanted]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def judged(cases: Sequence[Case], requirements: str | None) -> Report:
    """Judge the faulty server, and write the report and the transcript to ``recorded``."""
    (variant,) = catalogue.load(load()).only([FAULT]).faults
    with serving(variant) as target:
        settings = Settings(
            target.base_url,
            target.own_key,
            target.other_key,
            requirements=requirements,
            report_dir=Path("recorded"),
        )
        return run(settings, cases)


def rows(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in result["requirements"]}


def test_a_later_requirement_does_not_turn_a_run_red(filters: list[Case]) -> None:
    now, before = judged(filters, None).result, judged(filters, "1.0").result
    assert now["verdict"] == "non-conformant"
    assert rows(now)[LATER]["outcome"] == "failed"
    assert now["contract"]["requirements"] == load().requirement_set
    assert now["warnings"] == []

    assert before["totals"]["failed"] == 0
    assert before["contract"] | {"requirements": "1.0"} == before["contract"]
    assert rows(before)[LATER]["outcome"] == "waived"
    assert "added in version 1.1" in rows(before)[LATER]["reason"]
    assert rows(before)["FIL-13"]["outcome"] == "passed"
    assert set(rows(before)) == set(load().requirements)
    assert before["requests"]["sent"] < now["requests"]["sent"]


def test_every_form_of_the_report_says_so_in_one_line(filters: list[Case]) -> None:
    done = judged(filters, "1.0")
    (warning,) = done.result["warnings"]
    assert SAYS in warning
    for quiet in (False, True):
        screen = io.StringIO()
        report.render(done.result, Console(file=screen, width=200), None, quiet=quiet)  # type: ignore[arg-type]
        assert screen.getvalue().count(SAYS) == 1
    assert Path("recorded", "report.html").read_text("utf-8").count(SAYS) == 1
    assert SAYS in Path("recorded", "junit.xml").read_text("utf-8")


def test_items_of_pytest_say_why_a_case_was_not_run(filters: list[Case]) -> None:
    done = judged(filters, "1.0")
    case = next(case for case in filters if case.requirement == LATER)
    ended = done.outcome_of(case.name)
    assert (ended.failed, ended.inconclusive) == (False, True)
    assert "added in version 1.1" in ended.text


@pytest.mark.broad
def test_a_replay_is_judged_as_its_run_was(filters: list[Case]) -> None:
    whole = judged(filters, None)
    same(whole, again(filters))
    # The transcript holds what the later requirement asks for, so it can be judged without it too.
    assert rows(again(filters, requirements="1.0").result)[LATER]["outcome"] == "waived"

    before = judged(filters, "1.0")
    same(before, again(filters))
    # It does not hold it here, so the requirement cannot be checked.
    later = again(filters, requirements=load().requirement_set).result
    assert rows(later)[LATER]["outcome"] == "inconclusive"
    assert later["warnings"] == []


def test_a_transcript_of_a_later_contract_is_refused() -> None:
    with pytest.raises(TranscriptError) as problem:
        requirements_of({"requirements": "1.9999"}, load())
    known = " or ".join(load().requirement_sets)
    assert str(problem.value) == (
        "it was judged by version 1.9999 of the contract, which this suite does not have: "
        f"judge it with --requirements {known}"
    )


def test_an_older_transcript_is_judged_by_the_whole_contract() -> None:
    assert requirements_of({}, load()) is None


@pytest.mark.parametrize(
    ("flag", "variable", "file"),
    [("1.0", "", ""), ("1.0.0", "1.1", ""), (None, "1.0", ""), (None, "", "requirements = '1.0'")],
)
def test_every_layer_can_name_a_version(
    tmp_path: Path, flag: str | None, variable: str, file: str
) -> None:
    environment = {"CONFORMANCE_REQUIREMENTS": variable}
    settings = settings_from(tmp_path, {"requirements": flag}, environment, file)
    assert settings.requirements == "1.0"
    assert settings_from(tmp_path).requirements is None


def test_an_unknown_version_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    known = " or ".join(load().requirement_sets)
    done = call(tmp_path, "run", "--requirements", "7.0")
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        f"conformance: --requirements: '7.0' is not a version of the contract: choose {known}\n"
    )
    assert refused(tmp_path, {"requirements": ""}).startswith("--requirements: '' is not a version")
    # As a number, 1.10 would be 1.1.
    text = refused(tmp_path, file="requirements = 1.0")
    assert (
        text == 'conformance.toml: requirements: 1.0 is not a version: write it as a string, "1.0"'
    )


@pytest.mark.broad
def test_the_doctor_forecasts_the_run_that_is_asked_for(
    filters: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.doctor.examine.collect", lambda: filters)

    def prospect(requirements: str | None) -> dict[str, Any]:
        found: dict[str, Any] = examine(Settings(requirements=requirements))["prospect"]
        return found

    before, now = prospect("1.0"), prospect(None)
    later = load().frozen("1.0").later - {row["id"] for row in now["open"]}
    later -= {one.id for one in load().requirements.values() if one.not_tested}
    assert LATER in later
    assert before["established"] == now["established"] - len(later)
    assert not load().frozen("1.0").later & {row["id"] for row in before["open"]}
