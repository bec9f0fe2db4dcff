"""Search terms of several words or with signs: names as people type them, and signs of query languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from conformance.contract.cases import Depth, requirement
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.directory.phrases import joined_by, neighbours
from conformance.directory.searched import holders
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.http.exchange import Exchange
from conformance.judging.session import Session, Spare
from conformance.privacy.text_notes import Notes
from conformance.suite.combined import other_rows
from conformance.suite.expect import counted, expect, shown
from conformance.suite.readings import BOOLEANS
from conformance.suite.searching import (
    found_as_written,
    no_more_than,
    only_holders,
    selective,
)
from conformance.suite.universal import is_from_firewall
from conformance.suite.witnesses import spread

Observe = Callable[[str, str, object], None]

_FEW = 5
"""Profiles of a page on which a filter without effect shows."""

WILDCARDS = ("*", "?", ".*", "[a-z]")
"""Signs that stand for any text in file names, in search engines and in regular expressions."""


@requirement("SRCH-14")
def test_word_with_a_hyphen_finds_the_profile(
    api: Api, directory: Directory, lexicon: Lexicon, notes: Notes
) -> None:
    """A word without one, which other cases search for too, if no name has a word with one."""
    directory.require(1, "in an empty directory every search finds nothing")
    pairs = joined_by(directory.rows, "-", notes) or spread(lexicon.only_in("name"), directory, 1)
    if not pairs:
        raise Inconclusive("no name has a word that could be searched for")
    found_as_written(api, directory, pairs[0], "-")


@requirement("SRCH-15")
def test_word_with_an_apostrophe_finds_the_profile(
    api: Api, directory: Directory, notes: Notes
) -> None:
    pairs = joined_by(directory.rows, "'", notes) or joined_by(directory.rows, "’", notes)
    if not pairs:
        raise Inconclusive("no name has a word with an apostrophe")
    found_as_written(api, directory, pairs[0], "'")


@requirement("SRCH-16")
def test_signs_of_query_languages_around_a_word(
    session: Session, api: Api, spare: Spare, notes: Notes
) -> None:
    """An alternative to nothing, a further condition, and a match of everything, in one term."""
    for sender, directory in ((spare.api, spare.directory), (api, session.own)):
        word = selective(directory, session.lexicon(directory), notes)
        if word is not None:
            no_more_than(sender, word, notes)
            return
    raise Inconclusive("every profile holds each word of three letters that a name has")


@requirement("SRCH-17")
def test_what_is_found_is_in_the_list(api: Api, directory: Directory, lexicon: Lexicon) -> None:
    """Searches that other cases send too; an index that lags behind still finds deleted profiles."""
    words = [*lexicon.shared()[:1], *lexicon.rare()[:1]]
    if not words:
        raise Inconclusive("no profile has a word of three letters in a name")
    pages = [
        page
        for result in api.full_lists([as_query(search=word) for word in words])
        for page in result.pages
    ]
    found = [(record, page) for page in pages for record in page.ids]
    unknown = {record: page for record, page in found if record not in directory.by_id}
    if not found:
        raise Inconclusive("no search found a profile")
    if not directory.complete:
        # The list was not read completely: a profile that was not deleted can be retrieved.
        for record in list(unknown)[-1:]:
            expect(api.get(record)).record(record)
    elif unknown:
        raise next(iter(unknown.values())).breach(
            "only profiles that the list without a search has too",
            f"{counted(len(unknown), 'profile')} that the list lacks: {shown(unknown)}",
        )


@requirement("SRCH-18")
def test_sign_that_stands_for_any_text(session: Session, spare: Spare, notes: Notes) -> None:
    signs = WILDCARDS if session.depth is Depth.DEEP else WILDCARDS[:1]
    for answer in spare.api.lists(*(as_query(search=sign, limit=100) for sign in signs)):
        sign = str(dict(answer.request.query)["search"])
        only_holders(spare.api, answer, spare.directory, (*sign, sign), notes)


@requirement("SRCH-19")
def test_two_words_of_a_name_find_the_profile(spare: Spare, notes: Notes) -> None:
    pairs = neighbours(spare.directory.rows, notes)
    if not pairs:
        raise Inconclusive("no name has two words of three letters that follow each other")
    found_as_written(spare.api, spare.directory, pairs[0], " ")


def _blank(spare: Spare) -> tuple[str | None, bool, Exchange]:
    """Search for a blank, beside a boolean filter that excludes one of the first profiles if there is one.

    :returns: the filter, its value, and the response.
    """
    flags = [
        (name, value)
        for name in BOOLEANS
        for value in (False, True)
        if any(row.get(name) is not value for row in spare.directory.rows[:_FEW])
    ]
    name, value = flags[0] if flags else (None, False)
    members = {} if name is None else {name: value}
    return name, value, spare.api.list(search=" ", limit=_FEW, **members)


@requirement("SRCH-20")
def test_blanks_are_a_list_or_a_refusal(spare: Spare, session: Session, observe: Observe) -> None:
    """The contract leaves open whether blanks are an empty term, so it is recorded."""
    *_, answer = _blank(spare)
    expect(answer).refusal_or_page()
    if session.depth is Depth.DEEP:
        expect(spare.api.list(search=" ", limit=_FEW)).refusal_or_page()
    taken = f"with {counted(len(answer.rows))}" if answer.is_page else f"refused {answer.status}"
    observe("search-blanks", "The response to a search for a blank.", taken)


@requirement("FIL-18")
def test_blanks_beside_a_filter(spare: Spare) -> None:
    """A server may take an early way back for a blank term, and forget the filters."""
    name, value, answer = _blank(spare)
    wrong = other_rows(answer, name, value) if name else []
    if answer.is_page and wrong:
        raise answer.breach(
            f"a refusal, or no profile that `{name}={json.dumps(value)}` excludes",
            f"{counted(len(wrong))} that it excludes",
            f"{counted(len(wrong), 'unexpected record')}: {shown(wrong)}",
            witnesses=wrong,
        )


@requirement("SRCH-06")
def test_id_or_date_as_a_term_does_not_find_its_profiles(
    session: Session, spare: Spare, notes: Notes
) -> None:
    _not_found_by(spare, "id", notes)
    if session.depth is Depth.DEEP:
        _not_found_by(spare, "created_at", notes)


def _not_found_by(spare: Spare, member: str, notes: Notes) -> None:
    """Expect that a value of a member that is not searched does not find a profile that has it there."""
    directory = spare.directory
    directory.require(1, "in an empty directory every search finds nothing")
    row = directory.rows[-1]
    term = str(row.get(member))[: 10 if member == "created_at" else None]
    answer = spare.api.list(search=term, limit=100)
    if is_from_firewall(answer):
        raise Inconclusive("a firewall refused the term")
    expect(answer).refusal_or_page()
    # A server may search for each part of the term, and a part may stand in an address.
    parts = [part for part in re.split(r"\W+", term) if part]
    held = {record for part in parts for record in holders(answer.rows, part, notes)}
    unexpected = {
        record
        for record, found in zip(answer.ids, answer.rows, strict=True)
        if str(found.get(member)).startswith(term) and record not in held
    }
    if unexpected:
        raise answer.breach(
            f"no profile, as the term is only in {member}",
            f"{counted(len(unexpected), 'profile')}: {shown(unexpected)}",
            witnesses=unexpected,
        )
