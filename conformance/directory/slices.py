"""Slices of a directory that is too large to be walked: lists that are small enough to be known as a whole.

What a search word finds, or who is at a location, is listed from end to end; on such a slice every relation
of filters, pages and search is judged as exactly as on a whole directory.
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
"""How many pages a slice may have."""

_LEAST = 8
_KEPT = 4
_LOCATIONS = 3
_PARTS = (64, 8, 2)
"""Candidates beside the two rarest words that were seen: one at each of these parts of them all."""


@dataclass(frozen=True)
class Slices:
    """What was listed as a whole of a directory that is too large for it: the best to be judged on first."""

    lists: tuple[Directory, ...]
    seed: int = 0

    @property
    def best(self) -> Directory:
        """The slice that cases are judged on."""
        if self.lists:
            return self.lists[0]
        most = MOST_PAGES * MAX_LIMIT
        return Directory(
            problem=f"it is too large, and no word and no location leaves a list of at most {most} profiles",
            seed=self.seed,
        )

    @property
    def words(self) -> list[str]:
        """Search words whose results are known as a whole."""
        bases = [dict(item.base) for item in self.lists]
        return [str(base["search"]) for base in bases if [*base] == ["search"]]

    @property
    def rows(self) -> list[Row]:
        """The profiles of all of them."""
        return [row for item in self.lists for row in item.rows]

    def again(self, api: Api) -> Slices:
        """The same lists as they are now."""
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
    """Look for slices of a directory.

    :raises Inconclusive: where an answer did not come.
    """
    words = [as_query(search=word) for word in _candidates(Lexicon(directory.by_id, notes=notes))]
    places = [as_query(location_id=location) for location in locations[:_LOCATIONS]]
    found = _listed(api, [*words, *places], directory.seed)
    if not any(_useful(item) for item in found):
        both = [(*place, *word) for word in words[:2] for place in places]
        found += _listed(api, both, directory.seed)
    # A search is better than a location, which it can be narrowed by; the more there is in it, the better.
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
    """Words to try: a rare one may find too little to show anything, and a frequent one too much."""
    words = lexicon.rare()
    places = [0, 1, *(len(words) // part for part in _PARTS)]
    return list(dict.fromkeys(words[place] for place in places if place < len(words)))


def _listed(api: Api, queries: Sequence[Query], seed: int) -> list[Directory]:
    """Those of the lists that are short enough, known as a whole: of more than a page only the first."""
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
    """Whether a slice has both values of both booleans, and enough profiles to be paged."""
    return item.total >= _LEAST and _variety(item) >= 3


def _variety(item: Directory) -> int:
    return len({(row.get("is_active"), row.get("is_bookable_online")) for row in item.rows})
