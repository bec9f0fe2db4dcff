"""Search with filters, and complete results: every profile that holds the word, active or not."""

from __future__ import annotations

from collections.abc import Callable

from conformance.contract.cases import requirement
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.judging.session import Locations, Spare
from conformance.suite.combined import both_list
from conformance.suite.expect import counted, expect, missing_from, same_ids
from conformance.suite.filtering import exactly, largest_at_a_location
from conformance.suite.searching import DROPPED, each_is_found, found_by, must_find
from conformance.suite.witnesses import (
    active_and_inactive,
    addresses,
    word_of_both_values,
    word_of_last_edited,
    words_at_the_edges,
)

Observe = Callable[[str, str, object], None]


@requirement("SRCH-10")
def test_search_and_filters_list_what_matches_both(
    api: Api, listed: Directory, lexicon: Lexicon
) -> None:
    words = {
        member: word
        for member in ("is_active", "is_bookable_online")
        if (word := word_of_both_values(listed, lexicon, member)) is not None
    }
    terms = [(word, {member: False}, lexicon.must_find(word)) for member, word in words.items()]
    # A server may look an address up in another query than words.
    terms += [
        (address, {"is_active": listed.by_id[record].get("is_active") is not True}, {record})
        for address, record in addresses(lexicon, listed)[:1]
        if not listed.base
    ]
    queries = [as_query(search=term, **members) for term, members, _ in terms]
    api.full_lists([*(as_query(search=term) for term, _, _ in terms), *queries])
    for query, (term, members, possible) in zip(queries, terms, strict=True):
        alone, _ = found_by(api, term)
        both_list(api, query, alone, listed, members, possible)
    if not words:
        raise Inconclusive(
            "no word is shared by profiles that differ in is_active or is_bookable_online"
        )


@requirement("SRCH-10")
def test_search_and_location_list_what_matches_both(
    api: Api, lexicon: Lexicon, listed: Directory, locations: Locations, unknown: list[str]
) -> None:
    if "search" in dict(listed.base):
        # The list of a location is too long. With the search it has a part of what the search finds, and an
        # unknown location has none of it.
        expect(api.lists(listed.of(location_id=unknown[0]))[0]).empty(certain=True)
        _, result = largest_at_a_location(api, listed, locations)
        same_ids(set(result.ids) & set(listed.ids), list(result.ids), result.pages[0])
        if not 0 < result.total < listed.total:
            raise Inconclusive("no known location has some and not all of what a search finds")
        return
    query, result = largest_at_a_location(api, listed, locations)
    for word in lexicon.shared():
        inside = lexicon.must_find(word) & set(result.ids)
        if inside and lexicon.must_find(word) - set(result.ids):
            alone, _ = found_by(api, word)
            exactly(api, (*query, *as_query(search=word)), alone & set(result.ids))
            return
    raise Inconclusive("no word is shared by profiles at a known location and elsewhere")


@requirement("SRCH-11")
def test_active_and_inactive_are_found_alike(
    api: Api, directory: Directory, lexicon: Lexicon
) -> None:
    if not directory.complete:
        each_is_found(api, lexicon, directory, active_and_inactive(directory, lexicon))
        return
    directory.both("is_active")
    word = word_of_both_values(directory, lexicon, "is_active")
    if word is None:
        raise Inconclusive("no word of a name is shared by an active and an inactive profile")
    wanted = lexicon.must_find(word)
    found, page = found_by(api, word)
    active = set(directory.matching(is_active=True))
    kinds = {"active": wanted & active, "inactive": wanted - active}
    missing = {kind: ids - found for kind, ids in kinds.items() if ids - found}
    if len(missing) == 2 or any(ids != kinds[kind] for kind, ids in missing.items()):
        raise Inconclusive(
            "the search misses some of the active and of the inactive profiles alike"
        )
    for kind, ids in missing.items():
        raise page.breach(
            f"the {counted(len(ids), f'{kind} profile')} with the word, as the others are found",
            missing_from(ids, ids, f"{kind} profile"),
        )


@requirement("SRCH-12")
def test_shared_word_finds_every_profile_that_holds_it(
    api: Api, directory: Directory, lexicon: Lexicon
) -> None:
    shared = lexicon.shared()
    if not shared:
        raise Inconclusive("no word of three letters occurs in the names of two profiles")
    # A result that is cut off shows by the most frequent word, a stale index by the last edit.
    words = [shared[0], word_of_last_edited(directory, lexicon)] if directory.complete else shared
    judged = [must_find(api, lexicon, word) for word in dict.fromkeys(words)]
    # Engines drop a few words at most.
    if not any(judged) and not any(must_find(api, lexicon, word) for word in shared[1:4]):
        raise Inconclusive(DROPPED)
    if not directory.complete:
        # The results above may have neither of these; an index that lags behind lacks the newest.
        each_is_found(api, lexicon, directory, words_at_the_edges(directory, lexicon))


@requirement("SRCH-12")
def test_empty_term_is_a_list_or_a_refusal(spare: Spare, observe: Observe) -> None:
    """The contract leaves open what an empty term means, so it is recorded."""
    answer = spare.api.list(search="", limit=100)
    expect(answer).refusal_or_page()
    taken = f"refused {answer.status}"
    if answer.is_page:
        everything = answer.ids == spare.directory.ids[:100]
        taken = "as no search" if everything else f"with {counted(len(answer.rows))}"
    observe("search-empty", "The response to an empty search.", taken)
