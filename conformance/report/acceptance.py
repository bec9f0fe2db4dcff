"""What of a result is accepted: by a waiver, or because the baseline has it too."""

from __future__ import annotations

from conformance.report.model import Result
from conformance.report.statements import Waiver

_STATES = {
    "used": "",
    "unused": " - not needed any more",
    "undecided": " - not decided: the requirement was not checked",
}
Place = tuple[str, int]
"""A finding: the id of its requirement, and its index there."""


def waived_places(result: Result) -> dict[Place, Waiver]:
    """Return the findings that a waiver accepts."""
    return {
        (place["requirement"], place["index"]): waiver
        for waiver in result["waivers"]
        for place in waiver["findings"]
    }


def waived_ids(result: Result) -> set[str]:
    """Return the requirements whose findings are all waived, or that could not be checked and are waived."""
    return _covered(result, set(waived_places(result))) | _open(result)


def notes(result: Result) -> dict[str, str]:
    """Return what accepts a requirement that failed or could not be checked: id → a few words."""
    found: dict[str, list[str]] = {}
    for waiver in result["waivers"]:
        if waiver["state"] == "used":
            ticket = f", {waiver['ticket']}" if waiver["ticket"] else ""
            text = (
                f"waived until {waiver['expires']} by {waiver['owner']}{ticket}: {waiver['reason']}"
            )
            if waiver["fingerprint"] is not None:
                text = f"{waiver['fingerprint']} is {text}"
            found.setdefault(waiver["requirement"], []).append(text)
    baseline = result["baseline"]
    if baseline is not None:
        for id_ in dict.fromkeys(place["requirement"] for place in baseline["known"]):
            found.setdefault(id_, []).append("known from the baseline")
        for id_ in dict.fromkeys(place["requirement"] for place in baseline["new"]):
            found.setdefault(id_, []).append("new since the baseline")
    return {id_: "; ".join(texts) for id_, texts in found.items()}


def waiver_lines(result: Result) -> list[str]:
    """Return a line for each waiver, with its state."""
    return [
        f"{waiver['fingerprint'] or waiver['requirement']} until {waiver['expires']}, {waiver['owner']}: "
        f"{waiver['reason']}"
        + (f" ({waiver['ticket']})" if waiver["ticket"] else "")
        + _STATES[waiver["state"]]
        for waiver in result["waivers"]
    ]


def accepted_ids(result: Result) -> set[str]:
    """Return the requirements whose outcome does not stop a gate: waived, or known from the baseline."""
    places = set(waived_places(result))
    ids = _open(result)
    baseline = result["baseline"]
    if baseline is not None and baseline["fail_on"] == "new":
        places |= {(place["requirement"], place["index"]) for place in baseline["known"]}
        ids |= set(baseline["unchecked"])
    return _covered(result, places) | ids


def _covered(result: Result, places: set[Place]) -> set[str]:
    return {
        row["id"]
        for row in result["requirements"]
        if row["outcome"] in ("failed", "warned")
        and all((row["id"], index) in places for index in range(len(row["findings"])))
    }


def _open(result: Result) -> set[str]:
    used = {waiver["requirement"] for waiver in result["waivers"] if waiver["state"] == "used"}
    return {
        row["id"]
        for row in result["requirements"]
        if row["outcome"] == "inconclusive" and row["id"] in used
    }
