"""Text from a target, made safe to print."""

from __future__ import annotations

import pytest

from conformance.text.printable import can_show, fit, visible


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Zoë Müller", "Zoë Müller"), ("a\x1b[2Jb", "a\\x1b[2Jb"), ("a\u202eb", "a\\u202eb"),
        ("a\r\n\tb", "a\\r\\n\\tb"), ("\ud800", "\\ud800"), ("\U000e0001", "\\U000e0001"),
        ("\u2028", "\\u2028"), ("\uffff", "\\uffff"), ("\U0001fffe", "\\U0001fffe"),
    ],
)  # fmt: skip
def test_invisible_characters_become_escapes(text: str, printed: str) -> None:
    assert visible(text) == printed


def test_characters_to_keep_stay() -> None:
    assert visible("a\nb\r", keep="\n") == "a\nb\\r"


def test_characters_that_the_encoding_lacks_become_escapes() -> None:
    assert fit("Zoë…", "latin-1") == "Zoë\\u2026"
    assert fit("Zoë", "utf-8") == "Zoë"


def test_whether_an_encoding_has_the_characters() -> None:
    assert can_show("Zoë", "latin-1")
    assert not can_show("…", "latin-1")
    assert not can_show("a", "no such encoding")
