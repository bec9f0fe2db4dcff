"""``proof.json``: the matrix as one plain dict, validated against its schema before it is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any, cast

from conformance import __version__
from conformance.faults.variant import Variant
from conformance.proof import consequences
from conformance.proof.catalogue import CORRECT, departures
from conformance.proof.matrix import Matrix, Problem
from conformance.proof.trial import Trial
from conformance.running.result import SUITE
from conformance.text.stamps import rfc3339

FORMAT = 1


@dataclass(frozen=True)
class Span:
    """When a proof started (UTC), its duration in seconds, and its number of processes."""

    started_at: datetime
    seconds: float
    workers: int


def document(matrix: Matrix, problems: Sequence[Problem], span: Span) -> dict[str, Any]:
    """Return the content of ``proof.json``; ``proof.schema.json`` describes its members."""
    contract, catalogue = matrix.contract, matrix.catalogue
    bad = {problem.name for problem in problems}
    faults = [_fault(matrix, fault, fault.name not in bad) for fault in catalogue.faults]
    lawful = [
        _lawful(variant, matrix.trials[variant.name], variant.name not in bad)
        for variant in catalogue.lawful
    ]
    unjudgeable = [
        {
            **_trial(matrix.trials[server.name], server.text),
            "expected": int(server.exit_status),
            "ok": server.name not in bad,
        }
        for server in catalogue.unjudgeable
    ]
    requirements = _requirements(matrix, faults)
    correct = matrix.trials[CORRECT.name]
    return {
        "format": FORMAT,
        "holds": not problems,
        "whole": catalogue.complete,
        "suite": {"name": SUITE, "version": __version__},
        "contract": {
            "title": contract.title,
            "version": contract.version,
            "sha256": contract.sha256,
        },
        "started_at": rfc3339(span.started_at, "seconds"),
        "seconds": round(span.seconds, 1),
        "workers": span.workers,
        "totals": {
            "faults": len(faults),
            "found": sum(fault["found"] for fault in faults),
            "found_by_own": sum(fault["caught_first"] == fault["requirement"] for fault in faults),
            "lawful": len(lawful),
            "lawful_ok": sum(variant["ok"] for variant in lawful),
            "harness": len(unjudgeable),
            "harness_ok": sum(server["ok"] for server in unjudgeable),
            "requirements": len(requirements),
            "tested": sum(row["not_tested"] is None for row in requirements),
            "turned_red": sum(
                bool(row["faults"]) for row in requirements if row["not_tested"] is None
            ),
            "mean_red": round(sum(len(fault["caught_by"]) for fault in faults) / len(faults), 2)
            if faults
            else 0.0,
            "unexplained": sum(
                item["reason"] is None for fault in faults for item in fault["consequences"]
            ),
            "requests": sum(sum(trial.requests.values()) for trial in matrix.trials.values()),
        },
        "problems": [
            {"kind": problem.kind, "name": problem.name, "text": problem.text}
            for problem in problems
        ],
        "correct": {**_trial(correct, CORRECT.text), "ok": CORRECT.name not in bad},
        "faults": faults,
        "lawful": lawful,
        "harness": unjudgeable,
        "requirements": requirements,
    }


def _trial(trial: Trial, text: str) -> dict[str, Any]:
    return {
        "name": trial.name,
        "text": text,
        "verdict": trial.verdict,
        "exit_status": trial.exit_status,
        "reason": trial.problem or trial.reason,
        "requests": dict(trial.requests),
        "seconds": round(trial.seconds, 2),
    }


def _fault(matrix: Matrix, fault: Variant, found: bool) -> dict[str, Any]:
    trial = matrix.trials[fault.name]
    first = matrix.first(fault, trial)
    finding = trial.findings.get(first) if first else None
    return {
        **_trial(trial, fault.text),
        "requirement": str(fault.requirement),
        "found": found,
        "caught_first": first,
        "caught_by": trial.red,
        "consequences": [
            {"id": identifier, "reason": consequences.reason(str(fault.requirement), identifier)}
            for identifier in trial.red
            if identifier != fault.requirement
        ],
        "inconclusive": len(trial.doubts),
        "finding": {"expected": finding[0], "received": finding[1]} if finding else None,
    }


def _lawful(variant: Variant, trial: Trial, ok: bool) -> dict[str, Any]:
    return {
        **_trial(trial, variant.text),
        "ok": ok,
        "departs_from": sorted(departures(variant)),
        "red": trial.red,
        "inconclusive": [
            {"id": identifier, "reason": reason} for identifier, reason in trial.doubts.items()
        ],
    }


def _requirements(matrix: Matrix, faults: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    first: dict[str, list[str]] = {}
    for fault in faults:
        if fault["caught_first"] is not None:
            first.setdefault(fault["caught_first"], []).append(fault["name"])
    return [
        {
            "id": identifier,
            "area": row.area,
            "level": row.level.value,
            "text": row.text,
            "not_tested": row.not_tested,
            "faults": [fault.name for fault in matrix.turned_red(identifier)],
            "first_for": first.get(identifier, []),
        }
        for identifier, row in matrix.contract.requirements.items()
    ]


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of ``proof.json``."""
    text = resources.files("conformance.proof").joinpath("proof.schema.json").read_text("utf-8")
    return cast("dict[str, Any]", json.loads(text))


def dumps(proof: dict[str, Any]) -> bytes:
    """Return the bytes of ``proof.json``.

    :raises ValueError: if the document does not match its schema.
    """
    from jsonschema import Draft202012Validator

    problem = next(Draft202012Validator(schema()).iter_errors(cast("Any", proof)), None)
    if problem is not None:
        raise ValueError(f"proof.json: {problem.json_path}: {problem.message}")
    text = json.dumps(proof, ensure_ascii=False, indent=2, allow_nan=False)
    return (text + "\n").encode("utf-8", "backslashreplace")
