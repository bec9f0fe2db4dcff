"""``conformance doctor``: check that a run can succeed, before it is made."""

from __future__ import annotations

import json
from typing import Any

import click

from conformance.cli.output import printing, say
from conformance.running.layers import SettingsCommand, from_context, setting_options


@click.command(cls=SettingsCommand)
@setting_options(forecast=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def doctor(as_json: bool, **parameters: Any) -> int:
    """Check that a run can succeed, in at most 12 requests and without running the suite.

    It takes the settings of the run that it checks: as options, environment variables or lines of
    conformance.toml.

    \b
    Exit status: 0 ready, 2 usage, 3 a run is possible but would be incomplete, 4 the target cannot be
    tested, 5 the suite itself failed, 130 interrupted (Ctrl-C), 143 terminated (SIGTERM).
    """
    settings = from_context(parameters)
    from conformance.doctor.examine import examine
    from conformance.doctor.screen import Screen
    from conformance.report import make_console

    document = examine(settings, None if as_json else say)
    with printing():
        if as_json:
            click.echo(json.dumps(document, indent=2))
        else:
            Screen(make_console()).show(document)
    return int(document["exit_status"])
