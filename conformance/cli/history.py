"""``conformance history``: many runs on one page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from conformance.cli.compare import OTHER_TARGET, form_option, keep, report_dir_option
from conformance.cli.output import printing, say


@click.command()
@click.argument(
    "directories", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@form_option("text", "json", "html")
@report_dir_option("history.json and history.html")
@click.option(OTHER_TARGET, is_flag=True, help="Show reports of several targets.")
def history(
    directories: tuple[Path, ...], form: str, report_dir: Path | None, other_target: bool
) -> int:
    """Show many runs: a row a run, a column an area, and when each problem was first and last seen.

    DIR is the directory of a report, or one that holds such directories.

    \b
    Exit status: 0, or 2 if a report cannot be used.
    """
    from conformance.comparison import forms
    from conformance.comparison import history as past
    from conformance.comparison.check import check_schema
    from conformance.report import make_console

    document = past.history(past.read(directories, other_target=other_target))
    check_schema(document, "history")
    make: dict[str, Callable[..., str]] = {"json": forms.as_json, "html": forms.history_page}
    if report_dir is not None:
        names = {"history.json": "json", "history.html": "html"}
        keep(report_dir, names, make, document)
    with printing():
        if form == "text":
            forms.show_history(document, make_console())
        else:
            click.echo(make[form](document), nl=False)
    if report_dir is not None and form == "text":
        say(f"Written to {report_dir}")
    return 0
