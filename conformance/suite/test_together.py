"""Parameters together: a request with several of them returns what follows from each of them alone."""

from __future__ import annotations

import json

import pytest

from conformance.contract.bounds import MAX_LIMIT
from conformance.contract.cases import Depth, requirement
from conformance.errors import Inconclusive
from conformance.http.api import Api
from conformance.http.exchange import Transcript
from conformance.judging.session import Session
from conformance.suite.combined import flags_of, other_rows, selecting
from conformance.suite.expect import counted, shown
from conformance.suite.together import explore, of_own, tells, valid, wrong_filter, wrong_number
from conformance.suite.universal import pages_of, requested
from conformance.target.credentials import OTHER, OWN

IDENTITIES = (OWN, OTHER)


@requirement("FIL-17")
def test_valid_parameters_together(session: Session, api: Api, unknown: list[str]) -> None:
    together = of_own(session, api, unknown)
    several = together.few(valid)
    together.judge("FIL-17", lambda: several)
    if not tells(together.lists, several):
        raise Inconclusive("no two filters together match some profiles and not all")


@requirement("FIL-17", universal=True)
def test_every_row_matches_the_filters_of_its_request(transcript: Transcript) -> None:
    """On the first pages of all lists with several filters, if each filter is right alone."""
    pages = [page for page in pages_of(transcript) if not requested(page)[1]]
    alone: dict[tuple[str, str, bool], bool] = {}
    for page in pages:
        if page.rows and len(selecting(page)) == 1:
            for name, value in flags_of(page):
                key = (page.request.credential, name, value)
                alone[key] = alone.get(key, True) and not other_rows(page, name, value)
    for page in pages:
        if len(selecting(page)) < 2 or not 1 <= requested(page)[0] <= MAX_LIMIT:
            continue
        for name, value in flags_of(page):
            wrong = other_rows(page, name, value)
            if wrong and alone.get((page.request.credential, name, value)):
                matching = counted(len(page.rows) - len(wrong))
                whole = page.member("meta", "has_more") is False
                raise page.breach(
                    f"exactly {matching}"
                    if whole
                    else f"only profiles with {name} {json.dumps(value)}",
                    counted(len(page.rows)),
                    f"{counted(len(wrong), 'unexpected record')}: {shown(wrong)}",
                    witnesses=wrong,
                )
    if not any(alone.values()):
        raise Inconclusive("no list with a boolean filter alone has profiles that match it")


@requirement("LIM-17")
def test_wrong_limit_or_offset_beside_filters(
    session: Session, api: Api, unknown: list[str]
) -> None:
    together = of_own(session, api, unknown)
    together.judge("LIM-17", lambda: together.few(wrong_number))


@requirement("FIL-18")
def test_wrong_filter_beside_other_parameters(
    session: Session, api: Api, unknown: list[str]
) -> None:
    together = of_own(session, api, unknown)
    together.judge(
        "FIL-18", lambda: together.with_plainly_wrong_booleans(together.few(wrong_filter))
    )


@requirement("FIL-17", depth=Depth.DEEP, last=True)
@pytest.mark.parametrize("whose", IDENTITIES)
def test_further_valid_queries(session: Session, api: Api, unknown: list[str], whose: str) -> None:
    explore(session, api, unknown, whose, "FIL-17", valid)


@requirement("LIM-17", depth=Depth.DEEP, last=True)
@pytest.mark.parametrize("whose", IDENTITIES)
def test_further_queries_with_a_wrong_limit_or_offset(
    session: Session, api: Api, unknown: list[str], whose: str
) -> None:
    explore(session, api, unknown, whose, "LIM-17", wrong_number)


@requirement("FIL-18", depth=Depth.DEEP, last=True)
@pytest.mark.parametrize("whose", IDENTITIES)
def test_further_queries_with_a_wrong_filter(
    session: Session, api: Api, unknown: list[str], whose: str
) -> None:
    explore(session, api, unknown, whose, "FIL-18", wrong_filter)
