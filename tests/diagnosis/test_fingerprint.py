"""Fingerprints of findings: what they depend on, and what they do not."""

from __future__ import annotations

import inspect
from dataclasses import replace
from itertools import combinations

import pytest

from conformance.contract.verdict import Finding
from conformance.diagnosis.fingerprint import GENERATED, fingerprint
from conformance.suite import together

BASE = "https://api.example.org/api-v1/clinician-profiles"
ONE = "6f1c2d3e-4a5b-4c6d-8e7f-0a1b2c3d4e5f"
TWO = "0a1b2c3d-4e5f-4a6b-9c7d-8e9f0a1b2c3d"

LIST = Finding(
    "exactly 19 records",
    "87 records",
    f"68 unexpected records: {ONE}, {TWO} and 66 more",
    exchange=17,
    method="GET",
    url=f"{BASE}?location_id={ONE}&is_active=true&limit=100",
    identity="own",
    status=200,
)
CRASH = replace(LIST, expected="a list", received="500 INTERNAL_ERROR", detail=None, status=500)


def of(finding: Finding, requirement: str = "FIL-08") -> str:
    return fingerprint(requirement, finding, [])


def test_a_fingerprint_can_be_read() -> None:
    assert of(LIST) == "FIL-08/list/is_active+location_id/unexpected"
    assert of(CRASH, "ROB-01") == "ROB-01/list/is_active+location_id/status-500"
    retrieve = replace(CRASH, method="HEAD", url=f"{BASE}/{ONE}")
    assert of(retrieve) == "FIL-08/head-retrieve/status-500"


@pytest.mark.parametrize(
    "changes",
    [
        {
            "url": f"http://localhost:8000/x/api-v1/clinician-profiles?is_active=false&location_id={TWO}"
        },
        {"expected": "exactly 1 record", "received": "2 records", "exchange": 99},
        {"detail": f"1 unexpected record: {TWO}"},
        {"identity": "other", "request_id": "req_1", "curl": "curl …", "case": "test_another"},
    ],
    ids=["host and values", "numbers", "ids", "second key"],
)
def test_data_host_key_and_numbers_do_not_matter(changes: dict[str, object]) -> None:
    assert of(replace(LIST, **changes)) == of(LIST)  # type: ignore[arg-type]


def test_texts_differ_by_more_than_data() -> None:
    texts = [
        "meta.limit 0",
        "200: the body contains NaN, which is not JSON",
        "200 (application/json, 652 bytes)",
        "200 with 20 records",
    ]
    found = {of(replace(LIST, received=text, detail=None)) for text in texts}
    assert len(found) == len(texts)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("meta.limit 0", "meta.limit -17"),
        ("200 (application/json, 652 bytes)", "200 (application/json, 1,610 bytes)"),
        (
            f"the profile {ONE} at 2026-01-02T03:04:05.678Z",
            f"the profile {TWO} at 2025-11-12T13:14:15Z",
        ),
        ('data/3/name: "Anna Keller" is shown', 'data/12/name: "Zoë" is shown'),
        (f"1 profile was new: {ONE}", f"3 profiles were new: {ONE}, {TWO} and 1 more"),
    ],
)
def test_texts_that_differ_by_data_alone_are_alike(one: str, two: str) -> None:
    assert of(replace(LIST, received=one, detail=None)) == of(
        replace(LIST, received=two, detail=None)
    )


def test_masked_names_are_data() -> None:
    one = replace(LIST, received="the term masked-last-name-0a1b2c3d finds nothing", detail=None)
    two = replace(LIST, received="the term Keller finds nothing", detail=None)

    def mask(text: str) -> str:
        return text.replace("Keller", "masked-last-name-ffffffff")

    assert fingerprint("SRCH-01", two, [], mask) == fingerprint("SRCH-01", one, [])


def test_what_matters_tells_findings_apart() -> None:
    found = [
        of(LIST),
        of(LIST, "FIL-09"),
        of(CRASH),
        of(replace(LIST, url=f"{BASE}?is_active=true")),
        of(replace(LIST, url=f"{BASE}?colour=red")),
        of(replace(LIST, url=f"{BASE}/{ONE}")),
        of(replace(LIST, method="POST")),
        of(replace(LIST, detail="18 of 86 records are missing")),
        of(replace(LIST, received="18 profiles of another organisation")),
        of(replace(LIST, url=None)),
    ]
    assert all(one != two for one, two in combinations(found, 2))


def test_the_parameters_of_a_generated_query_do_not_matter() -> None:
    detail = f"{GENERATED}, found from one with limit, offset, is_active"
    one = replace(LIST, received="meta.limit 0", detail=detail)
    assert of(one) == of(replace(one, url=f"{BASE}?search=a&limit=3"))
    assert of(one).startswith("FIL-08/list/generated/")
    assert GENERATED in inspect.getsource(together)


def test_a_fingerprint_holds_no_text_of_the_target() -> None:
    hostile = replace(
        LIST,
        url=f"{BASE}?Anna%20Keller=1&\x1b[31m=2",
        received="Anna Keller \ud800 <script>",
        detail=None,
    )
    assert of(hostile).startswith("FIL-08/list/undocumented/")
    assert "anna" not in of(hostile).lower()
