"""Strings that a target sent, made safe to show.

A target may send any character. None may move a cursor, reverse a line of text or break an XML
document, so whatever has no shape of its own is written as its escape.
"""

from __future__ import annotations

import unicodedata

# Cc controls, Cf invisible formatting (bidirectional overrides, zero-width joiners), Cs lone
# surrogates, Zl and Zp separators that some readers take for the end of a line.
_SHAPELESS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str, keep: str = "") -> str:
    r"""`text` with every character that has no shape written as `\x1b`, `\u202e` or the like.

    Characters in `keep` (such as a newline) stay as they are. Plain text is returned unchanged.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c in keep or not _shapeless(c) else _escape(c) for c in text)


def fit(text: str, encoding: str) -> str:
    """`text` with every character that `encoding` does not have written as its escape."""
    return text.encode(encoding, "backslashreplace").decode(encoding)


def can_show(text: str, encoding: str) -> bool:
    """Whether `encoding` has every character of `text`."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def shorten(text: str, length: int) -> str:
    """`text`, cut to at most `length` characters with three dots where something was left off."""
    return text if len(text) <= length else text[: length - 3] + "..."


def plural(count: int, one: str, many: str | None = None) -> str:
    """`count` and its noun: `1 request`, `2 requests`, `1,000 requests`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _shapeless(char: str) -> bool:
    # U+FFFE and U+FFFF of each plane are no characters at all; XML forbids the first pair.
    return unicodedata.category(char) in _SHAPELESS or ord(char) & 0xFFFE == 0xFFFE


def _escape(char: str) -> str:
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    if named:
        return named
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
