"""``conformance run``: judge a target and write a report."""

from __future__ import annotations

from typing import Any

import click

from conformance.cli.output import complain, note, printing, say
from conformance.contract.verdict import ExitStatus
from conformance.errors import SuiteError, Untestable
from conformance.running.layers import SettingsCommand, from_context, setting_options
from conformance.running.settings import Settings


@click.command(cls=SettingsCommand)
@setting_options()
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Print the report for people or, as JSON on standard output, for programs.",
)
def run(form: str, **parameters: Any) -> int:
    """Judge a target and write a report.

    Each option but --replay, --recheck, --last-failed and --dry-run is also an environment variable
    (CONFORMANCE_MAX_REQUESTS) and a line of conformance.toml (max_requests = 100). Options come first, then
    the environment, then the file. Keys come from CONFORMANCE_API_KEY and CONFORMANCE_OTHER_API_KEY, or from
    files.

    \b
    Exit status: 0 conformant or partial, 1 non-conformant, 2 usage, 3 incomplete, 4 the target cannot be
    tested, 5 the suite itself failed, 130 interrupted (Ctrl-C), 143 terminated (SIGTERM).
    """
    settings = from_context(parameters)
    if settings.dry_run:
        return _dry_run(settings)
    from conformance.plugin import Judging, run_suite
    from conformance.report import Progress, dumps, make_console, render
    from conformance.running.ahead import collect_garbage_less

    collect_garbage_less()
    console = make_console()
    as_json = form == "json"
    with Progress(make_console(stderr=True)) as progress:
        # Printed when quiet too: a mistyped variable must not pass for a green target.
        judging = Judging(
            settings, None if settings.quiet else progress.update, note if as_json else say
        )
        status = run_suite(judging)
    report = judging.report
    if judging.problem is not None:
        raise judging.problem
    if report is None:
        if judging.stopped:
            raise KeyboardInterrupt
        why = judging.failure or f"pytest ended with status {status}"
        raise SuiteError(f"no case was judged: {why}")
    written = report.directory if report.is_written else None
    try:
        with printing():
            if as_json:
                click.echo(dumps(report.result), nl=False)  # type: ignore[arg-type]
            else:
                render(report.result, console, written, quiet=settings.quiet)  # type: ignore[arg-type]
    except Exception as problem:
        complain(f"the result cannot be shown ({type(problem).__name__}): see report.json")
        if not as_json:
            say(f"{report.verdict.value} (exit status {int(report.exit_status)})")
    if report.unwritten:
        complain(f"not written: {', '.join(report.unwritten)}")
    return int(report.exit_status)


def _dry_run(settings: Settings) -> int:
    """Print what a run would send."""
    from conformance.doctor.plan import plan
    from conformance.plugin import collect
    from conformance.text.printable import visible
    from conformance.text.wording import plural

    try:
        document = plan(settings, collect(), None if settings.quiet else say)
    except Untestable as reason:
        complain(f"the target cannot be tested: {reason}")
        return int(ExitStatus.UNTESTABLE)
    with printing():
        for row in [] if settings.quiet else document["requests"]:
            headers = f"  with {', '.join(row['headers'])}" if row["headers"] else ""
            click.echo(visible(f"{row['credential']:8} {row['method']:6} {row['target']}{headers}"))
    own, other, anonymous = (
        document["by_identity"][name] for name in ("own", "other", "anonymous")
    )
    model = "the profiles of the target" if document["exact"] else "a part of the target's profiles"
    say(
        f"Dry run: {document['selected']} of {plural(document['requirements'], 'requirement')} at the depth "
        f"{document['depth']} take {own} requests with your key, {other} with the second organisation's key "
        f"and {anonymous} without a valid key, if the target conforms. This was rehearsed on {model}, for "
        f"which {plural(document['asked'], 'request')} were sent; findings take further requests."
    )
    return 0
