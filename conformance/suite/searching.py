"""Search results: profiles that they must have, and profiles that they may have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from conformance.contract.bounds import MAX_LIMIT
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon, holders, holding
from conformance.errors import Inconclusive
from conformance.http.api import Api, FullList, as_query
from conformance.http.exchange import Exchange
from conformance.privacy.text_notes import Notes
from conformance.suite.expect import counted, missing_from, require_page, shown
from conformance.suite.witnesses import Pair, narrowing
from conformance.text.terms import ABSENT

_LIKE = 2
DROPPED = "the search drops each of the words, as engines do with stop words"


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
    api: Api, lexicon: Lexicon, word: str, wanted: Iterable[str], result: FullList | None = None
) -> bool:
    result = api.full_list(search=word) if result is None else result
    if result.problem is None and not result.ids and is_dropped(api, lexicon, word):
        return False
    finds(result, wanted)
    return True


def is_dropped(api: Api, lexicon: Lexicon, word: str) -> bool:
    """Return whether a search takes a word that finds nothing for a stop word.

    It does if another word of the same profile finds that profile, and if words in the same place of other
    names, which are about as frequent, find theirs.
    """
    like, beside = lexicon.like(word), lexicon.beside(word)
    if len(like) < _LIKE or not beside:
        return False
    results = api.full_lists([as_query(search=other) for other, _ in [*like, *beside]])
    found = [
        record in result.ids for (_, record), result in zip([*like, *beside], results, strict=True)
    ]
    return all(found[:_LIKE]) and any(found[_LIKE:])


def each_is_found(api: Api, directory: Directory, pairs: Sequence[Pair]) -> None:
    """Expect that each term finds its profile; the terms are searched for in parallel."""
    queries = [as_query(search=term, **narrowing(directory, record)) for term, record in pairs]
    for (_, record), result in zip(pairs, api.full_lists(queries), strict=True):
        finds(result, {record})


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

    :returns: the ids of the profiles that it may find.
    """
    ids, page = found_by(api, word)
    allowed = lexicon.may_find(word)
    rows = [row for page in api.full_list(search=word).pages for row in page.rows]
    unexpected = ids - allowed - holders(rows, word, notes)
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
        read completely there may be one.
    """
    require_page(page)
    unexpected = set(page.ids) - holders(page.rows, term, notes)
    if unexpected:
        raise page.breach(expected, page.summary(), detail, witnesses=unexpected)
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
    if unexpected:
        if require_page(api.list(search=ABSENT[0], limit=MAX_LIMIT)).rows:
            raise Inconclusive("a term that occurs nowhere finds profiles too")
        raise answer.breach(
            "no profile, as none holds the term",
            f"{counted(len(unexpected), 'profile')}: {shown(unexpected)}",
            witnesses=unexpected,
        )
    if holding(directory.rows, tuple(parts), notes) == set(directory.seen):
        raise Inconclusive("every profile holds a part of the term")
