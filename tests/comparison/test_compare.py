"""What a comparison of two results says; the results are made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from conformance import report
from conformance.comparison import compare as comparing
from conformance.comparison.check import check_schema
from conformance.errors import UsageError
from tests.report.conftest import Build

BUILD = Build()
ONE, TWO = "PAG-03/list/limit/0a1b2c3d", "PAG-03/list/offset/missing"


def row(id_: str, outcome: str = "passed", *prints: str, **changes: Any) -> dict[str, Any]:
    """Return a requirement; each fingerprint is a finding."""
    found = [BUILD.finding(fingerprint=item) for item in prints]
    return BUILD.requirement(id_, outcome, **({"findings": found} if prints else {}), **changes)


def result(*rows: dict[str, Any], **changes: Any) -> Any:
    found = BUILD.result(row("AUTH-01"), *rows, **changes)
    report.validate(found)
    return found


def compared(old: Any, new: Any) -> dict[str, Any]:
    document = comparing.compare(old, new)
    check_schema(document, "compare")
    return document


def where(document: dict[str, Any], part: str = "requirements") -> dict[str, list[str]]:
    """Return the lists that are not empty, with ids or with the first requirement of each defect."""
    return {
        name: [item["id"] if part == "requirements" else item["requirements"][0] for item in items]
        for name, items in document[part].items()
        if items
    }


@pytest.mark.parametrize(
    ("before", "after", "place", "regression"),
    [
        (row("PAG-03"), row("PAG-03", "failed", ONE), "new", True),
        (row("PAG-03", "inconclusive"), row("PAG-03", "failed", ONE), "new", True),
        (row("PAG-03"), row("PAG-03", "warned", ONE), "new", False),
        (row("PAG-03", "failed", ONE), row("PAG-03"), "fixed", False),
        (row("PAG-03", "failed", ONE), row("PAG-03", "failed", ONE), "still", False),
        (row("PAG-03", "failed", ONE), row("PAG-03", "failed", ONE, TWO), "still", True),
        (row("PAG-03"), row("PAG-03", "inconclusive"), "lost", False),
        (row("PAG-03", "failed", ONE), row("PAG-03", "inconclusive"), "lost", False),
        (row("PAG-03", "inconclusive"), row("PAG-03"), "gained", False),
        (row("PAG-03"), row("PAG-03"), None, False),
        (row("PAG-03", "inconclusive"), row("PAG-03", "inconclusive"), None, False),
    ],
)
def test_a_requirement_is_sorted_by_both_outcomes(
    before: dict[str, Any], after: dict[str, Any], place: str | None, regression: bool
) -> None:
    document = compared(result(before), result(after))
    assert where(document) == ({place: ["PAG-03"]} if place else {})
    assert document["regression"] is regression


def test_defects_are_matched_by_fingerprint() -> None:
    old = result(
        row("PAG-03", "failed", ONE), row("RET-01", "failed", "RET-01/retrieve/status-500")
    )
    new = result(row("PAG-03", "failed", ONE), row("FIL-08", "failed", "FIL-08/list/unexpected"))
    old["requirements"].append(row("FIL-08"))
    new["requirements"].append(row("RET-01"))
    document = compared(old, new)
    assert where(document, "defects") == {
        "new": ["FIL-08"],
        "fixed": ["RET-01"],
        "still": ["PAG-03"],
    }


def test_a_defect_that_could_not_be_checked_again_is_not_fixed() -> None:
    document = compared(result(row("PAG-03", "failed", ONE)), result(row("PAG-03", "inconclusive")))
    assert where(document, "defects") == {"unchecked": ["PAG-03"]}


def test_a_requirement_of_a_newer_contract_is_no_regression() -> None:
    document = compared(result(), result(row("PAG-03", "failed", ONE)))
    assert where(document) == {"added": ["PAG-03"]}
    assert where(document, "defects") == {"added": ["PAG-03"]}
    assert not document["regression"]


def test_a_requirement_that_an_earlier_set_left_out_is_no_regression() -> None:
    reason = "not tested: added in version 1.1 of the contract; this run is judged by 1.0"
    old = result(row("PAG-03", "waived", reason=reason))
    new = result(row("PAG-03", "failed", ONE))
    new["contract"]["requirements"] = "1.1"
    assert where(compared(old, new)) == {"added": ["PAG-03"]}
    assert where(compared(new, old)) == {"lost": ["PAG-03"]}


def test_another_depth_is_not_selected_rather_than_not_checked() -> None:
    reason = "it does not run at the depth smoke"
    new = result(row("PAG-03", "unselected", reason=reason), verdict="partial", depth="smoke")
    document = compared(result(row("PAG-03")), new)
    (lost,) = document["requirements"]["lost"]
    assert lost["not_selected"]
    assert "depth" in document["notes"][0]


def test_what_is_waived_is_known_and_no_regression() -> None:
    new = result(row("PAG-03", "failed", ONE))
    new["waivers"] = [waiver("PAG-03", ONE, (("PAG-03", 0),))]
    new["exit_status"] = 0
    document = compared(result(row("PAG-03")), new)
    assert where(document) == {"waived": ["PAG-03"]}
    assert where(document, "defects") == {"waived": ["PAG-03"]}
    assert not document["regression"]
    new = result(row("PAG-03", "failed", ONE, TWO))
    new["waivers"] = [waiver("PAG-03", ONE, (("PAG-03", 0),))]
    document = compared(result(row("PAG-03")), new)
    assert where(document) == {"new": ["PAG-03"]}
    assert document["requirements"]["new"][0]["new_kinds"] == [TWO]


def waiver(id_: str, fingerprint: str | None, places: Any) -> dict[str, Any]:
    return {
        "requirement": id_,
        "fingerprint": fingerprint,
        "owner": "Data team",
        "reason": "Planned.",
        "ticket": None,
        "expires": "2027-01-31",
        "state": "used",
        "findings": [{"requirement": id_, "index": index} for id_, index in places],
    }


def test_another_version_of_the_suite_may_word_a_finding_in_another_way() -> None:
    old = result(row("PAG-03", "failed", "PAG-03/list/limit/0a1b2c3d"))
    new = result(row("PAG-03", "failed", "PAG-03/list/limit/ffffffff"))
    assert compared(old, new)["regression"]
    new["suite"]["version"] = "9.9.9"
    assert not compared(old, new)["regression"]


def test_changed_observations_are_listed() -> None:
    old, new = result(), result()
    text = "The response to limit=0."
    old["observations"] = [
        {"name": "limit-zero", "text": text, "value": "clamped"},
        {"name": "order", "text": "The order.", "value": "by name"},
        {"name": "same", "text": "The same.", "value": [1, 2]},
    ]
    new["observations"] = [
        {"name": "limit-zero", "text": text, "value": "refused"},
        {"name": "same", "text": "The same.", "value": [1, 2]},
    ]
    found = [(i["name"], i["before"], i["after"]) for i in compared(old, new)["observations"]]
    assert found == [("limit-zero", "clamped", "refused"), ("order", "by name", None)]


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("http://127.0.0.1:8000/api-v1/", True),
        ("HTTP://127.0.0.1:8000/api-v1", True),
        ("http://127.0.0.1:8001/api-v1", False),
        ("https://127.0.0.1:8000/api-v1", False),
        ("http://127.0.0.1:8000/other/api-v1", False),
    ],
)
def test_only_reports_on_one_target_are_compared(url: str, same: bool) -> None:
    old, new = result(), result()
    new["target"]["base_url"] = url
    if same:
        comparing.check_comparable(old, new, ("OLD", "NEW"), "--other-target")
        return
    with pytest.raises(UsageError, match="--other-target"):
        comparing.check_comparable(old, new, ("OLD", "NEW"), "--other-target")
    comparing.check_comparable(old, new, ("OLD", "NEW"), "")


def test_a_run_that_checked_nothing_cannot_be_compared() -> None:
    new: Any = BUILD.result(row("PAG-03", "inconclusive"), verdict="untestable")
    with pytest.raises(UsageError, match="checked nothing"):
        comparing.check_comparable(result(), new, ("OLD", "NEW"), "")
