"""Text on a console is wrapped at spaces only."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from conformance.report.lines import Lines, make_console, say, wrapped

SENTENCE = (
    "Judging 0f8fad5b-d9cb-469f-a165-70867728950e of "
    "https://api.example.com/api-v1/clinician-profiles?limit=100&offset=163, "
    "report in /home/build/reports/20260302T101504Z-embedded/report.html"
)


@given(
    st.lists(st.text("abc-/:.?&", min_size=1, max_size=60), min_size=1),
    st.integers(min_value=1, max_value=120),
)
def test_no_word_is_broken(words: list[str], width: int) -> None:
    lines = wrapped(" ".join(words), width)
    assert [word for line in lines for word in line.split(" ")] == words
    assert all(len(line) <= width or " " not in line for line in lines)


def test_spaces_inside_a_line_are_kept() -> None:
    assert wrapped('  "id":  7', 20) == ['  "id":  7']
    assert wrapped("", 20) == [""]


def test_a_line_may_end_between_chinese_characters() -> None:
    assert wrapped("診療所診療所", 6) == ["診療所", "診療所"]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_sentence_on_a_terminal(width: int) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=width, color_system=None)
    say(SENTENCE, console)
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert text.split() == SENTENCE.split()
    assert all(len(line) <= width or " " not in line for line in text.splitlines())


def test_a_sentence_in_a_log_is_one_line() -> None:
    file = io.StringIO()
    say(SENTENCE, make_console(file))
    assert file.getvalue() == f"{SENTENCE}\n"


def test_a_block_has_a_margin() -> None:
    file = io.StringIO()
    console = make_console(file)
    console.width = 30
    Lines(console).block("the value of a member is long\n\nsecond line", "label   ")
    assert file.getvalue().splitlines() == [
        "label   the value of a member",
        "        is long",
        "",
        "        second line",
    ]
