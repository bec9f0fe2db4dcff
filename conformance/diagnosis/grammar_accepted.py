"""The part of the grammar that is about values that a server should refuse, and accepts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from conformance.diagnosis.context import LAST_OFFSET, Context, in_range
from conformance.diagnosis.forms import NOT_JUDGED, RIGHT, Aspect
from conformance.text.uuids import is_uuid

_REFUSED = (400, 422)
_ODD = re.compile(
    "malformed|is not valid|is repeated|notation|in brackets|capital letters|the term has"
)
_ABOUT = frozenset({"LIM-08", "LIM-13", "LIM-15", "LIM-16", "FIL-12", "FIL-14", "FIL-16"})
_VALID: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("limit", lambda text: in_range(text, 1, 100)),
    ("offset", lambda text: in_range(text, 0, LAST_OFFSET)),
    ("is_active", lambda text: text in ("true", "false")),
    ("is_bookable_online", lambda text: text in ("true", "false")),
    ("location_id", is_uuid),
)


def accepted() -> Iterator[Aspect]:
    """Yield which parameters can be accepted with a value that is not valid."""
    for name, is_valid in _VALID:
        yield Aspect(
            _accepted(name, is_valid),
            _ABOUT,
            "the framework converts what it can, and takes a default or nothing for the rest",
            f"check the text of `{name}`, and refuse what is not valid with 400",
            of_request=True,
        )


def _accepted(name: str, is_valid: Callable[[str], bool]) -> Callable[[Context], str | None]:
    def look(context: Context) -> str | None:
        texts = context.parameters.get(name, [])
        valid = "the key is valid" in context.literals
        if context.operation != "list" or not valid or len(texts) != 1 or is_valid(texts[0]):
            return NOT_JUDGED
        others = {literal for literal in context.literals if _ODD.search(literal)}
        if any(f"`{name}`" not in literal and "a boolean" not in literal for literal in others):
            return NOT_JUDGED  # another value may be what is refused
        if context.exchange.status == 200:
            return f"a value of `{name}` that is not valid is accepted"
        return RIGHT if context.exchange.status in _REFUSED else NOT_JUDGED

    return look
