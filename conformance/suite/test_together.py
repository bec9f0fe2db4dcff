"""Parameters together: a request with several of them returns what follows from each of them alone."""

from __future__ import annotations

import pytest

from conformance.contract.cases import Depth, requirement
from conformance.errors import Inconclusive
from conformance.http.api import Api
from conformance.judging.session import Session
from conformance.suite.together import explore, of_own, tells, valid, wrong_filter, wrong_number
from conformance.target.credentials import OTHER, OWN

IDENTITIES = (OWN, OTHER)


@requirement("FIL-17")
def test_valid_parameters_together(session: Session, api: Api, unknown: list[str]) -> None:
    together = of_own(session, api, unknown)
    several = together.few(valid)
    together.judge("FIL-17", lambda: several)
    if not tells(together.lists, several):
        raise Inconclusive("no two filters together match some profiles and not all")


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
