"""Records one run on each server of a sample, so that the grammar can be measured again without a run."""

from __future__ import annotations

import hashlib
import pickle
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import conformance
from benchmarks.sample import area, shares
from conformance.contract.cases import Case, Depth
from conformance.contract.document import load
from conformance.contract.verdict import CaseResult
from conformance.faults.variant import Variant
from conformance.http.client import Client
from conformance.http.exchange import Exchange
from conformance.http.limits import MAX_REQUESTS, Limits
from conformance.http.sender import Sender
from conformance.judging.engine import judge
from conformance.judging.session import Session
from conformance.proof.trial import collect, serving
from conformance.proof.workers import work_through

_SECONDS = 120.0
_NOT_JUDGING = ("cli", "diagnosis", "doctor", "evidence", "model", "proof", "report", "running")
"""Packages that change nothing about the exchanges of a run and what it finds in them."""


@dataclass(frozen=True)
class Recording:
    """The findings and exchanges of one run. ``moved`` is whether no cause would be looked for."""

    name: str
    results: Sequence[CaseResult] = ()
    exchanges: Sequence[Exchange] = ()
    location_ids: Sequence[str] = ()
    moved: bool = False
    problem: str = ""


def chosen(faults: Sequence[Variant], count: int, seed: int) -> list[Variant]:
    """Return a sample of faults, spread over the areas of the contract; all of them if there are fewer."""
    areas: dict[str, list[Variant]] = {}
    for fault in faults:
        areas.setdefault(area(fault), []).append(fault)
    if count >= len(faults):
        return list(faults)
    counts = shares({name: len(members) for name, members in areas.items()}, count)
    source = random.Random(seed)
    drawn = {
        item.name for name, items in areas.items() for item in source.sample(items, counts[name])
    }
    return [fault for fault in faults if fault.name in drawn]


def recorded(
    variants: Sequence[Variant], folder: Path, workers: int, announce: Callable[[str], None]
) -> Iterator[Recording]:
    """Yield a recording of each server; those that the folder has are not made again."""
    folder = folder / _sources()
    folder.mkdir(parents=True, exist_ok=True)
    missing = [variant for variant in variants if not _file(folder, variant).exists()]
    if missing:
        work_through(
            [(missing, workers)],
            partial(_run, cases=collect()),
            limit=_SECONDS,
            lost=lambda variant, reason: Recording(variant.name, problem=reason),
            done=partial(_written, folder, announce),
        )
    for variant in variants:
        recording: Recording = pickle.loads(_file(folder, variant).read_bytes())  # noqa: S301 - our own file
        yield recording


def _run(variant: Variant, cases: Sequence[Case]) -> Recording:
    """Judge one server as a run does."""
    try:
        with (
            serving(variant) as target,
            Client(Sender(target, Limits(max_requests=MAX_REQUESTS))) as client,
        ):
            session = Session(client, load(), depth=Depth.STANDARD, seed=0)
            judgement = judge(session, cases)
            moved = bool(session.movement.seen) or session.own.size is not None
    except Exception as error:
        return Recording(variant.name, problem=f"{type(error).__name__}: {error}")
    # A copy has parsed nothing yet: what parsing costs is a part of the measurement.
    exchanges = [replace(exchange) for exchange in session.transcript.exchanges]
    problem = judgement.error or judgement.untestable or ""
    return Recording(
        variant.name, judgement.results, exchanges, target.location_ids, moved, problem
    )


def _written(
    folder: Path, announce: Callable[[str], None], variant: Variant, recording: Recording
) -> None:
    _file(folder, variant).write_bytes(pickle.dumps(recording))
    announce(variant.name)


def _file(folder: Path, variant: Variant) -> Path:
    return folder / f"{variant.name}.pickle"


def _sources() -> str:
    """Return a name for the state of the sources on which a recording depends."""
    root = Path(conformance.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        if parts[0] not in _NOT_JUDGING:
            digest.update(path.read_bytes())
    digest.update((root.parent / "openapi.yaml").read_bytes())
    return digest.hexdigest()[:16]
