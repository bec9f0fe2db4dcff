"""Finds the personal data in the responses of a run, and the parts of other texts that repeat them."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from conformance.contract.document import load
from conformance.http.client import Client
from conformance.http.exchange import Exchange
from conformance.privacy.json_pieces import Kind, Piece, cut, cut_object, decoded, literal
from conformance.privacy.lookups import Values, Within
from conformance.privacy.pseudonyms import ADDRESS, KEYS, MARKS, TIMESTAMP
from conformance.text.terms import STOP_WORDS
from conformance.text.uuids import UUID

NAMES = ("name", "display_name", "first_name", "last_name")
PERSONAL = (*NAMES, "email", "photo_url", "registration_number")
IMPERSONAL = ("id", "created_at", "updated_at")
"""Members of a profile that are not personal data, unless they contain a name."""

_OTHERS = ("title", "role", "bio", "qualifications", "professional_registration_body")
_RUN = re.compile(r"[^\W\d_]+|\d+")
_KEYS = re.compile(KEYS)
_ID_OR_TIME = re.compile(rf"{UUID}|{TIMESTAMP}|")
_DATE = r"\d{4}-\d\d-\d\d(?=[Tt])"
"""The date of a time, which may be spoilt behind it."""

_IMPERSONAL = re.compile(rf"(?<![\w-])(?:(?:{UUID}|{TIMESTAMP})(?![\w-])|{_DATE})|{MARKS}")
_EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]++@[\w-]++(?:\.[\w-]++)++")
_QUOTED = re.compile(
    # With the escapes of JSON and Python. A text that was cut may lack its last quotation mark.
    r"""(?<!\w)"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|(?<!\w)'[^'\\]*+(?:\\.[^'\\]*+)*+(?:'(?!\w)|\\?\Z)""",
    re.DOTALL,
)
_OWN = re.compile(r"""["'](?:Authorization: |https?://\S*/(?:clinician-profiles|locations)\S*\Z)""")
"""A quoted text of a curl line, which the suite wrote: a header or the URL."""

_ESCAPED = re.compile(r"""["'\\]""")
_ESCAPE = re.compile(r"\\(?:u[0-9a-f]{4}|x[0-9a-f]{2}|U[0-9a-f]{8}|[nrtbf])", re.IGNORECASE)

_TYPES = frozenset(
    {"null", "string", "boolean", "integer", "number", "object", "array", "true", "false"}
)
"""Words in the messages of a validator."""

_OF_CONTRACT = frozenset(
    [
        *load().members,
        *("data", "meta", "error", "code", "message", "request_id", "limit", "offset", "has_more"),
        *("next_offset", "search", "location_id"),
    ]
)
"""Names in the sentences and URLs of the suite: a profile that holds one as a value does not hide them."""

_NO_NAMES = STOP_WORDS | ADDRESS | _TYPES | _OF_CONTRACT

_CODE = re.compile(r'"[A-Z][A-Z0-9_]{0,60}"')
_HEX = re.compile(r"[0-9a-f]+")
_SHORTEST = 3
_DIGITS = 5
_GROUP = 8
_SMALL = re.compile(r"\d{1,2}(?:\.\d{1,2})?", re.ASCII)


class Span(NamedTuple):
    """A part of a text that is personal data.

    :param kind: a member name, ``word`` or ``value``.
    :param text: its value, which differs from the part of the text if that has escapes or other letter case.
    """

    start: int
    end: int
    kind: str
    text: str


def answers_of(client: Client) -> list[Exchange]:
    """Return all responses that a client has received, in the order of the transcript."""
    return [answer for answer in client.answers.values() if isinstance(answer, Exchange)]


_LITERALS = frozenset({"true", "false", "null"})
"""Words of JSON, which a body that is not JSON has too."""


class PersonalData:
    """The personal data in some responses.

    ``runs`` are all of their words and numbers in lower case; ``ids`` are the ids and times, which are not
    personal data.
    """

    def __init__(self, answers: Iterable[Exchange]) -> None:
        self.runs: set[str] = set()
        self.ids: set[str] = set()
        self._kinds: dict[str, str] = {}
        self._quoted: dict[str, str] = {}
        self._words: set[str] = set()
        self._named: dict[str, set[str]] = {}
        self._starts: dict[str, Values] = {}
        self._pieces: dict[int, tuple[str, list[Piece]]] = {}
        self._objects: dict[str, list[Piece]] = {}
        self._seen: set[tuple[str | None, str]] = set()
        codes: set[str] = set()
        for answer in answers:
            text, encoding = decoded(answer.body)
            # A body that no case parses is not cut: it may have millions of pieces.
            whole = [Piece(Kind.BARE, text)]
            pieces = whole if answer.unparsed else cut(text, error=answer.status >= 400)
            self._pieces[answer.number] = (encoding, pieces)
            for piece in pieces:
                if piece.kind is Kind.OBJECT:
                    self.object_pieces(piece.text)
                elif is_code(piece):
                    codes.add(lowered(literal(piece.text)))
                elif piece.kind is not Kind.PLAIN:
                    self._learn(piece)
        groups = (group for record in self.ids for group in record.split("-"))
        self._groups = {group for group in groups if _HEX.fullmatch(group)}
        # What is an id in another place stays in the transcript, so its words are no names.
        for text, words in self._named.items():
            if not self.is_impersonal(text):
                self._words |= words
        self._words -= _NO_NAMES | codes
        self._kinds = {
            value: kind
            for value, kind in self._kinds.items()
            if not self.is_impersonal(value) and value not in codes
        }
        self._quoted = {
            written: value for written, value in self._quoted.items() if written not in codes
        }
        for value in (*self._kinds, *self._quoted):
            first = _RUN.search(value)
            if first is not None and first.group() != value:
                self._starts.setdefault(first.group(), Values()).add(value)

    def is_impersonal(self, text: str) -> bool:
        """Return whether a text is not personal data: an id or a group of one, a time, a short number."""
        if _ID_OR_TIME.fullmatch(text):
            return True
        return (
            lowered(text) in self._groups
            if len(text) >= _GROUP
            else _SMALL.fullmatch(text) is not None
        )

    def pieces(self, answer: Exchange) -> tuple[str, list[Piece]]:
        """Return the encoding of the body of a response, and its pieces."""
        return self._pieces[answer.number]

    def object_pieces(self, flat: str) -> list[Piece]:
        """Return the pieces of an object of the data without nested objects."""
        if flat not in self._objects:
            self._objects[flat] = cut_object(flat)
            for piece in self._objects[flat]:
                self._learn(piece)
        return self._objects[flat]

    def _learn(self, piece: Piece) -> None:
        if piece.kind is Kind.DATA:
            if (piece.member, piece.text) in self._seen:
                return
            self._seen.add((piece.member, piece.text))
        elif piece.kind is not Kind.BARE:
            return
        text = literal(piece.text) if piece.kind is Kind.DATA else piece.text
        member = piece.member
        if member in IMPERSONAL or _ID_OR_TIME.fullmatch(text):
            self.ids.add(lowered(text))
            return
        if "$" in text:
            text = _KEYS.sub(" ", text)
        low = lowered(text)
        found = _RUN.findall(low)
        self.runs.update(found)
        if piece.kind is Kind.BARE:
            # A number, or text that is not JSON, in which words cannot be distinguished from values.
            found = [run for run in found if run.isdecimal() and len(run) >= _DIGITS]
            self._kinds.update(dict.fromkeys(found, _kind(member)))
            return
        value = _trimmed(low)
        if _is_long_enough(value) and value not in _NO_NAMES:
            self._kinds.setdefault(value, _kind(member))
            for written in _quotations(text):
                self._quoted.setdefault(_trimmed(_without_escapes(lowered(written))), value)
        if member in NAMES or member not in (*PERSONAL, *_OTHERS):
            self._named.setdefault(text, set()).update(
                lowered(word)
                for word in _RUN.findall(text)
                # In members outside of the contract, a capital letter marks a name.
                if (member in NAMES or word[0] != word[0].lower() or word[0] == word[0].upper())
                and not word[0].isdecimal()
                and _is_long_enough(word)
            )

    def kind(self, term: str) -> str | None:
        """Return the kind of a text in any letter case, None if the data do not contain it."""
        low = lowered(term)
        if low in _LITERALS or self.is_impersonal(term):
            return None
        trimmed = _trimmed(low)
        if trimmed in self._kinds and trimmed == low:
            return self._kinds[trimmed]
        if _EMAIL.fullmatch(term):
            return "email"
        is_word = low in self.runs and low not in _NO_NAMES
        return "word" if is_word and _is_long_enough(low) and not low.isdecimal() else None

    def spans(self, text: str, *, prose: bool = False) -> Iterator[Span]:
        """Yield the parts of a text that repeat personal data, in order.

        :param prose: whether the suite wrote the text. A single word then counts only in quotation marks.
        """
        addresses = deque(_addresses(text) if "@" in text else ())
        impersonal = Within(m.span() for m in _IMPERSONAL.finditer(text))
        quoted = Within(m.span() for m in _QUOTED.finditer(text) if not _OWN.match(m.group()))
        low = _without_escapes(lowered(text)) if prose else lowered(text)
        end = 0
        for run in _RUN.finditer(low):
            start = run.start()
            if start < end or start in impersonal:
                continue
            while addresses and addresses[0][0] < end:
                addresses.popleft()
            if addresses and start >= addresses[0][0]:
                first, end = addresses.popleft()
                yield Span(first, end, "email", text[first:end])
                continue
            if start and low[start - 1].isalnum():
                continue
            value = self._value_at(low, run, prose)
            if value is None:
                continue
            if prose and _is_single(value) and start not in quoted:
                continue
            end = start + len(value)
            value = self._quoted.get(value, value)
            yield Span(start, end, self._kinds.get(value, "word"), value)

    def _value_at(self, low: str, run: re.Match[str], prose: bool) -> str | None:
        """Return the longest value that starts at a word, otherwise the word if it is part of a name."""
        start = run.start()
        for value in self._values_at(low, run):
            end = start + len(value)
            if not low[end : end + 1].isalnum():
                if _RUN.fullmatch(value) and _is_joined(low, start, end):
                    continue
                rest = (name for name in _OF_CONTRACT if name.startswith(f"{value}_"))
                if low[end : end + 1] == "_" and any(low.startswith(name, start) for name in rest):
                    continue
                if prose or value in self._kinds:
                    return value
        if run.group() in self._words and not _is_joined(low, start, run.end()):
            return run.group()
        return None

    def _values_at(self, low: str, run: re.Match[str]) -> Iterator[str]:
        """Yield the values that start at a word, the longest first: the word itself may be one."""
        word = run.group()
        if word in self._starts:
            yield from self._starts[word].at(low, run.start())
        if word in self._kinds or word in self._quoted:
            yield word


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    for match in _EMAIL.finditer(text):
        # A leading quotation mark is not part of the address.
        yield match.end() - len(match.group().lstrip(".+%'-")), match.end()


def is_code(piece: Piece) -> bool:
    """Return whether a piece is the code of an error, which sentences name as it is."""
    is_named = piece.kind is Kind.ENVELOPE and piece.member == "code"
    return is_named and _CODE.fullmatch(piece.text) is not None


def lowered(text: str) -> str:
    """Return the text in lower case; characters whose lower case is longer stay."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def _without_escapes(text: str) -> str:
    """Return the text with blanks for the escapes of JSON and Python, whose letters belong to no word."""
    return _ESCAPE.sub(lambda match: " " * len(match.group()), text) if "\\" in text else text


def _quotations(text: str) -> list[str]:
    """Return how JSON and Python write a text between quotation marks, if not as it is."""
    if text.isprintable() and not _ESCAPED.search(text):
        return []
    written = (json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1])
    return [quotation for quotation in written if quotation != text]


def _trimmed(text: str) -> str:
    """Return the text from its first letter or digit to its last one."""
    if text[:1].isalnum() and text[-1].isalnum():
        return text
    first = next((index for index, char in enumerate(text) if char.isalnum()), len(text))
    last = next(
        (index for index in range(len(text), first, -1) if text[index - 1].isalnum()), first
    )
    return text[first:last]


def _kind(member: str | None) -> str:
    return member if member in PERSONAL else "value"


def _is_long_enough(text: str) -> bool:
    """Return whether a text has three bytes: three letters, or one of a script with one-letter names."""
    return len(text) >= _SHORTEST or len(text.encode("utf-8", "replace")) >= _SHORTEST


def _is_single(value: str) -> bool:
    """Return whether a value is one word, or a number too short to identify anything."""
    return value.isalpha() or (value.isdecimal() and len(value) < _DIGITS)


def _is_joined(low: str, start: int, end: int) -> bool:
    """Return whether a word is a part of a longer identifier, as in ``NOT_FOUND``."""
    around = low[max(start - 1, 0) : start] + low[end : end + 1]
    return any(char == "_" or char.isalnum() for char in around)
