"""The types of what the user of the suite states beside a result: waivers, and an earlier run."""

from __future__ import annotations

from typing import Literal, TypedDict


class Place(TypedDict):
    """A finding: the id of its requirement, and its index in the findings there."""

    requirement: str
    index: int


class Waiver(TypedDict):
    """An accepted breach or an accepted gap. `findings` are those that it covers.

    `state` is `used`, `unused`, or `undecided` if this run could not tell. `fingerprint` is null if it covers
    every finding of the requirement.
    """

    requirement: str
    fingerprint: str | None
    owner: str
    reason: str
    ticket: str | None
    expires: str
    state: Literal["used", "unused", "undecided"]
    findings: list[Place]


class Baseline(TypedDict):
    """An earlier run that this one was compared with.

    `known` are findings that the baseline has too, `fixed` fingerprints that only the baseline has, and
    `unchecked` mandatory requirements that neither run could check. `lost` are requirements that only the
    baseline could check.
    """

    base_url: str
    started_at: str
    labels: dict[str, str]
    fail_on: Literal["any", "new"]
    known: list[Place]
    new: list[Place]
    fixed: list[str]
    unchecked: list[str]
    lost: list[str]
