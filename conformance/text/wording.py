"""Numbers, lists and long texts in sentences."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

_LONGEST = 80
_ADDRESS_END = re.compile(r"(?<![\w.+%'@-])[\w.+%'-]*+@[\w.+%'@-]*+\Z")
_IN_ADDRESS = re.compile(r"[\w.-]")


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
    """Return at most the first ``most`` characters of a text, without a part of a word or address at the end.

    Masking recognises whole names and e-mail addresses only, so none must be cut in two.
    """
    start = text[:most]
    if len(text) <= most:
        return start
    address = _ADDRESS_END.search(start)
    if address and _IN_ADDRESS.match(text, most):
        return start[: address.start()]
    if not (start[-1:].isalnum() and text[most].isalnum()):
        return start
    return re.sub(r"[^\W_]+\Z", "", start)


def kind_of(value: object) -> str:
    """Return the JSON type of a value, with its article."""
    names = {
        dict: "an object",
        list: "an array",
        str: "a string",
        bool: "a boolean",
        int: "an integer",
        float: "a number",
    }
    return "null or absent" if value is None else names.get(type(value), type(value).__name__)


def written(value: object) -> str:
    """Return a value of the target as JSON, with quotation marks around a text, so that it can be masked.

    Of a long one only what it is: a part of a name cannot be masked.
    """
    text = json.dumps(value, ensure_ascii=False, default=repr)
    if len(text) <= _LONGEST:
        return text
    return f"a string of {len(value):,} characters" if isinstance(value, str) else kind_of(value)
