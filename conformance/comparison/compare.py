"""Compares the results of two runs on one target."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from conformance.comparison.findings import Prints, defects, prints_of
from conformance.errors import UsageError
from conformance.report import Result
from conformance.report.acceptance import Place, waived_places
from conformance.report.model import Requirement
from conformance.report.view import in_order
from conformance.text.wording import be, listing, plural

FORMAT = 1
RED = ("failed", "warned")
_NAMED = 8


@dataclass
class Changes:
    """The requirements of two runs by what became of them; each list is in the order of the contract."""

    new: list[dict[str, Any]] = field(default_factory=list)
    fixed: list[dict[str, Any]] = field(default_factory=list)
    still: list[dict[str, Any]] = field(default_factory=list)
    waived: list[dict[str, Any]] = field(default_factory=list)
    lost: list[dict[str, Any]] = field(default_factory=list)
    gained: list[dict[str, Any]] = field(default_factory=list)
    added: list[dict[str, Any]] = field(default_factory=list)
    removed: list[dict[str, Any]] = field(default_factory=list)

    def regressions(self) -> list[dict[str, Any]]:
        """Return the mandatory requirements that fail in a way in which they did not fail before."""
        grown = [row for row in self.still if row["new_kinds"]]
        return [row for row in (*self.new, *grown) if row["level"] == "must"]


def identity(result: Result) -> str:
    """Return what tells targets apart: scheme, host, port and path; embedded servers are one target."""
    target = result["target"]
    return place_of(target["base_url"], embedded=target["embedded"])


def place_of(base_url: str, *, embedded: bool) -> str:
    """Return the same for a base URL."""
    if embedded:
        return "the embedded server"
    parts = urlsplit(base_url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme.lower()]
    return (
        f"{parts.scheme.lower()}://{(parts.hostname or '').lower()}:{port}{parts.path.rstrip('/')}"
    )


def check_comparable(old: Result, new: Result, names: tuple[str, str], option: str) -> None:
    """Check that two results are of one target and can be compared.

    :param names: what the user calls the two reports.
    :param option: the option that allows another target.
    :raises UsageError: if they cannot be compared.
    """
    if identity(old) != identity(new) and option:
        raise UsageError(
            f"{names[0]} is a report on {old['target']['base_url']}, and {names[1]} on "
            f"{new['target']['base_url']}: give {option} if these are deployments of one API"
        )
    for result, name in ((old, names[0]), (new, names[1])):
        if result["verdict"] in ("untestable", "error") and not result["totals"]["passed"]:
            raise UsageError(
                f"{name} is a report of a run that checked nothing ({result['verdict']}): "
                "compare with a run that reached the target"
            )


def compare(old: Result, new: Result) -> dict[str, Any]:
    """Return the comparison of two results, as one dict of JSON values; latency is not compared here."""
    prints = Prints.of(old, new)
    observations = _observations(old, new)
    changes = _requirements(old, new, prints)
    regressions = changes.regressions()
    found = defects(old, new, prints, {row["id"] for row in changes.added})
    return {
        "format": FORMAT,
        "regression": bool(regressions),
        "reason": _reason(changes, regressions, len(observations)),
        "old": _about(old),
        "new": _about(new),
        "notes": list(_notes(old, new)),
        "defects": found,
        "requirements": vars(changes),
        "observations": observations,
        "latency": None,
    }


def _requirements(old: Result, new: Result, prints: Prints) -> Changes:
    before = {row["id"]: row for row in old["requirements"]}
    after = {row["id"]: row for row in new["requirements"]}
    waived = waived_places(new).keys()
    changes = Changes()
    for row in in_order((before | after).values()):
        earlier, later = before.get(row["id"]), after.get(row["id"])
        if later is None:
            changes.removed.append(_row(row, earlier, later))
        elif earlier is None or is_later(earlier, old, new):
            changes.added.append(_row(row, None, later))
        else:
            _sort_in(changes, earlier, later, prints, waived)
    return changes


def _sort_in(
    changes: Changes,
    earlier: Requirement,
    later: Requirement,
    prints: Prints,
    waived: Collection[Place],
) -> None:
    """Put a requirement that both runs know into its list; one that stayed as it is into none."""
    row = _row(later, earlier, later)
    was, now = earlier["outcome"], later["outcome"]
    if now in RED:
        accepted = {index for id_, index in waived if id_ == later["id"]}
        row["new_kinds"] = sorted(prints_of(later, prints.key, accepted) - prints.old)
        row["fixed_kinds"] = sorted(prints_of(earlier, prints.key) - prints.new)
        if len(accepted) == len(later["findings"]):
            changes.waived.append(row)
        else:
            (changes.still if was in RED else changes.new).append(row)
    elif now == "passed":
        if was in RED:
            changes.fixed.append(row)
        elif was in ("inconclusive", "unselected"):
            changes.gained.append(row)
    elif was in (*RED, "passed"):
        row["not_selected"] = now == "unselected"
        changes.lost.append(row)


def is_later(row: Requirement, old: Result, new: Result) -> bool:
    """Return whether the requirement set of the old run left out a requirement that the new one has."""
    return (
        row["outcome"] == "waived"
        and old["contract"]["requirements"] != new["contract"]["requirements"]
        and "added in version" in (row["reason"] or "")
    )


def _row(
    row: Requirement, earlier: Requirement | None, later: Requirement | None
) -> dict[str, Any]:
    return {
        "id": row["id"],
        "area": row["area"],
        "level": row["level"],
        "text": row["text"],
        "before": earlier["outcome"] if earlier else None,
        "after": later["outcome"] if later else None,
        "reason": later["reason"] if later else None,
    }


def _about(result: Result) -> dict[str, Any]:
    return {
        "base_url": result["target"]["base_url"],
        "embedded": result["target"]["embedded"],
        "labels": result["labels"],
        "started_at": result["started_at"],
        "verdict": result["verdict"],
        "exit_status": result["exit_status"],
        "depth": result["depth"],
        "seed": result["seed"],
        "contract": result["contract"]["version"],
        "requirements": result["contract"]["requirements"],
        "suite": result["suite"]["version"],
        "totals": dict(result["totals"]),
    }


def _notes(old: Result, new: Result) -> Iterator[str]:
    """Yield what else differs between the two runs, which can explain a change."""
    for what, one, two in (
        ("depth", old["depth"], new["depth"]),
        ("seed", old["seed"], new["seed"]),
        ("version of the suite", old["suite"]["version"], new["suite"]["version"]),
        ("version of the contract", old["contract"]["version"], new["contract"]["version"]),
        ("requirement set", old["contract"]["requirements"], new["contract"]["requirements"]),
        ("target", old["target"]["base_url"], new["target"]["base_url"]),
    ):
        if one != two and not (what == "target" and identity(old) == identity(new)):
            yield f"The runs differ in their {what}: {one} before, {two} now."
    for name, label in (("own", "your key"), ("other", "a second organisation's key")):
        given = [result["target"]["identities"][name] for result in (old, new)]  # type: ignore[literal-required]
        if given[0] != given[1]:
            which = "earlier" if given[0] else "later"
            yield f"Only the {which} run had {label}."
    for result, which in ((old, "earlier"), (new, "later")):
        if result["interrupted"]:
            yield f"The {which} run was interrupted."
        if result["directory"] and result["directory"]["moved"]:
            yield f"The data changed during the {which} run."


def _observations(old: Result, new: Result) -> list[dict[str, Any]]:
    before = {item["name"]: item for item in old["observations"]}
    after = {item["name"]: item for item in new["observations"]}
    return [
        {
            "name": name,
            "text": (after.get(name) or before[name])["text"],
            "before": before[name]["value"] if name in before else None,
            "after": after[name]["value"] if name in after else None,
        }
        for name in sorted(before.keys() | after.keys())
        if name not in before or name not in after or before[name]["value"] != after[name]["value"]
    ]


def _reason(changes: Changes, regressions: list[dict[str, Any]], observations: int) -> str:
    """Return the result in one or two sentences."""
    counts = [
        (len(regressions), "new"),
        (sum(row["level"] == "must" for row in changes.fixed), "fixed"),
        (sum(row["level"] == "must" for row in changes.still), "still failing"),
        (len(changes.waived), "waived"),
    ]
    parts = [f"{count} {word}" for count, word in counts if count]
    if regressions:
        ids = listing([row["id"] for row in regressions], _NAMED)
        first = f"Regression in {plural(len(regressions), 'mandatory requirement')}: {ids}."
    else:
        first = "No regression."
    sentences = [first]
    if parts:
        sentences.append(f"Mandatory requirements: {', '.join(parts)}.")
    if lost := [row["id"] for row in changes.lost if row["level"] == "must"]:
        many = plural(len(lost), "mandatory requirement")
        sentences.append(f"{many} {be(len(lost))} no longer checked: {listing(lost, _NAMED)}.")
    if observations:
        sentences.append(f"{plural(observations, 'observation')} changed.")
    return " ".join(sentences)
