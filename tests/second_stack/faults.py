"""Faults of the second stack, as people make them, each with the requirement that must turn red."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """A value of ``STACK_FAULT``, and what it does.

    ``requirement`` names the breach best. ``options`` of the run and ``variables`` of the server are set
    beside it.
    """

    name: str
    requirement: str
    text: str
    options: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


FAULTS = (
    Fault(
        "tenant-on-another-connection",
        "ORG-15",
        "The organisation is set by one query, and the data are read by the next one, which the pool gives "
        "another connection when requests come at the same time.",
        # Whether one burst meets it is chance: a deep run sends four.
        ("--depth", "deep"),
    ),
    Fault(
        "tenant-kept-on-connection",
        "ORG-01",
        "The organisation is set for the session and stays on the connection; a retrieve relies on it.",
    ),
    Fault(
        "tied-order",
        "PAG-12",
        "ORDER BY a column that is not unique: PostgreSQL orders ties differently for different LIMITs.",
    ),
    Fault("joined-locations", "PAG-12", "A join repeats the clinicians of several locations."),
    Fault("count-without-filter", "PAG-13", "has_more compares with COUNT(*) without the filters."),
    Fault("full-page-is-more", "PAG-03", "has_more is true on every full page."),
    Fault("offset-is-text", "PAG-05", "offset stays a text, so that next_offset joins digits."),
    Fault("parse-int", "LIM-14", "parseInt reads whatever begins with a digit, of any size."),
    Fault("nan-offset", "LIM-12", "Number() makes NaN of a text, and PostgreSQL refuses it: 500."),
    Fault("truthy-filter", "FIL-02", "`if (isActive)` skips the filter for false."),
    Fault(
        "raw-tsquery", "ROB-05", "The term goes to to_tsquery as it is: a quote is a syntax error."
    ),
    Fault("stack-in-error", "ERR-01", "The error handler sends the stack."),
    Fault("cache-ignores-key", "ORG-10", "nginx caches by URL, without Vary: Authorization."),
    Fault(
        "nested-checkout",
        "ROB-01",
        "A request holds a connection while it waits for a second one: the pool is exhausted when as many "
        "requests come at the same time as it has connections.",
        variables={"POOL_TIMEOUT": "400"},
    ),
    Fault(
        "infinite-limit",
        "LIM-18",
        "The validator's own setting lets `limit=Infinity` pass, and PostgreSQL refuses it: 500.",
        options=("--depth", "deep", "--only", "LIM-18"),
    ),
    Fault(
        "uuid-format",
        "FIL-11",
        "The validator takes `urn:uuid:...` for a UUID, PostgreSQL does not: 500.",
        options=("--depth", "deep", "--only", "FIL-11"),
    ),
)

RECOMMENDED = (
    Fault("ilike-unescaped", "SRCH-09", "ILIKE with `%` and `_` of the term unescaped."),
)
"""Faults that break recommendations only: the contract leaves open how a search reads signs."""
