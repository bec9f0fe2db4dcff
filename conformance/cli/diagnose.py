"""``conformance diagnose``: the defects of an earlier run and their probable causes."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.output import printing, say


@click.command()
@click.argument("report", type=click.Path(exists=True, path_type=Path))
def diagnose(report: Path) -> int:
    """List the defects of an earlier run with their probable causes.

    REPORT is the directory of a report or a transcript. Nothing is sent and nothing is written.

    \b
    Exit status: 0 no defects, 1 defects, 2 usage.
    """
    from conformance.plugin import collect
    from conformance.report import make_console, validate
    from conformance.report.terminal import Screen
    from conformance.running.diagnosing import diagnose as diagnosed

    found = diagnosed(report, collect())
    validate(found.result)
    with printing():
        Screen(make_console()).show_defects(found.result)  # type: ignore[arg-type]
    for warning in found.result["warnings"]:
        say(warning)
    if found.limit is not None:
        say(found.limit)
    return 1 if found.result["defects"] else 0
