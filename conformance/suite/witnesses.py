"""Witnesses: which profiles and words cases use for their requests, so that a fault can show."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache

from conformance.contract.bounds import MAX_LIMIT
from conformance.contract.document import Contract
from conformance.directory.directory import Directory, Row
from conformance.directory.lexicon import Lexicon
from conformance.directory.words import SIGNS
from conformance.errors import Inconclusive
from conformance.judging.session import Foreign

_WITNESSES = 3
_FLAGS = ("is_active", "is_bookable_online")
_LAST_ACCENTED = "\u024f"
"""The last letter of the Latin blocks of Unicode."""

_NEARLY = 0.9
"""The share of the longest text that a long one has: what cuts the longest text nearly always cuts it too."""

_SIGNS = frozenset("'\"&<>\\%")
_TEXTS, _LONG = 10_000, 1000
"""Texts whose kinds are remembered, and their length: several cases look at the same profiles."""

_ADDRESSES = 2
"""Addresses beside those with a special sign that these lack."""

Pair = tuple[str, str]
"""A search term and the id of a profile that holds it."""


def known_or_unknown(directory: Directory, unknown: Sequence[str]) -> str:
    """Return the id of a profile, or of none if no profile is known."""
    return directory.ids[0] if directory.problem is None and directory.rows else unknown[0]


def varied(directory: Directory, contract: Contract) -> list[str]:
    """Return ids from all over the list, so that each member has each kind of value that any profile has.

    The kinds are those of :func:`_kinds`, null, and a text that is nearly as long as the longest.

    :raises Inconclusive: if there is no profile, or none that only the key's organisation lists.
    """
    return directory.derived("varied", lambda: _varied(directory, contract))


def _varied(directory: Directory, contract: Contract) -> list[str]:
    ids = [record for record in directory.seen if record not in directory.doubtful]
    if not directory.total or not ids:
        raise Inconclusive("your organisation lists no profile that could be retrieved")
    last = len(ids) - 1
    chosen = {ids[0], ids[last]}
    features = _features(directory, contract)
    missing = set().union(*(features[record] for record in ids))
    missing -= set().union(*(features[record] for record in chosen))
    # From the end of the list: other cases retrieve profiles at its start.
    rest = list(reversed(ids))
    while missing:
        best = max(rest, key=lambda record: len(features[record] & missing))
        chosen.add(best)
        missing -= features[best]
    # Inside the list, and on its second page if there is one: one that was chosen for its values will do.
    place = {record: index for index, record in enumerate(ids)}
    for first, end in ((1, max(last, 2)), (min(MAX_LIMIT, last), last)):
        if not any(first <= place[record] < end for record in chosen):
            chosen.add(ids[min((first + end) // 2, last)])
    return sorted(chosen, key=ids.index)


def _features(directory: Directory, contract: Contract) -> dict[str, set[tuple[str, object]]]:
    """Return id → what makes the profile differ from others."""
    found: dict[str, set[tuple[str, object]]] = {}
    created: set[str] = set()
    texts = [
        (name, value)
        for row in directory.rows
        for name in contract.members
        if isinstance(value := row.get(name), str)
    ]
    longest: dict[str, int] = {}
    for name, value in texts:
        longest[name] = max(longest.get(name, 0), len(value))
    for record in directory.seen:
        row = directory.by_id[record]
        features: set[tuple[str, object]] = {
            (name, row.get(name) is None) for name in contract.members
        }
        for name in contract.members:
            value = row.get(name)
            if isinstance(value, str):
                features |= {(name, kind) for kind in _kinds(value)}
                features |= {(name, "long")} if len(value) >= _NEARLY * longest[name] else set()
        # Ids that are handled as numbers lose a leading 0.
        features |= {("id", str(row.get("id")).startswith("0"))}
        features |= {("flags", _flags(row))}
        features |= {(name, row[name]) for name in _FLAGS if isinstance(row.get(name), bool)}
        # The second profile of one second: a server may look an id up by its time.
        moment = str(row.get("created_at"))
        if moment in created:
            features |= {("of its second", "another")}
        created.add(moment)
        found[record] = features
    return found


def _kinds(text: str) -> frozenset[str]:
    """Return the kinds of a text that a server may change on its way from the database to the body."""
    return _remembered(text) if len(text) <= _LONG else _kinds_of(text)


@lru_cache(_TEXTS)
def _remembered(text: str) -> frozenset[str]:
    return _kinds_of(text)


def _kinds_of(text: str) -> frozenset[str]:
    kinds = {
        "empty": not text,
        "beyond ASCII": not text.isascii(),
        "beyond Latin-1": not text.isascii() and max(text) > "\xff",
        "with a sign of HTML or SQL": not _SIGNS.isdisjoint(text),
        "with blanks around or a line end": text != text.strip() or not text.isprintable(),
    }
    return frozenset(kind for kind, has in kinds.items() if has)


def _flags(row: Row) -> tuple[bool, ...]:
    """Return the values of the boolean members; a value of any other type counts as false."""
    return tuple(row.get(name) is True for name in _FLAGS)


def least_retrieved(directory: Directory, contract: Contract) -> str:
    """Return the id of a profile that a stale or incomplete copy would show best.

    It was edited, has members that are null, and few other cases retrieve it.
    """
    rows = directory.by_id

    def fitness(record: str) -> tuple[bool, bool, int]:
        row = rows[record]
        return (
            record != directory.seen[0],
            row.get("updated_at") != row.get("created_at"),
            sum(row.get(name) is None for name in contract.members),
        )

    return max(reversed(varied(directory, contract)), key=fitness)


def foreign_sample(foreign: Foreign, seed: int, count: int) -> list[str]:
    """Return foreign ids from all over the list, with every combination of the boolean members first."""
    ids = foreign.ids
    if len(ids) <= count:
        return ids
    chosen = [ids[0], ids[-1], *_one_of_each_kind(foreign)]
    rest = [record for record in ids if record not in chosen]
    random.Random(f"{seed}:foreign").shuffle(rest)
    return list(dict.fromkeys([*chosen, *rest]))[:count]


def foreign_of_each_kind(foreign: Foreign, seed: int, count: int) -> list[str]:
    """Return foreign ids, first one for each combination of the boolean members."""
    sample = foreign_sample(foreign, seed, count)
    return list(dict.fromkeys([*_one_of_each_kind(foreign), *sample]))[:count]


def _one_of_each_kind(foreign: Foreign) -> list[str]:
    if foreign.directory is None:
        return []
    rows = foreign.directory.by_id
    return list({_flags(rows[i]): i for i in reversed(foreign.ids)}.values())


def spread(pairs: Sequence[Pair], directory: Directory, most: int = _WITNESSES) -> list[Pair]:
    """Return pairs from all over the list, of active and of inactive profiles.

    :param pairs: the preferred ones first; pairs of profiles that are not in the directory are left out.
    :param most: how many pairs to return at most: one for each of as many parts of the list, then others.
    """
    index_of = {record: index for index, record in enumerate(directory.seen)}
    chosen: dict[tuple[int, bool], Pair] = {}
    for word, record in pairs:
        if record not in index_of:
            continue  # of a slice of the list, and in no window
        part = index_of[record] * most // max(len(index_of), 1)
        chosen.setdefault((part, directory.by_id[record].get("is_active") is True), (word, record))
    ordered = sorted(chosen.items())
    # One of each part first, the inactive profile if there are two.
    firsts = {part: pair for (part, _), pair in reversed(ordered)}
    rest = [pair for _, pair in ordered if pair not in firsts.values()]
    return [*firsts.values(), *rest][:most]


def beyond_ascii(directory: Directory, lexicon: Lexicon) -> list[Pair]:
    """Return a word of a name with an accented letter, and one in another script, as far as there are any.

    Each of its letters has exactly one upper-case form, which has exactly this lower-case form.
    """
    found = [
        pair
        for pair in lexicon.only_in("name")
        if not pair[0].isascii()
        and pair[1] in directory.by_id
        and all(len(char.upper()) == 1 and char.upper().lower() == char for char in pair[0])
        and pair[0].upper() != pair[0]
    ]
    accented = [pair for pair in found if max(pair[0]) <= _LAST_ACCENTED]
    others = [pair for pair in found if min(pair[0]) > _LAST_ACCENTED]
    return [*accented[:1], *others[:1]]


def addresses(lexicon: Lexicon, directory: Directory) -> list[Pair]:
    """Return addresses from all over the list: with a sign of each kind, a long one, one with a capital."""
    emails = lexicon.emails()
    chosen = spread(emails, directory, _ADDRESSES)
    place = {record: index for index, record in enumerate(directory.seen)}
    known = [pair for pair in emails if pair[1] in place]
    longest = max(known, key=lambda pair: len(pair[0]), default=None)
    if longest is not None and longest not in chosen:
        # In place of the one that is nearest in the list.
        nearest = min(chosen, key=lambda pair: abs(place[pair[1]] - place[longest[1]]))
        chosen = [longest if pair is nearest else pair for pair in chosen]
    found = with_special_sign(emails, chosen)
    if not any(_has_capital(pair) for pair in found):
        found += [pair for pair in emails if _has_capital(pair)][:1]
    return found


def _has_capital(pair: Pair) -> bool:
    return pair[0] != pair[0].lower()


def with_special_sign(emails: Sequence[Pair], chosen: Sequence[Pair]) -> list[Pair]:
    """Return the chosen addresses, and others for the signs that they lack before the at sign.

    The signs are the first two of SIGNS that any address has, and a full stop: first those that change if a
    term is decoded twice, then those with a meaning in queries.
    """
    found = list(chosen)
    held = [sign for sign in SIGNS if any(sign in _local(pair) for pair in emails)][:2]
    for sign in (*held, "."):
        if not any(sign in _local(pair) for pair in found):
            found += [pair for pair in emails if sign in _local(pair)][:1]
    return found


def _local(pair: Pair) -> str:
    """Return the part of an address before the at sign."""
    return pair[0].split("@")[0]


def word_of_last_edited(directory: Directory, lexicon: Lexicon) -> str:
    """Return a word of the profile that was edited last, one that other profiles hold too if there is one."""
    rows, shared = directory.by_id, lexicon.shared()
    last = max(directory.seen, key=lambda record: str(rows[record].get("updated_at")))
    held = lexicon.of(last)
    return next((word for word in held if word in shared), [*held, shared[-1]][0])


def words_at_the_edges(directory: Directory, lexicon: Lexicon) -> list[Pair]:
    """Return a word of the first and of the last profile that have one which stands in their name only."""
    by_record = {record: word for word, record in reversed(lexicon.only_in("name"))}
    held = [record for record in directory.seen if record in by_record]
    return [(by_record[record], record) for record in dict.fromkeys([*held[:1], *held[-1:]])]


def active_and_inactive(directory: Directory, lexicon: Lexicon) -> list[Pair]:
    """Return a word of an active profile and one of an inactive profile, each in its name only.

    :raises Inconclusive: if one of the two is missing.
    """
    found: dict[object, Pair] = {}
    for word, record in lexicon.only_in("name"):
        if record in directory.by_id:
            found.setdefault(directory.by_id[record].get("is_active"), (word, record))
    if not {True, False} <= set(found):
        raise Inconclusive(
            "no active profile, or no inactive one, has a word that stands in its name only"
        )
    return [found[True], found[False]]


def word_of_both_values(listed: Directory, lexicon: Lexicon, member: str) -> str | None:
    """Return a word of profiles with either value of a boolean member, None if there is none.

    On a slice of the list it can only be the word by which the slice was found.
    """
    yes, everybody = set(listed.matching(**{member: True})), set(listed.ids)
    words = [str(dict(listed.base).get("search", ""))] if listed.base else lexicon.shared()
    for word in words:
        holders = lexicon.must_find(word) & everybody
        if holders & yes and holders - yes:
            return word
    return None


def last_outside(ids: Sequence[str], excluded: Collection[str]) -> str | None:
    """Return the last of the ids that is not excluded, None if there is none."""
    return next((record for record in reversed(ids) if record not in excluded), None)


def shortened(listed: Directory, lexicon: Lexicon) -> list[tuple[str, dict[str, bool]]]:
    """Return the rarest ASCII word of a name, with filters by which a search for it finds few profiles.

    :param listed: the slice of a directory too large to be read, or the directory.
    """
    for word in filter(str.isascii, lexicon.rare()):
        found = lexicon.must_find(word)
        held = [row for record, row in listed.by_id.items() if record in found]
        if held:
            counts = Counter(map(_flags, held))
            return [(word, _filters(min(held, key=lambda row: counts[_flags(row)])))]
    return []


def narrowing(directory: Directory, record: str) -> dict[str, bool]:
    """Return filters that the profile matches, to shorten results of a directory too large to be read."""
    return {} if directory.complete else _filters(directory.by_id.get(record, {}))


def _filters(row: Row) -> dict[str, bool]:
    flags = {name: row.get(name) for name in _FLAGS}
    return {name: value for name, value in flags.items() if isinstance(value, bool)}
