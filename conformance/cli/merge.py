"""``conformance merge``: one overview of the reports on many targets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from conformance.cli.compare import form_option, keep, report_dir_option
from conformance.cli.output import printing, say


@click.command()
@click.argument(
    "directories", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@form_option("text", "markdown", "json", "html")
@report_dir_option("merge.json, merge.md and merge.html")
def merge(directories: tuple[Path, ...], form: str, report_dir: Path | None) -> int:
    """Show the reports on many targets as one overview: a row a target, a column an area, the worst first.

    DIR is the directory of a report, or one that holds such directories. A report that is missing or cannot
    be used is a row that says why.

    \b
    Exit status: 1 a target failed, 2 a report cannot be used or a waiver is not needed any more, 3 a target
    could not be checked completely, 0 none of these. The first that applies counts.
    """
    from conformance.comparison import forms, merge_forms
    from conformance.comparison import merge as merging
    from conformance.comparison.check import check_schema
    from conformance.report import make_console

    document = merging.merge(merging.read(directories), report_dir)
    check_schema(document, "merge")
    make: dict[str, Callable[..., str]] = {
        "json": forms.as_json,
        "markdown": merge_forms.markdown,
        "html": merge_forms.page,
    }
    # Printed before anything is written: a directory that cannot be written costs no row.
    with printing():
        if form == "text":
            merge_forms.show(document, make_console())
        else:
            click.echo(make[form](document), nl=False)
    if report_dir is not None:
        names = {"merge.json": "json", "merge.md": "markdown", "merge.html": "html"}
        keep(report_dir, names, make, document)
        if form == "text":
            say(f"Written to {report_dir}")
    return int(document["exit_status"])
