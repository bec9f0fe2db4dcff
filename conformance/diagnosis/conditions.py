"""Conditions in words: what holds for all requests that show a deviation, and for no other."""

from __future__ import annotations

import re
from collections.abc import Iterable

from conformance.diagnosis.context import Context
from conformance.diagnosis.literals import FILTERS

_SPOKEN = {
    "the operation is list": "a list is requested",
    "the operation is retrieve": "a profile is retrieved",
    "the operation is write": "the method writes",
    "the operation is other": "the path has another spelling",
}
_SIZE = re.compile(r"`(limit|offset)` is (?:above \d+|beyond \d+ bits)$")
"""A bound on one side; numbers on either side of two bounds show both."""


def worded(when: Iterable[str], shown: Iterable[Context]) -> str:
    """Return a condition as the part of a sentence that follows "if".

    A bound that only one number shows is not known: the number is named then, with the filters of the
    requests that have it.

    :param shown: the exchanges that deviate.
    """
    shown = list(shown)
    literals = sorted(when)
    texts = []
    for literal in literals:
        size = _SIZE.match(literal)
        numbers = {context.first(size.group(1)) for context in shown} if size is not None else set()
        texts.append(
            f"`{size.group(1)}` is {numbers.pop()}{_beside(shown, literals)}"
            if size is not None and len(numbers) == 1
            else _SPOKEN.get(literal, literal)
        )
    return " and ".join(texts)


def alternatives(whens: Iterable[frozenset[str]], shown: Iterable[Context]) -> str:
    """Return several conditions, of which each may be the right one, as the end of a sentence."""
    shown = list(shown)
    first, *others = (worded(when, shown) for when in whens)
    rest = " or ".join(f"if {other}" for other in others)
    return f" if {first}" + (f" (this run cannot tell: perhaps {rest})" if rest else "")


def in_common(shared: Iterable[str], shown: Iterable[Context]) -> str:
    """Return what too many conditions have in common, as the end of a sentence."""
    return (
        f" if {worded(shared, shown)}, but only under a further condition that this run cannot tell"
    )


def _beside(shown: Iterable[Context], literals: Iterable[str]) -> str:
    """Return the filters that all requests have and that no literal of the condition names."""
    text = " ".join(literals)
    common = [
        f"`{name}`"
        for name in FILTERS
        if all(name in context.parameters for context in shown) and f"`{name}`" not in text
    ]
    return f" beside {' and '.join(common)}" if common and "search" not in text else ""
