"""``proof.html``: the matrix on one page that asks nothing of a network and runs no script."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from conformance.contract.requirements import AREAS
from conformance.proof import summary
from conformance.report.html import page_environment

Proof = dict[str, Any]


def render(proof: Proof) -> str:
    """The page of a proof."""
    environment = _environment()
    assert environment.loader is not None
    style = environment.loader.get_source(environment, "proof.css")[0]
    values = {
        "style": Markup(style),  # noqa: S704 - our own file
        "proof": proof,
        "headline": summary.headline(proof),
        "areas": areas(proof),
        "heat": heat(proof),
        "kinds": summary.KINDS,
        "known": {fault["name"] for fault in proof["faults"]},
    }
    return environment.get_template("proof.html.j2").render(values)


def areas(proof: Proof) -> list[dict[str, Any]]:
    """For each area that has any: its requirements, and its faults with the marks of each."""
    found = []
    for prefix, name in AREAS.items():
        rows = [row for row in proof["requirements"] if row["area"] == name]
        tested = [row["id"] for row in rows if row["not_tested"] is None]
        faults = [fault for fault in proof["faults"] if _prefix(fault["requirement"]) == prefix]
        if faults or (rows and proof["whole"]):
            marked = [(fault, _marks(fault, tested), _elsewhere(fault, prefix)) for fault in faults]
            found.append(
                {
                    "prefix": prefix,
                    "name": name,
                    "requirements": rows,
                    "tested": tested,
                    "faults": marked,
                    "found": sum(fault["found"] for fault in faults),
                }
            )
    return found


def heat(proof: Proof) -> list[dict[str, Any]]:
    """For each area with faults: how many of them turned something red in each area, and its share."""
    rows = []
    for prefix, name in AREAS.items():
        faults = [fault for fault in proof["faults"] if _prefix(fault["requirement"]) == prefix]
        if not faults:
            continue
        cells = []
        for other in AREAS:
            hits = sum(any(_prefix(one) == other for one in fault["caught_by"]) for fault in faults)
            # Five shades are as many as an eye tells apart.
            shade = -(-5 * hits // len(faults))
            cells.append({"hits": hits, "shade": shade, "own": other == prefix, "prefix": other})
        rows.append({"prefix": prefix, "name": name, "faults": len(faults), "cells": cells})
    return rows


def _marks(fault: dict[str, Any], columns: list[str]) -> list[str]:
    """For each requirement of the area: ``first``, ``also``, ``missed`` (its own, not red) or nothing."""
    marks = []
    for identifier in columns:
        if identifier == fault["caught_first"]:
            marks.append("first")
        elif identifier in fault["caught_by"]:
            marks.append("also")
        else:
            marks.append("missed" if identifier == fault["requirement"] else "")
    return marks


def _elsewhere(fault: dict[str, Any], prefix: str) -> list[str]:
    return [one for one in fault["caught_by"] if _prefix(one) != prefix]


def _prefix(identifier: str) -> str:
    return identifier.split("-", maxsplit=1)[0]


@cache
def _environment() -> Environment:
    environment = page_environment("conformance.proof")
    environment.globals["prefixes"] = list(AREAS)
    environment.globals["area_names"] = AREAS
    return environment
