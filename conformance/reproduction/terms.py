"""How a search term follows from a profile of the target, so that a paste fetches it and names no person.

A term is described by parts of one text of one profile: which characters, and in which letter case. What
stands between them (signs, spaces) is written as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.contract.document import load
from conformance.http.exchange import Exchange
from conformance.privacy.personal_data import lowered
from conformance.target.credentials import OTHER, OWN

_RUN = re.compile(r"[^\W_]+")
_FIRST = ("name", "display_name", "email")
_SAME, _UPPER, _LOWER = "", "ascii_upcase", "ascii_downcase"

Hidden = Callable[[str], bool]
Part = tuple[int, int, str]
"""The first character, the one behind the last, and the filter of jq that gives the letter case."""


@dataclass(frozen=True)
class Derivation:
    """A text as parts of a member of a profile, with literal texts between."""

    record: str
    member: str
    parts: tuple[str | Part, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the derivation as JSON values."""
        return {"record": self.record, "member": self.member, "parts": list(self.parts)}

    @classmethod
    def of(cls, value: dict[str, Any]) -> Derivation:
        """Return the derivation that :meth:`as_json` wrote."""
        parts = (part if isinstance(part, str) else tuple(part) for part in value["parts"])
        return cls(value["record"], value["member"], tuple(parts))

    def expression(self, length: int) -> str:
        """Return the expression of jq on a profile.

        :param length: the number of characters of the text of the profile.
        """
        pieces = []
        for part in self.parts:
            if isinstance(part, str):
                pieces.append(_quoted(part))
                continue
            start, end, case = part
            piece = f".{self.member}"
            if (start, end) != (0, length):
                piece += f"[{start}:{end}]"
            pieces.append(f"({piece} | {case})" if case else piece)
        text = " + ".join(pieces)
        return text.removeprefix("(").removesuffix(")") if len(pieces) == 1 else f"({text})"


def _quoted(text: str) -> str:
    """Return a literal of jq in ASCII."""
    return json.dumps(text)


class Sources:
    """The profiles of a transcript, and from which exchange each can be fetched again."""

    def __init__(self, transcript: Sequence[Exchange]) -> None:
        self._at: dict[str, tuple[Exchange, dict[str, Any]]] = {}
        for exchange in transcript:
            if not _is_plain(exchange):
                continue
            rows = [exchange.member("data")] if exchange.is_record else exchange.rows
            for row in rows:
                record = row.get("id")
                if not isinstance(record, str):
                    continue
                known = self._at.get(record)
                if known is None or _cost(exchange) < _cost(known[0]):
                    self._at[record] = exchange, row

    def fetch(self, record: str) -> tuple[Exchange, dict[str, Any]] | None:
        """Return the plainest exchange that has a profile, and the profile."""
        return self._at.get(record)

    def derivation(self, text: str, hidden: Hidden, preferred: Sequence[str]) -> Derivation | None:
        """Return how a text follows from a profile, None if no profile explains it.

        :param hidden: returns whether a text is personal data.
        :param preferred: ids of the profiles that are taken if they explain it.
        """
        wanted = [run for run in map(lowered, _RUN.findall(text)) if hidden(run)]
        if not wanted and not hidden(text):
            return None
        best: tuple[tuple[bool, int, int], Derivation] | None = None
        for record, (_, row) in self._at.items():
            for order, member in enumerate(_members(row)):
                value = row[member]
                if wanted and not all(run in lowered(value) for run in wanted):
                    continue
                parts = _parts(text, value, hidden)
                if parts is None:
                    continue
                rank = (record.lower() not in preferred, len(parts), order)
                if best is None or rank < best[0]:
                    best = rank, Derivation(record, member, parts)
        return None if best is None else best[1]


def _members(row: dict[str, Any]) -> list[str]:
    """Return the members of the contract that are texts, those that are searched first."""
    names = [name for name in load().members if isinstance(row.get(name), str) and row[name]]
    return sorted(names, key=lambda name: (name not in _FIRST, names.index(name)))


def _is_plain(exchange: Exchange) -> bool:
    request = exchange.request
    return (
        request.method == "GET"
        and request.credential in (OWN, OTHER)
        and not request.headers
        and not request.content
        and (exchange.is_record or exchange.is_page)
        and all(name in ("limit", "offset") for name, _ in request.query)
    )


def _cost(exchange: Exchange) -> tuple[bool, int]:
    return not exchange.is_record, len(exchange.url)


def _parts(text: str, value: str, hidden: Hidden) -> tuple[str | Part, ...] | None:
    """Return a text as parts of a value; None if a hidden word of it is not there."""
    found: list[str | Part] = []
    low, place = lowered(value), 0
    for piece in _pieces(text):
        whole = lowered(piece)
        if not _RUN.fullmatch(piece) or (whole not in low and not hidden(piece)):
            _add(found, piece)
            continue
        start = low.find(whole, place)
        start = low.find(whole) if start < 0 else start
        if start < 0:
            return None
        cases = list(_cases(piece, value[start : start + len(piece)]))
        if None in cases:
            return None
        for first, last, case in (item for item in cases if item is not None):
            _add(found, (start + first, start + last, case))
        place = start + len(piece)
    if not any(isinstance(part, tuple) for part in found):
        return None
    return _joined(found, value)


def _pieces(text: str) -> Iterator[str]:
    end = 0
    for run in _RUN.finditer(text):
        if run.start() > end:
            yield text[end : run.start()]
        yield run.group()
        end = run.end()
    if end < len(text):
        yield text[end:]


def _cases(text: str, value: str) -> Iterator[Part | None]:
    """Yield the parts of a value that give a text, by places in the value; None for what none gives."""
    if len(text) != len(value):
        yield None
        return
    for whole, change in ((_SAME, str), (_UPPER, _upper), (_LOWER, _lower)):
        if change(value) == text:
            yield 0, len(text), whole
            return
    start = 0
    while start < len(text):
        case = _case(text[start], value[start])
        end = start + 1
        while end < len(text) and case is not None and _case(text[end], value[end]) == case:
            end += 1
        yield None if case is None else (start, end, case)
        start = end


def _case(char: str, original: str) -> str | None:
    if char == original:
        return _SAME
    if _upper(original) == char:
        return _UPPER
    return _LOWER if _lower(original) == char else None


def _upper(text: str) -> str:
    return "".join(char.upper() if char.isascii() else char for char in text)


def _lower(text: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in text)


def _add(parts: list[str | Part], part: str | Part) -> None:
    if parts and isinstance(part, str) and isinstance(parts[-1], str):
        parts[-1] += part
    else:
        parts.append(part)


def _joined(parts: list[str | Part], value: str) -> tuple[str | Part, ...]:
    """Return the parts with those that follow each other in the value, signs between included, as one."""
    found: list[str | Part] = []
    for part in parts:
        if isinstance(part, tuple) and len(found) >= 1:
            gap = found[-1] if isinstance(found[-1], str) else ""
            before = found[-2] if gap and len(found) > 1 else found[-1]
            if (
                isinstance(before, tuple)
                and before[2] == part[2]
                and value[before[1] : part[0]] == gap
                and before[1] <= part[0]
            ):
                del found[-2 if gap else -1 :]
                found.append((before[0], part[1], part[2]))
                continue
        found.append(part)
    return tuple(found)
