"""Takes people out of what a run leaves behind: pseudonyms in its transcript, masks in its report.

A transcript has to be judged again and come to the same report, so its pseudonyms are built like what they
stand for. A report is read by people, so its masks look like nothing but masks. Equal stays equal in both:
what was found can be followed without knowing who it is about. Masks are made from pseudonyms, so that the
report of a run and that of its replay have the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote, unquote, urlsplit

from conformance.http.client import Client, ExchangeOrError
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.privacy.json_pieces import Kind, Piece, chars, literal, rewritten
from conformance.privacy.personal_data import FREE, PERSONAL, PersonalData, answers_of, lowered
from conformance.privacy.pseudonyms import Pseudonyms
from conformance.target.target import Target

Called = tuple[str, str]

_LABEL = b"clinician-profiles-conformance: pseudonyms of a transcript"
_PARAMETER = re.compile(r"(?<=[?&])([\w.~%\[\]-]+)=([^&\s'\"]+)")
_TYPED = frozenset({"limit", "offset", "is_active", "is_bookable_online", "location_id"})
_TECHNICAL = re.compile(
    r"content-(?:type|length|encoding)|date|age|allow|vary|server|connection|keep-alive|retry-after"
    r"|transfer-encoding|cache-control|expires|last-modified|x-ratelimit-.*|x-content-type-options"
)
_PLAIN_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:; ?charset=[\w-]+)?|", re.IGNORECASE)
_BORN = re.compile("birth|born|dob", re.IGNORECASE)
_RUN = re.compile(r"\d+")
_SHORTEST = 3
_LONG_NUMBER = re.compile(r"\d{5,}")


@lru_cache(maxsize=256)
def _whole(part: str) -> re.Pattern[str]:
    """A part of a text that is not a part of a longer word."""
    return re.compile(rf"(?<![^\W_]){re.escape(part)}(?![^\W_])")


class Mask:
    """Masks for a report.

    :param salt: what makes the masks of one target differ from those of another.
    :param pseudonym: what a value is called in the transcript; in a replay it is called so already.
    """

    def __init__(
        self, known: PersonalData, salt: str, pseudonym: Callable[[str], str] = str
    ) -> None:
        self._known = known
        self._salt = salt
        self._pseudonym = pseudonym

    def text(self, text: str) -> str:
        """The text with masks in the place of what is somebody's."""
        text = _PARAMETER.sub(self._parameter, text)
        parts, end = [], 0
        for span in self._known.spans(text, prose=True):
            parts += [text[end : span.start], self._mask(span.kind, span.text)]
            end = span.end
        return "".join([*parts, text[end:]])

    def _parameter(self, match: re.Match[str]) -> str:
        """A parameter as it stands in a URL: masked if it says what the data hold."""
        name, value = match.groups()
        term = unquote(value)
        kind = None if name in _TYPED else self._known.kind(term)
        return match.group() if kind is None else f"{name}={self._mask(kind, term)}"

    def _mask(self, kind: str, value: str) -> str:
        name = f"{self._salt}\0{self._pseudonym(value).lower()}"
        digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return f"masked-{kind.replace('_', '-')}-{digest}"


def disguised(client: Client) -> Disguise:
    """Pseudonyms for all that a client was answered."""
    return Disguise(PersonalData(answers_of(client)), client.target)


class Disguise:
    """Pseudonyms for a transcript.

    :param known: what all of its answers hold.
    """

    def __init__(self, known: PersonalData, target: Target) -> None:
        self._known = known
        self._target = target
        # Where the target lies is nobody's, even if somebody is called as it is.
        own = (target.base_url, urlsplit(target.base_url).hostname)
        self._own = [(text, text) for text in own if text]
        key = target.own_key.encode("utf-8", "surrogateescape")
        self._pseudonyms = Pseudonyms(sha256(_LABEL + key).digest(), known.runs)
        self._pieces: dict[Piece, str] = {}

    def mask(self) -> Mask:
        """The masks of a report that goes with the transcript."""
        return Mask(self._known, self._target.base_url, self.value)

    def value(self, text: str) -> str:
        """The pseudonym of a text that is somebody's as a whole."""
        return self._pseudonyms.of(text)

    def term(self, text: str) -> str:
        """What a search term, or anything else that was sent, is called: itself, if the data lack it."""
        if self._known.is_free(text):
            return text
        if lowered(text) in self._known.ids:
            return self.text(text)
        return text if self._known.kind(text) is None else self.value(text)

    def text(self, text: str, sent: Sequence[Called] = ()) -> str:
        """A text that is nobody's, with pseudonyms where it repeats what is somebody's.

        :param sent: texts of which is known what they are called, such as what the suite had sent.
        """
        for place, (part, called) in enumerate(sent):
            if part in text:
                pieces = _whole(part).split(text)
                return called.join(self.text(piece, sent[place + 1 :]) for piece in pieces)
        parts, end = [], 0
        for span in self._known.spans(text):
            parts += [text[end : span.start], self.value(text[span.start : span.end])]
            end = span.end
        return "".join([*parts, text[end:]]) if parts else text

    def request(self, request: Request) -> Request:
        """The request, as the transcript has it."""
        query = tuple(
            (name, value if isinstance(value, bytes) else self._parameter(name, value))
            for name, value in request.query
        )
        headers = tuple((name, self.term(value)) for name, value in request.headers)
        head, _, last = request.path.rpartition("/")
        segment = unquote(last, errors="surrogateescape")
        path = request.path
        if (hidden := self._segment(segment)) != segment:
            path = f"{head}/{quote(hidden, safe='', errors='surrogateescape')}"
        if (path, query, headers) == (request.path, request.query, request.headers):
            return request
        return replace(request, path=path, query=query, headers=headers)

    def _parameter(self, name: str, value: str) -> str:
        is_id = name == "location_id" and lowered(value) in self._known.ids
        return value if name in _TYPED and not is_id else self.term(value)

    def _segment(self, segment: str) -> str:
        return self.text(segment) if segment != "clinician-profiles" else segment

    def answer(self, answer: ExchangeOrError | None, request: Request) -> ExchangeOrError | None:
        """The answer, as the transcript has it.

        :param request: what it came to, as it was sent.
        """
        sent = (*self._own, *self._sent(request))
        if answer is None:
            return None
        if not isinstance(answer, Exchange):
            return type(answer)(self.text(str(answer), sent))
        asked = self.request(request)
        return replace(
            answer,
            request=asked,
            url=self._target.base_url + asked.target,
            headers=tuple(
                (name, self._header(name, value, sent)) for name, value in answer.headers
            ),
            body=self._body(answer, sent),
        )

    def _sent(self, request: Request) -> list[Called]:
        """What was sent, longest first, with what it is called: so it is called wherever it comes back."""
        values = {
            value
            for name, value in request.query
            if isinstance(value, str) and name not in _TYPED and len(value) >= _SHORTEST
        }
        return [(value, self.term(value)) for value in sorted(values, key=len, reverse=True)]

    def _header(self, name: str, value: str, sent: Sequence[Called]) -> str:
        if _TECHNICAL.fullmatch(name) and (name != "content-type" or _PLAIN_TYPE.fullmatch(value)):
            return value
        return self.text(value, sent)

    def _body(self, answer: Exchange, sent: Sequence[Called]) -> bytes:
        encoding, pieces = self._known.pieces(answer)
        parts = [
            piece.text if piece.kind is Kind.PLAIN else self._piece(piece, sent) for piece in pieces
        ]
        return "".join(parts).encode(encoding, "surrogateescape")

    def _piece(self, piece: Piece, sent: Sequence[Called] = ()) -> str:
        if piece.kind is Kind.AROUND:
            return self._string(piece.text, lambda text: self.text(text, sent))
        found = self._pieces.get(piece)
        if found is None:
            found = self._pieces[piece] = self._hidden(piece)
        return found

    def _hidden(self, piece: Piece) -> str:
        if piece.kind is Kind.OBJECT:
            return "".join(
                part.text if part.kind is Kind.PLAIN else self._piece(part)
                for part in self._known.opened(piece.text)
            )
        if piece.kind is Kind.KEY:
            known = self._known.kind(literal(piece.text)) is not None
            return self._string(piece.text, self.value if known else self.text)
        if piece.kind is Kind.LOOSE:
            return self._loose(piece)
        if _BORN.search(piece.member or ""):
            # A moment, and somebody's all the same.
            return _RUN.sub(lambda match: self.value(match.group()), piece.text)
        free = piece.member in FREE or self._known.is_free(literal(piece.text))
        return self._string(piece.text, self.text if free else self.value)

    def _loose(self, piece: Piece) -> str:
        """A number as far as it may be somebody's; a text that is no JSON as a whole."""
        if any(char.isalpha() for char in piece.text.replace("e", "").replace("E", "")):
            return self.value(piece.text)
        if piece.member in PERSONAL:
            return self.value(piece.text)
        return _LONG_NUMBER.sub(lambda match: self.value(match.group()), piece.text)

    def _string(self, text: str, change: Callable[[str], str]) -> str:
        """A string with other letters, each written as the one whose place it takes."""
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
