"""The table of settings as Markdown; run as a module, it updates the table of a page."""

from __future__ import annotations

import sys
from pathlib import Path

from conformance.running.setting import Kind, Setting
from conformance.running.table import TABLE

START = "<!-- settings: written by make docs -->"
END = "<!-- settings end -->"


def markdown() -> str:
    """Return the table, one row for each setting."""
    rows = [_row(row) for row in TABLE]
    return "\n".join(["| option | environment | meaning | default |", "|---|---|---|---|", *rows])


def updated(text: str) -> str:
    """Return a page with the table between its two marks.

    :raises ValueError: if the page lacks a mark.
    """
    head, start, rest = text.partition(START)
    _, end, tail = rest.partition(END)
    if not start or not end:
        raise ValueError(f"the page lacks {START} or {END}")
    return f"{head}{START}\n\n{markdown()}\n\n{END}{tail}"


def _row(row: Setting) -> str:
    option = f"`{row.flag} {row.metavar}`" if row.metavar else f"`{row.flag}`"
    if row.kind is Kind.ON_OR_OFF:
        option = f"`--no-{row.flag[2:]}`"
    if "flag" not in row.layers:
        option = ""
    variable = f"`{row.variable}`" if "environment" in row.layers else ""
    return f"| {option} | {variable} | {row.help} | {row.default or ''} |".replace("<", "&lt;")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        page = Path(name)
        page.write_text(updated(page.read_text("utf-8")), "utf-8")
