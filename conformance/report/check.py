"""Whether a result may be believed: the JSON Schema, and what no schema can say.

A report that contradicts itself is worse than none. It is refused where it is written, so that
the mistake is found by those who made it, and again where it is read.
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
from conformance.report.causes import root_of
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
    "untestable": 4,
    "error": 5,
}
INTERRUPTED = (130, 143)
"""Exit statuses of a run that Ctrl-C or SIGTERM stopped."""

_PREFIXES = {area.name: area.prefix for area in AREAS}


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `report.json`."""
    text = resources.files("conformance.report").joinpath("report.schema.json").read_text("utf-8")
    return cast("dict[str, Any]", json.loads(text))


def validate(result: object, where: str = "report") -> None:
    """Raise ReportError, with every problem found, unless `result` is sound.

    `where` names the report in the message. The shape is held to the schema first; only what has
    the shape is asked whether it agrees with itself.
    """
    problems = list(_shape(result))
    if not problems:
        sound = cast("Result", result)
        problems = [
            *_json(sound),
            *_counts(sound),
            *_requirements(sound),
            *_causes(sound),
            *_verdict(sound),
        ]
    if problems:
        raise ReportError(problems, where)


@cache
def _validator() -> Draft202012Validator:
    # Imported on use: with its extra for formats, jsonschema takes most of a second to load, and only
    # what breaks the schema needs its explanations. The schema needs no format checker.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema())


@cache
def _fast() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema())


def _is_sound(result: object) -> bool:
    """Whether the result has the shape, by the fast validator. What it cannot read, it has not."""
    try:
        return bool(_fast().is_valid(result))
    except ValueError:
        return False


def _shape(result: object) -> Iterator[str]:
    def place(error: ValidationError) -> list[str]:
        return [str(part) for part in error.absolute_path]

    if _is_sound(result):
        return
    for error in sorted(_validator().iter_errors(cast("Any", result)), key=place):
        where = error.json_path.removeprefix("$").removeprefix(".")
        message = shorten(visible(error.message), 160)
        yield f"{where}: {message}" if where else message


def _json(result: Result) -> Iterator[str]:
    # The schema lets an observation hold anything, and NaN passes for a number in Python.
    for number, observation in enumerate(result["observations"]):
        try:
            json.dumps(observation["value"], allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            yield f"observations[{number}].value: no JSON value ({error})"


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
    # A long list of incidents may be cut, so the count may be higher than the list is long.
    if requests["incidents"] < len(result["incidents"]):
        listed = len(result["incidents"])
        yield f"requests.incidents: {requests['incidents']}, but {listed} are listed"
    try:
        if clock.seconds(result) < 0:
            yield "finished_at: before started_at"
    except ValueError as error:  # the schema knows the form of a time, and no calendar
        yield f"started_at or finished_at: no such time ({error})"


def _requirements(result: Result) -> Iterator[str]:
    ids = Counter(requirement["id"] for requirement in result["requirements"])
    yield from (f"{id_}: listed {count} times" for id_, count in ids.items() if count > 1)
    for requirement in result["requirements"]:
        for problem in _requirement(requirement):
            yield f"{requirement['id']}: {problem}"


def _requirement(requirement: Requirement) -> Iterator[str]:
    outcome, level = requirement["outcome"], requirement["level"]
    if requirement["id"].split("-")[0] != _PREFIXES[requirement["area"]]:
        yield f"its id is not one of area {requirement['area']}"
    if outcome == "failed" and level != "must":
        yield "a breached should is warned, not failed"
    if outcome == "warned" and level != "should":
        yield "a breached must is failed, not warned"
    if outcome in ("failed", "warned") and not requirement["findings"]:
        yield f"{outcome} without a finding"
    if outcome in ("inconclusive", "waived") and requirement["reason"] is None:
        yield f"{outcome} without a reason"
    if outcome == "passed":
        if requirement["findings"]:
            yield "passed, but has findings"
        # Green means proven: nothing passes that nobody looked at.
        if not requirement["cases"]:
            yield "passed, but no case judged it"
        if not requirement["exchanges"]:
            yield "passed, but was judged on no exchange"


def _causes(result: Result) -> Iterator[str]:
    by_id = {requirement["id"]: requirement for requirement in result["requirements"]}
    for requirement in result["requirements"]:
        for number, finding in enumerate(requirement["findings"]):
            if finding["caused_by"] is not None and root_of(finding, by_id) is None:
                yield (
                    f"{requirement['id']}: findings[{number}] is said to be caused by "
                    f"{finding['caused_by']}, which leads to no finding of its own"
                )


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
            yield "verdict: conformant, but a must is inconclusive"
        if not passed:
            yield "verdict: conformant, but nothing passed"
        if interrupted:
            yield "verdict: conformant, but the run was interrupted"
    if verdict == "non-conformant" and not failed:
        yield "verdict: non-conformant, but nothing failed"
    # An interrupted run may be called incomplete even with a breach: it did not come to its end.
    if verdict == "incomplete" and not interrupted:
        if failed:
            yield "verdict: incomplete, but a requirement failed"
        if not unproven:
            yield "verdict: incomplete, but no must is inconclusive"

    expected = set(INTERRUPTED) if interrupted else {EXIT_STATUS[verdict]}
    if verdict == "incomplete" and not interrupted:
        expected.add(0)
    if result["exit_status"] not in expected:
        wanted = " or ".join(str(status) for status in sorted(expected))
        yield f"exit_status: {result['exit_status']}, but this verdict ends with {wanted}"
