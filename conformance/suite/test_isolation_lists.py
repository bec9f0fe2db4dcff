"""Isolation in lists: no filter, search, offset or cache reveals a profile of another organisation."""

from __future__ import annotations

from dataclasses import replace

from conformance.contract.bounds import MAX_LIMIT
from conformance.contract.cases import Depth, requirement
from conformance.contract.verdict import Breach
from conformance.directory.changes import on_page
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.directory.searched import holders
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import Query
from conformance.judging.session import Foreign, Locations, Session
from conformance.suite.comparison import must_be_alike
from conformance.suite.expect import counted, require_page, shown
from conformance.suite.foreign_counts import (
    counts_both,
    looks_beyond,
    not_established,
    promises_more,
)
from conformance.suite.isolation import (
    by_both_keys,
    foreign_rows,
    found_by_both_keys,
    in_both_lists,
    no_empty_page_of,
    no_foreign_profile,
    no_foreign_profile_in_run,
    own_rows,
    rows_of,
    shared_word_finds_none,
)
from conformance.suite.paging import (
    EARLY_AND_LAST,
    ENDS,
    further_ends,
    later_pages,
    shorter_than,
)
from conformance.suite.universal import requested
from conformance.target.credentials import OTHER

UNKNOWN_LOCATION = "the response to an unknown location"


@requirement("ORG-05", depth=Depth.SMOKE)
def test_list_holds_no_foreign_profile(session: Session, directory: Directory) -> None:
    # A foreign profile is a finding also if the directory could not be read completely.
    leaked = in_both_lists(session)
    if session.other is None:
        leaked = on_page(directory.rows, rows_of(session.foreign()))
    if (
        leaked
        and session.other is not None
        and leaked == set(directory.by_id) == set(session.other.by_id)
    ):
        raise directory.pages[0].breach(
            "two organisations with no profile in common",
            f"the same {counted(len(leaked), 'profile')} for both keys",
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
            "no profile that the second organisation's key lists too"
            if session.other is not None
            else "no profile with a --foreign-id",
            f"{counted(len(leaked), 'profile')}: {shown(leaked)}",
            witnesses=leaked,
        )
    if session.other is not None and not session.other.rows:
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
    leaked = in_both_lists(session)
    for page in session.other.pages:
        if leaked & set(page.ids):
            raise page.breach(
                "no profile that your key lists too",
                f"{counted(len(leaked), 'profile')}: {shown(leaked)}",
                witnesses=leaked,
            )


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
    foreign = foreign_rows(session)
    queries = [listed.of(**{name: value}) for name, value in ENDS]
    results = api.full_lists(queries)
    later = [
        (*query, *as_query(limit=limit, offset=offset))
        for query, result, ends in zip(queries, results, ENDS.values(), strict=True)
        for limit, offset in later_pages(result, further_ends(result, ends))
    ]
    if not session.own.complete:
        first = [as_query(**{name: value}, limit=MAX_LIMIT) for name, value in ENDS]
        later += [*first, *((*query, *as_query(offset=1)) for query in first)]
    for page in [*(page for result in results for page in result.pages), *api.lists(*later)]:
        no_foreign_profile(page, foreign)
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
    nonsense = require_page(api.list(search=lexicon.absent()))
    answer = api.afresh("after the owner").list(search=word)
    no_foreign_profile(answer, rows_of(foreign))
    held = holders(answer.rows, word, session.notes)
    if not session.own.complete and answer.rows and held == set(answer.ids):
        return  # an own profile that was in no window holds the word
    if answer.rows or nonsense.rows:
        raise Inconclusive("a term that none of your profiles holds finds some of them")
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
        no_foreign_profile(answer, own_rows(session))


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
    no_foreign_profile(answer, rows_of(foreign))
    nonsense = require_page(api.list(search=lexicon.absent()))
    if answer.is_page and not answer.rows and not nonsense.rows:
        must_be_alike(api, [answer], [nonsense], "the response to a term that no profile holds")


@requirement("ORG-08")
def test_foreign_location_is_as_good_as_none(
    api: Api, other: Api, locations: Locations, directory: Directory, unknown: list[str]
) -> None:
    directory.require(1, "in an empty directory every list is empty")
    if not locations.other:
        raise Inconclusive(
            "no location of the second organisation is known: GET /locations did not list any, "
            "and no --other-location-id is given"
        )
    foreign = [location for location in locations.other if location not in locations.own][:2]
    results = other.full_lists([as_query(location_id=location) for location in foreign])
    found = [pair for pair in zip(foreign, results, strict=True) if pair[1].ids]
    if not found:
        raise Inconclusive("the second organisation lists no clinician at a location of its own")
    (first, _), (last, result) = found[0], found[-1]
    rows = [row for _, item in found for page in item.pages for row in page.rows]
    theirs = Directory(rows).by_id
    nowhere = require_page(api.list(location_id=unknown[0]))
    if nowhere.rows:
        raise Inconclusive("a location that does not exist lists profiles too")
    # With a filter that some profile at the location matches.
    active = any(row.get("is_active") is True for page in result.pages for row in page.rows)
    queries = [as_query(location_id=first), as_query(location_id=last, is_active=active)]
    for answer in api.afresh("after the owner").lists(*queries):
        no_foreign_profile(answer, theirs)
        try:
            must_be_alike(api, [answer], [nowhere], UNKNOWN_LOCATION, certain=True)
        except Breach:
            # With the same filters, which may be what makes the difference.
            rest = (pair for pair in answer.request.query if pair[0] != "location_id")
            other_filters = api.lists((*as_query(location_id=unknown[0]), *rest))
            must_be_alike(api, [answer], other_filters, UNKNOWN_LOCATION, certain=True)


@requirement("ORG-10")
def test_list_is_the_callers_own_after_another_has_asked_for_it(
    api: Api, other: Api, directory: Directory, session: Session
) -> None:
    """A cache that returns the list of one key to the other fails.

    Which of the own records a page has, and in which order, is judged by pagination and filters.
    """
    theirs, own = foreign_rows(session), own_rows(session)
    if not theirs:
        raise Inconclusive("the second organisation has no list that could be returned instead")
    # The first one has a filter and an offset at once. The list without parameters is the last one: a server
    # that keeps a filter for the next list keeps it for this one.
    queries = [as_query(is_active=True, limit=30, offset=1), as_query()]
    if session.depth is Depth.DEEP:
        queries.append(as_query(limit=25, offset=2))
    for_other, for_own = by_both_keys(api, other, queries)
    if not any(on_page(page.rows, theirs) for page in for_other):
        raise Inconclusive("the second organisation did not receive its own list")
    for answer in for_other:
        no_foreign_profile(answer, own)
    for answer in for_own:
        no_foreign_profile(answer, theirs)
    answers = [require_page(answer) for answer in for_own]
    no_empty_page_of(for_other, answers, directory.total if directory.problem is None else 0)


@requirement("ORG-10")
def test_a_search_finds_the_callers_own_after_another_has_made_it(
    api: Api, other: Api, directory: Directory, session: Session
) -> None:
    """What a cache keeps of one key may be filtered for the other, so that nothing is left.

    Without a word of both organisations, the other case suffices.
    """
    if session.other is not None:
        own, theirs = session.lexicon(directory), session.lexicon(session.other)
        word = next((one for one in own.shared() if theirs.must_find(one)), None)
        if word is not None:
            found_by_both_keys(api, other, word, own.must_find(word), theirs.must_find(word))


@requirement("ORG-12")
def test_pages_end_where_the_own_records_end(
    api: Api, directory: Directory, listed: Directory, session: Session
) -> None:
    """An end that is announced wrongly without regard to another organisation is judged by pagination."""
    shared = in_both_lists(session)
    if shared and directory.seen[-1] in shared and len(shared) < len(directory.rows):
        last_page = next(page for page in directory.pages if directory.seen[-1] in page.ids)
        no_foreign_profile(last_page, {record: directory.by_id[record] for record in shared})
    directory.require(1, "an empty directory has no last page")
    if session.other is not None and not session.other.rows:
        raise Inconclusive("the second organisation has no record that could be counted")
    theirs = foreign_rows(session) or rows_of(session.foreign())
    size = shorter_than(directory)
    ends = api.lists(
        as_query(limit=1, offset=directory.total - 1),
        *(as_query(limit=size, offset=offset) for offset in (directory.total, directory.total + 1)),
    )
    query = listed.of(is_active=True)
    active = api.full_list(query)
    plan = later_pages(active, EARLY_AND_LAST)
    later = api.lists(*((*query, *as_query(limit=limit, offset=start)) for limit, start in plan))
    for page in (*ends, *active.pages, *later):
        no_foreign_profile(page, theirs)
    last_active = [
        page
        for page in (*active.pages, *later)
        if requested(page)[1] + len(page.rows) >= active.total
    ]
    if any(map(promises_more, (*ends, *last_active))):
        counted_page = _counted_with_others(api, session, directory, query, active.total)
        if counted_page is not None:
            raise counted_page.breach(
                "has_more false, as the list of the organisation has ended",
                "has_more true",
                "it is true exactly where the second organisation has records that match",
            )
    not_established([*ends, *last_active])


def _counted_with_others(
    api: Api, session: Session, directory: Directory, query: Query, active: int
) -> Exchange | None:
    """Return a page whose ``has_more`` counts records of the second organisation, None if there is none."""
    if session.other is None or session.other.problem:
        return None
    other = replace(api.as_(OTHER), most_pages=session.most_pages(OTHER))
    found = counts_both(api, other, (), directory.total, session.other.total)
    if found is None:
        theirs = other.full_lists([query])[0].total
        found = counts_both(api, other, query, active, theirs)
    if found is None and directory.complete and session.other.complete:
        found = looks_beyond(api, session.lexicon(directory), session.lexicon(session.other))
    return found
