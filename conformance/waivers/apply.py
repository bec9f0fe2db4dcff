"""Says which waivers a result uses, and which findings they cover."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from conformance.waivers.file import Waiver

_JUDGED = ("passed", "failed", "warned")


def applied(
    result: dict[str, Any], waivers: Sequence[Waiver], redact: Callable[[str], str] = str
) -> list[dict[str, Any]]:
    """Return the waivers as a result holds them.

    A waiver is unused only if its requirement was judged and has no such finding.
    """
    rows = {row["id"]: row for row in result["requirements"]}
    return [_applied(rows[item.requirement], item, redact) for item in waivers]


def _applied(row: dict[str, Any], waiver: Waiver, redact: Callable[[str], str]) -> dict[str, Any]:
    places = [
        {"requirement": row["id"], "index": index}
        for index, finding in enumerate(row["findings"])
        if waiver.fingerprint in (None, finding["fingerprint"])
        and row["outcome"] in ("failed", "warned")
    ]
    accepts_gap = row["outcome"] == "inconclusive" and waiver.fingerprint is None
    state = "used" if places or accepts_gap else "undecided"
    if state != "used" and row["outcome"] in _JUDGED:
        state = "unused"
    return {
        "requirement": waiver.requirement,
        "fingerprint": waiver.fingerprint,
        "owner": redact(waiver.owner),
        "reason": redact(waiver.reason),
        "ticket": None if waiver.ticket is None else redact(waiver.ticket),
        "expires": waiver.expires.isoformat(),
        "state": state,
        "findings": places,
    }
