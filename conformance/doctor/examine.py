"""Examines a target: from settings to the document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance import __version__
from conformance.contract.document import Contract, load
from conformance.contract.requirements import Level
from conformance.contract.verdict import ExitStatus
from conformance.doctor import checks
from conformance.doctor.checkup import FORMAT, MOST_REQUESTS, Checkup, State, problem
from conformance.doctor.connection import check_connection
from conformance.doctor.forecast import forecast_run
from conformance.doctor.probe import probe
from conformance.doctor.survey import KeySurvey
from conformance.errors import RehearsalError, Untestable
from conformance.http.client import Client
from conformance.plugin import collect
from conformance.privacy.disguise import disguised
from conformance.report.remedies import untestable
from conformance.running.settings import Settings
from conformance.running.sources import Live
from conformance.target.credentials import IDENTITIES
from conformance.target.secrets import Redactor

_VERDICTS = {
    ExitStatus.CONFORMANT: "ready",
    ExitStatus.INCOMPLETE: "usable",
    ExitStatus.UNTESTABLE: "untestable",
    ExitStatus.ERROR: "error",
}

Document = dict[str, Any]


def examine(settings: Settings, announce: Callable[[str], None] | None = None) -> Document:
    """Examine the target of the settings.

    :param announce: called with a sentence if there is no base URL, so that the embedded server is examined.
    :returns: the document that ``doctor.schema.json`` describes.
    """
    contract = load().frozen(settings.requirements)
    # A rate limit that is reached is reported, not waited for.
    with Live(replace(settings, max_wait=0)).client() as client:
        if client.target.embedded and announce is not None:
            announce(
                "No base URL is set: checking the embedded server, started at "
                f"{client.target.base_url}"
            )
        checkup = Checkup()
        try:
            _examine(settings, client, contract, checkup)
        except Untestable as reason:
            checkup.untestable = str(reason)
            checkup.add([problem("target", str(reason), untestable(str(reason)))])
        return _without_people(_document(checkup, settings, client), client)


def _examine(settings: Settings, client: Client, contract: Contract, checkup: Checkup) -> None:
    if not checkup.add(check_connection(client.target)):
        checkup.untestable = checkup.checks[-1].text
        return
    found = probe(client, contract)
    checkup.add(checks.keys(found, client))
    checkup.add(checks.shape(found, contract))
    hours, check = checks.quota(found.usable, client)
    checkup.facts["quota"] = hours
    checkup.add([check, checks.pace(client), *checks.version(client)])
    if not found.own.usable:
        return
    checkup.add(checks.size(known) for known in found.usable)
    checkup.facts["directory"] = {known.credential: _size(known) for known in found.usable}
    target = client.target
    checkup.add([checks.locations(found, target.location_ids, target.other_location_ids)])
    checkup.facts["locations"] = {
        known.credential: len(known.locations or []) for known in found.usable
    }
    left = {name: checks.granted(facts) for name, facts in hours.items()}
    try:
        forecast = forecast_run(found, client.target, settings, contract, collect(), left)
    except RehearsalError as reason:
        checkup.error = str(reason)
        checkup.add([problem("requirements", f"the suite itself failed on this data: {reason}")])
        return
    checkup.forecast = forecast
    checkup.add([checks.requirements(forecast)])
    checkup.add(checks.cost(forecast, settings.max_requests, hours))


def _size(known: KeySurvey) -> dict[str, Any]:
    return {
        "least": known.least,
        "most": known.most if known.size_problem is None else None,
        "seen": len(known.rows),
        "whole": known.complete,
    }


def _document(checkup: Checkup, settings: Settings, client: Client) -> Document:
    forecast, status, reason = checkup.forecast, *_concluded(checkup)
    return {
        "format": FORMAT,
        "verdict": _VERDICTS[status],
        "reason": reason,
        "exit_status": int(status),
        "suite": {"version": __version__},
        "contract": {"version": load().version, "sha256": load().sha256},
        "target": {"base_url": client.target.base_url, "embedded": client.target.embedded},
        "depth": settings.depth.name.lower(),
        "requests": {
            "sent": client.total_sent,
            "limit": MOST_REQUESTS,
            "by_identity": {name: client.sent[name] for name in IDENTITIES},
        },
        "checks": [
            {
                "name": check.name,
                "state": check.state.value,
                "text": check.text,
                "advice": check.advice,
            }
            for check in checkup.checks
        ],
        **{name: checkup.facts.get(name, {}) for name in ("quota", "directory", "locations")},
        "prospect": None
        if forecast is None
        else {
            "exact": forecast.exact,
            "established": forecast.established,
            "open": [
                {"id": row.id, "level": row.level, "area": row.area, "reason": row.reason}
                for row in forecast.open
            ],
            "costs": forecast.costs,
        },
    }


def _concluded(checkup: Checkup) -> tuple[ExitStatus, str]:
    if checkup.untestable is not None:
        return ExitStatus.UNTESTABLE, f"The target cannot be tested: {checkup.untestable}"
    if checkup.error is not None:
        return ExitStatus.ERROR, f"The suite itself failed: {checkup.error}"
    if checkup.forecast is None:
        return (
            ExitStatus.INCOMPLETE,
            "A run is possible, but its result cannot be forecast: the target returned no list.",
        )
    musts = [
        requirement.id for requirement in checkup.forecast.open if requirement.level == Level.MUST
    ]
    if musts:
        ids = ", ".join(musts[:8]) + (f" and {len(musts) - 8} more" if len(musts) > 8 else "")
        return ExitStatus.INCOMPLETE, f"A run is possible, but cannot check {ids}."
    if any(check.state is State.PROBLEM for check in checkup.checks):
        return (
            ExitStatus.CONFORMANT,
            "A run can check every mandatory requirement, and will report the problems above.",
        )
    return (
        ExitStatus.CONFORMANT,
        "A run can check every mandatory requirement with this data and budget.",
    )


def _without_people(document: Document, client: Client) -> Document:
    """Mask keys, names and e-mail addresses in the texts of the document."""
    redactor = Redactor(client.target)
    # Through pseudonyms, as in the report of a run, so that a value has the same mask in both.
    mask = disguised(client).mask()

    def clean(value: str | None) -> str | None:
        return None if value is None else mask.text(redactor.text(value))

    document["target"]["base_url"] = redactor.text(document["target"]["base_url"])
    document["reason"] = clean(document["reason"])
    for check in document["checks"]:
        check |= {"text": clean(check["text"]), "advice": clean(check["advice"])}
    for row in (document["prospect"] or {}).get("open", ()):
        row["reason"] = clean(row["reason"])
    return document
