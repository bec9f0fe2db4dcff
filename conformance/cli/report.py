"""``conformance report``: the forms of an earlier report, written again."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.output import complain, printing, say
from conformance.contract.verdict import ExitStatus


@click.command("report")
@click.argument(
    "path", metavar="[REPORT]", default="reports/latest", type=click.Path(path_type=Path)
)
@click.option(
    "--report-dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Directory for the forms. Default: that of the report.",
)
@click.option("--quiet", is_flag=True, help="Print only the verdict and the report's path.")
def report_command(path: Path, report_dir: Path | None, quiet: bool) -> int:
    """Write the forms of an earlier report again: page, JUnit, summary, CTRF and badge.

    REPORT is the directory of a report, or its report.json. Nothing is judged again: the verdict and
    report.json stay as they are. A form that cannot be written costs none of the others.

    \b
    Exit status: 0 all forms are written, 2 usage, or a form that is not written.
    """
    from conformance.report import make_console, render
    from conformance.running.reforming import reform

    found = reform(path, report_dir)
    place = found.directory if found.written else None
    try:
        with printing():
            render(found.result, make_console(), place, quiet=quiet)
    except Exception as problem:  # the files are written whatever can be shown
        complain(f"the result cannot be shown ({type(problem).__name__}): see report.json")
    if found.written and not quiet:
        say(f"Written: {', '.join(found.written)}")
    if found.note is not None:
        say(f"Not on the page: {found.note}")
    if found.unwritten:
        way = "" if report_dir else "; --report-dir names another directory"
        complain(f"not written to {found.directory}: {', '.join(found.unwritten)}{way}")
        return int(ExitStatus.USAGE)
    return 0
