"""The JUnit file agrees with the exit status and has a test case for each requirement."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from conformance.report import junit

Result = Any


def parse(result: Result) -> ElementTree.Element:
    return ElementTree.fromstring(junit.render(result))


def item(root: ElementTree.Element, id_: str) -> ElementTree.Element:
    (found,) = (case for case in root.iter("testcase") if case.attrib["name"].startswith(f"{id_} "))
    return found


def test_the_counts_agree_with_the_test_cases(every: dict[str, Result]) -> None:
    for name, result in every.items():
        root = parse(result)
        for element in (root, *root.findall("testsuite")):
            for attribute, tag in {
                "tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped",
            }.items():  # fmt: skip
                if attribute in element.attrib:
                    assert int(element.attrib[attribute]) == len(list(element.iter(tag))), name


def test_the_file_is_red_if_and_only_if_the_exit_status_is_not_0(every: dict[str, Result]) -> None:
    for name, result in every.items():
        root = parse(result)
        red = list(root.iter("failure")) + list(root.iter("error"))
        assert bool(red) == bool(result["exit_status"]), name


def test_each_area_is_a_suite_and_each_requirement_a_test_case(mixed: Result) -> None:
    root = parse(mixed)
    assert [suite.attrib["name"] for suite in root] == [
        "authentication", "bounds", "pagination", "filters", "read-only",
    ]  # fmt: skip
    assert len(list(root.iter("testcase"))) == len(mixed["requirements"])
    case = item(root, "PAG-04")
    assert case.attrib["classname"] == "pagination"
    assert case.attrib["name"] == "PAG-04 The text of PAG-04."


def test_each_outcome_has_its_element(mixed: Result) -> None:
    root = parse(mixed)
    failure = item(root, "PAG-04").find("failure")
    assert failure is not None
    assert failure.attrib["message"] == "data loss: The problem of PAG-04."
    assert failure.text is not None
    for line in ("expected: ", "received: ", "reproduce: curl -sS"):
        assert f"\n{line}" in failure.text

    error = item(root, "LIM-03").find("error")
    assert error is not None
    assert error.attrib["message"] == "could not be checked: fewer than 101 clinicians"
    assert [child.tag for child in item(root, "LIM-04")] == ["skipped"]
    assert [child.tag for child in item(root, "FIL-02")] == ["system-out"]
    assert [child.tag for child in item(root, "RO-01")] == ["skipped"]
    assert [child.tag for child in item(root, "AUTH-01")] == []


def test_an_inconclusive_requirement_is_skipped_if_the_run_allows_it(
    every: dict[str, Result],
) -> None:
    root = parse(every["incomplete, allowed"])
    assert [child.tag for child in item(root, "PAG-01")] == ["skipped"]


def test_the_properties_identify_the_run(mixed: Result) -> None:
    for suite in parse(mixed):
        properties = {p.attrib["name"]: p.attrib["value"] for p in suite.iter("property")}
        assert properties["verdict"] == "non-conformant"
        assert properties["target"] == "http://127.0.0.1:8000/api-v1"
        assert properties["contract.version"] == "1.0.0"


def test_hostile_text_is_escaped(hostile: Result) -> None:
    data = junit.render(hostile)
    assert b"<script>" not in data
    failure = item(ElementTree.fromstring(data), "PAG-04").find("failure")
    assert failure is not None
    assert failure.text is not None
    assert "<script>alert('x')</script>\\x1b[31m\\u202e" in failure.text
    assert "\\x00[bold]:smile:\\ud800\\ufffe" in failure.text


def test_line_breaks_of_a_detail_are_kept(build: Any) -> None:
    finding = build.finding(detail="first line\n\tsecond line")
    root = parse(build.result(build.requirement("PAG-04", "failed", findings=[finding])))
    failure = item(root, "PAG-04").find("failure")
    assert failure is not None
    assert "first line\n\tsecond line" in (failure.text or "")
