"""Valid results, made by hand; a test changes one and checks what the report does."""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import pytest

from conformance.report.check import EXIT_STATUS
from conformance.report.model import AREAS, OUTCOMES

AREA_OF = {area.prefix: area.name for area in AREAS}

HOSTILE = "<script>alert('x')</script>\x1b[31m\u202e]]>&amp;\x00[bold]:smile:\ud800\ufffe"
"""Text that a target may send: markup of three kinds, control characters, a bidirectional override."""

OPEN = ("inconclusive", "waived", "unselected")

CURL = (
    'curl -sS -H "Authorization: Bearer $CONFORMANCE_API_KEY" '
    "'http://127.0.0.1:8000/api-v1/clinician-profiles?limit=100&offset=163&is_active=true"
    "&is_bookable_online=false&search=a-rather-long-word'"
)


class Build:
    """Builds results and their parts."""

    @staticmethod
    def finding(**changes: Any) -> dict[str, Any]:
        """Return a finding with every member set, except those changed."""
        return {
            "case": "test_last_page_says_no_more",
            "expected": "meta.has_more is false",
            "received": "meta.has_more is true",
            "detail": None,
            "exchange": 7,
            "request": {
                "method": "GET",
                "url": "http://127.0.0.1:8000/api-v1/clinician-profiles?limit=100",
                "identity": "own",
            },
            "status": 200,
            "request_id": "req_0007",
            "curl": CURL,
            "fingerprint": "PAG-03/list/limit/0a1b2c3d",
        } | changes

    def requirement(self, id_: str, outcome: str = "passed", **changes: Any) -> dict[str, Any]:
        """Return a requirement with the members that its outcome needs."""
        breached = outcome in ("failed", "warned")
        return {
            "id": id_,
            "area": AREA_OF[id_.split("-", maxsplit=1)[0]],
            "level": "should" if outcome == "warned" else "must",
            "text": f"The text of {id_}.",
            "source": "public",
            "outcome": outcome,
            "reason": "no case yet" if outcome in OPEN else None,
            "cases": [] if outcome in OPEN else ["test_something"],
            "exchanges": 0 if outcome in OPEN else 3,
            "findings": [self.finding()] if breached else [],
        } | changes

    @staticmethod
    def defect(*places: tuple[str, int], **changes: Any) -> dict[str, Any]:
        """Return a defect of these findings, written as id and index."""
        ids = list(dict.fromkeys(id_ for id_, _ in places))
        return {
            "id": f"D{ids[0][-2:].lstrip('0')}",
            "title": f"The problem of {ids[0]}.",
            "severity": "data loss",
            "areas": list(dict.fromkeys(AREA_OF[id_.split("-")[0]] for id_ in ids)),
            "requirements": ids,
            "findings": [{"requirement": id_, "index": index} for id_, index in places],
            "probable_cause": None,
            "reproduction": [CURL],
            "witnesses": [{"what": "the list", "expected": "2 records", "received": "1 record"}],
        } | changes

    @staticmethod
    def cause(text: str = "The last page is skipped.") -> dict[str, Any]:
        """Return a probable cause."""
        texts = {"mechanism": text, "usually": text, "fix": text, "candidates": [text]}
        return texts | {"explains": 3, "contradicts": 0, "agrees": 210}

    def result(
        self, *requirements: dict[str, Any], together: tuple[str, ...] = (), **changes: Any
    ) -> dict[str, Any]:
        """Return a result; verdict, exit status and totals follow from the requirements.

        :param together: ids of requirements whose findings are one defect; each other one has its own.
        """
        listed: dict[str, list[tuple[str, int]]] = {}
        for row in requirements:
            key = together[0] if row["id"] in together else row["id"]
            found = [(row["id"], index) for index in range(len(row["findings"]))]
            listed.setdefault(key, []).extend(found)
        defects = [self.defect(*places) for places in listed.values() if places]
        for number, defect in enumerate(defects, 1):
            defect["id"] = f"D{number}"
        outcomes = Counter(r["outcome"] for r in requirements)
        unproven = any(
            r["outcome"] == "inconclusive" and r["level"] == "must" for r in requirements
        )
        verdict = (
            "non-conformant" if outcomes["failed"] else "incomplete" if unproven else "conformant"
        )
        verdict = changes.get("verdict", verdict)
        return copy.deepcopy(
            {
                "format": 2,
                "verdict": verdict,
                "reason": "This is the reason.",
                "exit_status": 130 if changes.get("interrupted") else EXIT_STATUS[verdict],
                "interrupted": False,
                "labels": {},
                "waivers": [],
                "baseline": None,
                "suite": {
                    "name": "clinician-profiles-conformance",
                    "version": "0.1.0",
                    "python": "3.11.7",
                    "schemathesis": "4.0.0",
                },
                "contract": {
                    "title": "Clinician Profiles API",
                    "version": "1.0.0",
                    "requirements": "1.0",
                    "sha256": "0123456789abcdef" * 4,
                },
                "target": {
                    "base_url": "http://127.0.0.1:8000/api-v1",
                    "embedded": False,
                    "identities": {"own": True, "other": True},
                    "foreign_ids": 0,
                    "location_ids": 2,
                    "known_ids": 0,
                    "other_location_ids": 0,
                },
                "settings": {
                    "concurrency": 8,
                    "rate": None,
                    "max_wait": 60.0,
                    "no_writes": False,
                    "headers": [],
                    "ca_bundle": False,
                    "client_cert": False,
                    "insecure": False,
                    "http2": False,
                },
                "warnings": [],
                "depth": "standard",
                "seed": 0,
                "started_at": "2026-03-02T10:15:04Z",
                "finished_at": "2026-03-02T10:15:06.250Z",
                "requests": {
                    "sent": 12,
                    "reused": 30,
                    "limit": 300,
                    "by_identity": {"own": 8, "other": 3, "anonymous": 1},
                    "by_area": {"setup": 2, "PAG": 7, "ORG": 3},
                    "by_protocol": {"HTTP/1.1": 11},
                    "incidents": 1,
                },
                "directory": {
                    "total": 263,
                    "walked": True,
                    "records_seen": 263,
                    "moved": False,
                    "added": 0,
                    "removed": 0,
                    "edited": 0,
                    "windows": [],
                    "slices": [],
                },
                "defects": defects,
                "totals": {"requirements": len(requirements)}
                | {outcome: outcomes[outcome] for outcome in OUTCOMES},
                "requirements": list(requirements),
                "observations": [
                    {"name": "limit-above-maximum", "text": "limit=101 is refused", "value": 400}
                ],
                "incidents": [{"kind": "502", "text": "the retry succeeded", "exchange": 4}],
            }
            | changes
        )


@pytest.fixture
def build() -> Build:
    """Return the builder of results."""
    return Build()


@pytest.fixture
def conformant(build: Build) -> dict[str, Any]:
    """Return a result in which every requirement passed."""
    return build.result(build.requirement("PAG-01"), build.requirement("ORG-01"))


@pytest.fixture
def mixed(build: Build) -> dict[str, Any]:
    """Return a result with every outcome, and with a defect that breaks three requirements."""
    return build.result(
        build.requirement("AUTH-01"),
        build.requirement("PAG-04", "failed"),
        build.requirement("PAG-05", "failed"),
        build.requirement("PAG-10", "warned"),
        build.requirement("FIL-02", "warned"),
        build.requirement("LIM-03", "inconclusive", reason="fewer than 101 clinicians"),
        build.requirement("LIM-04", "inconclusive", level="should"),
        build.requirement("RO-01", "waived", reason="not tested: would use up the rate limit"),
        together=("PAG-04", "PAG-05", "PAG-10"),
    )


@pytest.fixture
def hostile(build: Build) -> dict[str, Any]:
    """Return a result with hostile text in every member that a target can influence."""
    bad = HOSTILE
    finding = build.finding(
        expected=bad, received=bad, detail=bad, request_id=bad, curl=f"curl '{bad}'", case=bad,
        request={"method": "GET", "url": bad, "identity": "own"},
    )  # fmt: skip
    result = build.result(
        build.requirement("PAG-04", "failed", findings=[finding] * 5),
        build.requirement("PAG-05", "failed", findings=[finding]),
        build.requirement("FIL-02", "warned", findings=[finding]),
        build.requirement("LIM-03", "inconclusive", reason=bad, findings=[finding]),
        build.requirement("LIM-04", "inconclusive", reason=bad, level="should"),
        build.requirement("RO-01", "waived", reason=bad, findings=[finding]),
        reason=bad,
        observations=[{"name": "sent", "text": bad, "value": {bad: [bad]}}],
        incidents=[{"kind": bad, "text": bad, "exchange": None}],
        warnings=[bad],
        together=("PAG-04", "PAG-05"),
    )
    for defect in result["defects"]:
        defect |= {"title": bad, "reproduction": [bad], "probable_cause": build.cause(bad)}
        defect["witnesses"] = [{"what": bad, "expected": bad, "received": bad}]
    return result


@pytest.fixture
def every(
    conformant: dict[str, Any], mixed: dict[str, Any], hostile: dict[str, Any], build: Build
) -> dict[str, dict[str, Any]]:
    """Return a result for each way in which a run can end."""
    must = build.requirement("PAG-01", "inconclusive")
    should = build.requirement("PAG-02", "inconclusive", level="should")
    return {
        "conformant": conformant,
        "mixed": mixed,
        "hostile": hostile,
        "incomplete": build.result(must, should),
        "incomplete, allowed": build.result(must, should, exit_status=0),
        "untestable": build.result(must, verdict="untestable", directory=None),
        "untestable, only shoulds": build.result(should, verdict="untestable"),
        "error before anything": build.result(verdict="error"),
        "interrupted": build.result(must, interrupted=True),
        "interrupted, breached": build.result(
            build.requirement("PAG-04", "failed"), verdict="incomplete", interrupted=True
        ),
    }
