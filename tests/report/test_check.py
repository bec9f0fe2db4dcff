"""A result that does not match the schema, or contradicts itself, is refused with the reason."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.errors import ReportError
from conformance.report import schema, validate
from tests.support.marks import broad

Result = dict[str, Any]


def members(node: Any) -> list[tuple[Any, ...]]:
    """Return the paths of all members of all objects in `node`, except those inside free values.

    Objects of one array have one schema, so each of their members is there once.
    """
    kinds: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for path in every_member(node):
        kinds.setdefault(tuple(None if isinstance(key, int) else key for key in path), path)
    return list(kinds.values())


def every_member(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    pairs = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in pairs:
        if isinstance(node, dict):
            found.append((*path, key))
        if isinstance(value, dict | list) and key != "value":
            found += every_member(value, (*path, key))
    return found


def at(node: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        node = node[key]
    return node


def test_schema_is_itself_valid() -> None:
    Draft202012Validator.check_schema(schema())


OPTIONAL = {
    "": {"coverage", "exchanges"},
    "/properties/settings": {"only", "skip"},
    "/$defs/exchange": {"headers", "body"},
}
"""Members that reports of an earlier version lack, or that only some exchanges have."""


def test_the_schema_allows_no_further_members() -> None:
    def look(node: Any, path: str) -> None:
        if isinstance(node, dict):
            if "properties" in node:
                assert node.get("additionalProperties") is False, path
                optional = OPTIONAL.get(path, set())
                assert sorted(node["required"]) == sorted(node["properties"].keys() - optional), (
                    path
                )
            for key, value in node.items():
                look(value, f"{path}/{key}")

    look(schema(), "")


def test_valid_results_are_accepted(every: dict[str, Result]) -> None:
    for result in every.values():
        validate(result)


def test_a_missing_or_misspelt_member_is_refused(mixed: Result) -> None:
    for path in members(mixed):
        if path[:2] in (("requests", "by_area"), ("requests", "by_protocol")):
            continue
        damaged = copy.deepcopy(mixed)
        value = at(damaged, path[:-1]).pop(path[-1])
        with pytest.raises(ReportError, match="required property"):
            validate(damaged)
        at(damaged, path[:-1])[f"{path[-1]}s"] = value
        with pytest.raises(ReportError, match="unexpected"):
            validate(damaged)


NULLABLE = {
    "directory", "total", "reason", "detail", "exchange", "request", "status", "request_id",
    "curl", "rate", "probable_cause",
}  # fmt: skip


@pytest.mark.parametrize(
    "other", [1.5, *broad(None, True, -1, [1], "a string", {"a": 1})], ids=repr
)
def test_a_member_of_another_type_is_refused(mixed: Result, other: object) -> None:
    for path in members(mixed):
        here = at(mixed, path)
        free = path[-1] == "value" or (path == ("seed",) and other == -1)
        may_be = path[-1] in NULLABLE and (other is None or isinstance(other, str | dict))
        if free or may_be or (type(other) is type(here) and other != -1):
            continue
        holder = at(mixed, path[:-1])
        holder[path[-1]] = other
        with pytest.raises(ReportError):
            validate(mixed)
        holder[path[-1]] = here
    validate(mixed)


def test_a_seed_may_be_negative(mixed: Result) -> None:
    mixed["seed"] = -1
    validate(mixed)


def set_(*path: Any, to: Any) -> Callable[[Result], None]:
    def damage(result: Result) -> None:
        at(result, path[:-1])[path[-1]] = to

    damage.__name__ = ".".join(map(str, path)) + f"={to!r}"
    return damage


@pytest.mark.parametrize(
    "damage",
    [
        set_("format", to=1),
        set_("verdict", to="green"),
        set_("exit_status", to=2),
        set_("depth", to="quick"),
        set_("reason", to="  "),
        set_("started_at", to="2026-03-02 10:15"),
        set_("started_at", to="2026-03-02T10:15:04"),
        set_("started_at", to="2026-02-30T10:15:04Z"),
        set_("finished_at", to="2026-03-02T10:15:04Z\n"),
        set_("contract", "sha256", to="ABC"),
        set_("contract", "sha256", to="0" * 64 + "\n"),
        set_("target", "base_url", to="localhost:8000"),
        set_("requests", "by_area", "pagination", to=0),
        set_("requests", "by_area", "PAG", to=-1),
        set_("requirements", 0, "id", to="PAG-4"),
        set_("requirements", 0, "id", to="XYZ-04"),
        set_("requirements", 0, "id", to="AUTH-01\n"),
        set_("requirements", 0, "area", to="paging"),
        set_("requirements", 0, "level", to="may"),
        set_("requirements", 0, "source", to="guess"),
        set_("requirements", 0, "outcome", to="skipped"),
        set_("requirements", 0, "cases", to=["test_a", "test_a"]),
        set_("requirements", 1, "findings", 0, "exchange", to=0),
        set_("requirements", 1, "findings", 0, "status", to=42),
        set_("requirements", 1, "findings", 0, "request", "identity", to="root"),
        set_("defects", 0, "severity", to="bad"),
        set_("defects", 0, "id", to="D0"),
        set_("defects", 0, "requirements", to=[]),
        set_("observations", 0, "name", to="Limit above"),
        set_("observations", 0, "value", to=float("nan")),
        set_("observations", 0, "value", to={"a set"}),
    ],
    ids=lambda damage: damage.__name__,
)
def test_an_invalid_value_is_refused(mixed: Result, damage: Callable[[Result], None]) -> None:
    damage(mixed)
    with pytest.raises(ReportError):
        validate(mixed)


@pytest.mark.parametrize("what", [None, [], "a report", 1, {}])
def test_a_value_that_is_not_a_result_is_refused(what: object) -> None:
    with pytest.raises(ReportError):
        validate(what)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (set_("totals", "passed", to=2), r"totals.passed: 2, but 1 are listed"),
        (set_("totals", "requirements", to=9), r"totals.requirements: 9, but 8 are listed"),
        (set_("requests", "sent", to=13), r"by_identity: adds up to 12, but 13 were sent"),
        (set_("requests", "by_area", "ORG", to=4), r"by_area: adds up to 13, but 12 were sent"),
        (set_("requests", "incidents", to=0), r"requests.incidents: 0, but 1 are listed"),
        (set_("finished_at", to="2026-03-02T11:15:03+01:00"), r"finished_at: before started_at"),
        (set_("requirements", 7, "id", to="AUTH-01"), r"AUTH-01: listed 2 times"),
        (
            set_("requirements", 0, "area", to="search"),
            r"AUTH-01: the id does not belong to the area search",
        ),
        (set_("requirements", 0, "cases", to=[]), r"AUTH-01: passed, but no case judged it"),
        (set_("requirements", 0, "exchanges", to=0), r"AUTH-01: passed, but on no exchange"),
        (
            set_("requirements", 1, "level", to="should"),
            r"PAG-04: failed, but a recommended requirement can only be warned",
        ),
        (
            set_("requirements", 4, "level", to="must"),
            r"FIL-02: warned, but a mandatory requirement can only be failed",
        ),
        (set_("requirements", 4, "findings", to=[]), r"FIL-02: warned without a finding"),
        (set_("requirements", 5, "reason", to=None), r"LIM-03: inconclusive without a reason"),
        (set_("requirements", 7, "reason", to=None), r"RO-01: waived without a reason"),
        (set_("verdict", to="conformant"), r"verdict: conformant, but a requirement failed"),
        (
            set_("verdict", to="conformant"),
            r"verdict: conformant, but a mandatory requirement is inconclusive",
        ),
        (set_("verdict", to="incomplete"), r"verdict: incomplete, but a requirement failed"),
        (set_("exit_status", to=0), r"exit_status: 0, but this verdict has 1"),
        (set_("interrupted", to=True), r"exit_status: 1, but this verdict has 130"),
    ],
)
def test_contradictions_are_named(
    mixed: Result, damage: Callable[[Result], None], message: str
) -> None:
    damage(mixed)
    with pytest.raises(ReportError) as caught:
        validate(mixed)
    assert any(message in problem for problem in caught.value.problems), caught.value.problems


def test_a_verdict_agrees_with_the_outcomes(build: Any, conformant: Result) -> None:
    should = build.requirement("PAG-02", "inconclusive", level="should")
    for result, message in [
        (build.result(verdict="conformant"), "nothing passed"),
        (build.result(should, verdict="conformant"), "nothing passed"),
        (conformant | {"interrupted": True, "exit_status": 130}, "interrupted"),
        (conformant | {"verdict": "non-conformant", "exit_status": 1}, "nothing failed"),
        (
            conformant | {"verdict": "incomplete", "exit_status": 3},
            "no mandatory requirement is inconclusive",
        ),
    ]:
        with pytest.raises(ReportError, match=message):
            validate(result)


def test_a_partial_run_says_so(build: Any) -> None:
    passed, left_out = build.requirement("AUTH-01"), build.requirement("PAG-03", "unselected")
    validate(build.result(passed, left_out, verdict="partial"))
    open_must = build.requirement("PAG-04", "inconclusive")
    for result, message in [
        (build.result(passed, left_out), "conformant, but not every requirement was selected"),
        (build.result(passed, verdict="partial"), "every requirement was selected"),
        (build.result(left_out, verdict="partial"), "nothing was checked"),
        (build.result(passed, left_out, open_must, verdict="partial"), "failed or is unproven"),
        (build.result(passed, left_out | {"reason": None}, verdict="partial"), "without a reason"),
    ]:
        with pytest.raises(ReportError, match=message):
            validate(result)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda r: r["defects"].pop(), r"FIL-02: findings\[0\] is in 0 defects"),
        (lambda r: r["defects"].append(r["defects"][0]), r"PAG-04: findings\[0\] is in 2 defects"),
        (lambda r: r["defects"][0]["findings"].pop(), "D1: its requirements are not those"),
        (set_("defects", 0, "findings", 0, "index", to=1), "D1: a finding of it is not listed"),
        (lambda r: r["defects"][0]["requirements"].reverse(), "folded under a recommended one"),
    ],
)
def test_every_finding_is_in_one_defect(
    mixed: Result, damage: Callable[[Result], Any], message: str
) -> None:
    damage(mixed)
    with pytest.raises(ReportError, match=message):
        validate(mixed)


def test_the_message_is_one_short_line(hostile: Result) -> None:
    hostile["verdict"] = "\x1b[2J\n" * 1000
    hostile["requirements"] = [hostile["reason"]] * 100
    with pytest.raises(ReportError) as caught:
        validate(hostile, "a/report.json")
    message = str(caught.value)
    assert message.startswith("a/report.json: ")
    assert message.endswith("; and 98 more")
    assert message.isprintable()
    assert len(message) < 600
    assert len(caught.value.problems) == 101


def test_validation_does_not_change_the_result(mixed: Result) -> None:
    before = json.dumps(mixed)
    validate(mixed)
    assert json.dumps(mixed) == before
