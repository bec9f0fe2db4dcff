"""One examination from settings to document."""

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
from conformance.privacy.masking import disguised
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

_WAYS_OUT = {
    "a redirect to": "give the URL that it leads to, or see whether a login stands in front of the API",
    "not this API": "look for a slip in the base URL, or for a login page in front of the API",
    "returned 401": "export a valid key in CONFORMANCE_API_KEY, or name its file with --api-key-file",
    "returned 403": "have the scope for clinician profiles given to the key",
    "returned 404": "give the base URL up to and without /clinician-profiles",
    "returned 429": "try again after the top of the hour, or with another key",
    "timed out after": "see whether the server behind the port is stuck",
    "the gateway returned": "see whether the server behind the gateway is up",
}
"""What a reason says → what to do about it; the first that fits."""

Document = dict[str, Any]


def examine(settings: Settings, announce: Callable[[str], None] | None = None) -> Document:
    """Look at the target of the settings.

    :param announce: called with a sentence where there is none and the embedded server is looked at.
    :returns: the document, as ``doctor.schema.json`` describes it.
    """
    contract = load()
    # A limit that is reached is told, and not waited out.
    with Live(replace(settings, max_wait=0)).client() as client:
        if client.target.embedded and announce is not None:
            announce(
                "No base URL is set: looking at the embedded server, started for this at "
                f"{client.target.base_url}"
            )
        checkup = Checkup()
        try:
            _examine(settings, client, contract, checkup)
        except Untestable as reason:
            checkup.untestable = str(reason)
            checkup.add([problem("target", str(reason), _way_out(str(reason)))])
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
    given = len(client.target.location_ids)
    checkup.add([checks.locations(found, given)])
    checkup.facts["locations"] = {
        known.credential: len(known.locations or []) for known in found.usable
    }
    left = {name: checks.granted(facts) for name, facts in hours.items()}
    try:
        forecast = forecast_run(found, client.target, settings, contract, collect(), left)
    except RehearsalError as reason:
        checkup.error = str(reason)
        checkup.add([problem("requirements", f"the suite itself failed on these data: {reason}")])
        return
    checkup.forecast = forecast
    checkup.add([checks.requirements(forecast)])
    checkup.add(checks.cost(forecast, settings.max_requests, hours))


def _way_out(reason: str) -> str:
    """What to do about a target that cannot be tested."""
    return next(
        (way for words, way in _WAYS_OUT.items() if words in reason),
        "see whether the port is that of the API, and what stands in front of it",
    )


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
            "A run can be made, but what it can establish cannot be said: the target gave no list.",
        )
    musts = [
        requirement.id for requirement in checkup.forecast.open if requirement.level == Level.MUST
    ]
    if musts:
        ids = ", ".join(musts[:8]) + (f" and {len(musts) - 8} more" if len(musts) > 8 else "")
        return ExitStatus.INCOMPLETE, f"A run can be made, but cannot establish {ids}."
    if any(check.state is State.PROBLEM for check in checkup.checks):
        return (
            ExitStatus.CONFORMANT,
            "Every must can be established; a run will find what is wrong.",
        )
    return ExitStatus.CONFORMANT, "Every must can be established with these data and this budget."


def _without_people(document: Document, client: Client) -> Document:
    """The document without keys, names and addresses in what is said of the target."""
    redactor = Redactor(client.target)
    # By way of pseudonyms, as in the report of a run, so that a value has the same mask in both.
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
