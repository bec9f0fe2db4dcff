"""`requirements.html`: each requirement with its source, how it is judged and which faults prove that.

The page is made from the contract, the cases and the catalogue of faults, which no report knows. So it is
kept in the package, beside the report's other forms, and a test compares it with what this module makes.

    python -m conformance.proof.requirements_page conformance/report/requirements.html
"""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from conformance.contract.cases import Case
from conformance.contract.document import Contract, load
from conformance.contract.requirements import AREAS, Requirement
from conformance.contract.verdict import Finding
from conformance.diagnosis.severity import severity_of
from conformance.faults.variant import Variant
from conformance.plugin import collect
from conformance.proof import catalogue
from conformance.report import view
from conformance.report.html import page_environment
from conformance.text import files


@dataclass(frozen=True)
class Judged:
    """A function that judges a requirement: its name, what it does, and the smallest depth that runs it."""

    name: str
    text: str
    depth: str
    universal: bool


@dataclass(frozen=True)
class Entry:
    """A requirement as the page shows it. ``severity`` is that of a breach that shows nothing worse."""

    requirement: Requirement
    severity: str
    since: str | None
    judged_by: Sequence[Judged]
    faults: Sequence[Variant]


def entries(
    contract: Contract, cases: Sequence[Case], faults: Sequence[Variant]
) -> dict[str, list[Entry]]:
    """Return name of an area → the entries of its requirements, in the order of the contract."""
    found: dict[str, list[Entry]] = {name: [] for name in AREAS.values()}
    for id_, row in contract.requirements.items():
        found[row.area].append(
            Entry(
                row,
                severity_of(row, Finding("", "")).label,
                ".".join(map(str, row.since)) if row.since else None,
                _judged([case for case in cases if case.requirement == id_]),
                sorted(
                    (item for item in faults if item.requirement == id_), key=lambda item: item.name
                ),
            )
        )
    return {name: rows for name, rows in found.items() if rows}


def _judged(cases: Sequence[Case]) -> list[Judged]:
    """Return a row for each function; the variants of one function are one row."""
    found: dict[str, Judged] = {}
    for case in sorted(cases, key=lambda case: case.depth):
        name = case.function.__name__
        judged = Judged(name, case.sentence, case.depth.name.lower(), case.universal)
        found.setdefault(name, judged)
    return list(found.values())


def render(contract: Contract, cases: Sequence[Case], faults: Sequence[Variant]) -> bytes:
    """Return the page."""
    environment = _environment()
    assert environment.loader is not None
    style = environment.loader.get_source(environment, "requirements.css")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    text = environment.get_template("requirements.html.j2").render(
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=Markup(digest),  # noqa: S704
        contract=contract,
        areas=entries(contract, cases, faults),
        documents=contract.document.get("externalDocs", {}).get("url"),
        levels=view.LEVELS,
        sources=view.SOURCES,
    )
    return text.encode("utf-8")


def current() -> bytes:
    """Return the page of this checkout."""
    contract = load()
    return render(contract, collect(), catalogue.load(contract).faults)


@cache
def _environment() -> Environment:
    return page_environment("conformance.proof")


if __name__ == "__main__":
    for path in sys.argv[1:]:
        files.write(Path(path), current())
