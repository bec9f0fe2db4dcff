"""Search results: profiles that they must have, and profiles that they may have."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from conformance.contract.bounds import MAX_LIMIT
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.directory.searched import guessed, holders, holders_of_any, holding
from conformance.directory.words import SHORTEST
from conformance.errors import Inconclusive
from conformance.http.api import Api, FullList, FullLists, as_query
from conformance.http.exchange import Exchange
from conformance.privacy.text_notes import Notes
from conformance.suite.expect import counted, missing_from, require_page, shown
from conformance.suite.universal import is_from_firewall
from conformance.suite.witnesses import Pair, narrowing
from conformance.text.terms import ABSENT

_LIKE = 2
_ALONE = 3
DROPPED = "the search drops each of the terms, as engines do with stop words and short words"


def found_by(api: Api, term: str) -> tuple[set[str], Exchange]:
    """Return the ids that a search finds, and the first page of its result."""
    result = api.full_list(search=term).joined()
    return set(result.ids), result.pages[0]


def must_find(api: Api, lexicon: Lexicon, word: str) -> bool:
    """Expect that a search finds at least the profiles with the word as a whole word in a name.

    :returns: False if the search drops the word, so that nothing was judged.
    """
    return _finds_unless_dropped(api, lexicon, word, lexicon.must_find(word))


def _finds_unless_dropped(
    api: Api,
    lexicon: Lexicon,
    term: str,
    wanted: Iterable[str],
    result: FullList | None = None,
    directory: Directory | None = None,
) -> bool:
    result = api.full_list(search=term) if result is None else result
    if result.problem is None and not result.ids and is_dropped(api, lexicon, term, directory):
        return False
    finds(result, wanted)
    return True


def is_dropped(api: Api, lexicon: Lexicon, term: str, directory: Directory | None = None) -> bool:
    """Return whether a search drops a term that finds nothing: a stop word, or too short for its index.

    It does if like terms of other profiles find theirs, and another word of the same name finds the profile.
    Where there is no other word, more like terms must be found.

    :param directory: if it is too large for complete results, what narrows these.
    """
    if "@" in term and lexicon.has_long_word(term):
        return False
    beside = lexicon.beside(term)
    like = lexicon.like(term)[: _LIKE if beside or "@" in term else _ALONE]
    if len(like) < _LIKE or (len(like) < _ALONE and not beside and "@" not in term):
        return False
    pairs = [*like, *beside]
    found = _each_found(api, directory, pairs)
    return all(found[: len(like)]) and (any(found[len(like) :]) or not beside)


def _each_found(api: Api, directory: Directory | None, pairs: Sequence[Pair]) -> list[bool]:
    results = _results(api, directory, pairs)
    return [record in result.ids for (_, record), result in zip(pairs, results, strict=True)]


def _results(api: Api, directory: Directory | None, pairs: Sequence[Pair]) -> FullLists:
    """Return the result of each term.

    :param directory: if it is too large for complete results, what narrows these. Of a result whose first
        page holds the profile, only this page is read then.
    """
    if directory is None or directory.complete:
        return api.full_lists([as_query(search=term) for term, _ in pairs])
    queries = [as_query(search=term, **narrowing(directory, record)) for term, record in pairs]
    results = replace(api, most_pages=1).full_lists(queries)
    open_ones = [
        index for index, (_, record) in enumerate(pairs) if record not in results[index].ids
    ]
    complete = api.full_lists([queries[index] for index in open_ones])
    for index, result in zip(open_ones, complete, strict=True):
        results[index] = result
    return results


def each_is_found(api: Api, lexicon: Lexicon, directory: Directory, pairs: Sequence[Pair]) -> None:
    """Expect that each term finds its profile; the terms are searched for in parallel.

    :raises Inconclusive: if the search drops all of the terms.
    """
    results = _results(api, directory, pairs)
    judged = 0
    for (term, record), result in zip(pairs, results, strict=True):
        judged += _finds_unless_dropped(api, lexicon, term, {record}, result, directory)
    if pairs and not judged:
        raise Inconclusive(DROPPED)


def all_are_found(api: Api, lexicon: Lexicon, field: str, pairs: Sequence[Pair]) -> None:
    """Expect that each word finds every profile that holds it in this field only.

    :raises Inconclusive: if the search drops all of the words.
    """
    results = api.full_lists([as_query(search=word) for word, _ in pairs])
    judged = 0
    for (word, _), result in zip(pairs, results, strict=True):
        wanted = {record for other, record in lexicon.only_in(field) if other == word}
        judged += _finds_unless_dropped(api, lexicon, word, wanted, result)
    if not judged:
        raise Inconclusive(DROPPED)


def finds(result: FullList, wanted: Iterable[str]) -> None:
    """Expect that a result has at least these profiles."""
    wanted = set(wanted)
    missing = wanted - set(result.ids)
    if missing:
        result.joined()
        verb = "holds" if len(wanted) == 1 else "hold"
        raise result.pages[0].breach(
            f"{counted(len(wanted), 'profile')} that {verb} the term",
            missing_from(wanted, missing, "profile"),
            witnesses=missing if len(result.pages) == 1 else (),
        )


def found_only_if_held(api: Api, lexicon: Lexicon, word: str, notes: Notes) -> set[str]:
    """Expect that a search finds only profiles that hold the word in a searched field.

    An engine that guesses at misspellings is not judged here.

    :returns: the ids of the profiles that it may find.
    """
    ids, page = found_by(api, word)
    allowed = lexicon.may_find(word)
    rows = [row for page in api.full_list(search=word).pages for row in page.rows]
    unexpected = ids - allowed - holders(rows, word, notes) - guessed(rows, word, notes)
    if unexpected:
        raise page.breach(
            "only profiles that hold the word in name, display_name or email",
            f"{counted(len(unexpected), 'profile')} without it: {shown(unexpected)}",
            witnesses=unexpected,
        )
    return allowed


def nothing_by(
    page: Exchange, term: str, notes: Notes, expected: str, detail: str | None = None
) -> None:
    """Expect that a search finds nothing.

    :raises Inconclusive: if a profile holds the term that was not seen before; in a directory that was not
        read completely there may be one. Or if an engine guesses that the term is misspelt.
    """
    require_page(page)
    held = holders(page.rows, term, notes)
    unexpected = set(page.ids) - held - guessed(page.rows, term, notes)
    if unexpected:
        raise page.breach(expected, page.summary(), detail, witnesses=unexpected)
    if set(page.ids) - held:
        raise Inconclusive("the search finds words that resemble the term")
    if page.rows:
        raise Inconclusive(
            "a profile that was not seen before holds a term that no known one holds"
        )


def only_holders(
    api: Api, answer: Exchange, directory: Directory, parts: Collection[str], notes: Notes
) -> None:
    """Expect that a search finds nothing but profiles that hold one of the parts literally.

    A refusal of the term is a result too: by what it may be refused is another requirement.

    :raises Inconclusive: if a term of letters that occurs nowhere finds profiles too.
    """
    if not 400 <= answer.status < 500:
        require_page(answer)
    directory.require(1, "in an empty directory every search finds nothing")
    unexpected = set(answer.ids) - holding(answer.rows, tuple(parts), notes)
    _none_unexpected(api, answer, unexpected, "no profile, as none holds the term")
    if holding(directory.rows, tuple(parts), notes) == set(directory.seen):
        raise Inconclusive("every profile holds a part of the term")


EVERYBODY = "|{},name.neq.zq || *:*"
"""A word between signs that match everything in regular expressions, PostgREST and search engines."""

HARMLESS = "{},name.neq.zq"
"""A part of it that no firewall takes for an attack."""

BESIDES = ("name", "neq", "zq")
"""The words that the term has beside: a server may search for each of them."""


def selective(directory: Directory, lexicon: Lexicon, notes: Notes) -> str | None:
    """Return a word that a search among signs must not find in every profile; None if there is none."""
    for word in lexicon.rare()[:1]:
        if len(holders_of_any(directory.rows, word, BESIDES, notes)) < len(directory.seen):
            return word
    return None


def _none_unexpected(
    api: Api, answer: Exchange, unexpected: Collection[str], expected: str, what: str = ""
) -> None:
    """Report profiles that a search finds unexpectedly, unless a term that occurs nowhere finds some."""
    if not unexpected:
        return
    if require_page(api.list(search=ABSENT[0], limit=MAX_LIMIT)).rows:
        raise Inconclusive("a term that occurs nowhere finds profiles too")
    raise answer.breach(
        expected,
        f"{counted(len(unexpected), 'profile')}{what}: {shown(unexpected)}",
        witnesses=unexpected,
    )


def no_more_than(api: Api, word: str, notes: Notes) -> None:
    """Expect that a search for a word among signs finds only profiles with a word of the term, or is refused.

    :raises Inconclusive: if a term of letters that occurs nowhere finds profiles too.
    """
    answer = api.list(search=EVERYBODY.format(word), limit=MAX_LIMIT)
    if is_from_firewall(answer):
        answer = api.list(search=HARMLESS.format(word), limit=MAX_LIMIT)
    if not answer.is_refusal:
        require_page(answer)
    unexpected = set(answer.ids) - holders_of_any(answer.rows, word, BESIDES, notes)
    _none_unexpected(
        api, answer, unexpected, "only profiles that hold a word of the term", " without any"
    )


def found_as_written(api: Api, directory: Directory, pair: Pair, sign: str) -> None:
    """Expect that a term of several parts finds the profile that has it in a name, as it is written there.

    :param sign: what stands between the parts.
    :raises Inconclusive: if the search is refused for a sign, or finds the profile by none of its parts.
    """
    term, record = pair
    (whole,) = _results(api, directory, [pair])
    first = whole.pages[0]
    if is_from_firewall(first) or (sign == "'" and first.is_refusal):
        raise Inconclusive(f"the search is refused: {first.summary()}")
    if record in whole.ids:
        return
    parts = [part for part in re.split(r"\W+", term) if len(part) >= SHORTEST]
    if not any(_each_found(api, directory, [(part, record) for part in parts])):
        raise Inconclusive("no part of the term finds the profile either")
    finds(whole, {record})
