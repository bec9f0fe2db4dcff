"""The requirements of the document: their form, and that they cover all facts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from conformance.contract.document import load
from conformance.contract.requirements import AREAS


class Fact(NamedTuple):
    """A statement about the API, and the requirements that express it."""

    statement: str
    must: str = ""
    should: str = ""


SEED = [
    Fact("two read-only endpoints", "RET-01 RO-01 RO-02 RO-03 RO-04 RO-05 ROB-07"),
    Fact("bearer keys", "AUTH-01"),
    Fact("the object has 17 members", "OBJ-02 OBJ-03 OBJ-09"),
    Fact("limit: 1 to 100, default 20", "LIM-01 LIM-02 LIM-03"),
    Fact("offset: records to skip, default 0", "LIM-10 PAG-11"),
    Fact("is_active", "FIL-01 FIL-02"),
    Fact("is_bookable_online", "FIL-04"),
    Fact("location_id", "FIL-07"),
    Fact("search over name, display_name and email", "SRCH-01 SRCH-02 SRCH-03 SRCH-06"),
    Fact("meta of a list", "ENV-02"),
    Fact("404 for no profile, or one of another organisation", "RET-03 ORG-01 ORG-09"),
]
"""Statements of the reference of the two endpoints."""

PUBLIC = [
    Fact("envelope of one record", "ENV-03"),
    Fact("envelope of a list", "ENV-01 ENV-02"),
    Fact("envelope of an error", "ENV-04 ENV-05 ENV-06 ROB-09"),
    Fact("no total count", "ENV-15"),
    Fact("has_more true means that there is at least one more page", "PAG-01 PAG-02 PAG-03"),
    Fact("next_offset is null when there is no next page", "PAG-04"),
    Fact("a filter without a suffix is an exact match", "FIL-01 FIL-02 FIL-04 FIL-05 FIL-07"),
    Fact("a key belongs to exactly one organisation", "AUTH-01 ORG-05"),
    Fact("all data are those of the key's organisation", "ORG-05 ORG-06 ORG-07 ORG-10 ORG-12"),
    Fact("a client never passes an organisation id", "ORG-11"),
    Fact("keys start pk_live_ or pk_test_", "AUTH-13"),
    Fact("a revoked key stops working at once", "AUTH-12"),
    Fact("a key without the scope gets 403", "AUTH-11"),
    Fact("401 for a missing or invalid key", "AUTH-02 AUTH-03"),
    Fact("status codes", "ERR-04"),
    Fact("1,000 requests an hour for each key, reset at the top of the hour", "ERR-06"),
    Fact("past the limit: 429, RATE_LIMITED", "ERR-05"),
    Fact("X-Request-Id and the rate-limit headers on responses", "", "ENV-10 ENV-13"),
]
"""Statements of the vendor's documentation about every endpoint."""

DECIDED = [
    Fact(
        "limit 0, negative, above 100; offset negative",
        "LIM-03 LIM-04 LIM-05 LIM-06 LIM-11 ROB-01",
    ),
    Fact(
        "limit or offset not an integer, empty, beyond 64 bits",
        "LIM-07 LIM-09 LIM-12 LIM-14 LIM-18 LIM-19 LIM-20 ROB-01",
        "LIM-08 LIM-13 LIM-15 LIM-16",
    ),
    Fact("boolean not true or false", "FIL-13", "FIL-14"),
    Fact("location_id not a UUID, or empty", "FIL-11", "FIL-12"),
    Fact("location_id that no location has, or of another organisation", "FIL-10 ORG-08"),
    Fact("a page with has_more true", "PAG-05 PAG-06 LIM-03", "PAG-07"),
    Fact("offset at or past the end", "PAG-08 PAG-09"),
    Fact("unknown parameter, a parameter twice, array notation", "ROB-02 ROB-03 ROB-04"),
    Fact("order of the list", "PAG-10 PAG-11 PAG-12 PAG-13 PAG-14"),
    Fact("is_active absent", "FIL-03"),
    Fact("is_bookable_online=false", "FIL-05"),
    Fact(
        "search: what must be found",
        "SRCH-01 SRCH-02 SRCH-03 SRCH-04 SRCH-11 SRCH-12 SRCH-14",
        "SRCH-15 SRCH-19",
    ),
    Fact(
        "search: what must not",
        "SRCH-05 SRCH-06 SRCH-07 SRCH-08 SRCH-16 SRCH-17 SRCH-20 ROB-05",
        "SRCH-09 SRCH-13 SRCH-18",
    ),
    Fact(
        "members",
        "OBJ-01 OBJ-02 OBJ-03 OBJ-04 OBJ-05 OBJ-06 OBJ-07 OBJ-08 OBJ-09",
        "OBJ-10 OBJ-11 OBJ-12 OBJ-13",
    ),
    Fact("list row and retrieve of the same id", "RET-02"),
    Fact("id unknown", "RET-03"),
    Fact("id not a UUID", "RET-04 ROB-01"),
    Fact("another organisation's id", "ORG-01 ORG-02 ORG-03 ORG-04 ORG-09", "ORG-13"),
    Fact(
        "no key, unknown, changed, in another letter case, with a suffix; empty bearer",
        "AUTH-02 AUTH-03 AUTH-04 AUTH-05 AUTH-06 AUTH-07 AUTH-08",
        "AUTH-09 AUTH-10",
    ),
    Fact("POST, PUT, PATCH, DELETE", "RO-01 RO-02 RO-03 RO-04 RO-05", "RO-06"),
    Fact("GET repeated", "PAG-10 RET-06 RO-07"),
    Fact("request_id", "ENV-07 ENV-08", "ENV-09"),
    Fact("media type and JSON", "ENV-11 ENV-12"),
    Fact("errors hold nothing from inside", "ERR-01 ERR-02 ERR-03 ERR-07 ERR-08"),
    Fact("HEAD", "RO-08", "RO-09"),
    Fact("rate-limit headers", "", "ENV-13 ENV-14"),
    Fact("a page holds at most 100 records, so that no body is larger than 10 MiB", "ROB-10"),
]
"""Decisions on points on which both are silent."""

FURTHER = "FIL-06 FIL-08 FIL-09 RET-05 ROB-06 ROB-08 SRCH-10"
"""Consequences of several facts: combined filters, hostile paths, the whole schema."""

WITHDRAWN: frozenset[str] = frozenset()
"""Ids of withdrawn requirements; their numbers are not used again."""


def found(node: object) -> Iterator[dict[str, Any]]:
    """Return all rows of all x-requirements, in the order of the document."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from value if key == "x-requirements" else found(value)
    elif isinstance(node, list):
        for value in node:
            yield from found(value)


ROWS = list(found(load().document))
LEVELS = {row["id"]: row["level"] for row in ROWS}


@pytest.mark.parametrize("row", [pytest.param(row, id=str(row.get("id"))) for row in ROWS])
def test_form_of_a_row(row: dict[str, Any]) -> None:
    order = ["id", "level", "source", "since", "text", "not_tested"]
    assert list(row) == [name for name in order if name in row]
    assert set(order) - set(row) <= {"since", "not_tested"}
    assert all(isinstance(value, str) for value in row.values())
    prefix, number = re.fullmatch(r"([A-Z]+)-(\d\d)", row["id"]).groups()  # type: ignore[union-attr]
    assert prefix in AREAS
    assert int(number) > 0
    assert row["level"] in ("must", "should")
    assert row["source"] in ("seed", "public", "decided")
    text, reason = row["text"], row.get("not_tested", "needs a reason")
    assert re.fullmatch(r"[A-Z0-9`%][^\n]*[^.\s]\.", text), "one sentence that ends in a period"
    assert not re.search(r"[.!?] +[A-Z]", text), "one sentence, not two"
    assert re.fullmatch(r"[a-z][^\n.]*[^.\s]", reason), "what completes 'Not tested: '"


def test_ids_are_unique_and_numbered_without_gaps() -> None:
    assert [one for one, times in Counter(row["id"] for row in ROWS).items() if times > 1] == []
    assert not WITHDRAWN & set(LEVELS)
    for prefix in AREAS:
        used = sorted(one for one in {*LEVELS, *WITHDRAWN} if one.split("-")[0] == prefix)
        assert used == [f"{prefix}-{number:02}" for number in range(1, len(used) + 1)]
        assert used, f"{prefix} has no requirement"


def test_package_reads_the_rows_of_the_document() -> None:
    read = load().requirements
    assert set(read) == set(LEVELS)
    for row in ROWS:
        one = read[row["id"]]
        assert (one.level.value, one.text, one.source) == (row["level"], row["text"], row["source"])
        assert one.not_tested == row.get("not_tested")


def test_only_these_requirements_are_not_tested() -> None:
    untested = {row["id"] for row in ROWS if "not_tested" in row}
    assert untested == {"AUTH-11", "AUTH-12", "AUTH-13", "ERR-05", "ERR-06", "SRCH-13"}


@pytest.mark.parametrize("fact", [*SEED, *PUBLIC, *DECIDED], ids=lambda fact: fact.statement)
def test_every_fact_is_a_requirement_of_its_level(fact: Fact) -> None:
    assert fact.must or fact.should
    for level, ids in (("must", fact.must), ("should", fact.should)):
        assert {one: LEVELS.get(one) for one in ids.split()} == dict.fromkeys(ids.split(), level)


def test_no_fact_names_an_unknown_requirement() -> None:
    stated = " ".join(f"{fact.must} {fact.should}" for fact in [*SEED, *PUBLIC, *DECIDED])
    assert set(LEVELS) >= {*stated.split(), *FURTHER.split()}


def test_source_states_the_requirement() -> None:
    """A decision of ours must not claim the vendor as its source, and vice versa.

    A new decision needs no entry here: its row says that it is one.
    """
    stated = {
        source: {one for fact in facts for one in f"{fact.must} {fact.should}".split()}
        for source, facts in (("seed", SEED), ("public", PUBLIC))
    }
    vendors = stated["seed"] | stated["public"]
    decided = {row["id"] for row in ROWS if row["source"] == "decided"}
    claims = [row for row in ROWS if row["source"] in stated]
    assert [row["id"] for row in claims if row["id"] not in stated[row["source"]]] == []
    assert decided & vendors == set()
