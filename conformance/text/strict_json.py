"""Strict JSON: UTF-8 without a byte order mark, no NaN or Infinity, no member twice in one object.

:mod:`json` alone accepts all of these and raises ``RecursionError`` for deep nesting. Time and memory are
linear in the length of the text.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from conformance.text.printable import well_formed
from conformance.text.wording import whole_words

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_BRACKET = re.compile(r"[\[\]{}]")
_NESTING = frozenset({list, dict})
_LARGEST_POWER = 308
"""The power of ten below which 64 bits hold every number."""

_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most levels, values, members of one object and digits of one number that a text may have."""

    depth: int
    values: int
    members: int
    digits: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed text. ``problem`` completes a sentence that names the text, such as ``is not JSON: …``.

    ``value`` is None if the text cannot be parsed at all. A constant such as NaN and a repeated member are
    problems too, but leave a value: None for the constant, the last of the repeated members. ``excess``
    says that the problem is a bound, and nothing of the text is known; ``unparsed``, that the bound is one on
    levels or values.
    """

    value: Any
    problem: str | None
    excess: bool = False
    unparsed: bool = False


class _Beyond(ValueError):
    """A text exceeds a bound."""


def parse(data: bytes, bounds: Bounds | None = None) -> Parsed:
    """Parse a text; never raises.

    :param bounds: those of a text of a target. Half of a surrogate pair in it, as an escape, then becomes
        U+FFFD: it is no character, and no file can hold it.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Parsed(None, f"is not UTF-8: {error.reason} at byte {error.start:,}")
    if text.startswith("\ufeff"):
        return Parsed(None, "starts with a byte order mark")
    # These counts include signs within strings, so that most texts need no closer look.
    if bounds is not None and _signs(text) >= bounds.values <= _signs(_bare(text)):
        return Parsed(None, f"has more than {bounds.values:,} values", excess=True, unparsed=True)
    hooks = _Hooks(bounds)
    try:
        value = json.loads(
            text,
            object_pairs_hook=hooks.members,
            parse_constant=hooks.constants.append,
            parse_int=hooks.integer,
            parse_float=hooks.number,
        )
        if bounds is not None and _nests_deeper(value, bounds.depth):
            return _too_deep(bounds)
        if bounds is not None and _SURROGATE.search(text):
            value = _well_formed(value)
    except _Beyond as error:
        return Parsed(None, str(error), excess=True)
    except (ValueError, RecursionError) as error:
        if bounds is not None and _opens_more(text, bounds.depth):
            return _too_deep(bounds)
        return Parsed(None, f"is not JSON: {_explained(error)}")
    return Parsed(value, hooks.problem)


def _explained(error: ValueError | RecursionError) -> str:
    if not isinstance(error, json.JSONDecodeError):
        return str(error)
    # With commas, so that no number of a place looks like one of the data.
    return f"{error.msg}: line {error.lineno:,} column {error.colno:,} (char {error.pos:,})"


def loads(data: bytes) -> Any:
    """Return the value of a text.

    :raises ValueError: for a text that is not strict JSON; see :attr:`Parsed.problem`.
    """
    parsed = parse(data)
    if parsed.problem is not None:
        raise ValueError(parsed.problem)
    return parsed.value


class _Hooks:
    """What the parser calls for each object, number and constant."""

    def __init__(self, bounds: Bounds | None) -> None:
        self._bounds = bounds
        self._repeated: str | None = None
        self.constants: list[str] = []

    @property
    def problem(self) -> str | None:
        """What makes a text that was parsed no strict JSON."""
        if self.constants:
            return f"contains {self.constants[0]}, which is not JSON"
        if self._repeated is not None:
            name = whole_words(well_formed(self._repeated), _LONGEST_NAME)
            return f"has the member {name!r} twice in one object"
        return None

    def members(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Return an object."""
        if self._bounds is not None and len(pairs) > self._bounds.members:
            raise _Beyond(f"has more than {self._bounds.members:,} members in one object")
        found = dict(pairs)
        if len(found) != len(pairs) and self._repeated is None:
            counts = Counter(name for name, _ in pairs)
            self._repeated = min(name for name, count in counts.items() if count > 1)
        return found

    def integer(self, text: str) -> int:
        """Return a number without fraction and exponent."""
        self._check(text)
        return int(text)

    def number(self, text: str) -> float:
        """Return any other number."""
        self._check(text)
        if self._bounds is not None:
            digits, _, power = text.lower().partition("e")
            before = len(digits.partition(".")[0].lstrip("-"))
            # By its text alone: a pseudonym of the number is beyond the bound too, or not as well.
            if len(power) > len("+308") or before + int(power or 0) > _LARGEST_POWER:
                raise _Beyond("has a number that 64 bits cannot hold (IEEE 754)")
        return float(text)

    def _check(self, text: str) -> None:
        if self._bounds is not None and len(text) > self._bounds.digits:
            raise _Beyond(f"has a number of more than {self._bounds.digits} digits")


def _too_deep(bounds: Bounds) -> Parsed:
    problem = f"nests deeper than {bounds.depth} levels"
    return Parsed(None, problem, excess=True, unparsed=True)


def _signs(text: str) -> int:
    """Return how many signs of a text begin another value."""
    return text.count("[") + text.count("{") + text.count(",")


def _bare(text: str) -> str:
    """Return a text without its strings."""
    # Without what a backslash escapes, every other part between quotes is outside a string.
    return "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])


def _opens_more(text: str, depth: int) -> bool:
    """Return whether a text that is no JSON opens more levels than ``depth`` before it closes them."""
    level = 0
    for sign in _BRACKET.findall(_bare(text)):
        level += 1 if sign in "[{" else -1
        if level > depth:
            return True
    return False


def _nests_deeper(value: Any, depth: int) -> bool:
    """Return whether a value has more levels of arrays and objects than ``depth``."""
    nested = [value] if type(value) in _NESTING else []
    for _ in range(depth):
        nested = [
            member
            for outer in nested
            for member in (outer if type(outer) is list else outer.values())
            if type(member) in _NESTING
        ]
        if not nested:
            return False
    return bool(nested)


def _well_formed(value: Any) -> Any:
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, dict):
        return {well_formed(name): _well_formed(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_well_formed(member) for member in value]
    return value
