"""Search terms: the words of profiles, and which of them make good witnesses.

The contract leaves open whether a server finds parts of words, ignores accents or stems words. It requires
that a whole word of a name, or the whole e-mail address, finds the profile, and that a term that occurs in no
profile finds nothing. So two bounds are predicted: the profiles that a search *must* find, and those that it
*may* find.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from itertools import combinations
from typing import Any

from conformance.directory.directory import Row
from conformance.directory.noted import noted, results_about
from conformance.directory.searched import SEARCHED, TELLING, haystack, hidden
from conformance.directory.words import LONG, SHORTEST, SIGNS, in_order, is_short, words
from conformance.errors import Inconclusive
from conformance.privacy.text_notes import Notes
from conformance.text.folding import STEM, folded, parts, stems
from conformance.text.terms import ABSENT, STOP_WORDS, engine_stop_words


def _listed(found: Iterable[str]) -> list[str]:
    return list(found)


def _pairs(found: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(word, record) for word, record in found]


class Lexicon:
    """The words of profiles.

    Only its public methods read the texts of profiles, and the results of all of them are recorded.

    :param rows: id → row.
    :param terms: the words that cases may search for if not all profiles are known: those whose results are
        short enough to be read completely. None if cases may search for any word.
    """

    def __init__(
        self,
        rows: Mapping[str, Row],
        terms: Sequence[str] | None = None,
        notes: Notes | None = None,
    ) -> None:
        self._rows = rows
        self._terms = terms
        self.notes = notes or Notes()

    @cached_property
    def basis(self) -> list[Any]:
        """All that the results depend on, as the key of a note."""
        return [hidden(self._rows.values(), (*SEARCHED, *TELLING)), self._terms]

    @cached_property
    def results(self) -> dict[Hashable, Any]:
        """What was found about these profiles by this or an earlier lexicon: what was asked → the result."""
        return results_about(self.content)

    @cached_property
    def content(self) -> str:
        """A digest of the profiles with all their members, and of the terms."""
        text = repr((list(self._rows.items()), self._terms))
        return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def _by_field(self) -> dict[str, dict[str, set[str]]]:
        """Field → word → ids of the profiles that hold it as a whole word."""
        index: dict[str, dict[str, set[str]]] = {name: {} for name in SEARCHED}
        for record, row in self._rows.items():
            for name in SEARCHED[:2]:
                for word in words(row.get(name)):
                    index[name].setdefault(word, set()).add(record)
        return index

    @cached_property
    def _haystacks(self) -> dict[str, dict[str, str]]:
        """Id → searched field → its folded text."""
        return {record: haystack(row) for record, row in self._rows.items()}

    @cached_property
    def frequency(self) -> Counter[str]:
        """Word → number of profiles that have it as a whole word in either name."""
        counts: Counter[str] = Counter()
        for record in self._rows:
            row = self._rows[record]
            counts.update(words(row.get("name")) | words(row.get("display_name")))
        return counts

    @noted(set)
    def must_find(self, word: str) -> set[str]:
        """Return the profiles with the word as a whole word in a name: a search must find them."""
        return self._holders(word.lower())

    def _holders(self, word: str) -> set[str]:
        return {record for name in SEARCHED[:2] for record in self._by_field[name].get(word, ())}

    @noted(set)
    def may_find(self, word: str) -> set[str]:
        """Return the profiles that a lawful search may find, as :func:`holders` does."""
        return self._matches(word)

    def _matches(self, word: str) -> set[str]:
        wanted = folded(word)
        found = {record for start in stems(word) for record in self._stems.get(start, ())}
        if wanted in self._everything:
            found |= {record for record, text in self._joined.items() if wanted in text}
        return found

    @cached_property
    def _joined(self) -> dict[str, str]:
        """Id → the folded text of all its searched fields."""
        return {record: "\n".join(fields.values()) for record, fields in self._haystacks.items()}

    @cached_property
    def _everything(self) -> str:
        """The folded text of all profiles: one look shows that a word is in none of them."""
        return "\n".join(self._joined.values())

    @cached_property
    def _stems(self) -> dict[str, set[str]]:
        """First letters of a word → ids of the profiles with such a word in a searched field."""
        index: dict[str, set[str]] = {}
        for record, text in self._joined.items():
            for part in parts(text):
                for length in range(1, STEM + 1):
                    index.setdefault(part[:length], set()).add(record)
        return index

    @noted(_pairs, literal=True)
    def only_in(self, field: str) -> list[tuple[str, str]]:
        """Return words that occur in one searched field of a profile and in neither of its other two.

        :returns: pairs of word and profile id, long ASCII words first, then the rarest; none for ``email``.
        """
        found = []
        for word, records in self._by_field[field].items():
            stem = folded(word)[:STEM]
            for record in records:
                others = (text for name, text in self._haystacks[record].items() if name != field)
                if not any(stem in text for text in others):
                    found.append((word, record))
        return sorted(found, key=lambda pair: (*_reach(pair[0]), self.frequency[pair[0]], pair))

    @noted(_pairs)
    def like(self, term: str, most: int = 3) -> list[tuple[str, str]]:
        """Return terms that a search treats like this one, of other profiles.

        For a word: words of the same name, ASCII ones for an ASCII one, long ones first, then those in the
        same place, of profiles that are alike, and about as frequent. For an address: addresses with the
        same special signs.

        :returns: pairs of term and profile id, each of another profile.
        """
        wanted = term.lower()
        address = "@" in wanted
        holders = self._holders_of_address(wanted) if address else self.must_find(wanted)
        model = self._kind(min(holders)) if holders else ()
        pairs = self._addresses(wanted) if address else self._words_of_name(wanted)
        count = self.frequency[wanted]

        def unlikeness(pair: tuple[str, str]) -> tuple[bool, bool, bool, int, int, tuple[str, str]]:
            kinds = zip(self._kind(pair[1]), model, strict=False)
            others = sum(one != two for one, two in kinds)
            rarity = abs(self.frequency[pair[0]] - count)
            is_other = pair[0].isascii() is not wanted.isascii()
            return is_other, is_short(pair[0]), pairs[pair], others, rarity, pair

        found: dict[str, str] = {}
        for other, record in sorted(pairs, key=unlikeness):
            if record not in holders and record not in found.values():
                found.setdefault(other, record)
        return list(found.items())[:most]

    def _words_of_name(self, wanted: str) -> dict[tuple[str, str], bool]:
        """Return the other words of the same name, with their profile → whether in another place of it."""
        places: dict[str, dict[tuple[str, str], set[int]]] = {name: {} for name in SEARCHED[:2]}
        for record, row in self._rows.items():
            for name, found in places.items():
                for index, word in enumerate(in_order(row.get(name))):
                    found.setdefault((word, record), set()).add(index)
        for found in places.values():
            own = {index for (word, _), at in found.items() if word == wanted for index in at}
            if own:
                return {pair: at.isdisjoint(own) for pair, at in found.items() if pair[0] != wanted}
        return {}

    def _addresses(self, wanted: str) -> dict[tuple[str, str], bool]:
        """Return the other addresses that have the same signs, and capitals if it has, with their profile."""
        emails = self.emails()
        stored = next((email for email, _ in emails if email.lower() == wanted), wanted)

        def kind(email: str) -> tuple[object, ...]:
            return set(SIGNS) & set(email), email == email.lower()

        return {
            (email, record): False
            for email, record in emails
            if email.lower() != wanted and kind(email) == kind(stored)
        }

    def _holders_of_address(self, wanted: str) -> set[str]:
        return {record for email, record in self.emails() if email.lower() == wanted}

    def _kind(self, record: str) -> tuple[object, ...]:
        """Return what may decide whether a search finds a profile: flags, lengths of names, no address."""
        row = self._rows[record]
        flags = (row.get("is_active"), row.get("is_bookable_online"))
        lengths = (len(str(row.get(name) or "").split()) for name in SEARCHED[:2])
        return (*flags, *lengths, row.get("email") is None)

    @noted(_pairs)
    def beside(self, word: str, most: int = 2) -> list[tuple[str, str]]:
        """Return other words of the same name of a profile that has this word, with the id of the profile."""
        wanted = word.lower()
        found = [
            (other, record)
            for name in SEARCHED[:2]
            for record in sorted(self._by_field[name].get(wanted, ()))
            for other in sorted(words(self._rows[record].get(name)) - {wanted})
        ]
        return sorted(found, key=lambda pair: (is_short(pair[0]), self.frequency[pair[0]]))[:most]

    @noted(bool)
    def has_long_word(self, address: str) -> bool:
        """Return whether an address has a word before the at sign that every engine keeps in its index."""
        return any(
            len(word) >= LONG and word not in STOP_WORDS and word not in engine_stop_words()
            for word in re.findall("[a-z]+", address.lower().partition("@")[0])
        )

    @noted(_listed, literal=True)
    def of(self, record: str) -> list[str]:
        """Return the words of a profile's names, the most frequent first."""
        row = self._rows.get(record, {})
        held = {word for name in SEARCHED[:2] for word in words(row.get(name))}
        return sorted(held, key=lambda word: (-self.frequency[word], word))

    @noted(_pairs)
    def emails(self) -> list[tuple[str, str]]:
        """Return pairs of e-mail address and profile id, first addresses that share no word with a name."""
        found = []
        for record, row in self._rows.items():
            email = row.get("email")
            if not isinstance(email, str) or "@" not in email:
                continue
            names = self._haystacks[record]["name"] + " " + self._haystacks[record]["display_name"]
            parts = [
                part
                for part in re.split(r"[\W_\d]+", folded(email.split("@")[0]))
                if len(part) >= SHORTEST
            ]
            found.append((any(part in names for part in parts), not email.isascii(), record, email))
        return [(email, record) for _, _, record, email in sorted(found)]

    @noted(lambda found: {name: (word, record) for name, (word, record) in found.items()})
    def elsewhere(self) -> dict[str, tuple[str, str]]:
        """Return a word of each field that must not be searched, which no searched field may match.

        :returns: field → (word, profile id); fields without such a word are left out.
        """
        found: dict[str, tuple[str, str]] = {}
        for name in TELLING:
            counts: Counter[str] = Counter()
            holder: dict[str, str] = {}
            for record, row in self._rows.items():
                for word in _terms(name, row):
                    counts[word] += 1
                    holder.setdefault(word, record)
            for word, _ in sorted(counts.items(), key=lambda item: (item[1], item[0])):
                if not self._matches(word):
                    found[name] = (word, holder[word])
                    break
        return found

    @noted(_listed)
    def shared(self, least: int = 2, most: int = 100) -> list[str]:
        """Return words that several profiles have, long ASCII words first, then the most frequent first."""
        if self._terms is not None:
            return [word for word in self._terms if self.frequency[word] >= least]
        good = [word for word, count in self.frequency.items() if least <= count <= most]
        return sorted(good, key=lambda word: (*_reach(word), -self.frequency[word], word))

    @noted(_listed)
    def contained(self) -> list[str]:
        """Return words that several profiles have, and others as a part of a word, most of these first."""
        others = {}
        for word in self.shared():
            held = {record for record, text in self._joined.items() if folded(word) in text}
            others[word] = len(held - self._holders(word))
        return sorted(filter(others.get, others), key=lambda word: -others[word])

    @noted(_listed)
    def together(self) -> list[str]:
        """Return the two words, forms of address included, that most profiles have in their names.

        :returns: none if no two profiles have the same two.
        """
        counts: Counter[tuple[str, str]] = Counter()
        for row in self._rows.values():
            found = {word for word in str(row.get("name")).lower().split() if word.isalpha()}
            counts.update(combinations(sorted(found), 2))
        best = min(counts, key=lambda pair: (-counts[pair], pair), default=())
        return list(best) if best and counts[best] > 1 else []

    @noted(_listed)
    def rare(self) -> list[str]:
        """Return words of names, long ASCII words first, then the rarest first."""
        words = self.frequency if self._terms is None else self._terms
        return sorted(words, key=lambda word: (*_reach(word), self.frequency[word], word))

    @noted(_listed)
    def with_an_i(self) -> list[str]:
        """Return the ASCII words of names with an i, whose letter case depends on the language."""
        return [word for word in self.rare() if word.isascii() and "i" in word]

    @noted(str)
    def absent(self) -> str:
        """Return a word that finds no profile.

        :raises Inconclusive: if every candidate occurs in the directory.
        """
        for word in ABSENT:
            if not self._matches(word):
                return word
        raise Inconclusive("every nonsense word of the suite occurs in the directory")


def _reach(word: str) -> tuple[bool, bool]:
    """Return the key that sorts words first which every engine can find."""
    return not word.isascii(), is_short(word)


def _terms(field: str, row: Mapping[str, Any]) -> set[str]:
    value = row.get(field)
    if field == "registration_number":
        return (
            {value}
            if isinstance(value, str) and value.isalnum() and len(value) >= SHORTEST
            else set()
        )
    return words(value)
