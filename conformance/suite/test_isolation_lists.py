"""Another organisation's data in lists: not by filter, search, place, page or name, nor out of a cache."""

from __future__ import annotations

import pytest

from conformance.contract.bounds import MAX_LIMIT
from conformance.contract.cases import Depth, requirement
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon, holders
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.http.exchange import Exchange, Transcript
from conformance.judging.session import Foreign, Locations, Session
from conformance.suite.alike import must_be_alike
from conformance.suite.expect import counted, expect, same_ids, shown
from conformance.suite.pages import FILTERS, pages_of
from conformance.suite.test_pagination import shorter_than
from conformance.suite.test_pagination_results import (
    ENDS,
    end_of_the_active,
    later_pages,
    pages_of_result,
)
from conformance.target.credentials import OWN


@requirement("ORG-05", depth=Depth.SMOKE)
def test_list_holds_no_foreign_profile(session: Session, directory: Directory) -> None:
    # What was seen is enough for a finding, also where the walk broke down.
    own, theirs = set(directory.by_id), _their_ids(session)
    leaked = own & theirs
    if leaked and own == theirs:
        raise directory.pages[0].breach(
            "two organisations with no profile in common",
            f"the same {counted(len(own), 'profile')} for both keys",
            "by URLs that differ each key has its own list: an answer is kept and given to others"
            if session.kept is not None
            else "either isolation is absent, or both keys belong to one organisation: "
            "then give the key of another",
            witnesses=leaked,
        )
    if leaked:
        page = next(page for page in directory.pages if leaked & set(page.ids))
        raise page.breach(
            "no profile that the other key lists too",
            f"{counted(len(leaked), 'profile')}: {shown(leaked)}",
            witnesses=leaked,
        )
    if not theirs:
        raise Inconclusive("the other organisation has no profile that could be listed")
    if not directory.total:
        raise Inconclusive("the own organisation has no profile to list")


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("plain", marks=requirement("ORG-05", universal=True)),
        pytest.param("filtered", marks=requirement("ORG-06", universal=True)),
        pytest.param("searched", marks=requirement("ORG-07", universal=True)),
    ],
)
def test_no_page_of_the_run_holds_a_foreign_profile(
    transcript: Transcript, session: Session, kind: str
) -> None:
    """Every page that either key was given, whatever it was asked for."""
    foreign = session.foreign_ids()
    if not foreign:
        raise Inconclusive("the other organisation has no profile that could be listed")
    pages = [page for page in pages_of(transcript, plain=False) if _kind(page) == kind]
    if not any(page.rows for page in pages if page.request.identity == OWN):
        raise Inconclusive(f"no {kind} page with a record was seen")
    own = _own_ids(session)
    for page in pages:
        _no_foreign(page, set(page.ids) & (foreign if page.request.identity == OWN else own))


def _no_foreign(page: Exchange, leaked: set[str]) -> None:
    if leaked:
        raise page.breach(
            "profiles of the organisation that the key belongs to",
            f"{counted(len(leaked))} of another: {shown(leaked)}",
            certain=True,
        )


def _kind(page: Exchange) -> str:
    names = {name for name, _ in page.request.query}
    return "searched" if "search" in names else "filtered" if names & FILTERS else "plain"


def _their_ids(session: Session) -> set[str]:
    if session.other is not None:
        return set(session.other.by_id)
    return set(session.foreign().ids)


def _own_ids(session: Session) -> set[str]:
    """Ids of the own organisation alone."""
    return set(session.own.by_id) - _their_ids(session)


@requirement("ORG-06")
def test_filtered_list_holds_no_foreign_profile(
    api: Api, session: Session, listed: Directory
) -> None:
    """First and later pages of each boolean filter, and what is behind the last one."""
    foreign = session.foreign_ids()
    queries = [listed.of(**{name: value}) for name, value in ENDS]
    wholes = api.full_lists(queries)
    later = [
        (*query, *as_query(limit=limit, offset=offset))
        for query, whole, ends in zip(queries, wholes, ENDS.values(), strict=True)
        for limit, offset in later_pages(whole.total, ends)
    ]
    if not session.own.complete:
        first = [as_query(**{name: value}, limit=MAX_LIMIT) for name, value in ENDS]
        later += [*first, *((*query, *as_query(offset=1)) for query in first)]
    for page in [*(page for whole in wholes for page in whole.pages), *api.lists(*later)]:
        _no_foreign(page, set(page.ids) & foreign)
    if not session.own.rows or not foreign:
        raise Inconclusive("one of the two organisations has no profile to filter")


@requirement("ORG-07")
def test_foreign_word_is_found_as_little_as_nonsense(
    api: Api, other: Api, foreign: Foreign, session: Session, lexicon: Lexicon
) -> None:
    if foreign.directory is None:
        raise Inconclusive("foreign words are known only with a key of the other organisation")
    theirs = session.lexicon(foreign.directory)
    word = next((word for word in theirs.rare() if not lexicon.may_find(word)), None)
    if word is None:
        _shared_word_finds_none(api, other, foreign, theirs)
        return
    if not other.list(search=word).rows:
        raise Inconclusive(
            "the other organisation does not find its own word, so that it shows nothing"
        )
    nonsense = api.list(search=lexicon.absent())
    expect(nonsense).page()
    answer = api.afresh("after the owner").list(search=word)
    _no_foreign(answer, set(answer.ids) & set(foreign.ids))
    held = holders(answer.rows, word, session.notes)
    if not session.own.complete and answer.rows and held == set(answer.ids):
        return  # of a directory that was not walked, somebody may hold the word
    # An own profile that has the word now would be in the list; nothing else lies behind its end.
    expect(answer).empty(certain=not answer.rows)
    must_be_alike(api, [answer], [nonsense], "the answer to a term that nobody holds", certain=True)


@requirement("ORG-07")
def test_own_word_finds_no_own_profile_for_the_other_key(
    other: Api, foreign: Foreign, session: Session, lexicon: Lexicon
) -> None:
    """Isolation holds both ways: what comes is judged with all other pages that were searched."""
    if foreign.directory is None:
        raise Inconclusive("only a key of the other organisation can search in its name")
    for word in lexicon.rare()[:1]:
        answer = other.list(search=word)
        _no_foreign(answer, set(answer.ids) & _own_ids(session))


def _shared_word_finds_none(api: Api, other: Api, foreign: Foreign, theirs: Lexicon) -> None:
    """Where both organisations use the same words: a search for one finds the own profiles alone.

    Also after the other one has searched by the same URL.
    """
    if not theirs.rare():
        raise Inconclusive(
            "no profile of the other organisation has a word of three letters in a name"
        )
    word = theirs.rare()[0]
    other.list(search=word, limit=MAX_LIMIT)
    for page in api.afresh("after the owner").full_list(search=word).pages:
        _no_foreign(page, set(page.ids) & set(foreign.ids))


@requirement("ORG-07")
def test_foreign_address_finds_no_foreign_profile(
    api: Api, foreign: Foreign, session: Session, lexicon: Lexicon
) -> None:
    """Parts of an address may find own profiles; the one that has the address must not come.

    Where none comes, the answer is that to a term that nobody holds.
    """
    if foreign.directory is None:
        raise Inconclusive("foreign addresses are known only with a key of the other organisation")
    emails = session.lexicon(foreign.directory).emails()
    if not emails:
        raise Inconclusive("no profile of the other organisation has an e-mail address")
    answer = api.list(search=emails[0][0])
    expect(answer).refusal_or_page()
    leaked = set(answer.ids) & set(foreign.ids)
    if leaked:
        raise answer.breach(
            "no profile of another organisation", f"{shown(leaked)}", witnesses=leaked
        )
    nonsense = api.list(search=lexicon.absent())
    if answer.is_page and not answer.rows:
        must_be_alike(api, [answer], [nonsense], "the answer to a term that nobody holds")


@requirement("ORG-08")
def test_foreign_location_is_as_good_as_none(
    api: Api, other: Api, locations: Locations, directory: Directory, unknown: list[str]
) -> None:
    directory.require(1, "an empty directory lists nothing whatever is asked")
    if not locations.other:
        raise Inconclusive(
            "no location of the other organisation is known: GET /locations did not list any"
        )
    foreign = [location for location in locations.other if location not in locations.own][:2]
    wholes = other.full_lists([as_query(location_id=location) for location in foreign])
    found = [pair for pair in zip(foreign, wholes, strict=True) if pair[1].ids]
    placed = [location for location, _ in found]
    if not placed:
        raise Inconclusive("the other organisation lists no clinician at a location of its own")
    nowhere = api.list(location_id=unknown[0])
    # With the value that somebody there has.
    rows = [row for page in found[-1][1].pages for row in page.rows]
    active = any(row.get("is_active") is True for row in rows)
    queries = [as_query(location_id=placed[0]), as_query(location_id=placed[-1], is_active=active)]
    for answer in api.afresh("after the owner").lists(*queries):
        expect(answer).empty(certain=True)
        must_be_alike(
            api, [answer], [nowhere], "the answer to a location that nobody has", certain=True
        )


@requirement("ORG-10")
def test_list_is_the_callers_own_after_another_has_asked_for_it(
    api: Api, other: Api, directory: Directory, session: Session
) -> None:
    theirs = session.foreign_ids()
    if not theirs:
        raise Inconclusive("the other organisation lists nothing that would show")
    queries = (as_query(), as_query(is_active=True, limit=30), as_query(limit=25, offset=2))
    plan = [
        request
        for query in queries
        for request in (other.request(query=query), api.request(query=query))
    ]
    answers = api.in_turn(plan, "after the other")
    if not any(set(answer.ids) & theirs for answer in answers[::2]):
        raise Inconclusive("the other organisation was not answered with its own list")
    own = _own_ids(session)
    for answer in answers[::2]:
        leaked = set(answer.ids) & own
        if leaked:
            raise answer.breach(
                "the records of the other key",
                f"{counted(len(leaked))} of the own: {shown(leaked)}",
                witnesses=leaked,
            )
    for answer in answers[1::2]:
        expect(answer).page()
        leaked = set(answer.ids) & theirs
        if leaked:
            raise answer.breach(
                "the own records",
                f"{counted(len(leaked))} of the other: {shown(leaked)}",
                witnesses=leaked,
            )
    # What the other key was given at first may have been kept from the own.
    known = (None if session.kept else session.other, directory)
    for first, whose in enumerate(known):
        if whose is not None and not whose.problem:
            expect(answers[first]).part(whose.ids, 0, 20)
            expect(answers[first + 4]).part(whose.ids, 2, 25)
    if directory.complete:
        expect(answers[3]).part(api.full_list(is_active=True).ids, 0, 30)


@requirement("ORG-12")
def test_pages_end_where_the_own_records_end(
    api: Api, directory: Directory, listed: Directory, session: Session
) -> None:
    directory.require(1, "an empty directory has no last page")
    theirs = _their_ids(session)
    if not theirs:
        raise Inconclusive("the other organisation has no record that could be counted")
    last = api.list(limit=1, offset=directory.total - 1)
    _no_foreign(last, set(last.ids) & theirs)
    expect(last).ids(directory.ids[-1:]).meta(has_more=False, next_offset=None)
    for offset in (directory.total, directory.total + 1):
        expect(api.list(limit=shorter_than(directory), offset=offset)).empty()
    pages_of_result(api, listed.of(is_active=True))
    if not directory.complete:
        end_of_the_active(api, directory)


@requirement("ORG-05")
def test_other_list_holds_no_own_profile(session: Session, directory: Directory) -> None:
    """Isolation holds both ways: what the other key sees is not the own organisation's either."""
    if session.other is None:
        return  # with ids alone, the own list is all that can be looked into
    if not directory.rows:
        raise Inconclusive("the own organisation has no profile that could be listed")
    own, theirs = set(directory.seen), session.other.seen
    if own & set(theirs):
        same_ids(set(theirs) - own, theirs, session.other.pages[0], own & set(theirs))
