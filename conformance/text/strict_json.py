"""Strict JSON: UTF-8 without a byte order mark, no NaN or Infinity, no member twice in one object.

:mod:`json` alone accepts all of these and raises ``RecursionError`` for deep nesting.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed text. ``problem`` completes a sentence that names the text, such as ``is not JSON: …``.

    ``value`` is None if the text cannot be parsed at all. A constant such as NaN and a repeated member are
    problems too, but leave a value: None for the constant, the last of the repeated members.
    """

    value: Any
    problem: str | None


def parse(data: bytes) -> Parsed:
    """Parse a text; never raises."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Parsed(None, f"is not UTF-8: {error.reason} at byte {error.start}")
    if text.startswith("\ufeff"):
        return Parsed(None, "starts with a byte order mark")
    constants: list[str] = []
    repeated: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            repeated.extend(sorted({name for name in names if names.count(name) > 1}))
        return found

    try:
        value = json.loads(text, object_pairs_hook=members, parse_constant=constants.append)
    except (ValueError, RecursionError) as error:
        return Parsed(None, f"is not JSON: {error}")
    if constants:
        return Parsed(value, f"contains {constants[0]}, which is not JSON")
    if repeated:
        return Parsed(value, f"has the member {repeated[0]!r} twice in one object")
    return Parsed(value, None)


def loads(data: bytes) -> Any:
    """Return the value of a text.

    :raises ValueError: for a text that is not strict JSON; see :attr:`Parsed.problem`.
    """
    parsed = parse(data)
    if parsed.problem is not None:
        raise ValueError(parsed.problem)
    return parsed.value
