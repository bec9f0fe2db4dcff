"""Printing to a reader that may leave: a verdict is never lost because it cannot be printed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def printing() -> Iterator[None]:
    """Print; if the reader has left (``conformance run | head -1``), print nothing from then on."""
    try:
        yield
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def say(text: str) -> None:
    """Print a sentence, wrapped on a terminal."""
    from conformance.report import lines

    with printing():
        lines.say(text)
