"""What usually causes a breach of a requirement, and how it is mended: before any run.

The texts are those of the grammar, so that a report and ``conformance explain`` say the same. The table says
which part of the grammar breaks which requirement; what the grammar does not speak of has its text here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache
from itertools import chain
from typing import NamedTuple

from conformance.diagnosis import (
    grammar_accepted,
    grammar_access,
    grammar_bodies,
    grammar_ends,
    grammar_filters,
    grammar_foreign,
    grammar_headers,
    grammar_index,
    grammar_pages,
    grammar_rows,
    grammar_search,
    grammar_statuses,
    grammar_together,
    usual_members,
)


class Usual(NamedTuple):
    """A usual cause: what the server does (empty if it is any breach), what leads to it, how it is mended."""

    what: str
    usually: str
    fix: str


BY_GRAMMAR: Sequence[tuple[str, str]] = (
    ("AUTH-01", "refuses the request before"),
    ("AUTH-0[2-7] AUTH-09 AUTH-15 AUTH-16", "^a request without a valid key"),
    ("AUTH-08 ORG-0[2348] ORG-13", "the profile is looked up first"),
    ("ORG-08", "^an unknown location"),
    ("AUTH-10", "without the challenge"),
    ("ENV-01 ENV-03", "has another envelope"),
    ("ENV-02", r"the type in which it arrived|^`meta.limit` (is the|is always|repeats)"),
    ("ENV-04 ROB-09", "errors are made in several places"),
    ("ENV-05 ENV-06", "each error is written by hand"),
    ("ENV-07", "or is the number of a log line"),
    ("ENV-08 ENV-16", "the request id is made from"),
    ("ENV-09", "in two layers"),
    ("ENV-10", r"set in a layer that .*\| set the request id in"),
    ("ENV-11", "content type of its own"),
    ("ENV-12", "made by the JSON encoder|character set of its locale"),
    ("ENV-13", "set the rate limit headers"),
    ("ENV-14 ENV-17", "the limit is counted in several places"),
    ("ENV-15", "adds a count to every list"),
    ("OBJ-01 OBJ-02", "leaves out members"),
    ("OBJ-04", r"several rows"),
    ("OBJ-05", "a conversion that fails yields null"),
    ("OBJ-06", "the database has no booleans"),
    ("OBJ-07", "timestamps are formatted"),
    ("OBJ-08", "no null for texts|by what it looks like"),
    ("OBJ-09", "by what it looks like"),
    ("LIM-01", "default of the framework was kept|^`limit` is ignored"),
    ("LIM-02", "smaller than 100|^`limit` is ignored|^`meta.limit` is always"),
    ("LIM-03", "^a page holds one|^a `limit` out of range"),
    ("LIM-0[4569] LIM-18", "^a `limit` out of range|^`meta.limit` repeats"),
    ("LIM-07 LIM-08 LIM-15", "check the text of `limit`"),
    ("LIM-1[1-46] LIM-19 LIM-20", "check the text of `offset`"),
    ("LIM-17", "check the text of `(limit|offset)`"),
    ("LIM-0[79] LIM-1[124] LIM-1[78] LIM-19 LIM-20", "an exception is not handled"),
    ("LIM-10", "^without `offset`"),
    ("PAG-01", "^`has_more` is (always false|false if|true only|a comparison|counted over)"),
    ("PAG-02", "^`has_more` is (true on every page with|always true|true if a page lacks)"),
    ("PAG-03", "^`has_more` is true (on every full page|if the page ends)"),
    ("PAG-04", "^`next_offset` is .*(at the end|always null)"),
    ("PAG-05", r"^`next_offset` is (?!.*at the end)"),
    ("PAG-06 PAG-09", "^`has_more` is always true"),
    ("PAG-07", "lacks its last record$|^filters are applied after paging"),
    ("PAG-08 PAG-09", "^an `offset` past the end|an exception is not handled"),
    ("PAG-1[012]", "^the list is in reverse order"),
    ("PAG-11 PAG-12", "^`offset` (skips|is read|is rounded|is ignored)|record of each page is"),
    ("PAG-12", "^`next_offset` is one too"),
    ("PAG-13", "^filters are applied after|^`has_more` is counted over (all|what the search)"),
    ("PAG-14", "^`search` is applied after|^`has_more` is counted over (all|what the filters)"),
    ("FIL-01 FIL-02", "^`is_active` (is ignored|is inverted|counts|finds nothing)"),
    ("FIL-03", "^without `is_active`|^profiles whose `is_active`"),
    ("FIL-04 FIL-05", "^`is_bookable_online` (is ignored|is inverted|counts|finds nothing)"),
    ("FIL-06", "both boolean|two boolean|^`is_bookable_online` and `is_active` are"),
    ("FIL-07", "^`location_id` (is ignored|is applied)|for each of its locations"),
    ("FIL-08", "^`location_id` and|^all filters are|^if `location_id` is given"),
    ("FIL-10 FIL-11", "^an unknown location"),
    ("FIL-11 FIL-16 FIL-18 FIL-19", "^`location_id` is ignored"),
    ("FIL-12 FIL-16 FIL-19", "check the text of `location_id`"),
    ("FIL-13 FIL-15 FIL-18", "an exception is not handled"),
    ("FIL-14", "check the text of `is_"),
    ("FIL-17", "^filters are combined|^if `[a-z_]+` is given, the other|^all filters"),
    ("SRCH-01", "in `name`$|in `name` for|of `name` only|^a search finds nothing"),
    ("SRCH-02", "in `display_name`$|in `display_name` for|of `display_name` only"),
    ("SRCH-03", "in `email`$|in `email` for|is not divided|behind a sign"),
    ("SRCH-04", "letter case of a term counts$"),
    ("SRCH-05", "^`search` is ignored|^signs are removed"),
    ("SRCH-07", "removed from the term|is dropped|^only the"),
    ("SRCH-09", "^`%` and `_`"),
    ("SRCH-10", "^`search` and|^if `search` is given"),
    ("SRCH-11 RET-05", "^profiles whose `is_active` is false are left"),
    ("SRCH-12", "limit of its own"),
    ("SRCH-14 SRCH-15", "is not divided|behind a sign|^signs are"),
    ("SRCH-19", "^only the|for the whole value only"),
    ("SRCH-20", "an exception is not handled"),
    ("RET-01 RET-05", "is not found by its id"),
    ("RET-02", "two serializers or queries"),
    ("RET-03", "^an unknown id|^the beginning of|^what follows"),
    ("RET-04", "^a number in place|^what is not an id|an exception is not handled"),
    ("RET-06", "computed when the response is made"),
    ("ORG-01", "profile is found by its id"),
    ("ORG-0[567]", "profiles are listed"),
    ("ORG-07", "^if nothing is found"),
    ("ORG-09 ORG-10 ORG-14", "^a response is that to an earlier request"),
    ("ORG-11", "^(a header|an undocumented parameter) selects"),
    ("ORG-12", "counts the other organisation's"),
    ("ERR-0[1237]", "the debug mode is on"),
    ("ERR-04", "an exception is not handled|refuses the request before|has a handler for"),
    ("ERR-08", "copied into the response"),
    ("RO-0[1-4] RO-10", "has a handler for"),
    ("RO-06 RO-12", "names every method"),
    ("RO-08 RO-10", "an exception is not handled"),
    ("AUTH-14 ROB-0[1-8] ROB-1[12]", "an exception is not handled"),
    ("ROB-02 ROB-07", "refuses the request before"),
    ("ROB-08", "takes a default or nothing"),
    ("ROB-10 ROB-13", "without a bound"),
    ("ROB-14", "`Content-Length` is set"),
)
"""Patterns of ids, separated by blanks, and what is searched in ``what`` or ``what | usually | fix``."""

OTHERWISE: Sequence[tuple[str, Usual]] = (
    ("OBJ-03", Usual(
        "`id` is a number, or has a prefix",
        "the key of the database or the global id of another API is sent",
        "give each profile a UUID, and send it alone")),
    ("OBJ-10", Usual(
        "", "addresses are stored as they are typed or imported, without a check",
        "check addresses when they are stored, and send null for what is none")),
    ("OBJ-11", Usual(
        "`photo_url` has no scheme or host", "the path of the file is stored, and sent as it is",
        "join the path with the base URL of the files in the serializer")),
    ("OBJ-12", Usual(
        "", "the two times come from two clocks (database and process), or an import sets only one of them",
        "set both times from one clock, and let no import change one alone")),
    ("OBJ-13", Usual(
        "", "the serializer sends every column of the table or every field of the model",
        "list the 17 members in the serializer; never send what is not listed")),
    ("FIL-09", Usual(
        "", "the query string is read by position, or a cache or a signature covers it as a text",
        "read parameters by name, and sort them for the key of a cache")),
    ("SRCH-08 SRCH-16 SRCH-18", Usual(
        "signs of the term act as a query language",
        "the term is put into SQL, a filter of PostgREST or a query string of the search engine as a text",
        "pass the term as a parameter; use the simple query of the engine, and escape its signs")),
    ("SRCH-06 SRCH-17", Usual(
        "the search index differs from the list",
        "the index is a copy that is not updated with the data, or has columns of its own",
        "build the index from the three documented members, and update it with each change")),
    ("ORG-14", Usual(
        "a condition or a cookie of another key has an effect",
        "conditions and sessions are evaluated before the key, or the `ETag` is the same for every key",
        "check the key first, and make the `ETag` from what this key receives")),
    ("ORG-15", Usual(
        "a response is that of another request",
        "the organisation is kept in a global variable, or in an object or session that requests share",
        "keep the organisation in the context of the request, and set it for each query")),
    ("RO-05 RO-11", Usual(
        "another method is carried out",
        "the handler runs before the method is refused, or a method override of the framework is on",
        "register GET and HEAD alone, and turn the method override off")),
    ("RO-07", Usual(
        "reading changes what is read",
        "a read updates a column (last seen, a counter), or creates what it does not find",
        "write nothing in a GET; keep such counts in another table")),
    ("RO-09", Usual(
        "", "HEAD has a route of its own, or none, so that it is answered before the operation",
        "answer HEAD by the handler of GET, and let the server leave out the body")),
)  # fmt: skip


def of(requirement: str) -> list[Usual]:
    """Return what usually causes a breach of a requirement; those with one remedy are one."""
    wanted = [re.compile(text) for patterns, text in BY_GRAMMAR if _matches(requirement, patterns)]
    found = [item for search in wanted for item in entries() if speaks(search, item)]
    found += [item for patterns, item in OTHERWISE if _matches(requirement, patterns)]
    gathered: dict[tuple[str, str], dict[str, None]] = {}
    for item in found:
        gathered.setdefault((item.usually, item.fix), {})[item.what] = None
    return [
        Usual("; ".join(filter(None, titles)), usually, fix)
        for (usually, fix), titles in gathered.items()
    ]


def speaks(pattern: re.Pattern[str], item: Usual) -> bool:
    """Return whether a pattern of the table finds a text of the grammar."""
    return bool(pattern.search(item.what) or pattern.search(" | ".join(item)))


def _matches(identifier: str, patterns: str) -> bool:
    return any(fnmatchcase(identifier, pattern) for pattern in patterns.split())


@cache
def entries() -> tuple[Usual, ...]:
    """Return what the grammar says without a run."""
    return tuple(dict.fromkeys(_entries()))


def _entries() -> Iterator[Usual]:
    for what in chain(
        grammar_access.access(),
        grammar_access.retrieves([]),
        grammar_filters.filters(),
        grammar_filters.combinations(),
        grammar_foreign.foreign(),
        grammar_foreign.selections(),
        grammar_pages.bounds([]),
        grammar_pages.pages([]),
        grammar_pages.orders(),
        grammar_ends.ends(),
        grammar_search.searches([]),
        grammar_index.gaps([]),
    ):
        yield Usual(what.title, what.usually, what.fix)
    for aspect in chain(
        grammar_accepted.accepted(), grammar_bodies.bodies(), grammar_headers.headers()
    ):
        yield Usual("", aspect.usually, aspect.fix)
    for _, usually, fix in usual_members.USUALLY:
        yield Usual("", usually, fix)
    for words in (
        usual_members.OTHERWISE,
        grammar_pages.DEFAULT,
        grammar_pages.LARGEST,
        grammar_rows.JOINED,
        grammar_rows.ONE_ID,
        grammar_search.INNER_LIMIT,
        grammar_statuses.ACCEPTED,
        grammar_statuses.CRASH,
        grammar_statuses.REFUSAL,
        grammar_together.COUNTS,
        grammar_together.IDS,
        grammar_together.TOLD,
    ):
        yield Usual("", *words)
