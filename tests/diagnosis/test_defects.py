"""Defects: every finding belongs to one, by structure and never by sharing an exchange."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.contract.document import load
from conformance.contract.verdict import Finding
from conformance.diagnosis.causes import Cause
from conformance.diagnosis.defects import Defect, defects_of
from conformance.diagnosis.severity import Severity, severity_of
from tests.support.defects import defects, rows

BASE = "http://target.test/api-v1/clinician-profiles"
ONE = f"{BASE}/06943411-a9cc-4754-9c85-2d6ed86e3a4c"
PAGE = "200 with a list"


def found(
    exchange: int, status: int, expected: str = PAGE, received: str = "", url: str = BASE
) -> Finding:
    received = received or f"{status} (text/plain, 3 bytes)"
    curl = f"curl -sS -i '{url}'"
    return Finding(
        expected, received, None, exchange, "GET", url, "own", status, "req_1", curl, "case"
    )


def counted(exchange: int, expected: int, received: int, query: str) -> Finding:
    return found(
        exchange,
        200,
        f"exactly {expected} records",
        f"{received} records",
        f"{BASE}?{query}",
    )


def parts(made: list[Defect]) -> list[tuple[str, ...]]:
    return [defect.requirements for defect in made]


def test_findings_of_one_structure_are_one_defect() -> None:
    made = defects(
        FIL_01=[counted(1, 190, 47, "is_active=true&limit=100")],
        FIL_02=[counted(2, 47, 190, "is_active=false&limit=100")],
        FIL_04=[counted(3, 80, 237, "is_bookable_online=true&limit=100")],
    )
    assert parts(made) == [("FIL-01", "FIL-02"), ("FIL-04",)]
    assert made[0].title == "`is_active=true` returned 47 records, expected exactly 190 records"


def test_a_title_says_what_differs_if_the_number_does_not() -> None:
    one = replace(
        counted(1, 2, 2, "search=x&limit=4"),
        detail=f"2 of 2 records are missing: {ONE[-36:]}; 2 unexpected records: {ONE[-36:]}",
    )
    (defect,) = defects(PAG_14=[one])
    differing = "2 of 2 records are missing; 2 unexpected records"
    assert defect.title == f"`search` returned other records than expected: {differing}"


def test_a_title_names_no_exchange() -> None:
    one = found(3, 200, "the 5 records of exchange 2", "0 records", f"{BASE}?limit=5")
    (defect,) = defects(ROB_11=[one])
    assert (
        defect.title == "`limit=5` returned 0 records, expected the 5 records of another response"
    )


def test_a_title_says_that_records_are_repeated() -> None:
    one = replace(
        counted(1, 99, 122, "limit=100"), detail=f"23 records returned more than once: {ONE[-36:]}"
    )
    (defect,) = defects(PAG_13=[one])
    received, expected = "122 records (23 records returned more than once)", "exactly 99 records"
    assert defect.title == f"`limit=100` returned {received}, expected {expected}"


def test_two_deviations_of_one_exchange_are_two_defects() -> None:
    made = defects(
        OBJ_07=[found(7, 200, "a timestamp with a zone", "2026-01-02 03:04")],
        PAG_04=[found(7, 200, "meta.has_more false", "meta.has_more true")],
    )
    assert parts(made) == [("PAG-04",), ("OBJ-07",)]


def test_a_crash_is_one_defect_whatever_was_expected() -> None:
    url = f"{BASE}?search=%00"
    made = defects(
        ROB_01=[found(1, 500, "no server error", url=url)],
        ROB_05=[found(1, 500, "400 or 422, or 200 with a list", url=url)],
        LIM_05=[found(2, 500, "400 or 422", url=f"{BASE}?limit=0")],
    )
    assert parts(made) == [("ROB-01", "ROB-05"), ("LIM-05",)]
    assert {defect.severity for defect in made} == {Severity.CRASH}


def test_a_must_is_never_folded_under_a_should() -> None:
    made = defects(LIM_08=[found(1, 404)], LIM_07=[found(2, 404)])
    assert parts(made) == [("LIM-07", "LIM-08")]


def test_a_leak_keeps_a_defect_of_its_own_whatever_explains_it() -> None:
    cause = Cause("All", "all", "u", "f", frozenset({("ORG-05", 1), ("FIL-01", 1)}), 1, 3)
    findings = {"ORG_05": [found(1, 200)], "FIL_01": [found(1, 200)]}
    made = defects([cause], **findings)
    assert parts(made) == [("ORG-05",), ("FIL-01",)]
    assert [defect.cause for defect in made] == [cause, cause]


def test_a_cause_gathers_what_it_explains_and_nothing_else() -> None:
    explained = frozenset({("FIL-01", 1), ("PAG-13", 2)})
    cause = Cause("`is_active` is inverted", "inverted", "u", "f", explained, 2, 30)
    made = defects(
        [cause],
        FIL_01=[counted(1, 190, 47, "is_active=true"), counted(3, 9, 8, "is_active=false")],
        PAG_13=[counted(2, 190, 47, "is_active=true&offset=1")],
    )
    assert parts(made) == [("PAG-13", "FIL-01"), ("FIL-01",)]
    assert made[0].title.startswith("`is_active` is inverted: `is_active=true")
    assert made[1].cause is None


def test_a_title_names_two_mechanisms_between_which_a_run_leaves_the_choice() -> None:
    """One of them is true, so that the title claims no more than the run shows."""
    texts = ("A search does not look in `name`.", "HEAD is refused.")
    explained = frozenset({("FIL-01", 1)})
    findings = {"FIL_01": [counted(1, 190, 47, "is_active=true")]}

    def title(*candidates: str) -> str:
        cause = Cause("", "alike", "u", "f", explained, 2, 30, candidates)
        return defects([cause], **findings)[0].title

    start = "Either a search does not look in `name`, or HEAD is refused: `is_active=true` returned"
    assert title(*texts).startswith(start)
    assert title(*texts, "A third.").startswith("`is_active=true` returned")
    assert title(texts[0], f"{'A' * 200}.").startswith("`is_active=true` returned")


def test_the_worst_is_first_then_the_one_that_breaks_more() -> None:
    made = defects(
        ENV_10=[found(1, 200, "X-Request-Id", "none")],
        ENV_07=[found(1, 200, "meta.request_id", "null")],
        ORG_01=[found(2, 200, "404", "200 (application/json, 566 bytes)", ONE)],
        AUTH_03=[found(3, 200, "401", "200 with 20 records")],
        PAG_04=[found(4, 200, "meta.has_more false", "meta.has_more true")],
        FIL_01=[counted(5, 3, 2, "is_active=true")],
        FIL_04=[counted(6, 3, 2, "is_bookable_online=true")],
        FIL_06=[counted(7, 3, 2, "is_bookable_online=true")],
        ROB_01=[found(8, 500, "no server error")],
    )
    assert [defect.severity for defect in made] == [*sorted(Severity)[:4], 4, 4, 5, 6]
    assert parts(made)[4:6] == [("FIL-04", "FIL-06"), ("FIL-01",)]
    assert made[0].severity.label == "data leak"


@pytest.mark.parametrize(
    ("requirement", "status", "severity"),
    [
        ("ORG-08", 200, Severity.DATA_LEAK),
        ("AUTH-01", 401, Severity.WRONG_RESULT),
        ("AUTH-09", 200, Severity.ADVICE),
        ("RO-05", 200, Severity.DATA_LOSS),
        ("RO-01", 500, Severity.CRASH),
        ("RO-01", 201, Severity.ACCESS),
        ("ERR-01", 500, Severity.CRASH),
        ("ERR-02", 400, Severity.ACCESS),
        ("SRCH-01", 200, Severity.WRONG_RESULT),
    ],
)
def test_severity(requirement: str, status: int, severity: Severity) -> None:
    row = load().requirements[requirement]
    assert severity_of(row, found(1, status)) is severity


def test_every_requirement_has_a_severity() -> None:
    for row in load().requirements.values():
        assert severity_of(row, found(1, 200)) in Severity


def test_titles_and_witnesses_name_no_search_term_and_stay_on_one_line() -> None:
    finding = found(1, 200, "a list", "none\nof them", f"{BASE}?search=Okonkwo&limit=5")
    (defect,) = defects_of(rows(SRCH_01=[finding]), ())
    shown = [defect.title, *(witness.what for witness in defect.witnesses)]
    assert all("Okonkwo" not in text and "\n" not in text for text in shown)


def test_the_plainest_request_shows_the_defect() -> None:
    made = defects(
        FIL_01=[
            counted(1, 3, 2, "is_active=true&limit=100&offset=100"),
            counted(2, 5, 4, "is_active=true"),
        ]
    )
    assert made[0].witnesses[0].expected == "exactly 5 records"
    assert len(made[0].witnesses) == 2


def test_a_title_is_cut_after_names_and_keys_are_hidden() -> None:
    """What is left of a name or key after a cut is not recognised."""
    finding = Finding("a", "x " * 60 + "Ann-Sophie", status=200)
    (defect,) = defects_of(
        rows(SRCH_01=[finding]), (), hide=lambda text: text.replace("Ann-Sophie", "masked-name-1")
    )
    assert "Ann" not in defect.title
