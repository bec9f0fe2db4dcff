"""Isolation in lists: no filter, search, offset or cache reveals a profile of another organisation."""

from __future__ import annotations

from conformance.contract.bounds import MAX_LIMIT
from conformance.contract.cases import Depth, requirement
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon, holders
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.http.exchange import Transcript
from conformance.judging.session import Foreign, Locations, Session
from conformance.suite.comparison import must_be_alike
from conformance.suite.expect import counted, expect, same_ids, shown
from conformance.suite.filtering import end_of_the_active
from conformance.suite.isolation import (
    by_both_keys,
    no_foreign_profile,
    no_foreign_profile_in_run,
    none_of,
    own_ids,
    shared_word_finds_none,
    their_ids,
)
from conformance.suite.paging import ENDS, later_pages, pages_join, shorter_than


@requirement("ORG-05", depth=Depth.SMOKE)
def test_list_holds_no_foreign_profile(session: Session, directory: Directory) -> None:
    # A foreign profile is a finding also if the directory could not be read completely.
    own, theirs = set(directory.by_id), their_ids(session)
    leaked = own & theirs
    if leaked and own == theirs:
        raise directory.pages[0].breach(
            "two organisations with no profile in common",
            f"the same {counted(len(own), 'profile')} for both keys",
            "with different URLs each key receives its own list: a response for one key is kept and "
            "returned to the other"
            if session.kept is not None
            else "either isolation is absent, or both keys belong to one organisation: "
            "then give the key of another",
            witnesses=leaked,
        )
    if leaked:
        page = next(page for page in directory.pages if leaked & set(page.ids))
        raise page.breach(
            "no profile that the second organisation's key lists too",
            f"{counted(len(leaked), 'profile')}: {shown(leaked)}",
            witnesses=leaked,
        )
    if not theirs:
        raise Inconclusive("the second organisation has no profile that could be listed")
    if not directory.total:
        raise Inconclusive("your organisation has no profile to list")


@requirement("ORG-05")
def test_other_list_holds_no_own_profile(session: Session, directory: Directory) -> None:
    """Isolation holds in both directions."""
    if session.other is None:
        return  # without the second key, there is only the own list
    if not directory.rows:
        raise Inconclusive("your organisation has no profile that could be listed")
    own, theirs = set(directory.seen), session.other.seen
    if own & set(theirs):
        same_ids(set(theirs) - own, theirs, session.other.pages[0], own & set(theirs))


@requirement("ORG-05", universal=True)
def test_no_plain_page_holds_a_foreign_profile(transcript: Transcript, session: Session) -> None:
    no_foreign_profile_in_run(transcript, session, "plain")


@requirement("ORG-06", universal=True)
def test_no_filtered_page_holds_a_foreign_profile(transcript: Transcript, session: Session) -> None:
    no_foreign_profile_in_run(transcript, session, "filtered")


@requirement("ORG-07", universal=True)
def test_no_searched_page_holds_a_foreign_profile(transcript: Transcript, session: Session) -> None:
    no_foreign_profile_in_run(transcript, session, "searched")


@requirement("ORG-06")
def test_filtered_list_holds_no_foreign_profile(
    api: Api, session: Session, listed: Directory
) -> None:
    """First and later pages of each boolean filter, and the page after the last one."""
    foreign = session.foreign_ids()
    queries = [listed.of(**{name: value}) for name, value in ENDS]
    results = api.full_lists(queries)
    later = [
        (*query, *as_query(limit=limit, offset=offset))
        for query, result, ends in zip(queries, results, ENDS.values(), strict=True)
        for limit, offset in later_pages(result.total, ends)
    ]
    if not session.own.complete:
        first = [as_query(**{name: value}, limit=MAX_LIMIT) for name, value in ENDS]
        later += [*first, *((*query, *as_query(offset=1)) for query in first)]
    for page in [*(page for result in results for page in result.pages), *api.lists(*later)]:
        no_foreign_profile(page, set(page.ids) & foreign)
    if not session.own.rows or not foreign:
        raise Inconclusive("one of the two organisations has no profile to filter")


@requirement("ORG-07")
def test_foreign_word_is_found_as_little_as_nonsense(
    api: Api, other: Api, foreign: Foreign, session: Session, lexicon: Lexicon
) -> None:
    if foreign.directory is None:
        raise Inconclusive("foreign words are known only with the second organisation's key")
    theirs = session.lexicon(foreign.directory)
    word = next((word for word in theirs.rare() if not lexicon.may_find(word)), None)
    if word is None:
        shared_word_finds_none(api, other, foreign, theirs)
        return
    if not other.list(search=word).rows:
        raise Inconclusive(
            "the second organisation does not find a word of its own profiles, so the word shows nothing"
        )
    nonsense = api.list(search=lexicon.absent())
    expect(nonsense).page()
    answer = api.afresh("after the owner").list(search=word)
    no_foreign_profile(answer, set(answer.ids) & set(foreign.ids))
    held = holders(answer.rows, word, session.notes)
    if not session.own.complete and answer.rows and held == set(answer.ids):
        return  # an own profile that was in no window holds the word
    # An edit can add a record to the page, but cannot explain has_more true after an empty page.
    expect(answer).empty(certain=not answer.rows)
    must_be_alike(
        api, [answer], [nonsense], "the response to a term that no profile holds", certain=True
    )


@requirement("ORG-07")
def test_own_word_finds_no_own_profile_for_the_other_key(
    other: Api, foreign: Foreign, session: Session, lexicon: Lexicon
) -> None:
    """Isolation holds in both directions."""
    if foreign.directory is None:
        raise Inconclusive("only the second organisation's key can search in its directory")
    for word in lexicon.rare()[:1]:
        answer = other.list(search=word)
        no_foreign_profile(answer, set(answer.ids) & own_ids(session))


@requirement("ORG-07")
def test_foreign_address_finds_no_foreign_profile(
    api: Api, foreign: Foreign, session: Session, lexicon: Lexicon
) -> None:
    """Parts of the address may find own profiles. If none do, it is like a term that no profile holds."""
    if foreign.directory is None:
        raise Inconclusive("foreign addresses are known only with the second organisation's key")
    emails = session.lexicon(foreign.directory).emails()
    if not emails:
        raise Inconclusive("no profile of the second organisation has an e-mail address")
    answer = api.list(search=emails[0][0])
    expect(answer).refusal_or_page()
    none_of([answer], foreign.ids, "no profile of another organisation", "another organisation")
    nonsense = api.list(search=lexicon.absent())
    if answer.is_page and not answer.rows:
        must_be_alike(api, [answer], [nonsense], "the response to a term that no profile holds")


@requirement("ORG-08")
def test_foreign_location_is_as_good_as_none(
    api: Api, other: Api, locations: Locations, directory: Directory, unknown: list[str]
) -> None:
    directory.require(1, "in an empty directory every list is empty")
    if not locations.other:
        raise Inconclusive(
            "no location of the second organisation is known: GET /locations did not list any"
        )
    foreign = [location for location in locations.other if location not in locations.own][:2]
    results = other.full_lists([as_query(location_id=location) for location in foreign])
    found = [pair for pair in zip(foreign, results, strict=True) if pair[1].ids]
    if not found:
        raise Inconclusive("the second organisation lists no clinician at a location of its own")
    (first, _), (last, result) = found[0], found[-1]
    nowhere = api.list(location_id=unknown[0])
    # With a filter that some profile at the location matches.
    active = any(row.get("is_active") is True for page in result.pages for row in page.rows)
    queries = [as_query(location_id=first), as_query(location_id=last, is_active=active)]
    for answer in api.afresh("after the owner").lists(*queries):
        expect(answer).empty(certain=True)
        must_be_alike(api, [answer], [nowhere], "the response to an unknown location", certain=True)


@requirement("ORG-10")
def test_list_is_the_callers_own_after_another_has_asked_for_it(
    api: Api, other: Api, directory: Directory, session: Session
) -> None:
    """A cache that returns the list of one key to the other fails."""
    theirs = session.foreign_ids()
    if not theirs:
        raise Inconclusive("the second organisation has no list that could be returned instead")
    queries = (as_query(), as_query(is_active=True, limit=30), as_query(limit=25, offset=2))
    others, own = by_both_keys(api, other, queries)
    if not any(set(answer.ids) & theirs for answer in others):
        raise Inconclusive("the second organisation did not receive its own list")
    none_of(
        others, own_ids(session), "only profiles of the second organisation", "your organisation"
    )
    for answer in own:
        expect(answer).page()
        none_of([answer], theirs, "only profiles of your organisation", "the second organisation")
    # If a cache gave both keys one list, the second organisation's list is not known.
    pages_of = ((others, None if session.kept else session.other), (own, directory))
    for (plain, _, later), known in pages_of:
        if known is not None and not known.problem:
            expect(plain).slice_of(known.ids, 0, 20)
            expect(later).slice_of(known.ids, 2, 25)
    if directory.complete:
        expect(own[1]).slice_of(api.full_list(is_active=True).ids, 0, 30)


@requirement("ORG-12")
def test_pages_end_where_the_own_records_end(
    api: Api, directory: Directory, listed: Directory, session: Session
) -> None:
    directory.require(1, "an empty directory has no last page")
    theirs = their_ids(session)
    if not theirs:
        raise Inconclusive("the second organisation has no record that could be counted")
    last = api.list(limit=1, offset=directory.total - 1)
    no_foreign_profile(last, set(last.ids) & theirs)
    expect(last).ids(directory.ids[-1:]).meta(has_more=False, next_offset=None)
    for offset in (directory.total, directory.total + 1):
        expect(api.list(limit=shorter_than(directory), offset=offset)).empty()
    pages_join(api, listed.of(is_active=True))
    if not directory.complete:
        end_of_the_active(api, directory)
