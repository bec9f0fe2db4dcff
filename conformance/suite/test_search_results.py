"""Search with filters, and whole results: active and inactive ones alike, every one that holds the word."""

from __future__ import annotations

from collections.abc import Callable

from conformance.contract.cases import requirement
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.judging.session import Locations, Spare
from conformance.suite.expect import counted, expect, same_ids
from conformance.suite.test_filters import exactly, largest_at_a_location
from conformance.suite.test_search import each_is_found, found_by, must_find

Observe = Callable[[str, str, object], None]


@requirement("SRCH-10")
def test_search_and_filters_list_what_matches_both(
    api: Api, listed: Directory, lexicon: Lexicon
) -> None:
    judged = 0
    for member in ("is_active", "is_bookable_online"):
        word = _word_shared_by_both(listed, lexicon, member)
        if word is None:
            continue
        judged += 1
        alone, _ = found_by(api, word)
        both = api.full_list(as_query(search=word, **{member: False}))
        exactly(both, sorted(alone & set(listed.matching(**{member: False}))))
    if not judged:
        raise Inconclusive(
            "no word is shared by profiles that differ in is_active or is_bookable_online"
        )


@requirement("SRCH-10")
def test_search_and_location_list_what_matches_both(
    api: Api, lexicon: Lexicon, listed: Directory, locations: Locations, unknown: list[str]
) -> None:
    if "search" in dict(listed.base):
        # The location alone is too large to be listed: with the search it leaves some of what that finds,
        # and one that does not exist leaves nothing.
        expect(api.lists(listed.of(location_id=unknown[0]))[0]).empty(certain=True)
        _, whole = largest_at_a_location(api, listed, locations)
        same_ids(set(whole.ids) & set(listed.ids), list(whole.ids), whole.pages[0])
        if not 0 < whole.total < listed.total:
            raise Inconclusive("no known location has some and not all of what a search finds")
        return
    query, whole = largest_at_a_location(api, listed, locations)
    for word in lexicon.shared():
        inside = lexicon.must_find(word) & set(whole.ids)
        if inside and lexicon.must_find(word) - set(whole.ids):
            alone, _ = found_by(api, word)
            both = api.full_list(query, search=word).joined()
            same_ids(alone & set(whole.ids), list(both.ids), both.pages[0])
            return
    raise Inconclusive("no word is shared by profiles at a known location and elsewhere")


def _word_shared_by_both(listed: Directory, lexicon: Lexicon, member: str) -> str | None:
    """A word that profiles with either value of the member hold; on a slice, the one that it was found by."""
    yes, everybody = set(listed.matching(**{member: True})), set(listed.ids)
    words = [str(dict(listed.base).get("search", ""))] if listed.base else lexicon.shared()
    for word in words:
        holders = lexicon.must_find(word) & everybody
        if holders & yes and holders - yes:
            return word
    return None


@requirement("SRCH-11")
def test_active_and_inactive_are_found_alike(
    api: Api, directory: Directory, lexicon: Lexicon
) -> None:
    if not directory.complete:
        _each_is_found(api, directory, lexicon)
        return
    directory.both("is_active")
    word = _word_shared_by_both(directory, lexicon, "is_active")
    if word is None:
        raise Inconclusive("no word of a name is shared by an active and an inactive profile")
    must_find(api, word, lexicon.must_find(word))


def _each_is_found(api: Api, directory: Directory, lexicon: Lexicon) -> None:
    """Of a large directory: an active and an inactive profile, each by a word of its own."""
    witnesses: dict[object, tuple[str, str]] = {}
    for word, record in lexicon.only_in("name"):
        if record in directory.by_id:
            witnesses.setdefault(directory.by_id[record].get("is_active"), (word, record))
    if not {True, False} <= set(witnesses):
        raise Inconclusive("no active and no inactive profile was seen with a word of its own")
    each_is_found(api, directory, [witnesses[True], witnesses[False]])


@requirement("SRCH-12")
def test_shared_word_finds_every_profile_that_holds_it(
    api: Api, directory: Directory, lexicon: Lexicon
) -> None:
    shared = lexicon.shared()
    if not shared:
        raise Inconclusive("no word of three letters occurs in the names of two profiles")
    # The most frequent, and one of the rare: an index that is cut off loses the first, a stale one the other.
    words = [shared[0], _of_the_last_changed(directory, lexicon)] if directory.complete else shared
    for word in dict.fromkeys(words):
        must_find(api, word, lexicon.must_find(word))
    if not directory.complete:
        # Of the results that were listed these may be in none: an index that is behind lacks the newest.
        by_record = {record: word for word, record in reversed(lexicon.only_in("name"))}
        held = [record for record in directory.seen if record in by_record]
        edges = dict.fromkeys([*held[:1], *held[-1:]])
        each_is_found(api, directory, [(by_record[record], record) for record in edges])


def _of_the_last_changed(directory: Directory, lexicon: Lexicon) -> str:
    """A word of the profile that was changed last, one that others hold too, if there is any."""
    rows, shared = directory.by_id, lexicon.shared()
    last = max(directory.seen, key=lambda record: str(rows[record].get("updated_at")))
    held = lexicon.of(last)
    return next((word for word in held if word in shared), [*held, shared[-1]][0])


@requirement("SRCH-12")
def test_empty_term_is_a_list_or_a_refusal(spare: Spare, observe: Observe) -> None:
    """What an empty term means is left open, and recorded."""
    answer = spare.api.list(search="", limit=100)
    expect(answer).refusal_or_page()
    taken = f"refused {answer.status}"
    if answer.is_page:
        everything = answer.ids == spare.directory.ids[:100]
        taken = "as no search" if everything else f"with {counted(len(answer.rows))}"
    observe("search-empty", "The answer to an empty search.", taken)
