"""Numbers, lists and long texts in sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: ``1 request``, ``1,000 requests``.

    :param many: the plural, if it is not ``one`` with an s.
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def be(count: int) -> str:
    """Return ``is`` or ``are`` for a subject of that number."""
    return "is" if count == 1 else "are"


def listing(items: Sequence[str], most: int) -> str:
    """Return the first items and the number of the others: ``a, b and 3 more``."""
    shown = ", ".join(items[:most])
    return shown if len(items) <= most else f"{shown} and {len(items) - most:,} more"


def shorten(text: str, most: int) -> str:
    """Return at most ``most`` characters of a text, with an ellipsis if some are left out."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def whole_words(text: str, most: int) -> str:
    """Return at most the first ``most`` characters of a text, without a part of a word at the end.

    Masking recognises whole names only, so a name must not be cut in two.
    """
    if len(text) <= most or not (text[most - 1].isalnum() and text[most].isalnum()):
        return text[:most]
    return re.sub(r"[^\W_]+\Z", "", text[:most])
