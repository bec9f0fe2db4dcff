"""``proof.html``: the matrix on one page that loads nothing from a network and runs no script."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from conformance.contract.requirements import AREAS
from conformance.proof import summary
from conformance.proof.catalogue import area
from conformance.report.html import page_environment

Proof = dict[str, Any]


def render(proof: Proof) -> str:
    """Return the page of a proof."""
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
    """Return for each area its requirements, and its faults with their marks and other areas' ids.

    Areas without faults are left out; a complete proof leaves out only those without requirements.
    """
    result = []
    for prefix, name in AREAS.items():
        rows = [row for row in proof["requirements"] if row["area"] == name]
        tested = [row["id"] for row in rows if row["not_tested"] is None]
        faults = [fault for fault in proof["faults"] if area(fault["requirement"]) == prefix]
        if faults or (rows and proof["whole"]):
            marked = [(fault, _marks(fault, tested), _elsewhere(fault, prefix)) for fault in faults]
            result.append(
                {
                    "prefix": prefix,
                    "name": name,
                    "requirements": rows,
                    "tested": tested,
                    "faults": marked,
                    "found": sum(fault["found"] for fault in faults),
                }
            )
    return result


def heat(proof: Proof) -> list[dict[str, Any]]:
    """Return for each area with faults how many of them each area found, and a shade for the share."""
    rows = []
    for prefix, name in AREAS.items():
        faults = [fault for fault in proof["faults"] if area(fault["requirement"]) == prefix]
        if not faults:
            continue
        cells = []
        for other in AREAS:
            hits = sum(any(area(one) == other for one in fault["caught_by"]) for fault in faults)
            # A reader can distinguish about five shades.
            shade = -(-5 * hits // len(faults))
            cells.append({"hits": hits, "shade": shade, "own": other == prefix, "prefix": other})
        rows.append({"prefix": prefix, "name": name, "faults": len(faults), "cells": cells})
    return rows


def _marks(fault: dict[str, Any], columns: list[str]) -> list[str]:
    """Return a mark for each requirement: it found the fault ``first`` or ``also``, or ``missed`` it.

    Only the requirement that the fault breaks can miss it; all others get an empty mark.
    """
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
    return [one for one in fault["caught_by"] if area(one) != prefix]


@cache
def _environment() -> Environment:
    environment = page_environment("conformance.proof")
    environment.globals["prefixes"] = list(AREAS)
    environment.globals["area_names"] = AREAS
    return environment
