"""Text from a target, made safe to print.

A target may send any character. None may move a cursor, reverse a line of text or break an XML document, so
characters without a glyph are printed as escapes.
"""

from __future__ import annotations

import re
import unicodedata

# Cc: control characters. Cf: invisible formatting such as bidirectional overrides and zero-width joiners.
# Cs: lone surrogates. Zl and Zp: separators that some programs read as the end of a line.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SURROGATES = re.compile("[\ud800-\udfff]")


def well_formed(text: str) -> str:
    """Return the text with U+FFFD in place of each lone surrogate, which no encoding of Unicode has."""
    return _SURROGATES.sub("\ufffd", text)


def visible(text: str, keep: str = "") -> str:
    r"""Return the text with each invisible character as an escape: ``\x1b``, ``\u202e``.

    :param keep: invisible characters that stay, such as a newline.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c in keep or not _invisible(c) else _escape(c) for c in text)


def fit(text: str, encoding: str) -> str:
    """Return the text with each character that the encoding lacks as an escape."""
    return text.encode(encoding, "backslashreplace").decode(encoding)


def can_show(text: str, encoding: str) -> bool:
    """Return whether the encoding has every character of the text."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _invisible(char: str) -> bool:
    # The last two code points of each plane are not characters; XML forbids U+FFFE and U+FFFF.
    return unicodedata.category(char) in _INVISIBLE or ord(char) & 0xFFFE == 0xFFFE


def _escape(char: str) -> str:
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    if named:
        return named
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
