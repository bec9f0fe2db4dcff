"""Compares the latency of two runs by the requests that both sent.

Requests are comparable if they have the same operation, the same parameter names, the same kind of key and
the same status code. Each kind is tested by the two-sided Mann-Whitney U test (normal approximation with
correction for ties and continuity), which assumes no distribution. A difference counts only if it is both
unlikely to be chance and large enough to matter.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import NormalDist, median, quantiles
from typing import Any

from conformance.errors import TranscriptError
from conformance.recording import har, seal
from conformance.text.wording import plural

METHOD = (
    "Mann-Whitney U test, two-sided, with the Bonferroni correction; a difference counts if p < 0.01 and "
    "the median changed by at least 20 % and 5 ms"
)
SIGNIFICANCE = 0.01
LEAST_RATIO = 0.2
LEAST_SECONDS = 0.005
LEAST_REQUESTS = 10
"""Requests of a kind that each run must have."""

_OPERATIONS = (
    ("list", re.compile(r"/clinician-profiles/?")),
    ("retrieve", re.compile(r"/clinician-profiles/[^/]+/?")),
)

Kind = tuple[str, ...]


def compare(old: Path, new: Path) -> dict[str, Any] | str:
    """Return the comparison of two transcripts, or a sentence that says why there is none.

    :param old: the directory of a report, or its ``report.json``.
    """
    samples = []
    for path, which in ((old, "earlier"), (new, "later")):
        transcript = (path if path.is_dir() else path.parent) / har.NAME
        if not transcript.exists():
            return f"Latency is not compared: the {which} report has no transcript."
        try:
            content = seal.load(transcript)
            samples.append(_samples(content["entries"]))
        except (TranscriptError, KeyError, TypeError, AttributeError) as problem:
            why = (
                str(problem)
                if isinstance(problem, TranscriptError)
                else "an entry breaks its format"
            )
            return (
                f"Latency is not compared: the transcript of the {which} run cannot be used: {why}."
            )
    return judged(*samples)


def judged(
    old: Mapping[Kind, Sequence[float]], new: Mapping[Kind, Sequence[float]]
) -> dict[str, Any]:
    """Return the comparison of samples: kind of request → seconds."""
    kinds = [
        kind
        for kind in sorted(old.keys() & new.keys())
        if min(len(old[kind]), len(new[kind])) >= LEAST_REQUESTS
    ]
    return {
        "method": METHOD,
        "kinds": [_row(kind, old[kind], new[kind], len(kinds)) for kind in kinds],
    }


def mann_whitney(one: Sequence[float], two: Sequence[float]) -> float:
    """Return the two-sided p-value of the hypothesis that both samples have one distribution."""
    first, second = len(one), len(two)
    both = first + second
    ordered = sorted((*one, *two))
    ranks: dict[float, float] = {}
    ties = 0.0
    for value, count in Counter(ordered).items():
        start = ordered.index(value)
        ranks[value] = start + (count + 1) / 2
        ties += count**3 - count
    rank_sum = sum(ranks[value] for value in one)
    statistic = rank_sum - first * (first + 1) / 2
    mean = first * second / 2
    variance = first * second / 12 * (both + 1 - ties / (both * (both - 1)))
    if variance <= 0:
        return 1.0
    distance = max(abs(statistic - mean) - 0.5, 0.0) / math.sqrt(variance)
    return min(1.0, 2 * (1 - NormalDist().cdf(distance)))


def _row(kind: Kind, old: Sequence[float], new: Sequence[float], tests: int) -> dict[str, Any]:
    p = min(1.0, mann_whitney(old, new) * tests)
    before, after = median(old), median(new)
    change = after - before
    counts = (
        p < SIGNIFICANCE
        and abs(change) >= LEAST_SECONDS
        and abs(change) >= LEAST_RATIO * min(before, after)
    )
    return {
        "kind": " ".join(part for part in kind if part),
        "before": _numbers(old),
        "after": _numbers(new),
        "p": round(p, 4),
        "change": ("slower" if change > 0 else "faster") if counts else "none",
    }


def _numbers(sample: Sequence[float]) -> dict[str, Any]:
    return {
        "requests": len(sample),
        "p50_ms": round(median(sample) * 1000, 1),
        "p95_ms": round(quantiles(sample, n=20, method="inclusive")[18] * 1000, 1),
    }


def _samples(entries: Sequence[Mapping[str, Any]]) -> dict[Kind, list[float]]:
    found: dict[Kind, list[float]] = {}
    for kind, elapsed in _timed(entries):
        found.setdefault(kind, []).append(elapsed)
    return found


def _timed(entries: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Kind, float]]:
    for entry in entries:
        ours = entry[seal.OURS]
        if ours["elapsed"] is None or ours["attempts"] > 1:
            continue  # without a response, or with the time of a retry
        names = "+".join(sorted({str(name) for name, _ in ours["query"]} - {"limit", "offset"}))
        operation = next(
            (name for name, path in _OPERATIONS if path.fullmatch(ours["path"])), "another path"
        )
        key = "" if ours["credential"] in ("own", "other") else "without a valid key"
        status = str(entry["response"]["status"])
        kind = (entry["request"]["method"], operation, names, key, status)
        yield kind, float(ours["elapsed"])


def sentence(latency: Mapping[str, Any]) -> str:
    """Return the outcome in one sentence."""
    changes = Counter(row["change"] for row in latency["kinds"])
    if not latency["kinds"]:
        return f"No kind of request was sent {LEAST_REQUESTS} times by both runs."
    parts = [f"{changes[word]} {word}" for word in ("slower", "faster") if changes[word]]
    text = f"{plural(len(latency['kinds']), 'kind')} of requests compared: "
    return text + (", ".join(parts) if parts else "no difference beyond noise") + "."
