"""``conformance list`` and ``conformance explain``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.contract.document import load
from tests.support.in_process import call


def test_every_requirement_is_listed(tmp_path: Path) -> None:
    ended = call(tmp_path, "list", "--json")
    assert ended.status == 0
    rows = json.loads(ended.out)["requirements"]
    contract = load().requirements
    assert [row["id"] for row in rows] == list(contract)
    for row in rows:
        assert row["text"] == contract[row["id"]].text
        assert (row["depth"] is None) == (contract[row["id"]].not_tested is not None)
    text = call(tmp_path, "list").out
    assert all(id_ in text for id_ in contract)
    assert all(len(line) <= 80 for line in text.splitlines())


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        (("PAG-04",), {"PAG-04"}),
        (("pag-04", "RET-01"), {"PAG-04", "RET-01"}),
        (("pagination",), {id_ for id_ in load().requirements if id_.startswith("PAG-")}),
        (("RO",), {id_ for id_ in load().requirements if id_.startswith("RO-")}),
        (("should",), {id_ for id_, row in load().requirements.items() if row.level == "should"}),
    ],
)
def test_names_choose_requirements(tmp_path: Path, names: tuple[str, ...], ids: set[str]) -> None:
    rows = json.loads(call(tmp_path, "list", *names, "--json").out)["requirements"]
    assert {row["id"] for row in rows} == ids


def test_a_requirement_is_explained(tmp_path: Path) -> None:
    ended = call(tmp_path, "explain", "PAG-03")
    assert ended.status == 0
    for part in (load().requirements["PAG-03"].text.split()[0], "data loss", "How it is judged"):
        assert part in ended.out
    document = json.loads(call(tmp_path, "explain", "PAG-03", "--json").out)
    assert document["judged_by"]
    assert all(row["text"] for row in document["judged_by"])
    assert document["broken_by"]


def test_the_usual_causes_are_in_both_forms(tmp_path: Path) -> None:
    causes = json.loads(call(tmp_path, "explain", "PAG-03", "--json").out)["usual_causes"]
    assert "`has_more` is true on every full page" in causes[0]["what"]
    text = " ".join(call(tmp_path, "explain", "PAG-03").out.split())
    assert "What usually causes a breach, and how to fix it" in text
    for row in causes:
        assert f"Usually {row['usually']}" in text
        assert f"Fix {row['fix']}" in text
    untested = call(tmp_path, "explain", "AUTH-11")
    assert "usually causes" not in untested.out


def test_a_requirement_that_is_not_tested_says_why(tmp_path: Path) -> None:
    ended = call(tmp_path, "explain", "AUTH-11")
    assert "Not tested needs a key without this scope" in ended.out


@pytest.mark.parametrize("command", ["list", "explain"])
def test_an_unknown_name_is_one_line(tmp_path: Path, command: str) -> None:
    ended = call(tmp_path, command, "PAG-4")
    assert (ended.status, "is it PAG-" in ended.complaint()) == (2, True)
