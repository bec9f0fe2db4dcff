"""The values of the six query parameters for requests that have several of them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from conformance.contract.bounds import DEFAULT_LIMIT, MAX_LIMIT
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.errors import Inconclusive
from conformance.judging.session import Locations
from conformance.suite.covering import Row
from conformance.suite.filtering import MOST_LOCATIONS
from conformance.suite.known_lists import Lists
from conformance.suite.limits import BEYOND_64_BITS
from conformance.suite.readings import (
    BOOLEANS,
    EMPTY_LIST,
    LIMIT,
    LOCATION,
    NAMES,
    NUMBERS,
    OFFSET,
    REFUSED_OR_EMPTY,
    SEARCH,
    SELECTING,
    Parameters,
    Reading,
    Selects,
    Value,
    boolean_reading,
    limit_reading,
    offset_reading,
)
from conformance.suite.witnesses import spread, word_of_both_values, word_of_last_edited
from conformance.text.uuids import is_uuid

_NO_LOCATION = "123e4567-e89b-12d3-a456-426614174000"
_SIGNS = "' & (:*"
"""Signs that mean something in SQL, in full-text queries and in filters of other languages."""

_MOST_WORDS = 6

# Values that no other case needs to send alone: see carried.py.
LIMITS = {"above": "1000", "below": "0", "malformed": "1e3"}
OFFSETS = {"negative": "-1", "malformed": "²", "zero": "0", "past the end": str(2**31 - 1)}
FURTHER_LIMITS = ("-1", "1000", str(2**31), BEYOND_64_BITS, "", "abc")
FURTHER_OFFSETS = ("-100", str(2**31), BEYOND_64_BITS, "", "abc")
PLAINLY_WRONG = "AAA"
FURTHER_BOOLEANS = (PLAINLY_WRONG, "", "TRUE", "1", "yes", "0", "null")
CARRIED = {"is_active": "yes", "is_bookable_online": ""}
"""The malformed value of each boolean filter that is sent beside other parameters."""


def limit(text: str, kind: str = "") -> Value:
    """Return a value of ``limit``."""
    return Value(LIMIT, text, kind, limit_reading(text))


def offset(text: str, kind: str = "") -> Value:
    """Return a value of ``offset``."""
    return Value(OFFSET, text, kind, offset_reading(text))


def boolean(name: str, text: str) -> Value:
    """Return a value of a boolean filter."""
    kind = text if text in ("true", "false") else "malformed"
    return Value(name, text, kind, boolean_reading(name, text))


@dataclass(frozen=True)
class Pool:
    """The values that a target's data give: parameter → its values, the simplest one first."""

    values: dict[str, list[Value]] = field(default_factory=dict)

    def of(self, name: str, kind: str) -> list[Value]:
        """Return the values of one class."""
        return [value for value in self.values.get(name, ()) if value.kind == kind]

    def has(self, row: Row) -> bool:
        """Return whether there is a value for each filter of a row."""
        return all(self.of(name, kind) for name, kind in row.items() if name in SELECTING)


def pool(listed: Directory, lexicon: Lexicon, locations: Locations, unknown: Sequence[str]) -> Pool:
    """Return the values for a target.

    Words, addresses and locations are those whose own lists other cases read, so that they cost nothing.
    """
    found = {
        LIMIT: [limit("1"), *(limit(text, kind) for kind, text in LIMITS.items())],
        OFFSET: [offset("0"), *(offset(text, kind) for kind, text in OFFSETS.items())],
    }
    for name in BOOLEANS:
        texts = dict.fromkeys(("true", "false", CARRIED[name], *FURTHER_BOOLEANS))
        found[name] = [boolean(name, text) for text in texts]
    base = dict(listed.base)
    places = [str(base[LOCATION])] if LOCATION in base else locations.own[:MOST_LOCATIONS]
    foreign = [place for place in locations.other if place not in locations.own]
    found[LOCATION] = [
        *(Value(LOCATION, place, "known", Reading((Selects(place),))) for place in places),
        Value(LOCATION, unknown[0], "unknown", EMPTY_LIST),
        *(Value(LOCATION, place, "foreign", EMPTY_LIST) for place in foreign[:1]),
        Value(LOCATION, first_group(places), "malformed", REFUSED_OR_EMPTY),
    ]
    absent = lexicon.absent()
    found[SEARCH] = [
        *_searches(listed, lexicon),
        Value(SEARCH, absent, "nonsense", EMPTY_LIST),
        Value(SEARCH, absent + _SIGNS, "signs", Reading(REFUSED_OR_EMPTY.meanings, True, True)),
    ]
    return Pool(found)


def first_group(locations: Sequence[str]) -> str:
    """Return the first group of the first location, which is not a UUID; any text if no location is one."""
    return next(filter(is_uuid, locations), _NO_LOCATION)[:8]


def _searches(listed: Directory, lexicon: Lexicon) -> list[Value]:
    base = dict(listed.base)
    if SEARCH in base:
        words = [str(base[SEARCH])]
    else:
        words = [
            *_words(listed, lexicon),
            *(email for email, _ in spread(lexicon.emails(), listed)),
        ]
    found = []
    for word in dict.fromkeys(words):
        reading = Reading((Selects(word),))
        found.append(Value(SEARCH, word, "word" if "@" not in word else "address", reading))
        if word.isascii() and word.upper() != word and "@" not in word:
            found.append(Value(SEARCH, word.upper(), "upper case", reading))
    return found


def _words(listed: Directory, lexicon: Lexicon) -> list[str]:
    """Return words of the data, the most frequent first."""
    if not lexicon.shared():
        return lexicon.rare()[:1]
    words = [
        *lexicon.shared()[:1],
        *(word_of_both_values(listed, lexicon, name) for name in BOOLEANS),
    ]
    if not listed.base:
        words += [word_of_last_edited(listed, lexicon), *lexicon.rare()[:1]]
    return [word for word in words if word is not None][:_MOST_WORDS]


class Foreigners:
    """The profiles of the other organisation, as far as filters could match them."""

    def __init__(self, directory: Directory, lexicon: Lexicon) -> None:
        self._rows = directory.by_id
        self._lexicon = lexicon
        self._found: dict[str, set[str]] = {}

    @property
    def ids(self) -> frozenset[str]:
        """The ids of these profiles."""
        return frozenset(self._rows)

    @property
    def content(self) -> Hashable:
        """All that :meth:`match` depends on."""
        flags = [
            row.get(name) is value
            for row in self._rows.values()
            for name in BOOLEANS
            for value in (True, False)
        ]
        return self._lexicon.content, tuple(self._rows), tuple(flags)

    def match(self, values: Sequence[Value]) -> bool:
        """Return whether a profile matches the booleans and the search; no location matches any."""
        wanted = {value.name: value for value in values}
        if LOCATION in wanted:
            return False
        search = wanted.get(SEARCH)
        ids: set[str] = set(self._rows) if search is None else self._of(search)
        flags = [(name, wanted[name].text == "true") for name in BOOLEANS if name in wanted]
        return any(
            all(self._rows[record].get(name) is value for name, value in flags) for record in ids
        )

    def _of(self, search: Value) -> set[str]:
        meaning = search.reading.meanings[0]
        if not isinstance(meaning, Selects):
            return set()
        if meaning.text not in self._found:
            self._found[meaning.text] = self._lexicon.must_find(meaning.text)
        return self._found[meaning.text]


class Choice:
    """Chooses the values of a row such that a parameter without effect shows."""

    def __init__(self, values: Pool, lists: Lists, foreign: Foreigners | None = None) -> None:
        self._pool = values
        self._lists = lists
        self._foreign = foreign
        self._best: dict[tuple[tuple[str, str], ...], tuple[Value, ...]] = {}

    @property
    def content(self) -> Hashable:
        """All that the choice depends on."""
        return (
            tuple(value for name in SELECTING for value in self._pool.values[name]),
            self._lists.listed.base,
            self._lists.everything,
            self._lists.results,
            self._foreign and self._foreign.content,
        )

    def parameters(self, row: Row, number: int) -> Parameters | None:
        """Return the parameters of a row, None if the data have no value for one of its classes.

        :param number: the number of the row; limits and offsets differ from row to row.
        """
        base = [(name, str(text)) for name, text in self._lists.listed.base]
        # Of a large directory only the part is known that one filter selects.
        row = {name: _class_of_base(name) for name, _ in base} | dict(row)
        if not self._pool.has(row):
            return None
        # Rows with the same filters differ in limit and offset.
        filters = tuple((name, kind) for name, kind in row.items() if name in SELECTING)
        if filters not in self._best:
            self._best[filters] = max(self._selections(row), key=self._telling)
        best = self._best[filters]
        total = len(self._lists.selected(best))
        numbers = _numbers(row, total, number)
        chosen = {value.name: value for value in (*numbers, *best)}
        return Parameters(tuple(chosen[name] for name in NAMES if name in chosen))

    def _selections(self, row: Row) -> list[tuple[Value, ...]]:
        found: list[tuple[Value, ...]] = [()]
        for name in SELECTING:
            if name in row:
                values = self._pool.of(name, row[name])
                values = values if name in (LOCATION, SEARCH) else values[:1]
                found = [(*one, value) for one in found for value in values]
        return found

    def _telling(self, values: Sequence[Value]) -> tuple[bool, int, bool, int]:
        """Return how well values show that a filter has no effect, or that isolation is lost."""
        few = min(len(self._lists.selected(values)), 4)
        return few > 1, len(self.told(values)), self.leaks(values), few

    def leaks(self, values: Sequence[Value]) -> bool:
        """Return whether the filters would match a profile of the other organisation too."""
        return self._foreign is not None and self._foreign.match(values)

    def told(self, values: Sequence[Value]) -> set[str]:
        """Return the filters without which the list would be another one."""
        ids = self._lists.selected(values)
        if not ids:
            return set()
        return {
            value.name
            for value in values
            if self._lists.selected([one for one in values if one is not value]) != ids
        }


def _class_of_base(name: str) -> str:
    return "known" if name == LOCATION else "word"


def _numbers(row: Row, total: int, number: int) -> list[Value]:
    """Return limit and offset for a list of ``total`` records: each changes what is returned."""
    odd = number % 2
    # In turns a page that ends before the end of the list, and one that ends with it.
    size, start = total - 1 + odd, max(total - 1, 1)
    if row.get(LIMIT) == "some" and row.get(OFFSET) == "some":
        start = max(total // 2, 1)
        size = total - start + odd
        if not odd:
            start, size = 1, total // 3
    size = min(max(size, 1), MAX_LIMIT - 1)
    if size == DEFAULT_LIMIT:
        size -= 1
    found = []
    if LIMIT in row:
        kind = row[LIMIT]
        found.append(limit({"some": str(size), "most": str(MAX_LIMIT), **LIMITS}[kind], kind))
    if OFFSET in row:
        kind = row[OFFSET]
        found.append(offset({"some": str(start), **OFFSETS}[kind], kind))
    return found


def simpler(value: Value, values: Pool) -> list[Value]:
    """Return simpler values of the same parameter that are read in a similar way, the simplest first."""
    candidates = values.values[value.name]
    if value.name in NUMBERS:
        shorter = [one for one in candidates if len(one.text) < len(value.text) or one.text == "1"]
        return [one for one in shorter if one.wrong == value.wrong and one.text != value.text]
    usable = [one for one in candidates if one.wrong == value.wrong]
    place = next((at for at, one in enumerate(usable) if one.text == value.text), 0)
    return usable[:place]


def require_values(values: Pool) -> None:
    """Check that the data have a location or a word.

    :raises Inconclusive: if they have neither.
    """
    if not values.of(LOCATION, "known") and not values.of(SEARCH, "word"):
        raise Inconclusive("no location is known, and no word of three letters occurs in a name")
