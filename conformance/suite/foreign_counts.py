"""Whether the end of a list counts records of another organisation, and not merely a wrong number."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.directory.lexicon import Lexicon
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.http.exchange import Exchange
from conformance.http.request import Query

_FAR = 2**31 - 1
_WORDS = 2
"""Words of each kind that are compared."""


def promises_more(page: Exchange) -> bool:
    """Return whether a page says that records follow."""
    return page.is_page and page.member("meta", "has_more") is True


def counts_both(api: Api, other: Api, query: Query, own: int, theirs: int) -> Exchange | None:
    """Return the last page with ``has_more`` true if the two keys count the same records.

    If ``has_more`` counts the records of all organisations, it turns false at the same offset for both
    keys, and no earlier than after the records of both. A ``has_more`` that is wrong by itself turns false
    at another offset for each key, or never.

    :param own: the number of records that your key lists for the query.
    :param theirs: the number that the second organisation's key lists.
    :returns: None if the keys do not count the same records.
    """
    both = own + theirs
    if theirs < 2 or not promises_more(_at(api, query, both - 2)):
        return None
    end = _end_of_more(api, query, both - 1)
    if end is None:
        return None
    last = _at(api, query, end - 1)
    if promises_more(_at(other, query, end - 1)) and not promises_more(_at(other, query, end)):
        return last
    return None


def _end_of_more(api: Api, query: Query, low: int) -> int | None:
    """Return the first offset from ``low`` on whose page has ``has_more`` false, None if there is none."""
    if not promises_more(_at(api, query, low)):
        return low
    if promises_more(_at(api, query, _FAR)):
        return None
    high = max(low, 1) * 2
    while high < _FAR and promises_more(_at(api, query, high)):
        low, high = high, high * 2
    high = min(high, _FAR)
    while high - low > 1:
        middle = (low + high) // 2
        if promises_more(_at(api, query, middle)):
            low = middle
        else:
            high = middle
    return high


def _at(api: Api, query: Query, offset: int) -> Exchange:
    return api.lists((*query, *as_query(limit=1, offset=offset)))[0]


def looks_beyond(api: Api, lexicon: Lexicon, theirs: Lexicon) -> Exchange | None:
    """Return a last page with ``has_more`` true of a word that the second organisation has too.

    The last pages of words that only your organisation has must say ``has_more`` false: if they do not,
    the server is wrong about every last page, for any word.

    :returns: None if the two kinds of words do not differ in this.
    """
    exact = [
        word
        for word in lexicon.rare()
        if word.isascii() and lexicon.must_find(word) == lexicon.may_find(word)
    ]
    shared = [word for word in exact if theirs.must_find(word)][:_WORDS]
    alone = [word for word in exact if not theirs.may_find(word)][:_WORDS]
    if not shared or not alone:
        return None
    pages = api.lists(*(_last_record(lexicon, word) for word in (*shared, *alone)))
    if any(len(page.rows) != 1 for page in pages):
        return None
    ends_of_shared, ends_of_alone = pages[: len(shared)], pages[len(shared) :]
    if all(map(promises_more, ends_of_shared)) and not any(map(promises_more, ends_of_alone)):
        return ends_of_shared[0]
    return None


def _last_record(lexicon: Lexicon, word: str) -> Query:
    return as_query(search=word, limit=1, offset=len(lexicon.must_find(word)) - 1)


def not_established(pages: Sequence[Exchange]) -> None:
    """Raise the doubt that is left if a page promises more for no known reason.

    :raises Inconclusive: if one of the pages at the end of the own records says that records follow.
    """
    for page in pages:
        if not page.is_page:
            raise Inconclusive(f"the end of your records returned {page.summary()}")
        if promises_more(page):
            raise Inconclusive(
                f"exchange {page.number} has has_more true at the end of your records, "
                "but nothing shows that it counts records of another organisation"
            )
