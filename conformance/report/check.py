"""Validates a result: by the JSON Schema, then by rules that a schema cannot express.

A report that contradicts itself is refused, both when it is written and when it is read.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, cast

import jsonschema_rs

from conformance.errors import ReportError
from conformance.report import clock
from conformance.report.acceptance import accepted_ids
from conformance.report.model import AREAS, OUTCOMES, Requirement, Result
from conformance.text.printable import visible
from conformance.text.wording import shorten

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

EXIT_STATUS = {
    "conformant": 0,
    "non-conformant": 1,
    "incomplete": 3,
    "partial": 0,
    "untestable": 4,
    "error": 5,
}
INTERRUPTED = (130, 143)
"""Exit statuses of a run that Ctrl-C or SIGTERM stopped."""

_PREFIXES = {area.name: area.prefix for area in AREAS}


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of `report.json`."""
    text = resources.files("conformance.report").joinpath("report.schema.json").read_text("utf-8")
    return cast("dict[str, Any]", json.loads(text))


def validate(result: object, where: str = "report") -> None:
    """Raise ReportError with every problem found, unless the result is valid.

    The other rules are checked only if the result matches the schema.

    :param where: the name of the report in the message.
    """
    problems = list(_shape(result))
    if not problems:
        sound = cast("Result", result)
        problems = [
            *_json(sound),
            *_counts(sound),
            *_requirements(sound),
            *_defects(sound),
            *_accepted(sound),
            *_verdict(sound),
        ]
    if problems:
        raise ReportError(problems, where)


@cache
def _validator() -> Draft202012Validator:
    # Imported on use: jsonschema with its format checkers takes most of a second to load, and is needed only
    # to explain why a result does not match the schema.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema())


@cache
def _fast() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema())


def _matches_schema(result: object) -> bool:
    """Return whether the result matches the schema, by the fast validator; False for what it cannot read."""
    try:
        return bool(_fast().is_valid(result))
    except ValueError:
        return False


def _shape(result: object) -> Iterator[str]:
    def path(error: ValidationError) -> list[str]:
        return [str(part) for part in error.absolute_path]

    if _matches_schema(result):
        return
    for error in sorted(_validator().iter_errors(cast("Any", result)), key=path):
        where = error.json_path.removeprefix("$").removeprefix(".")
        message = shorten(visible(error.message), 160)
        yield f"{where}: {message}" if where else message


def _json(result: Result) -> Iterator[str]:
    # In the schema an observation may have any value, and Python counts NaN as a number.
    for number, observation in enumerate(result["observations"]):
        try:
            json.dumps(observation["value"], allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            yield f"observations[{number}].value: not a JSON value ({error})"


def _counts(result: Result) -> Iterator[str]:
    requirements, totals, requests = (
        result["requirements"],
        result["totals"],
        result["requests"],
    )
    outcomes = Counter(requirement["outcome"] for requirement in requirements)
    if totals["requirements"] != len(requirements):
        yield f"totals.requirements: {totals['requirements']}, but {len(requirements)} are listed"
    for outcome in OUTCOMES:
        if totals[outcome] != outcomes[outcome]:
            yield f"totals.{outcome}: {totals[outcome]}, but {outcomes[outcome]} are listed"

    identity = requests["by_identity"]
    sums = {
        "by_identity": identity["own"] + identity["other"] + identity["anonymous"],
        "by_area": sum(requests["by_area"].values()),
    }
    for name, total in sums.items():
        if total != requests["sent"]:
            yield f"requests.{name}: adds up to {total}, but {requests['sent']} were sent"
    # A long list of incidents may be cut, so the count may be higher than the length of the list.
    if requests["incidents"] < len(result["incidents"]):
        listed = len(result["incidents"])
        yield f"requests.incidents: {requests['incidents']}, but {listed} are listed"
    try:
        if clock.seconds(result) < 0:
            yield "finished_at: before started_at"
    except ValueError as error:  # the schema checks the form of a time only
        yield f"started_at or finished_at: not a time ({error})"


def _requirements(result: Result) -> Iterator[str]:
    ids = Counter(requirement["id"] for requirement in result["requirements"])
    yield from (f"{id_}: listed {count} times" for id_, count in ids.items() if count > 1)
    for requirement in result["requirements"]:
        for problem in _requirement(requirement):
            yield f"{requirement['id']}: {problem}"


def _requirement(requirement: Requirement) -> Iterator[str]:
    outcome, level = requirement["outcome"], requirement["level"]
    if requirement["id"].split("-")[0] != _PREFIXES[requirement["area"]]:
        yield f"the id does not belong to the area {requirement['area']}"
    if outcome == "failed" and level != "must":
        yield "failed, but a recommended requirement can only be warned"
    if outcome == "warned" and level != "should":
        yield "warned, but a mandatory requirement can only be failed"
    if outcome in ("failed", "warned") and not requirement["findings"]:
        yield f"{outcome} without a finding"
    if outcome in ("inconclusive", "waived", "unselected") and requirement["reason"] is None:
        yield f"{outcome} without a reason"
    if outcome == "passed":
        if requirement["findings"]:
            yield "passed, but has findings"
        # A requirement passes only if a case judged it on at least one exchange.
        if not requirement["cases"]:
            yield "passed, but no case judged it"
        if not requirement["exchanges"]:
            yield "passed, but on no exchange"


def _defects(result: Result) -> Iterator[str]:
    """Yield why the defects do not hold each finding exactly once."""
    known = {
        (requirement["id"], index): requirement
        for requirement in result["requirements"]
        for index in range(len(requirement["findings"]))
    }
    listed: Counter[tuple[str, int]] = Counter()
    for defect in result["defects"]:
        places = [(place["requirement"], place["index"]) for place in defect["findings"]]
        listed.update(places)
        if {id_ for id_, _ in places} != set(defect["requirements"]):
            yield f"{defect['id']}: its requirements are not those of its findings"
        elif not known.keys() >= set(places):
            yield f"{defect['id']}: a finding of it is not listed"
        else:
            levels = {known[place]["id"]: known[place]["level"] for place in places}
            if "must" in levels.values() and levels[defect["requirements"][0]] != "must":
                yield f"{defect['id']}: a mandatory requirement is folded under a recommended one"
    for id_, count in Counter(defect["id"] for defect in result["defects"]).items():
        if count > 1:
            yield f"{id_}: listed {count} times"
    for id_, index in known:
        if listed[id_, index] != 1:
            yield f"{id_}: findings[{index}] is in {listed[id_, index]} defects"


def _accepted(result: Result) -> Iterator[str]:
    """Yield which findings of waivers and of the baseline are not listed."""
    counts = {row["id"]: len(row["findings"]) for row in result["requirements"]}
    baseline = result["baseline"]
    lists = [waiver["findings"] for waiver in result["waivers"]]
    lists += [baseline["known"], baseline["new"]] if baseline else []
    for place in (place for listed in lists for place in listed):
        if place["index"] >= counts.get(place["requirement"], 0):
            yield f"{place['requirement']}: findings[{place['index']}] is accepted, but not listed"
    for waiver in result["waivers"]:
        if any(place["requirement"] != waiver["requirement"] for place in waiver["findings"]):
            yield f"{waiver['requirement']}: its waiver covers another requirement"


def _statuses(result: Result) -> set[int]:
    """Return the exit statuses that the verdict of a result may have."""
    if result["interrupted"]:
        return set(INTERRUPTED)
    verdict = result["verdict"]
    expected = {EXIT_STATUS[verdict]}
    if verdict == "incomplete":
        expected.add(0)
    failed = {row["id"] for row in result["requirements"] if row["outcome"] == "failed"}
    if verdict == "non-conformant" and failed <= accepted_ids(result):
        # What is left then decides: nothing, what could not be checked, or that the target fell silent.
        expected = {0, 3, 4}
    if any(waiver["state"] == "unused" for waiver in result["waivers"]):
        expected = {2 if status in (0, 3) else status for status in expected}
    return expected


def _partial(result: Result, *, sound: bool) -> Iterator[str]:
    """Yield why the verdict does not agree with what was selected.

    :param sound: whether nothing that was selected failed or is unproven.
    """
    verdict, totals = result["verdict"], result["totals"]
    if verdict == "conformant" and totals["unselected"]:
        yield "verdict: conformant, but not every requirement was selected"
    if verdict == "partial":
        if not sound:
            yield "verdict: partial, but a selected requirement failed or is unproven"
        if not totals["unselected"]:
            yield "verdict: partial, but every requirement was selected"
        if not totals["passed"] and not totals["warned"]:
            yield "verdict: partial, but nothing was checked"


def _verdict(result: Result) -> Iterator[str]:
    verdict, interrupted = result["verdict"], result["interrupted"]
    failed = any(r["outcome"] == "failed" for r in result["requirements"])
    unproven = any(
        r["outcome"] == "inconclusive" and r["level"] == "must" for r in result["requirements"]
    )
    passed = any(r["outcome"] == "passed" for r in result["requirements"])

    if verdict == "conformant":
        if failed:
            yield "verdict: conformant, but a requirement failed"
        if unproven:
            yield "verdict: conformant, but a mandatory requirement is inconclusive"
        if not passed:
            yield "verdict: conformant, but nothing passed"
        if interrupted:
            yield "verdict: conformant, but the run was interrupted"
    if verdict == "non-conformant" and not failed:
        yield "verdict: non-conformant, but nothing failed"
    # An interrupted run is incomplete even if a requirement failed.
    if verdict == "incomplete" and not interrupted:
        if failed:
            yield "verdict: incomplete, but a requirement failed"
        if not unproven and (passed or result["totals"]["warned"]):
            yield "verdict: incomplete, but no mandatory requirement is inconclusive"

    yield from _partial(result, sound=not (failed or unproven or interrupted))
    expected = _statuses(result)
    if result["exit_status"] not in expected:
        wanted = " or ".join(str(status) for status in sorted(expected))
        yield f"exit_status: {result['exit_status']}, but this verdict has {wanted}"
