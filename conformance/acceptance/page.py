"""`acceptance.html`: one page on paper for the person who accepts or delivers a product.

It has no script and loads nothing. Text from a target is escaped as in the other pages.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from conformance.acceptance.claim import Claim
from conformance.acceptance.names import MANIFEST, SIGNATURE
from conformance.acceptance.signature import NAMESPACE
from conformance.report import clock
from conformance.report.html import page_environment
from conformance.report.model import AREAS, OUTCOMES, Defect, Outcome, Requirement, Result
from conformance.text.wording import plural

HEADINGS = {
    "conformant": "Passed",
    "non-conformant": "Failed",
    "incomplete": "Not fully checked",
    "partial": "Checked in part",
    "untestable": "Could not be tested",
    "error": "Not judged",
}
MEANINGS = {
    "conformant": "Every mandatory requirement that this test covers was checked and met.",
    "non-conformant": (
        "At least one mandatory requirement is not met. Clients that follow the documents cannot rely on "
        "this product."
    ),
    "incomplete": (
        "No mandatory requirement was found broken, but not all of them could be checked. This does not "
        "prove conformance."
    ),
    "partial": (
        "Only a part of the contract was checked, and no mandatory requirement of it was found broken. This "
        "does not prove conformance."
    ),
    "untestable": "The product could not be tested. This page says nothing about its conformance.",
    "error": "The test suite itself failed. This page says nothing about the product.",
}
INTERRUPTED = (
    "The run was stopped before its end. This page covers only what was checked before that."
)
SEVERITIES = {
    "data leak": "Another organisation's data are shown.",
    "access": "A request is accepted that must be refused, or internals are shown.",
    "data loss": "Records cannot be reached, are repeated or are changed.",
    "crash": "The server fails.",
    "wrong result": "The response is not what was asked for.",
    "contract form": "A status code, header or member differs from the documented form.",
    "advice": "A recommendation is not met. This does not change the verdict.",
}
COLUMNS: Mapping[Outcome, str] = {
    "passed": "Met",
    "failed": "Not met",
    "warned": "Recommendation not met",
    "inconclusive": "Could not be checked",
    "waived": "Outside this test",
    "unselected": "Not selected",
}
SOURCES = {
    "seed": "the API reference",
    "public": "the vendor's public documentation",
    "decided": "a decision of this contract",
}
_AREA_TITLES = {area.name: area.name.capitalize() for area in AREAS}


@dataclass(frozen=True)
class Row:
    """A row of the table by area."""

    title: str
    total: int
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Problem:
    """A defect, whose rule it breaks, and the requirements that it breaks."""

    defect: Defect
    documented: bool
    requirements: list[Requirement]

    @property
    def mandatory(self) -> bool:
        """Whether it breaks a mandatory requirement."""
        return any(row["outcome"] == "failed" for row in self.requirements)

    @property
    def rule(self) -> str:
        """Whose rule is broken."""
        return "Vendor's documents" if self.documented else "Decision of this contract"


@dataclass(frozen=True)
class Unchecked:
    """Requirements that were not checked for one reason."""

    reason: str
    requirements: list[Requirement]

    @property
    def mandatory(self) -> int:
        """How many of them are mandatory."""
        return sum(row["level"] == "must" for row in self.requirements)


def render(result: Result, claim: Claim | None, versions: Mapping[str, Any]) -> bytes:
    """Return the page.

    :param claim: who claims what; None if there is none.
    :param versions: what made the pack, as in `versions.json`.
    """
    problems = list(_problems(result))
    mandatory = [item for item in problems if item.mandatory]
    text = (
        _environment()
        .get_template("acceptance.html.j2")
        .render(
            **_style(),
            result=result,
            claim=claim,
            versions=versions,
            heading=HEADINGS[result["verdict"]],
            meaning=INTERRUPTED if result["interrupted"] else MEANINGS[result["verdict"]],
            tested=clock.moment(result["started_at"]),
            columns=COLUMNS,
            areas=list(_areas(result["requirements"])),
            problems=mandatory,
            advice=[item for item in problems if not item.mandatory],
            whose=_whose(mandatory),
            severities=[
                (name, text)
                for name, text in SEVERITIES.items()
                if any(item.defect["severity"] == name for item in mandatory)
            ],
            sources=SOURCES,
            broken=[
                row for row in result["requirements"] if row["outcome"] in ("failed", "warned")
            ],
            inconclusive=_unchecked(result["requirements"], "inconclusive"),
            outside=_unchecked(result["requirements"], "waived"),
            unselected=_unchecked(result["requirements"], "unselected"),
            documented=_documented(result["requirements"]),
            manifest=MANIFEST,
            signature=SIGNATURE,
            namespace=NAMESPACE,
        )
    )
    # A lone surrogate cannot be encoded in UTF-8, and is an escape here.
    return text.encode("utf-8", "backslashreplace")


def _areas(requirements: list[Requirement]) -> Iterator[Row]:
    for name, title in _AREA_TITLES.items():
        listed = [row for row in requirements if row["area"] == name]
        if listed:
            yield Row(title, len(listed), Counter(row["outcome"] for row in listed))


def _problems(result: Result) -> Iterator[Problem]:
    by_id = {row["id"]: row for row in result["requirements"]}
    for defect in result["defects"]:
        rows = [by_id[id_] for id_ in defect["requirements"]]
        # A recommendation beside a mandatory requirement does not say whose rule is broken.
        telling = [row for row in rows if row["outcome"] == "failed"] or rows
        yield Problem(defect, any(row["source"] != "decided" for row in telling), rows)


def _whose(problems: Iterable[Problem]) -> str:
    """Return how many problems break whose rules."""
    counts = Counter(item.documented for item in problems)
    parts = []
    if counts[True]:
        parts.append(
            f"{plural(counts[True], 'problem breaks', 'problems break')} what the vendor's own documents say"
        )
    if counts[False]:
        verb = "breaks a decision" if counts[False] == 1 else "break decisions"
        parts.append(
            f"{counts[False]} {verb} that this contract makes where the documents are silent"
        )
    return f"{', and '.join(parts)}." if parts else ""


def _unchecked(requirements: Iterable[Requirement], outcome: Outcome) -> list[Unchecked]:
    """Return the requirements of an outcome by reason, those with mandatory ones first."""
    found: dict[str, list[Requirement]] = {}
    for row in requirements:
        if row["outcome"] == outcome:
            reason = (row["reason"] or "").removeprefix("not tested: ")
            found.setdefault(reason[:1].upper() + reason[1:], []).append(row)
    groups = [Unchecked(reason, rows) for reason, rows in found.items()]
    return sorted(groups, key=lambda group: -group.mandatory)


def _documented(requirements: Iterable[Requirement]) -> tuple[int, int]:
    """Return how many mandatory requirements rest on the vendor's documents, and how many there are."""
    mandatory = [row for row in requirements if row["level"] == "must"]
    return sum(row["source"] != "decided" for row in mandatory), len(mandatory)


@cache
def _environment() -> Environment:
    environment = page_environment("conformance.acceptance")
    environment.globals["outcomes"] = OUTCOMES
    return environment


@cache
def _style() -> dict[str, Markup]:
    loader = _environment().loader
    assert loader is not None
    style = loader.get_source(_environment(), "acceptance.css")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return {"style": Markup(style), "style_hash": Markup(digest)}  # noqa: S704 - our own file
