"""`requirements.html`: the page that explains each requirement, written beside every report.

It is the same in all reports of a version, and kept in the package: `proof.requirements_page` makes it.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from conformance.report.model import Result

NAME = "requirements.html"
LABEL = "report-url"
"""The label that says where the files of a report are published."""

_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:/%@+=,-]+")


@cache
def page() -> bytes:
    """Return the page."""
    return resources.files("conformance.report").joinpath(NAME).read_bytes()


def link(id_: str) -> str:
    """Return the link from a file of a report to a requirement."""
    return f"{NAME}#{id_}"


@cache
def explained() -> frozenset[str]:
    """Return the ids of the requirements that the page explains."""
    return frozenset(re.findall(r'id="([A-Z]+-\d+)"', page().decode()))


def published(result: Result, id_: str) -> str | None:
    """Return the URL of a requirement where the report is published, None if no label names that place.

    A summary is read where no other file of the report lies beside it, so a relative link would be dead.
    """
    place = result["labels"].get(LABEL, "")
    return f"{place.rstrip('/')}/{link(id_)}" if _ADDRESS.fullmatch(place) else None
