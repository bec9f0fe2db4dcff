"""Matches the findings and defects of two runs by their fingerprints."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from conformance.report import Result
from conformance.report.acceptance import waived_places
from conformance.report.model import Defect, Finding, Requirement


@dataclass(frozen=True)
class Prints:
    """The fingerprints of two runs. ``key`` makes one of a finding, so that those of both can be compared."""

    old: frozenset[str]
    new: frozenset[str]
    key: Callable[[Finding], str]

    @classmethod
    def of(cls, old: Result, new: Result) -> Prints:
        """Return the fingerprints of two results.

        Another version of the suite may word findings in another way: then the kind of deviation is ignored.
        """
        key = whole if old["suite"]["version"] == new["suite"]["version"] else without_kind
        return cls(frozenset(_all(old, key)), frozenset(_all(new, key)), key)


def prints_of(
    row: Requirement, key: Callable[[Finding], str], without: Collection[int] = ()
) -> set[str]:
    """Return the fingerprints of a requirement's findings.

    :param without: indices of findings that are left out.
    """
    return {key(item) for index, item in enumerate(row["findings"]) if index not in without}


def defects(old: Result, new: Result, prints: Prints, added: set[str]) -> dict[str, Any]:
    """Return the defects of two runs, by what became of them.

    A defect is ``new`` if the old run has no finding of its kind, ``added`` if it breaks only requirements
    that the old run was not judged by, and ``unchecked`` if the new run could not check what it broke.

    :param added: ids of requirements that the old run was not judged by.
    """
    found: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("new", "fixed", "still", "waived", "added", "unchecked")
    }
    waived = waived_places(new)
    for defect in new["defects"]:
        places = {(place["requirement"], place["index"]) for place in defect["findings"]}
        kinds = kinds_of(new, defect, prints.key)
        state = "still" if kinds & prints.old else "new"
        if set(defect["requirements"]) <= added:
            state = "added"
        elif places <= waived.keys():
            state = "waived"
        found[state].append(_defect(defect, kinds, kinds - prints.old))
    outcomes = {row["id"]: row["outcome"] for row in new["requirements"]}
    for defect in old["defects"]:
        kinds = kinds_of(old, defect, prints.key)
        if not kinds & prints.new:
            ended = all(
                outcomes.get(id_) in ("passed", "failed", "warned", None)
                for id_ in defect["requirements"]
            )
            found["fixed" if ended else "unchecked"].append(_defect(defect, kinds, set()))
    return found


def _defect(defect: Defect, kinds: set[str], new_kinds: set[str]) -> dict[str, Any]:
    return {
        "title": defect["title"],
        "severity": defect["severity"],
        "requirements": defect["requirements"],
        "fingerprints": sorted(kinds),
        "new_fingerprints": sorted(new_kinds),
        "reproduction": defect["reproduction"],
    }


def kinds_of(result: Result, defect: Defect, key: Callable[[Finding], str]) -> set[str]:
    """Return the fingerprints of a defect's findings."""
    rows = {row["id"]: row for row in result["requirements"]}
    return {
        key(rows[place["requirement"]]["findings"][place["index"]]) for place in defect["findings"]
    }


def _all(result: Result, key: Callable[[Finding], str]) -> Iterator[str]:
    for row in result["requirements"]:
        yield from prints_of(row, key)


def whole(finding: Finding) -> str:
    """Return the fingerprint."""
    return finding["fingerprint"]


def without_kind(finding: Finding) -> str:
    """Return the part of a fingerprint that does not depend on the wording of findings."""
    return finding["fingerprint"].rpartition("/")[0]
