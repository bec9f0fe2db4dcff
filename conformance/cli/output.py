"""Printing to a reader that may leave: a verdict is never lost because it cannot be printed."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click


def open_streams() -> None:
    """Replace standard streams that the parent process closed (``conformance run >&-``)."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, io.TextIOWrapper(io.FileIO(os.devnull, "w"), "utf-8"))


@contextmanager
def printing() -> Iterator[None]:
    """Print; if that fails, print nothing from then on.

    The reader may have left (``conformance run | head -1``), or the disk of the log may be full.
    """
    try:
        yield
    except OSError:
        with suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


def say(text: str) -> None:
    """Print a sentence, wrapped on a terminal."""
    from conformance.report import lines

    with printing():
        lines.say(text)


def note(text: str) -> None:
    """Print a sentence on standard error, where standard output holds a document."""
    from conformance.report import lines

    with suppress(OSError):
        lines.say(text, lines.make_console(stderr=True))


def complain(text: str) -> None:
    """Print one line on standard error, if it can be printed."""
    with suppress(OSError):
        click.echo(f"conformance: {' '.join(text.split())}", err=True)
