"""Pseudonyms for a transcript, so that it holds no personal data.

A replay of the transcript must lead to the same report, so pseudonyms preserve the format of the values, and
equal values have equal pseudonyms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from hashlib import sha256
from urllib.parse import quote, unquote, urlsplit

from conformance.http.client import Client, ExchangeOrError
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.privacy.json_pieces import (
    CONSTANTS,
    LITERALS,
    Kind,
    Piece,
    chars,
    literal,
    rewritten,
)
from conformance.privacy.masking import TYPED, Mask, in_urls, is_technical
from conformance.privacy.personal_data import (
    IMPERSONAL,
    PERSONAL,
    PersonalData,
    answers_of,
    is_code,
    lowered,
)
from conformance.privacy.pseudonyms import MARKS, Pseudonyms
from conformance.privacy.segments import decoded, respelled
from conformance.target.target import Target
from conformance.text.terms import DIRECTORIES, MADE_UP

Replacement = tuple[str, str]

_LABEL = b"clinician-profiles-conformance: pseudonyms of a transcript"
_RETURNED = frozenset({"etag", "last-modified", "set-cookie"})
"""Headers of a response whose values a client sends back."""

_BIRTH = re.compile("birth|born|dob", re.IGNORECASE)
_RUN = re.compile(r"\d+")
_NUMBER = re.compile(r"-?\d[\d.eE+-]*")
_LONG_NUMBER = re.compile(r"\d{5,}")
_INSIDE = re.compile(
    rf"(\b(?:{LITERALS})\b|(?<![\w/])/(?:{DIRECTORIES})(?:/[\w.@-]++)++(?::\d++)?"
    rf"|(?<!\w)[A-Za-z]:\\[\w\\.-]++|file://|\blocalhost\b|{MARKS})"
)
"""Constants of JSON, paths of files, SQL and traces in a text that is not JSON."""

_OF_NUMBER = re.compile(r"(?<![eE])(?<![eE][+-])(?<!\d)\d+")
"""The digits of a number, without its exponent: another one could be beyond the range of numbers."""


@lru_cache(maxsize=256)
def _standalone(part: str) -> re.Pattern[str]:
    """Return a pattern for a part of a text that is not a part of a longer word."""
    return re.compile(rf"(?<![^\W_]){re.escape(part)}(?![^\W_])")


def _has_words(text: str) -> bool:
    """Return whether a text has other letters than those of JSON's constants and numbers."""
    rest = CONSTANTS.sub("", text).replace("e", "").replace("E", "")
    return any(char.isalpha() for char in rest)


def disguised(client: Client) -> Disguise:
    """Return the pseudonyms for all responses that a client has received."""
    answers = answers_of(client)
    received = (pair for answer in answers for pair in answer.headers)
    return Disguise(PersonalData(answers), client.target, received)


class Disguise:
    """Pseudonyms for a transcript.

    :param known: the personal data of all of its responses.
    :param received: the headers of all of its responses: a client may send back their values.
    """

    def __init__(
        self, known: PersonalData, target: Target, received: Iterable[tuple[str, str]] = ()
    ) -> None:
        self._returned = {
            value.partition(";")[0].strip() if name == "set-cookie" else value
            for name, value in received
            if name in _RETURNED
        }
        self._known = known
        self._target = target
        # The address of the target is not personal data, even if it contains the name of a person.
        address = (target.base_url, urlsplit(target.base_url).hostname)
        self._address = [(text, text) for text in address if text]
        key = target.own_key.encode("utf-8", "surrogateescape")
        self._pseudonyms = Pseudonyms(sha256(_LABEL + key).digest(), known.runs)
        self._pieces: dict[Piece, str] = {}

    def mask(self) -> Mask:
        """Return the masks for the report that belongs to the transcript."""
        return Mask(self._known, self._target.base_url, self.value)

    def value(self, text: str) -> str:
        """Return the pseudonym of a text that is personal data as a whole."""
        return self._pseudonyms.of(text)

    def written(self, text: str) -> str:
        """Return a text of a profile as it stands in the transcript."""
        return self.text(text) if self._known.is_impersonal(text) else self.value(text)

    def term(self, text: str) -> str:
        """Return the pseudonym of a text that was sent, or the text itself if the data do not contain it."""
        ids = self._known.ids
        if self._known.is_impersonal(text) or lowered(text) in ids or _NUMBER.fullmatch(text):
            return self.text(text)
        if self._known.kind(text) is not None:
            return self.value(text)
        return text if MADE_UP in text else self.text(text)  # words of profiles, with signs between

    def sentence(self, text: str, sent: Sequence[Replacement] = ()) -> str:
        """Return a text that the suite wrote, with pseudonyms for the personal data that it quotes."""
        return self.text(in_urls(text, self._encoded, self._segment), sent, prose=True)

    def text(self, text: str, sent: Sequence[Replacement] = (), *, prose: bool = False) -> str:
        """Return a text with pseudonyms for the personal data in it.

        :param sent: texts with their replacements, which take precedence.
        :param prose: whether the suite wrote the text.
        """
        for index, (part, replacement) in enumerate(sent):
            if part in text:
                pieces = _standalone(part).split(text)
                rest = sent[index + 1 :]
                return replacement.join(self.text(piece, rest, prose=prose) for piece in pieces)
        parts, end = [], 0
        for span in self._known.spans(text, prose=prose):
            parts += [text[end : span.start], self.value(text[span.start : span.end])]
            end = span.end
        return "".join([*parts, text[end:]]) if parts else text

    def request(self, request: Request) -> Request:
        """Return the request as written in the transcript."""
        query = tuple(
            (name, value if isinstance(value, bytes) else self._parameter(name, value))
            for name, value in request.query
        )
        headers = tuple((name, self._sent_back(value)) for name, value in request.headers)
        path = "/".join(map(self._segment, request.path.split("/")))
        repeat = " ".join(map(self._named, request.repeat.split(" ")))
        new = replace(request, path=path, query=query, headers=headers, repeat=repeat)
        return request if new == request else new

    def _sent_back(self, value: str) -> str:
        """Return the value of a request header: one that was received is changed as in the response.

        The suite itself makes up all others, even if some response holds the same words.
        """
        parts = value.split("; ")
        is_returned = value in self._returned or self._returned.issuperset(parts)
        return self.text(value) if is_returned else value

    def _named(self, word: str) -> str:
        """Return a word of the reason of a repeat, which may be the target of a request."""
        if not word.startswith("/"):
            return word
        path, _, query = word.partition("?")
        pairs = (pair.partition("=") for pair in query.split("&") if pair)
        named = Request(path=path, query=tuple((unquote(a), unquote(b)) for a, _, b in pairs))
        return self.request(named).target if named.target == word else word

    def _parameter(self, name: str, value: str) -> str:
        is_id = name == "location_id" and lowered(value) in self._known.ids
        return value if name in TYPED and not is_id else self.term(value)

    def _encoded(self, name: str, value: str) -> str:
        term = unquote(value)
        hidden = self._parameter(name, term)
        return value if hidden == term else quote(hidden, safe="")

    def _segment(self, segment: str) -> str:
        """Return a segment of a path, each of which may be an id."""
        text = decoded(segment)
        hidden = text if text == "clinician-profiles" else self.text(text)
        return segment if hidden == text else respelled(segment, hidden)

    def answer(self, answer: ExchangeOrError | None, request: Request) -> ExchangeOrError | None:
        """Return the response or error as written in the transcript.

        :param request: the request as it was sent.
        """
        sent = (*self._address, *self._sent(request))
        if answer is None:
            return None
        if not isinstance(answer, Exchange):
            return type(answer)(self.sentence(str(answer), sent))
        hidden = self.request(request)
        return replace(
            answer,
            request=hidden,
            url=self._target.base_url + hidden.shown_target,
            headers=tuple(
                (name, self._header(name, value, sent)) for name, value in answer.headers
            ),
            body=self._body(answer, sent),
        )

    def _sent(self, request: Request) -> list[Replacement]:
        """Return the texts of a query with their pseudonyms, longest first, to replace echoes."""
        values = {
            value
            for name, value in request.query
            if isinstance(value, str) and name not in TYPED and len(value) >= 3
        }
        return [(value, self.term(value)) for value in sorted(values, key=len, reverse=True)]

    def _header(self, name: str, value: str, sent: Sequence[Replacement]) -> str:
        return value if is_technical(name, value) else self.text(value, sent)

    def _body(self, answer: Exchange, sent: Sequence[Replacement]) -> bytes:
        encoding, pieces = self._known.pieces(answer)
        parts = [
            piece.text if piece.kind is Kind.PLAIN else self._piece(piece, sent) for piece in pieces
        ]
        return "".join(parts).encode(encoding, "surrogateescape")

    def _piece(self, piece: Piece, sent: Sequence[Replacement] = ()) -> str:
        if piece.kind is Kind.ENVELOPE:
            if is_code(piece):
                return piece.text
            # Between strings of JSON, null is a value even if a profile holds it as a name.
            whole = piece.text.startswith('"') or _has_words(piece.text)
            parts = [piece.text] if whole else CONSTANTS.split(piece.text)
            parts[::2] = [
                self._string(part, lambda text: self.text(text, sent)) for part in parts[::2]
            ]
            return "".join(parts)
        if piece.kind is Kind.BARE:  # seldom twice the same, and there may be many
            return self._bare(piece)
        found = self._pieces.get(piece)
        if found is None:
            found = self._pieces[piece] = self._hidden(piece)
        return found

    def _hidden(self, piece: Piece) -> str:
        if piece.kind is Kind.OBJECT:
            return "".join(
                part.text if part.kind is Kind.PLAIN else self._piece(part)
                for part in self._known.object_pieces(piece.text)
            )
        if piece.kind is Kind.KEY:
            known = self._known.kind(literal(piece.text)) is not None
            return self._string(piece.text, self.value if known else self.text)
        if _BIRTH.search(piece.member or ""):
            # A date of birth is personal data, unlike other dates.
            return _RUN.sub(lambda match: self.value(match.group()), piece.text)
        impersonal = piece.member in IMPERSONAL or self._known.is_impersonal(literal(piece.text))
        return self._string(piece.text, self.text if impersonal else self.value)

    def _bare(self, piece: Piece) -> str:
        """Replace the long numbers in JSON, and all words in text that is not JSON; its constants stay.

        In what shows the inside of a server (a path, SQL, a trace) only known words are replaced.
        """
        is_text = _has_words(piece.text)
        parts = (_INSIDE if is_text else CONSTANTS).split(piece.text)
        change: Callable[[str], str]
        if is_text:
            change = self.value
            parts[1::2] = map(self.text, parts[1::2])
        elif piece.member in IMPERSONAL:
            change = partial(_OF_NUMBER.sub, lambda match: self.text(match.group()))
        else:
            digits = _OF_NUMBER if piece.member in PERSONAL else _LONG_NUMBER
            change = partial(digits.sub, lambda match: self.value(match.group()))
        parts[::2] = map(change, parts[::2])
        return "".join(parts)

    def _string(self, text: str, change: Callable[[str], str]) -> str:
        """Change the characters of a JSON string, and keep the spelling of each."""
        start = 1 if text.startswith('"') else 0
        end = len(text) - 1 if start and len(text) > 1 and text.endswith('"') else len(text)
        inside = text[start:end]
        if "\\" not in inside:
            return text[:start] + change(inside) + text[end:]
        pairs = list(chars(inside))
        others = change("".join(char for char, _ in pairs))
        parts = (
            written if char == other else rewritten(other, written)
            for (char, written), other in zip(pairs, others, strict=True)
        )
        return text[:start] + "".join(parts) + text[end:]
