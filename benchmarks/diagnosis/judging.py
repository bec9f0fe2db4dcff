"""Judges what a diagnosis states of a server whose fault is known, by a table that was written by hand."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml

from benchmarks.diagnosis.recording import Recording
from conformance.contract.document import load
from conformance.diagnosis.causes import Cause
from conformance.diagnosis.defects import defects_of
from conformance.diagnosis.diagnose import Diagnosis, diagnosed
from conformance.running.result import requirement_results

_TABLE = Path(__file__).with_name("mechanisms.yaml")


class Naming(StrEnum):
    """How well the true cause of a fault is named."""

    NAMED = "named"
    NEAR = "near"
    """It is among candidates, or what is stated is right and less than the cause."""

    NONE = "none"
    WRONG = "wrong"
    """At least one cause is stated that is not the true one."""


@dataclass(frozen=True)
class Mechanism:
    """What may be stated of a fault: patterns of titles that name it, and of titles that come near."""

    named: tuple[re.Pattern[str], ...] = ()
    near: tuple[re.Pattern[str], ...] = ()

    def of(self, text: str) -> Naming:
        """Return how well a text names the fault."""
        if any(pattern.search(text) for pattern in self.named):
            return Naming.NAMED
        return Naming.NEAR if any(pattern.search(text) for pattern in self.near) else Naming.WRONG


@dataclass(frozen=True)
class Judged:
    """What was stated of one fault. ``left_out`` has what is stated if the grammar lacks the effect."""

    name: str
    naming: Naming
    stated: tuple[str, ...]
    cards: int
    seconds: float
    left_out: tuple[str, ...] = ()
    left_out_naming: Naming | None = None
    problem: str = ""


def mechanisms() -> dict[str, Mechanism]:
    """Return the table: name of a fault → what may be stated of it."""
    content = yaml.safe_load(_TABLE.read_text("utf-8"))
    return {name: _mechanism(patterns) for name, patterns in content.items()}


def _mechanism(patterns: Sequence[str] | None) -> Mechanism:
    texts = [str(pattern) for pattern in patterns or ()]
    return Mechanism(
        tuple(re.compile(text) for text in texts if not text.startswith("~ ")),
        tuple(re.compile(text[2:]) for text in texts if text.startswith("~ ")),
    )


def judged(recording: Recording, mechanism: Mechanism, seconds: float) -> Judged:
    """Return what is stated of one recording, and what is stated with the effect taken out of the grammar."""
    for exchange in recording.exchanges:
        _ = exchange.json  # a run has parsed its responses before it is diagnosed
    started = time.process_time()
    found = diagnosis_of(recording, seconds)
    spent = time.process_time() - started
    rows = requirement_results(load(), list(recording.results))
    cards = len(defects_of(rows, recording.exchanges, found.causes))
    naming, right = named(found.causes, mechanism)
    stated = tuple(text for cause in found.causes for text in texts_of(cause))
    problem = recording.problem or found.problem or ""
    if not right:
        return Judged(recording.name, naming, stated, cards, spent, problem=problem)
    without = diagnosis_of(recording, seconds, left_out(found.causes, mechanism))
    other, _ = named(without.causes, mechanism)
    texts = tuple(text for cause in without.causes for text in texts_of(cause))
    return Judged(recording.name, naming, stated, cards, spent, texts, other, problem)


def diagnosis_of(recording: Recording, seconds: float, without: Collection[str] = ()) -> Diagnosis:
    """Return the diagnosis of a recording.

    :param without: texts of decisions that are taken out of the grammar.
    """
    if recording.moved:
        return Diagnosis()
    return diagnosed(
        recording.results, recording.exchanges, recording.location_ids, seconds, without
    )


def texts_of(cause: Cause) -> Sequence[str]:
    """Return what a cause states: its title, or its candidates if the run cannot tell them apart."""
    return [cause.title] if cause.title else list(cause.candidates)


def named(causes: Sequence[Cause], mechanism: Mechanism) -> tuple[Naming, bool]:
    """Return how well the causes name a fault, and whether one of them is right."""
    each = []
    for cause in causes:
        found = [mechanism.of(text) for text in texts_of(cause)]
        if cause.title:
            each += found
        else:  # several that fit alike claim only that it is one of them
            each.append(Naming.NEAR if set(found) - {Naming.WRONG} else Naming.WRONG)
    right = bool(set(each) & {Naming.NAMED, Naming.NEAR})
    if Naming.WRONG in each:
        return Naming.WRONG, right
    if Naming.NAMED in each:
        return Naming.NAMED, right
    return (Naming.NEAR, right) if each else (Naming.NONE, right)


def left_out(causes: Sequence[Cause], mechanism: Mechanism) -> frozenset[str]:
    """Return the texts of the decisions that are taken out of the grammar: all that name the fault."""
    return frozenset(
        text
        for cause in causes
        for text in (cause.title, *cause.candidates)
        if text and mechanism.of(text) is not Naming.WRONG
    )


def summary(results: Sequence[Judged]) -> Mapping[str, float]:
    """Return the figures of a measurement."""
    count = max(len(results), 1)
    tried = [item for item in results if item.left_out_naming is not None]
    spent = sorted(item.seconds for item in results) or [0.0]
    naming = {kind.value: sum(item.naming is kind for item in results) for kind in Naming}
    return {
        "faults": len(results),
        **naming,
        "named_or_near_percent": round(100 * (naming["named"] + naming["near"]) / count, 1),
        "wrong_percent": round(100 * naming["wrong"] / count, 1),
        "cards_per_fault": round(sum(item.cards for item in results) / count, 2),
        "left_out": len(tried),
        "left_out_wrong": sum(item.left_out_naming is Naming.WRONG for item in tried),
        "seconds_median": round(spent[len(spent) // 2], 2),
        "seconds_p90": round(spent[len(spent) * 9 // 10], 2),
        "seconds_most": round(spent[-1], 2),
    }
