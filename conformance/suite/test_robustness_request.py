"""Robustness: what a request has beside its query values changes nothing, and never causes a server error."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from conformance.contract.cases import Depth, requirement
from conformance.contract.document import Contract
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.judging.session import Session, Spare
from conformance.suite.beyond import (
    CLAIMED,
    FORM,
    FURTHER,
    HEADER,
    PARAMETER,
    REFUSABLE,
    Item,
    Plain,
    headers,
    ignorable,
    ignored,
    judge_mine,
    parameters,
    unknown,
)
from conformance.suite.limits import Observe
from conformance.suite.other_paths import harmless, stranger_or_unknown
from conformance.suite.paging import same_page
from conformance.suite.parting import REFUSED, judge_group
from conformance.suite.spellings import LISTS, paths_of
from conformance.suite.witnesses import known_or_unknown


def _everything(session: Session) -> list[Item]:
    """Return headers and parameters that a server ignores, which travel in one request."""
    return [*headers(ignorable(session.target.base_url)), *parameters(CLAIMED)]


def _is_thorough(session: Session) -> bool:
    return session.depth is Depth.DEEP


@requirement("ROB-11")
def test_language_of_the_client_changes_no_search(api: Api, lexicon: Lexicon) -> None:
    """In Turkish, the lower case of I has no dot: a server that has the letter case of the client finds less.

    Without such a word, the other cases suffice.
    """
    for word in lexicon.with_an_i()[:1]:
        plain = api.request(query=as_query(search=word.upper()))
        turkish = replace(plain, headers=(("Accept-Language", "tr-TR"),))
        before, after = api.in_turn([plain, turkish], "language of the client")
        if before.is_page and after.ids != before.ids:
            # Any repeat may have another result: then the header is not the cause.
            again = api.afresh("without the language").list(search=word.upper())
            if again.ids != before.ids:
                raise Inconclusive("a search that is repeated has another result too")
            same_page(again, after)


@requirement("ROB-02")
def test_unknown_parameters(
    session: Session, spare: Spare, contract: Contract, observe: Observe
) -> None:
    """Names that frameworks claim, in one request with the headers that are ignored too."""
    plain = Plain(spare.directory, contract)
    outcome = judge_mine(
        _everything(session),
        PARAMETER,
        partial(ignored, spare.api, plain),
        partial(unknown, spare.api, plain),
        thorough=_is_thorough(session),
    )
    observe(
        "unknown-parameter",
        "Whether parameters that the contract does not define are refused.",
        "refused" if outcome is REFUSED else "ignored",
    )


@requirement("ROB-02")
def test_unknown_parameters_of_a_profile(
    session: Session, api: Api, directory: Directory, contract: Contract
) -> None:
    plain = Plain.profile(api, directory, contract)
    judge_mine(
        _everything(session),
        PARAMETER,
        partial(ignored, api, plain),
        partial(unknown, api, plain),
        thorough=_is_thorough(session),
    )


@requirement("ROB-11")
def test_headers_that_are_ignored(session: Session, spare: Spare, contract: Contract) -> None:
    plain = Plain(spare.directory, contract)
    probe = partial(ignored, spare.api, plain)
    judge_mine(_everything(session), HEADER, probe, probe, thorough=_is_thorough(session))


@requirement("ROB-11")
def test_headers_that_are_ignored_for_a_profile(
    session: Session, api: Api, directory: Directory, contract: Contract
) -> None:
    plain = Plain.profile(api, directory, contract)
    probe = partial(ignored, api, plain)
    judge_mine(_everything(session), HEADER, probe, probe, thorough=_is_thorough(session))


@requirement("ROB-11")
def test_headers_and_a_body_that_may_be_refused(
    session: Session, api: Api, spare: Spare, directory: Directory, contract: Contract
) -> None:
    """Conditions, a range, a foreign origin, a body: each has a lawful status of its own."""
    for group in (REFUSABLE, (FORM,)):
        judge_group(headers(group), partial(ignored, api, Plain(directory, contract)))
    if session.depth is Depth.DEEP:
        judge_group(
            headers(REFUSABLE), partial(ignored, api, Plain.profile(api, directory, contract))
        )
        for item in headers(FURTHER):
            judge_group([item], partial(ignored, spare.api, Plain(spare.directory, contract)))


@requirement("ROB-12")
def test_path_with_a_broken_percent_sign(spare: Spare, session: Session) -> None:
    harmless(spare.api, LISTS["broken percent sign"], session, spare.directory)


@requirement("ROB-12")
@pytest.mark.parametrize("name", ["dot segments and doubled slash", "suffix and matrix parameter"])
def test_other_spelling_of_the_path_of_a_profile(
    session: Session, api: Api, directory: Directory, unknown: list[str], name: str
) -> None:
    """Of a foreign profile if one is known: a router that takes it apart may forget whose it is."""
    path = paths_of(stranger_or_unknown(session, unknown))[name]
    harmless(api, path, session, directory)


@requirement("ROB-12")
def test_further_spellings_of_paths(
    session: Session, spare: Spare, directory: Directory, unknown: list[str]
) -> None:
    """At depth deep: each spelling alone, of the list and of one of your profiles."""
    spare.directory.require(0, "the list is not known")
    if session.depth is not Depth.DEEP:
        return
    for path in LISTS.values():
        harmless(spare.api, path, session, spare.directory)
    for path in paths_of(known_or_unknown(directory, unknown)).values():
        harmless(spare.api, path, session, spare.directory)
