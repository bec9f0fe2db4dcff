"""What the answers of a run tell of people, and where a text repeats it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from conformance.http.client import Client
from conformance.http.exchange import Exchange
from conformance.privacy.json_pieces import Kind, Piece, cut, decoded, literal, opened
from conformance.privacy.pseudonyms import ADDRESS, KEYS, TIMESTAMP
from conformance.text.terms import STOP_WORDS
from conformance.text.uuids import UUID

NAMES = ("name", "display_name", "first_name", "last_name")
PERSONAL = (*NAMES, "email", "photo_url", "registration_number")
FREE = ("id", "created_at", "updated_at")
"""Members of a profile that say nothing of a person, unless somebody is named in them."""

_OTHERS = ("title", "role", "bio", "qualifications", "professional_registration_body")
_RUN = re.compile(r"[^\W\d_]+|\d+")
_KEYS = re.compile(KEYS)
_NOBODY = re.compile(rf"{UUID}|{TIMESTAMP}|")
_NOBODYS = re.compile(rf"(?<![\w-])(?:{UUID}|{TIMESTAMP})(?![\w-])")
_EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]++@[\w-]++(?:\.[\w-]++)++")
_QUOTED = re.compile(r"""(?<!\w)"[^"]*"|(?<!\w)'[^']*'(?!\w)""")
_OWN = re.compile("://|Authorization: ")  # URLs and headers, as a curl line has them
_SHORTEST = 3
_DIGITS = 5
_GROUP = 8
_SMALL = re.compile(r"\d{1,2}", re.ASCII)


class Span(NamedTuple):
    """A part of a text that is somebody's, and of what kind: a member's name, ``word`` or ``value``.

    ``text`` is what it says, in whatever letter case, where quotation has written it in another way.
    """

    start: int
    end: int
    kind: str
    text: str


def answers_of(client: Client) -> list[Exchange]:
    """All answers that a client was given, in the order of the record."""
    return [answer for answer in client.answers.values() if isinstance(answer, Exchange)]


class PersonalData:
    """What the data of some answers hold.

    ``runs`` are their words and numbers in lower case, all of them; ``ids`` what is nobody's: ids and times.
    """

    def __init__(self, answers: Iterable[Exchange]) -> None:
        self.runs: set[str] = set()
        self.ids: set[str] = set()
        self._kinds: dict[str, str] = {}
        self._quoted: dict[str, str] = {}
        self._words: set[str] = set()
        self._starts: dict[str, list[str]] = {}
        self._pieces: dict[int, tuple[str, list[Piece]]] = {}
        self._objects: dict[str, list[Piece]] = {}
        self._seen: set[tuple[str | None, str]] = set()
        for answer in answers:
            text, encoding = decoded(answer.body)
            pieces = cut(text, error=answer.status >= 400)
            self._pieces[answer.number] = (encoding, pieces)
            for piece in pieces:
                if piece.kind is Kind.OBJECT:
                    self.opened(piece.text)
                elif piece.kind is not Kind.PLAIN:
                    self._learn(piece)
        self._words -= STOP_WORDS | ADDRESS
        self._groups = {group for record in self.ids for group in record.split("-")}
        self._kinds = {
            value: kind for value, kind in self._kinds.items() if not self.is_free(value)
        }
        for value in (*self._kinds, *self._quoted):
            first = _RUN.search(value)
            if first is not None:
                self._starts.setdefault(first.group(), []).append(value)
        for values in self._starts.values():
            values.sort(key=len, reverse=True)

    def is_free(self, text: str) -> bool:
        """Whether a text of the data is nobody's: an id, a group of one, a moment, a digit or two."""
        if _NOBODY.fullmatch(text):
            return True
        return (
            lowered(text) in self._groups
            if len(text) >= _GROUP
            else _SMALL.fullmatch(text) is not None
        )

    def pieces(self, answer: Exchange) -> tuple[str, list[Piece]]:
        """The pieces of the body of one of the answers, with its encoding."""
        return self._pieces[answer.number]

    def opened(self, flat: str) -> list[Piece]:
        """The pieces of an object of the data that holds no other."""
        if flat not in self._objects:
            self._objects[flat] = opened(flat)
            for piece in self._objects[flat]:
                self._learn(piece)
        return self._objects[flat]

    def _learn(self, piece: Piece) -> None:
        if piece.kind not in (Kind.DATA, Kind.LOOSE) or (piece.member, piece.text) in self._seen:
            return
        self._seen.add((piece.member, piece.text))
        text = literal(piece.text) if piece.kind is Kind.DATA else piece.text
        if "$" in text:
            text = _KEYS.sub(" ", text)
        member = piece.member
        if member in FREE or _NOBODY.fullmatch(text):
            self.ids.add(lowered(text))
            return
        low = lowered(text)
        found = _RUN.findall(low)
        self.runs.update(found)
        if piece.kind is Kind.LOOSE:
            # A number, or no JSON at all: then there are words, and nobody can say which are a value.
            found = [run for run in found if run.isdecimal() and len(run) >= _DIGITS]
            self._kinds.update(dict.fromkeys(found, _kind(member)))
            return
        value = _trimmed(low)
        if _is_long_enough(value) and value not in STOP_WORDS and value not in ADDRESS:
            self._kinds.setdefault(value, _kind(member))
            for written in (json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]):
                if written != text:
                    self._quoted.setdefault(_trimmed(lowered(written)), value)
        if member in NAMES or member not in (*PERSONAL, *_OTHERS):
            self._words.update(
                lowered(word)
                for word in _RUN.findall(text)
                # In members that the contract does not know, a name is told by how it is written.
                if (member in NAMES or word[0] != word[0].lower() or word[0] == word[0].upper())
                and not word[0].isdecimal()
                and _is_long_enough(word)
            )

    def kind(self, term: str) -> str | None:
        """What a text is as a whole, in whatever letter case; None where the data do not hold it."""
        low = lowered(term)
        trimmed = _trimmed(low)
        if trimmed in self._kinds and trimmed == low:
            return self._kinds[trimmed]
        if _EMAIL.fullmatch(term):
            return "email"
        is_word = low in self.runs and low not in STOP_WORDS and low not in ADDRESS
        return "word" if is_word and _is_long_enough(low) and not low.isdecimal() else None

    def spans(self, text: str, *, prose: bool = False) -> Iterator[Span]:
        """Where a text repeats what is somebody's, from its start to its end.

        :param prose: it has words of the suite's own, so a single word counts only within quotation marks.
        """
        addresses = [*_addresses(text)] if "@" in text else []
        nobodys = [m.span() for m in _NOBODYS.finditer(text)]
        quoted = [m.span() for m in _QUOTED.finditer(text) if not _OWN.search(m.group())]
        low = lowered(text)
        end = 0
        for run in _RUN.finditer(low):
            start = run.start()
            if start < end or (nobodys and any(first <= start < last for first, last in nobodys)):
                continue
            while addresses and addresses[0][0] < end:
                addresses.pop(0)
            if addresses and start >= addresses[0][0]:
                first, end = addresses.pop(0)
                yield Span(first, end, "email", text[first:end])
                continue
            if start and low[start - 1].isalnum():
                continue
            value = self._at(low, run, prose)
            if value is None:
                continue
            if prose and _is_single(value) and not any(a <= start < b for a, b in quoted):
                continue
            end = start + len(value)
            said = self._quoted.get(value, value)
            yield Span(start, end, self._kinds.get(said, "word"), said)

    def _at(self, low: str, run: re.Match[str], prose: bool) -> str | None:
        """The longest value, else the word of a name, that stands at a place of a text."""
        start = run.start()
        for value in self._starts.get(run.group(), ()):
            end = start + len(value)
            if low.startswith(value, start) and not low[end : end + 1].isalnum():
                if _RUN.fullmatch(value) and _is_joined(low, start, end):
                    continue
                if prose or value in self._kinds:
                    return value
        if run.group() in self._words and not _is_joined(low, start, run.end()):
            return run.group()
        return None


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    for match in _EMAIL.finditer(text):
        # A quotation mark before it is none of it.
        yield match.end() - len(match.group().lstrip(".+%'-")), match.end()


def lowered(text: str) -> str:
    """The text in lower case, as long as it was."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def _trimmed(text: str) -> str:
    """The text from its first letter or digit to its last."""
    first = next((place for place, char in enumerate(text) if char.isalnum()), len(text))
    last = next(
        (place for place in range(len(text), first, -1) if text[place - 1].isalnum()), first
    )
    return text[first:last]


def _kind(member: str | None) -> str:
    return member if member in PERSONAL else "value"


def _is_long_enough(text: str) -> bool:
    """Three letters, or one of a script that writes names with one."""
    return len(text) >= _SHORTEST or len(text.encode("utf-8", "replace")) >= _SHORTEST


def _is_single(value: str) -> bool:
    """Whether it is one word, or a number that many things may have."""
    return value.isalpha() or (value.isdecimal() and len(value) < _DIGITS)


def _is_joined(low: str, start: int, end: int) -> bool:
    """Whether a word is a part of a longer name, as in ``NOT_FOUND``."""
    around = low[max(start - 1, 0) : start] + low[end : end + 1]
    return any(char == "_" or char.isalnum() for char in around)
