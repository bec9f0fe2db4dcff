"""Slices of a directory that is too large to be read completely: lists that are small enough.

A slice is the result of a search word or the profiles of a location. It is read completely, and every
relation of filters, pages and search is judged on it as exactly as on a complete directory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from conformance.contract.bounds import MAX_LIMIT
from conformance.directory.directory import Directory, Row, from_walk
from conformance.directory.lexicon import Lexicon
from conformance.http.api import Api, as_query
from conformance.http.exchange import Exchange
from conformance.http.request import Query
from conformance.privacy.text_notes import Notes

MOST_PAGES = 5
"""The largest number of pages of a slice."""

_LEAST = 8
_KEPT = 4
_LOCATIONS = 3
_PARTS = (64, 8)
"""Candidates besides the rarest word: the list of words is divided by each of these numbers."""


@dataclass(frozen=True)
class Slices:
    """The slices of a directory that were read completely, the best one first."""

    lists: tuple[Directory, ...]
    seed: int = 0

    @property
    def best(self) -> Directory:
        """The slice that cases are judged on."""
        if self.lists:
            return self.lists[0]
        most = MOST_PAGES * MAX_LIMIT
        return Directory(
            problem=f"it is too large, and no search word or location finds at most {most} profiles",
            seed=self.seed,
        )

    @property
    def words(self) -> list[str]:
        """The search words whose results were read completely."""
        bases = [dict(item.base) for item in self.lists]
        return [str(base["search"]) for base in bases if [*base] == ["search"]]

    @property
    def rows(self) -> list[Row]:
        """The profiles of all slices."""
        return [row for item in self.lists for row in item.rows]

    def again(self, api: Api) -> Slices:
        """Read the same lists once more."""
        walker = replace(api, most_pages=MOST_PAGES + 1)
        wholes = walker.full_lists([item.base for item in self.lists])
        return Slices(
            tuple(
                from_walk(whole, self.seed, item.base)
                for item, whole in zip(self.lists, wholes, strict=True)
            ),
            self.seed,
        )


def find(api: Api, directory: Directory, locations: Sequence[str], notes: Notes) -> Slices:
    """Find slices of a directory.

    :param locations: location ids to try.
    :raises Inconclusive: if a request got no response.
    """
    words = [as_query(search=word) for word in _candidates(Lexicon(directory.by_id, notes=notes))]
    at_locations = [as_query(location_id=location) for location in locations[:_LOCATIONS]]
    found = _listed(api, [*words, *at_locations], directory.seed)
    if not any(_useful(item) for item in found):
        both = [(*location, *word) for word in words[:2] for location in at_locations]
        found += _listed(api, both, directory.seed)
    # A search can be combined with a location. More kinds of profiles are better, then more profiles.
    found.sort(
        key=lambda item: (
            not _useful(item),
            "location_id" in dict(item.base),
            -_variety(item),
            -item.total,
        )
    )
    return Slices(tuple(found[:_KEPT]), directory.seed)


def _candidates(lexicon: Lexicon) -> list[str]:
    """Return words to try: a rare word may find too few profiles, a frequent one too many."""
    words = lexicon.rare()
    indexes = [0, *(len(words) // part for part in _PARTS)]
    return list(dict.fromkeys(words[index] for index in indexes if index < len(words)))


def _listed(api: Api, queries: Sequence[Query], seed: int) -> list[Directory]:
    """Read the lists that are short enough; of those with more than one page, only the first."""
    firsts = api.lists(*((*query, *as_query(limit=MAX_LIMIT)) for query in queries))
    pairs = [pair for pair in zip(queries, firsts, strict=True) if pair[1].is_page]
    short = [query for query, page in pairs if not _goes_on(page)]
    long = [query for query, page in pairs if _goes_on(page)]
    ends = api.lists(
        *((*query, *as_query(limit=1, offset=MOST_PAGES * MAX_LIMIT)) for query in long)
    )
    longer = [query for query, end in zip(long, ends, strict=True) if end.is_page and not end.rows]
    walker = replace(api, most_pages=MOST_PAGES + 1)
    walks = walker.full_lists([*short, *longer[:1]])
    lists = [
        from_walk(whole, seed, query)
        for query, whole in zip([*short, *longer[:1]], walks, strict=True)
    ]
    return [item for item in lists if item.complete and item.rows]


def _goes_on(page: Exchange) -> bool:
    return len(page.rows) >= MAX_LIMIT or page.member("meta", "has_more") is True


def _useful(item: Directory) -> bool:
    """Return whether a slice has enough profiles for several pages, and both values of both booleans."""
    return item.total >= _LEAST and _variety(item) >= 3


def _variety(item: Directory) -> int:
    flags = ("is_active", "is_bookable_online")
    return len({tuple(row.get(name) is True for name in flags) for row in item.rows})
