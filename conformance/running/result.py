"""Builds the *result* of a run: one plain dict, from which all reports are made."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from conformance import __version__
from conformance.contract.document import Contract
from conformance.contract.requirements import AREAS
from conformance.contract.verdict import (
    CaseResult,
    Conclusion,
    Finding,
    Outcome,
    RequirementResult,
    conclude,
    roll_up,
)
from conformance.diagnosis.defects import Defect, defects_of
from conformance.diagnosis.diagnose import Diagnosis
from conformance.diagnosis.fingerprint import fingerprints
from conformance.http.request import Request
from conformance.judging.engine import Judgement
from conformance.judging.session import Session
from conformance.privacy.masking import Mask
from conformance.reproduction import Reproducer, lines_of
from conformance.running import coverage, exchanges
from conformance.running.cautions import earlier_set, other_version
from conformance.target.credentials import IDENTITIES
from conformance.target.secrets import Redactor
from conformance.text.stamps import rfc3339

FORMAT = 2
SETUP = "setup"
SUITE = "clinician-profiles-conformance"


@dataclass(frozen=True)
class Times:
    """When a run started and ended, in UTC."""

    started_at: datetime
    finished_at: datetime


def requirement_results(
    contract: Contract, results: Sequence[CaseResult]
) -> list[RequirementResult]:
    """Return the outcome of every requirement, in the order of the contract."""
    by_requirement: dict[str, list[CaseResult]] = {}
    for result in results:
        by_requirement.setdefault(result.requirement, []).append(result)
    return [
        roll_up(requirement, by_requirement.get(identifier, []))
        for identifier, requirement in contract.requirements.items()
    ]


def build(
    session: Session,
    judgement: Judgement,
    times: Times,
    *,
    allow_incomplete: bool,
    mask: Mask | None = None,
    diagnosis: Diagnosis | None = None,
    labels: Mapping[str, str] | None = None,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
) -> tuple[dict[str, Any], Conclusion]:
    """Return the result of a run, and how the command ends.

    A key that a target has echoed is replaced by the name of its variable.

    :param mask: masks personal data; None leaves it as it is.
    :param diagnosis: the probable causes of the findings; None if they were not looked for.
    :param only: the names that the run was restricted to, ``skip`` those that it left out.
    """
    diagnosis = diagnosis or Diagnosis()
    results = judgement.results
    if judgement.untestable or judgement.error:
        reason = judgement.untestable or "the suite itself failed"
        judged = {result.requirement for result in results}
        results = results + [
            CaseResult("", identifier, inconclusive=f"not judged: {reason}")
            for identifier, row in session.contract.requirements.items()
            if identifier not in judged and not row.not_tested
        ]
    rows = requirement_results(session.contract, results)
    conclusion = conclude(
        rows,
        allow_incomplete=allow_incomplete,
        untestable=judgement.untestable,
        error=judgement.error,
        interrupted=judgement.interrupted,
        terminated=judgement.terminated,
    )
    client, target = session.client, session.target
    received = client.transcript.exchanges
    reproducing = lines_of(rows, Reproducer(received, mask, session.notes))
    by_area = dict.fromkeys((SETUP, *AREAS), 0)
    for request, attempts in client.attempts.items():
        by_area[judgement.owners.get(request, SETUP)] += attempts
    versions = Counter(exchange.protocol for exchange in client.transcript)
    downgrade = other_version(target, versions)
    earlier = earlier_set(session.contract)
    redact = Redactor(target).text

    def hide(text: str) -> str:
        return redact(text) if mask is None else mask.text(redact(text))

    result = {
        "format": FORMAT,
        "verdict": conclusion.verdict.value,
        "reason": conclusion.reason,
        "exit_status": int(conclusion.exit_status),
        "interrupted": judgement.interrupted,
        "labels": dict(sorted((labels or {}).items())),
        "suite": {
            "name": SUITE,
            "version": __version__,
            "python": platform.python_version(),
            "schemathesis": _installed("schemathesis"),
        },
        "contract": {
            "title": session.contract.title,
            "version": session.contract.version,
            "requirements": session.contract.requirement_set,
            "sha256": session.contract.sha256,
        },
        "target": {
            "base_url": target.base_url,
            "embedded": target.embedded,
            "identities": {"own": True, "other": target.other_key is not None},
            "foreign_ids": len(target.foreign_ids),
            "location_ids": len(target.location_ids),
            "known_ids": len(target.known_ids),
            "other_location_ids": len(target.other_location_ids),
        },
        "settings": {
            "concurrency": client.limits.concurrency,
            "rate": str(client.limits.rate) if client.limits.rate else None,
            "max_wait": client.limits.max_wait,
            "no_writes": client.limits.no_writes,
            "headers": target.network.header_names,
            "ca_bundle": target.network.ca_bundle is not None,
            "client_cert": bool(target.network.client_cert),
            "insecure": target.network.insecure,
            "http2": target.network.http2,
            "only": list(only),
            "skip": list(skip),
        },
        "warnings": [
            *target.network.warnings,
            *([downgrade] if downgrade else []),
            *([earlier] if earlier else []),
            *(
                [f"The search for causes is incomplete: {diagnosis.problem}."]
                if diagnosis.problem
                else []
            ),
        ],
        "depth": session.depth.name.lower(),
        "seed": session.seed,
        "started_at": rfc3339(times.started_at),
        "finished_at": rfc3339(times.finished_at),
        "requests": {
            "sent": client.total_sent,
            "reused": client.reused,
            "limit": client.limits.max_requests,
            "by_identity": {name: client.sent[name] for name in IDENTITIES},
            "by_area": by_area,
            "by_protocol": dict(sorted(versions.items())),
            "incidents": len(client.incidents),
        },
        "directory": _directory(session),
        "totals": _totals(rows),
        "defects": [
            _defect(number, item, reproducing(item))
            for number, item in enumerate(defects_of(rows, received, diagnosis.causes, hide), 1)
        ],
        "requirements": [_requirement(row, fingerprints(row, received, mask)) for row in rows],
        "observations": [
            {"name": item.name, "text": item.text, "value": item.value}
            for item in sorted(session.observations.values(), key=lambda item: item.name)
        ],
        "incidents": [
            {"kind": item.kind, "text": item.text, "exchange": item.exchange}
            for item in client.incidents
        ],
        "exchanges": exchanges.of(client, rows, mask),
        "coverage": coverage.of(session.contract, received),
        "waivers": [],
        "baseline": None,
    }
    result = _each_text(result, redact)
    if mask is not None:
        _mask(result, mask)
    return result, conclusion


def _mask(result: dict[str, Any], mask: Mask) -> None:
    """Mask what may hold a text of the target; names of cases and the like stay."""
    result["reason"] = mask.text(str(result["reason"]))
    for row in result["requirements"]:
        row["reason"] = _each_text(row["reason"], mask.text)
        for finding in row["findings"]:
            if finding["request_id"] is not None:
                finding["request_id"] = mask.field(finding["request_id"])
            for name in ("expected", "received", "detail"):
                finding[name] = _each_text(finding[name], mask.text)
            for name in ("request", "curl"):
                finding[name] = _each_text(finding[name], mask.line)
    for observation in result["observations"]:
        observation["value"] = _each_text(observation["value"], mask.text)
    for incident in result["incidents"]:
        incident["text"] = mask.text(incident["text"])
    result["directory"] = _each_text(result["directory"], mask.text)
    for defect in result["defects"]:
        for name in ("probable_cause", "witnesses"):  # the title and the lines to paste are masked
            defect[name] = _each_text(defect[name], mask.text)


def _requirement(row: RequirementResult, prints: Sequence[str]) -> dict[str, Any]:
    requirement = row.requirement
    return {
        "id": requirement.id,
        "area": requirement.area,
        "level": requirement.level.value,
        "text": requirement.text,
        "source": requirement.source,
        "outcome": row.outcome.value,
        "reason": row.reason,
        "cases": [case for case in row.cases if case],
        "exchanges": row.judged,
        "findings": [
            _finding(item) | {"fingerprint": print_}
            for item, print_ in zip(row.findings, prints, strict=True)
        ],
    }


def _finding(item: Finding) -> dict[str, Any]:
    request = None
    if item.url is not None:
        request = {"method": item.method, "url": item.url, "identity": item.identity}
    return {
        "case": item.case,
        "expected": item.expected,
        "received": item.received,
        "detail": item.detail,
        "exchange": item.exchange,
        "request": request,
        "status": item.status,
        "request_id": item.request_id,
        "curl": item.curl,
    }


def _defect(number: int, item: Defect, reproduction: Sequence[str]) -> dict[str, Any]:
    cause = item.cause
    return {
        "id": f"D{number}",
        "title": item.title,
        "severity": item.severity.label,
        "areas": list(item.areas),
        "requirements": list(item.requirements),
        "findings": [
            {"requirement": place.requirement, "index": place.index} for place in item.findings
        ],
        "probable_cause": None
        if cause is None
        else {
            "mechanism": cause.mechanism,
            "usually": cause.usually,
            "fix": cause.fix,
            "explains": cause.explained,
            "contradicts": 0,
            "agrees": cause.agreeing,
            "candidates": list(cause.candidates),
        },
        "reproduction": list(reproduction),
        "witnesses": [
            {"what": row.what, "expected": row.expected, "received": row.received}
            for row in item.witnesses
        ],
    }


def _directory(session: Session) -> dict[str, Any] | None:
    own = session.own
    if not own.pages:
        return None
    slices = session.slices.lists if session.slices is not None else ()
    return {
        "total": own.total if own.problem is None else None,
        "walked": own.complete,
        "records_seen": len(own.rows),
        "moved": session.movement.seen,
        "added": session.movement.added,
        "removed": session.movement.removed,
        "edited": len(session.movement.edited),
        "windows": [{"first": start + 1, "last": end} for start, end in own.windows()],
        "slices": [
            {"query": Request(path="", query=item.base).target, "total": len(item.rows)}
            for item in slices
        ],
    }


def _totals(rows: Sequence[RequirementResult]) -> dict[str, int]:
    counts = Counter(row.outcome for row in rows)
    return {"requirements": len(rows)} | {outcome.value: counts[outcome] for outcome in Outcome}


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    """Return the value with each text in it changed, at any depth."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _each_text(member, change) for key, member in value.items()}
    if isinstance(value, list):
        return [_each_text(member, change) for member in value]
    return value


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
