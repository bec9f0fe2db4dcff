"""Search: a word of the three searched fields finds its profiles, and nothing else finds any."""

from __future__ import annotations

from contextlib import suppress

import pytest

from conformance.contract.bounds import MAX_LIMIT
from conformance.contract.cases import Depth, requirement
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.directory.searched import SEARCHED, TELLING
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.http.exchange import Exchange
from conformance.judging.session import Spare
from conformance.privacy.text_notes import Notes
from conformance.suite.expect import expect, require_page
from conformance.suite.filtering import same_records
from conformance.suite.searching import (
    DROPPED,
    all_are_found,
    each_is_found,
    found_only_if_held,
    is_dropped,
    nothing_by,
    only_holders,
)
from conformance.suite.universal import is_too_long
from conformance.suite.witnesses import (
    addresses,
    beyond_ascii,
    narrowing,
    shortened,
    spread,
)
from conformance.text.terms import LONG_TERM, NONSENSE, NULL

MOST = {"name": 3, "display_name": 2}
"""Terms of each field."""


@requirement("SRCH-01", depth=Depth.SMOKE)
def test_word_of_name_finds_the_profile(api: Api, directory: Directory, lexicon: Lexicon) -> None:
    _words_of("name", api, directory, lexicon)


@requirement("SRCH-02")
def test_word_of_display_name_finds_the_profile(
    api: Api, directory: Directory, lexicon: Lexicon
) -> None:
    _words_of("display_name", api, directory, lexicon)


def _words_of(field: str, api: Api, directory: Directory, lexicon: Lexicon) -> None:
    """Expect that words find their profiles which are in this searched field and in no other."""
    beyond = beyond_ascii(directory, lexicon) if field == "name" else []
    most = MOST[field] - len(beyond)
    pairs = [*spread(lexicon.only_in(field), directory, most), *beyond]
    if not pairs:
        others = " and ".join(name for name in SEARCHED if name != field)
        raise Inconclusive(f"no profile has a word in {field} that its {others} lack")
    if not directory.complete:
        each_is_found(api, lexicon, directory, pairs)
        return
    all_are_found(api, lexicon, field, pairs)


@requirement("SRCH-03")
def test_whole_email_finds_the_profile(api: Api, directory: Directory, lexicon: Lexicon) -> None:
    chosen = addresses(lexicon, directory)
    if not chosen:
        raise Inconclusive("no profile has an e-mail address")
    each_is_found(api, lexicon, directory, chosen)


@requirement("SRCH-04")
def test_letter_case_changes_nothing(
    api: Api, directory: Directory, listed: Directory, lexicon: Lexicon
) -> None:
    # Terms that other cases search for too, so that only the other letter case costs a request.
    names = spread(lexicon.only_in("display_name"), directory, MOST["display_name"])
    words = [word for word, _ in names if word.isascii()] or [*filter(str.isascii, lexicon.rare())]
    ascii_ones = [pair for pair in addresses(lexicon, directory) if pair[0].isascii()][:1]
    # In a large directory any word may find too many profiles to be listed.
    chosen = (
        [(word, {}) for word in words[:1]] if directory.complete else shortened(listed, lexicon)
    )
    others = [*ascii_ones, *(beyond_ascii(directory, lexicon)[:1] if directory.complete else ())]
    chosen += [(term, narrowing(directory, record)) for term, record in others]
    if not chosen:
        raise Inconclusive(
            "no profile has a word of three letters in a name, and none an e-mail address"
        )
    results = api.full_lists(
        [
            as_query(search=each, **filters)
            for term, filters in chosen
            for each in (term, term.upper())
        ]
    )
    dropped = 0
    for (term, filters), lower, upper in zip(chosen, results[::2], results[1::2], strict=True):
        same_records(lower, upper, "the term in its usual letter case")
        if not lower.ids:
            if is_dropped(api, lexicon, term):
                dropped += 1
                continue
            capitals = api.full_list(as_query(search=term.title(), **filters))
            same_records(lower, capitals, "the term in lower case")
            raise Inconclusive("a word that a profile holds finds nothing in any letter case")
    if dropped == len(chosen):
        raise Inconclusive(DROPPED)


@requirement("SRCH-05", depth=Depth.SMOKE)
def test_absent_term_finds_nothing(
    api: Api, directory: Directory, lexicon: Lexicon, notes: Notes
) -> None:
    directory.require(1, "in an empty directory every search finds nothing")
    term = lexicon.absent()
    nothing_by(api.list(search=term), term, notes, "no profile, as none holds the term")


@requirement("SRCH-05")
def test_absent_long_term_finds_nothing(spare: Spare) -> None:
    spare.directory.require(1, "in an empty directory every search finds nothing")
    answer = spare.api.list(search=LONG_TERM, limit=5)
    if answer.status not in (400, 422) and not is_too_long(answer):
        expect(answer).empty(certain=True)


@requirement("SRCH-05")
def test_the_word_null_is_a_term(api: Api, directory: Directory, notes: Notes) -> None:
    """It is no value: the key of a cache may join parameters as text, an absent one as null.

    An engine that guesses finds names that resemble it. Then the other cases suffice.
    """
    directory.require(1, "in an empty directory every search finds nothing")
    answer = api.list(search=NULL, limit=MAX_LIMIT)
    with suppress(Inconclusive):
        nothing_by(answer, NULL, notes, "no profile, as none holds the term")


@requirement("SRCH-05")
def test_term_of_another_member_finds_no_profile_without_it(
    api: Api, directory: Directory, lexicon: Lexicon, notes: Notes
) -> None:
    """Judges more terms, if the data have such words; without them, the other cases suffice."""
    directory.require(1, "in an empty directory every search finds nothing")
    with suppress(Inconclusive):
        for page, _, word, record in _found_elsewhere(api, lexicon):
            if page.is_page and record not in page.ids:
                nothing_by(page, word, notes, "no profile, as no name and no address holds it")


@requirement("SRCH-06")
def test_other_members_are_not_searched(
    api: Api, directory: Directory, lexicon: Lexicon, notes: Notes
) -> None:
    """A result without the profile that has the term in the other member is judged by SRCH-05."""
    directory.require(1, "in an empty directory every search finds nothing")
    if require_page(api.list(search=lexicon.absent())).rows:
        raise Inconclusive("a term that occurs nowhere finds profiles too")
    found = _found_elsewhere(api, lexicon)
    inconclusive = 0
    for page, name, word, record in found:
        expected, detail = f"no profile, as the term is only in {name}", f"{record} has it there"
        try:
            if require_page(page).rows and record not in page.ids:
                raise Inconclusive("the term finds profiles that do not hold it anywhere")
            nothing_by(page, word, notes, expected, detail)
        except Inconclusive:
            inconclusive += 1
    if inconclusive == len(found):
        raise Inconclusive("each of the terms finds only profiles that were not seen to hold it")


def _found_elsewhere(api: Api, lexicon: Lexicon) -> list[tuple[Exchange, str, str, str]]:
    """Search for a word of each member that is not searched.

    :returns: the page, the member, the word, and the id of a profile that has the word there.
    :raises Inconclusive: if there is no such word.
    """
    witnesses = lexicon.elsewhere()
    if not set(TELLING) & set(witnesses):
        raise Inconclusive(
            "no word occurs only in bio, role, qualifications or registration_number"
        )
    chosen = [(name, witnesses[name]) for name in TELLING if name in witnesses]
    pages = api.lists(*(as_query(search=word) for _, (word, _) in chosen))
    return [
        (page, name, word, record)
        for page, (name, (word, record)) in zip(pages, chosen, strict=True)
    ]


@requirement("SRCH-07")
def test_what_is_found_holds_the_word(
    api: Api, directory: Directory, lexicon: Lexicon, notes: Notes
) -> None:
    words = dict.fromkeys([*lexicon.shared()[:1], *lexicon.rare()[:1]])
    allowed = [found_only_if_held(api, lexicon, word, notes) for word in words]
    if not any(len(ids) < directory.total for ids in allowed):
        raise Inconclusive("no word is held by some profiles and not by all")


@requirement("SRCH-08")
def test_tautology_finds_nothing(spare: Spare, notes: Notes) -> None:
    """A tautology for terms that are inserted into a query, without quotes or within them."""
    answer = spare.api.list(search=f"{NONSENSE} OR 1=1 %' OR 1=1 --", limit=100)
    # A server may search for each word of the term: then "or" finds Gregor, and "1" finds an address.
    only_holders(spare.api, answer, spare.directory, ("or", "1"), notes)


@requirement("SRCH-09")
@pytest.mark.parametrize("sign", ["%", "_"])
def test_wildcard_of_sql_is_no_wildcard(spare: Spare, notes: Notes, sign: str) -> None:
    answer = spare.api.list(search=sign, limit=100)
    only_holders(spare.api, answer, spare.directory, (sign,), notes)
