"""Requirement sets: a version of the contract is judged by the requirements that it had."""

from __future__ import annotations

import pytest

from conformance.contract.document import Contract, load
from conformance.contract.versions import Version
from conformance.errors import ContractError

RELEASED = {"1.0": 141}
"""Requirement sets of released versions, and how many requirements each has: none is ever added to them."""


def contract(version: str = "1.2.3", since: str = "1.1.0") -> Contract:
    return Contract(
        f"""
info: {{title: A made-up API, version: {version}}}
x-requirements:
  - {{id: PAG-01, level: must, source: seed, text: Pages end.}}
  - {{id: PAG-02, level: must, source: seed, since: {since}, text: Pages begin.}}
  - {{id: PAG-03, level: must, source: seed, since: 1.2.0, text: Pages turn., not_tested: needs paper}}
""".encode()
    )


@pytest.mark.parametrize(("name", "count"), RELEASED.items())
def test_a_released_set_gets_no_further_requirement(name: str, count: int) -> None:
    """If this fails for a new requirement, its row needs ``since``."""
    frozen = load().frozen(name)
    assert len(frozen.requirements) - len(frozen.later) == count


def test_every_set_up_to_the_current_version_can_be_named() -> None:
    assert contract().requirement_sets == ["1.0", "1.1", "1.2"]
    names = ("1.0", "1.0.0", "1.0.7", "1.1", "1.2", "1.2.0", "1.2.3")
    found = [contract().set_of(name) for name in names]
    assert found == ["1.0", "1.0", "1.0", "1.1", "1.2", "1.2", "1.2"]


@pytest.mark.parametrize(
    "name", ["1.3", "1.2.4", "2.0", "0.9", "1", "", "1.0.0.0", "v1.0", "1.x", "1.٠", "1." + "9" * 9]
)
def test_no_other_version_has_a_set(name: str) -> None:
    assert contract().set_of(name) is None


def test_later_requirements_are_listed_and_not_tested() -> None:
    whole = contract()
    assert (whole.requirement_set, whole.later) == ("1.2", frozenset())
    frozen = whole.frozen("1.0")
    assert frozen.requirement_set == "1.0"
    assert frozen.later == {"PAG-02", "PAG-03"}
    assert {row.id: row.not_tested for row in frozen.requirements.values()} == {
        "PAG-01": None,
        "PAG-02": "added in version 1.1 of the contract; this run is judged by 1.0",
        "PAG-03": "added in version 1.2 of the contract; this run is judged by 1.0",
    }
    assert whole.requirements["PAG-02"].not_tested is None  # the contract itself is unchanged
    assert frozen.sha256 == whole.sha256


@pytest.mark.parametrize("name", [None, "1.2"])
def test_the_last_set_leaves_nothing_out(name: str | None) -> None:
    whole = contract()
    frozen = whole.frozen(name)
    assert frozen.requirements == whole.requirements
    assert frozen.later == frozenset()
    assert whole.frozen("1.1").later == {"PAG-03"}


@pytest.mark.parametrize("since", ["1.3.0", "1.0.0", "1.1.1", "2.0.0", "1.1.x", "soon", "''"])
def test_since_must_be_a_version_that_added_requirements(since: str) -> None:
    with pytest.raises(ContractError) as problem:
        contract(since=since)
    text = str(problem.value)
    assert "PAG-02" in text
    assert text.endswith("expected 1.1.0 or 1.2.0")


def test_since_needs_a_second_version() -> None:
    with pytest.raises(ContractError, match="none: this is the first version"):
        contract(version="1.0.4")


@pytest.mark.parametrize("version", ["soon", "1", "''", "1.2.3-rc.1"])
def test_the_contract_must_have_a_version(version: str) -> None:
    with pytest.raises(ContractError, match=r"is not a version of the form 1\.2\.3"):
        contract(version=version)


def test_the_rows_since_is_a_version() -> None:
    assert load().requirements["FIL-15"].since == Version(1, 1)
    assert load().requirements["FIL-14"].since is None
