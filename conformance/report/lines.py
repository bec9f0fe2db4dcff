"""Lines on a console: wrapped between words, safe to print, as wide as the window.

An id, a URL or a path is never broken, so that it can be copied from the terminal. A word that is wider than
the window stays whole on a line of its own.
"""

from __future__ import annotations

import re
from typing import IO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from conformance.text.printable import fit, visible

NARROWEST = 20
"""Columns that wrapped text gets at least, however little room its margin leaves."""

# Chinese and Japanese have no spaces between words: a line may end after each of these characters.
_WIDE = "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\U0001f300-\U0003fffd"
_PIECES = re.compile(rf"(\s*+)([{_WIDE}]|[^\s{_WIDE}]+)")


class _Console(Console):
    """A console whose caller learns that the reader has left: rich would end the process with status 1."""

    def on_broken_pipe(self) -> None:
        """Raise the BrokenPipeError again."""
        raise  # noqa: PLE0704 (rich calls this while it handles the error)


def make_console(file: IO[str] | None = None, *, stderr: bool = False) -> Console:
    """Return a console that prints text as it is: no markup, no emoji names, no guessed colours.

    Colour depends on the stream and on NO_COLOR.

    :param file: a text stream; by default standard output, or standard error with ``stderr``.
    """
    return _Console(
        file=file, stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=False
    )


def wrapped(text: str, width: int) -> list[str]:
    """Return a text as lines of at most ``width`` columns, broken at spaces only.

    A word that is wider than that is a line of its own.
    """
    lines: list[str] = []
    line, used = "", 0
    for gap, word in _PIECES.findall(text.rstrip()):
        cells = cell_len(word)
        if line and used + len(gap) + cells > width:
            lines.append(line)
            line, used = word, cells
        else:
            line, used = line + gap + word, used + len(gap) + cells
    return [*lines, line]


class Lines:
    """Prints lines on a console. What its encoding lacks is printed as an escape."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def text(self, text: str, style: str = "") -> Text:
        """Return a text that is safe to print."""
        return Text(fit(visible(text), self.console.encoding), style)

    def line(self, text: str = "", style: str = "") -> None:
        """Print one line without wrapping it, for what is copied: a command, a path."""
        self.console.print(self.text(text, style), soft_wrap=True)

    def block(self, value: str, lead: Text | str = "", *, style: str = "") -> None:
        """Print a text, wrapped, to the right of ``lead``. Line breaks of the text are kept."""
        first = Text(lead) if isinstance(lead, str) else lead
        margin = Text(" " * first.cell_len)
        width = max(NARROWEST, self.console.width - first.cell_len)
        for part in value.split("\n"):
            for piece in wrapped(self.text(part).plain, width):
                line = Text.assemble(first, Text(piece, style))
                line.rstrip()
                self.console.print(line, soft_wrap=True)
                first = margin


def say(text: str, console: Console | None = None) -> None:
    """Print a sentence, by default on standard output: wrapped on a terminal, as one line in a log."""
    lines = Lines(console or make_console())
    if lines.console.is_terminal:
        lines.block(text)
    else:
        lines.line(text)
