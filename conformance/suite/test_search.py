"""Search: what must be found is found, by the three fields and by no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pytest

from conformance.contract.cases import Depth, requirement
from conformance.directory.directory import Directory
from conformance.directory.lexicon import SEARCHED, TELLING, Lexicon, holders, holding
from conformance.errors import Inconclusive
from conformance.http.api import Api, FullList, as_query
from conformance.http.exchange import Exchange
from conformance.judging.session import Spare
from conformance.privacy.text_notes import Notes
from conformance.suite.expect import counted, expect, same_ids, shown
from conformance.suite.witnesses import narrowing, spread
from conformance.text.terms import LONG_TERM, NONSENSE

Observe = Callable[[str, str, object], None]


def found_by(api: Api, term: str) -> tuple[set[str], Exchange]:
    """The ids that a search finds, and its first page."""
    whole = api.full_list(search=term).joined()
    return set(whole.ids), whole.pages[0]


def must_find(api: Api, term: str, wanted: Iterable[str]) -> None:
    """The search finds these profiles, whatever else."""
    finds(api.full_list(search=term), wanted)


def each_is_found(api: Api, directory: Directory, pairs: Sequence[tuple[str, str]]) -> None:
    """Each of the terms finds its profile. They are all asked for at once."""
    queries = [as_query(search=term, **narrowing(directory, record)) for term, record in pairs]
    for (_, record), whole in zip(pairs, api.full_lists(queries), strict=True):
        finds(whole, {record})


def finds(whole: FullList, wanted: Iterable[str]) -> None:
    """The result holds these profiles, whatever else."""
    page = whole.pages[0]
    missing = set(wanted) - set(whole.ids)
    if missing:
        whole.joined()
        raise page.breach(
            f"{counted(len(set(wanted)), 'profile')} that hold the term",
            f"{counted(len(missing))} of them missing: {shown(missing)}",
            witnesses=missing if len(whole.pages) == 1 else (),
        )


@requirement("SRCH-01", depth=Depth.SMOKE)
def test_word_of_name_finds_the_profile(api: Api, directory: Directory, lexicon: Lexicon) -> None:
    _words_of("name", api, directory, lexicon)


def _beyond_ascii(directory: Directory, lexicon: Lexicon) -> list[tuple[str, str]]:
    """A word of a name with a letter beyond ASCII, letters with accents first, and the profile's id.

    Only one whose capitals nobody disputes: each letter has one, and that one has no other.
    """
    found = [
        pair
        for pair in lexicon.only_in("name")
        if not pair[0].isascii()
        and pair[1] in directory.by_id
        and all(len(char.upper()) == 1 and char.upper().lower() == char for char in pair[0])
        and pair[0].upper() != pair[0]
    ]
    return sorted(found, key=lambda pair: max(pair[0]) > "\xff")[:1]


@requirement("SRCH-02")
def test_word_of_display_name_finds_the_profile(
    api: Api, directory: Directory, lexicon: Lexicon
) -> None:
    _words_of("display_name", api, directory, lexicon)


def _words_of(field: str, api: Api, directory: Directory, lexicon: Lexicon) -> None:
    """Words that stand in this field of a profile and in no other that is searched."""
    pairs = spread(lexicon.only_in(field), directory)
    if field == "name":
        beyond = _beyond_ascii(directory, lexicon)
        pairs = [*spread(lexicon.only_in(field), directory, 2), *beyond] if beyond else pairs
    if not pairs:
        others = " and ".join(name for name in SEARCHED if name != field)
        raise Inconclusive(f"no profile has a word in {field} that its {others} lack")
    if not directory.complete:
        each_is_found(api, directory, pairs)
        return
    # All that hold the word there, and not only the one that it was chosen for.
    for (word, _), whole in zip(
        pairs, api.full_lists([as_query(search=word) for word, _ in pairs]), strict=True
    ):
        finds(whole, {record for other, record in lexicon.only_in(field) if other == word})


@requirement("SRCH-03")
def test_whole_email_finds_the_profile(api: Api, directory: Directory, lexicon: Lexicon) -> None:
    emails = lexicon.emails()
    if not emails:
        raise Inconclusive("no profile has an e-mail address")
    # First those that change where a term is decoded twice, then what has a meaning in queries.
    special = [pair for sign in "%+_'" for pair in emails if sign in pair[0].split("@")[0]][:1]
    each_is_found(api, directory, [*spread(emails, directory), *special])


@requirement("SRCH-04")
def test_letter_case_changes_nothing(api: Api, directory: Directory, lexicon: Lexicon) -> None:
    # Terms that other cases ask for, so that only the other letter case costs a request.
    words = [
        word for word, _ in spread(lexicon.only_in("display_name"), directory) if word.isascii()
    ]
    addresses = [email for email, _ in spread(lexicon.emails(), directory) if email.isascii()]
    if not directory.complete:
        words = []  # any word of a large directory may find more than can be listed
    terms = (words or [word for word in lexicon.rare() if word.isascii()])[:1] + addresses[:1]
    if not terms:
        raise Inconclusive(
            "no profile has a word of three letters in a name, and none an e-mail address"
        )
    if directory.complete:
        terms += [word for word, _ in _beyond_ascii(directory, lexicon)]
    wholes = api.full_lists(
        [as_query(search=each) for term in terms for each in (term, term.upper())]
    )
    for lower, upper in zip(wholes[::2], wholes[1::2], strict=True):
        same_ids(set(lower.joined().ids), list(upper.joined().ids), upper.pages[0])
        if not lower.ids:
            raise lower.pages[0].breach("the profile that holds the term", "an empty list")


@requirement("SRCH-05", depth=Depth.SMOKE)
def test_absent_term_finds_nothing(
    api: Api, directory: Directory, lexicon: Lexicon, notes: Notes
) -> None:
    directory.require(1, "an empty directory finds nothing whatever is asked")
    term = lexicon.absent()
    nothing_by(api.list(search=term), term, notes, "nothing: no profile holds the term")


def nothing_by(
    page: Exchange, term: str, notes: Notes, expected: str, detail: str | None = None
) -> None:
    """Nothing is found.

    A directory that was not walked may have profiles that hold the term; these are no breach.
    """
    expect(page).page()
    strangers = set(page.ids) - holders(page.rows, term, notes)
    if strangers:
        raise page.breach(expected, page.summary(), detail, witnesses=strangers)
    if page.rows:
        raise Inconclusive("a term that no known profile holds is held by one that was not seen")
    expect(page).empty()


@requirement("SRCH-05")
def test_absent_long_term_finds_nothing(spare: Spare) -> None:
    spare.directory.require(1, "an empty directory finds nothing whatever is asked")
    answer = spare.api.list(search=LONG_TERM, limit=5)
    expect(answer).refusal_or_page()
    if answer.is_page:
        expect(answer).empty(certain=True)


@requirement("SRCH-06")
def test_other_members_are_not_searched(
    api: Api, directory: Directory, lexicon: Lexicon, notes: Notes
) -> None:
    directory.require(1, "an empty directory finds nothing whatever is asked")
    witnesses = lexicon.elsewhere()
    if not set(TELLING) & set(witnesses):
        raise Inconclusive(
            "no word occurs only in bio, role, qualifications or registration_number"
        )
    chosen = [(name, witnesses[name]) for name in TELLING if name in witnesses]
    pages = api.lists(*(as_query(search=word) for _, (word, _) in chosen))
    unseen = 0
    for page, (name, (word, record)) in zip(pages, chosen, strict=True):
        try:
            nothing_by(
                page,
                word,
                notes,
                f"nothing: the term occurs only in {name}",
                f"it stands in {name} of {record}",
            )
        except Inconclusive:
            unseen += 1
    if unseen == len(chosen):
        raise Inconclusive("each of the terms is held by a profile that was not seen")


@requirement("SRCH-07")
def test_what_is_found_holds_the_word(
    api: Api, directory: Directory, lexicon: Lexicon, notes: Notes
) -> None:
    words = list(dict.fromkeys([*lexicon.shared()[:1], *lexicon.rare()[:1]]))
    judged = 0
    for word in words:
        ids, page = found_by(api, word)
        allowed = lexicon.may_find(word)
        rows = [row for page in api.full_list(search=word).pages for row in page.rows]
        strangers = ids - allowed - holders(rows, word, notes)
        if strangers:
            raise page.breach(
                "profiles that hold the word in name, display_name or email",
                f"{counted(len(strangers))} without it: {shown(strangers)}",
                witnesses=strangers,
            )
        judged += len(allowed) < directory.total
    if not judged:
        raise Inconclusive("no word is held by some profiles and not by all")


@requirement("SRCH-08")
def test_tautology_finds_nothing(spare: Spare, notes: Notes) -> None:
    """For a query language that is read as it stands, and for one that the term is quoted into."""
    answer = spare.api.list(search=f"{NONSENSE} OR 1=1 %' OR 1=1 --", limit=100)
    # A server may search for each word of the term: then "or" is found in Gregor, and "1" in an address.
    _only_those_that_hold(answer, spare.directory, ("or", "1"), notes)


def _only_those_that_hold(
    answer: Exchange, directory: Directory, parts: tuple[str, ...], notes: Notes
) -> None:
    """Nothing is found, but for profiles that hold one of the parts as it is.

    By whom a term is refused, and with what, is another requirement's: a firewall finds nothing either.
    """
    if not 400 <= answer.status < 500:
        expect(answer).page()
    directory.require(1, "an empty directory finds nothing whatever is asked")
    strangers = set(answer.ids) - holding(answer.rows, parts, notes)
    if strangers:
        raise answer.breach(
            "nothing: no profile holds the term",
            f"{counted(len(strangers))}: {shown(strangers)}",
            witnesses=strangers,
        )
    if holding(directory.rows, parts, notes) == set(directory.seen):
        raise Inconclusive("every profile holds a part of the term")


@requirement("SRCH-09")
@pytest.mark.parametrize("sign", ["%", "_"])
def test_wildcard_of_sql_is_no_wildcard(spare: Spare, notes: Notes, sign: str) -> None:
    _only_those_that_hold(spare.api.list(search=sign, limit=100), spare.directory, (sign,), notes)
