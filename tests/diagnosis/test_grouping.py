"""Grouping: a finding that follows from another one points to it."""

from __future__ import annotations

import pytest

from conformance.contract.document import load
from conformance.contract.verdict import CaseResult, Finding, RequirementResult, roll_up
from conformance.diagnosis.grouping import grouped

LIST = "http://target/clinician-profiles?limit=5"
ONE = "http://target/clinician-profiles/06943411-a9cc-4754-9c85-2d6ed86e3a4c"


def found(
    exchange: int, status: int, expected: str = "200 with a list", url: str = LIST
) -> Finding:
    return Finding(expected, str(status), exchange=exchange, status=status, url=url)


def rows(**findings: list[Finding]) -> list[RequirementResult]:
    """Return results for ids, written with ``_`` for ``-``, in the order of the contract."""
    given = {name.replace("_", "-"): tuple(items) for name, items in findings.items()}
    return [
        roll_up(requirement, [CaseResult("case", identifier, given[identifier], judged=1)])
        for identifier, requirement in load().requirements.items()
        if identifier in given
    ]


def causes(results: list[RequirementResult]) -> dict[str, list[str | None]]:
    return {
        row.requirement.id: [finding.caused_by for finding in row.findings]
        for row in grouped(results)
    }


def test_server_error_explains_every_finding_with_one() -> None:
    results = rows(
        FIL_01=[found(1, 500), found(2, 200, "exactly 3 records")],
        PAG_03=[found(3, 503)],
        ROB_01=[found(1, 500)],
    )
    assert causes(results) == {"PAG-03": ["ROB-01"], "FIL-01": ["ROB-01", None], "ROB-01": [None]}


def test_same_unexpected_status_is_reported_once() -> None:
    results = rows(
        LIM_01=[found(1, 404)],
        FIL_01=[found(2, 404)],
        FIL_13=[found(5, 404, "400 or 422 with an error envelope, or 200 with a list")],
        RET_01=[found(3, 404, "200 with the profile", ONE)],
        RET_03=[found(4, 403, "404 with an error envelope", ONE)],
    )
    assert causes(results) == {
        "LIM-01": [None],
        "FIL-01": ["LIM-01"],
        "FIL-13": ["LIM-01"],
        "RET-01": [None],
        "RET-03": [None],
    }


def test_undocumented_status_explains_every_finding_with_it() -> None:
    results = rows(
        LIM_01=[found(1, 404)],
        ERR_04=[found(9, 404, "one of the statuses 200")],
        FIL_01=[found(2, 404)],
    )
    assert causes(results) == {"LIM-01": ["ERR-04"], "FIL-01": ["ERR-04"], "ERR-04": [None]}


def test_most_fundamental_finding_on_an_exchange_explains_the_others() -> None:
    results = rows(
        ENV_12=[found(7, 200, "strict JSON")],
        OBJ_07=[found(7, 200, "a timestamp")],
        ROB_09=[found(7, 200, "a body that validates")],
    )
    assert causes(results) == {"ENV-12": [None], "OBJ-07": ["ENV-12"], "ROB-09": ["ENV-12"]}


def test_truncated_body_explains_other_findings_on_it() -> None:
    results = rows(
        ENV_12=[found(7, 200, "strict JSON")],
        ENV_11=[found(7, 200, "application/json")],
        ROB_10=[found(7, 200, "a body of at most 10 MiB")],
    )
    assert causes(results) == {"ENV-11": ["ROB-10"], "ENV-12": ["ROB-10"], "ROB-10": [None]}


def test_schema_finding_follows_from_any_other_on_the_exchange() -> None:
    results = rows(
        OBJ_07=[found(7, 200, "a timestamp")],
        ROB_09=[found(7, 200, "a body"), found(8, 200, "a body")],
    )
    assert causes(results) == {"OBJ-07": [None], "ROB-09": ["OBJ-07", None]}


@pytest.mark.parametrize("order", [("LIM_08", "FIL_01"), ("FIL_01", "LIM_08")])
def test_finding_of_a_must_never_follows_from_one_of_a_should(order: tuple[str, str]) -> None:
    results = rows(**{name: [found(number, 404)] for number, name in enumerate(order, 1)})
    assert causes(results)["FIL-01"] == [None]


def test_findings_do_not_follow_from_each_other() -> None:
    results = rows(ROB_01=[found(1, 500)], ENV_12=[found(1, 500)], ERR_04=[found(2, 500)])
    grouped_causes = causes(results)
    assert grouped_causes["ROB-01"] == [None]
    assert grouped_causes["ENV-12"] == grouped_causes["ERR-04"] == ["ROB-01"]
