"""The command: ``run`` judges a target, ``doctor`` looks at it before, ``serve`` is the embedded one."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from conformance import __version__
from conformance.cli.options import network_options, pace_options
from conformance.contract.verdict import ExitStatus
from conformance.errors import UsageError
from conformance.running.settings import MAX_REQUESTS, resolve

_INTERRUPTED = 2
"""pytest's own status for Ctrl-C, before the suite has one of its own."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="conformance")
def cli() -> None:
    """Judge a server by the contract of the Clinician Profiles API."""


_CONNECTION = (
    click.option(
        "--base-url",
        metavar="URL",
        help="Target, up to and without /clinician-profiles. Absent: the embedded server. "
        "[CONFORMANCE_BASE_URL]",
    ),
    click.option(
        "--api-key-file",
        metavar="FILE",
        help="File that holds the key of the own organisation. [or the key itself in CONFORMANCE_API_KEY]",
    ),
    click.option(
        "--other-api-key-file",
        metavar="FILE",
        help="File that holds another organisation's key. [or the key itself in CONFORMANCE_OTHER_API_KEY]",
    ),
    click.option(
        "--foreign-id",
        metavar="UUID",
        multiple=True,
        help="A profile of another organisation, where no key of it is at hand. Repeatable.",
    ),
    click.option(
        "--location-id", metavar="UUID", multiple=True, help="A location that exists. Repeatable."
    ),
)


def connection(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the options that say what to connect to and how."""
    for option in reversed(_CONNECTION):
        command = option(command)
    return command


@cli.command()
@connection
@click.option(
    "--depth", metavar="NAME", help="How much is asked: smoke, standard (default) or deep."
)
@click.option(
    "--max-requests",
    metavar="N",
    help=f"Hard bound on requests for each key. Default {MAX_REQUESTS}.",
)
@click.option(
    "--report-dir", metavar="DIR", help="Where the report goes. Default reports/<time>-<host>."
)
@click.option("--seed", metavar="N", help="Seed of all choices. Default 0; nothing else is random.")
@pace_options
@network_options
@click.option("--allow-incomplete", is_flag=True, default=None, help="An incomplete run exits 0.")
@click.option(
    "--quiet", is_flag=True, default=None, help="Only the verdict and where the report lies."
)
@click.option(
    "--replay",
    metavar="FILE",
    help="Judge a transcript.har again: without network and keys, with the settings of its run.",
)
@click.option(
    "--transcript/--no-transcript",
    default=None,
    help="Whether every exchange is recorded in transcript.har, for --replay. Default: it is. "
    "[CONFORMANCE_TRANSCRIPT]",
)
@click.option(
    "--show-data",
    is_flag=True,
    default=None,
    help="What profiles hold stands in report and transcript as it is, not masked.",
)
def run(**flags: Any) -> int:
    """Judge a target and write a report.

    Settings come from flags, then the environment, then conformance.toml; keys only from the environment
    or from files.

    \b
    Exit status: 0 conformant, 1 non-conformant, 2 usage, 3 incomplete, 4 the target cannot be tested,
    5 the suite itself failed, 130 interrupted.
    """
    settings = resolve(flags)
    from conformance.plugin import Judging, run_suite
    from conformance.report import Progress, make_console, render

    console = make_console()
    with Progress(make_console(stderr=True)) as progress:

        def announce(text: str) -> None:
            # When quiet too: a mistyped variable must not pass for a green target.
            click.echo(text)

        judging = Judging(settings, None if settings.quiet else progress.update, announce)
        status = run_suite(judging)
    report = judging.report
    if judging.problem is not None:
        raise judging.problem
    if report is None:
        if status == _INTERRUPTED:
            raise KeyboardInterrupt
        raise click.ClickException(
            f"the suite itself failed: pytest ended with {status} before a case was judged"
        )
    render(report.result, console, report.directory, quiet=settings.quiet)  # type: ignore[arg-type]
    return int(report.exit_status)


@cli.command()
@connection
@click.option("--depth", metavar="NAME", help="Depth of the run: smoke, standard or deep.")
@click.option("--max-requests", metavar="N", help="The bound that the run will have for each key.")
@click.option("--seed", metavar="N", help="The seed that the run will have.")
@pace_options
@network_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead.")
def doctor(as_json: bool, **flags: Any) -> int:
    """Say what stands between you and a good run, in at most 12 requests and without running the suite.

    \b
    Exit status: 0 ready, 2 usage, 3 a run can be made and would be incomplete, 4 the target cannot be
    tested, 5 the suite itself failed, 130 interrupted.
    """
    settings = resolve(flags)
    from conformance.doctor.examine import examine
    from conformance.doctor.screen import Screen
    from conformance.report import make_console

    document = examine(settings, None if as_json else click.echo)
    if as_json:
        click.echo(json.dumps(document, indent=2))
    else:
        Screen(make_console()).show(document)
    return int(document["exit_status"])


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="0 takes a free port.",
)
@click.option(
    "--database",
    type=click.Path(dir_okay=False, path_type=Path),
    help="SQLite file; made if absent. Default: in memory.",
)
@click.option(
    "--clinicians",
    type=click.IntRange(0),
    default=263,
    show_default=True,
    help="Clinicians of the own organisation.",
)
@click.option(
    "--latency-ms",
    type=click.FloatRange(0),
    default=0,
    help="Milliseconds that each response is held back.",
)
@click.option(
    "--rate-limit",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="Requests an hour for each key; 0 for no limit.",
)
def serve(
    host: str, port: int, database: Path | None, clinicians: int, latency_ms: float, rate_limit: int
) -> None:
    """Serve the embedded target: a correct implementation on SQLite.

    Prints the base URL and the keys as export lines when it is ready.
    """
    from conformance.reference import server

    try:
        server.serve(
            host=host,
            port=port,
            database=database,
            clinicians=clinicians,
            latency_ms=latency_ms,
            rate_limit=rate_limit,
        )
    except ValueError as problem:  # StoreError and ServerError: one line that names the setting
        raise UsageError(str(problem)) from None
    except OSError as problem:
        raise UsageError(
            f"--port: {host}:{port} cannot be listened on: {problem.strerror}"
        ) from None


@cli.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--workers", type=click.IntRange(1), help="Processes side by side. Default: one a core."
)
@click.option(
    "--report-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where proof.json and proof.html go. Default reports/proof.",
)
def prove(names: tuple[str, ...], workers: int | None, report_dir: Path | None) -> int:
    """Judge the suite: by every fault of the catalogue, every lawful variant, every broken server.

    NAME selects some of them: a name, a pattern such as 'foreign-*', or a requirement's id.

    \b
    Exit status: 0 every fault was found and there was no false alarm, 1 not so, 2 usage.
    """
    from conformance.proof.prove import main as prove_all

    return prove_all(names, workers, report_dir)


def script() -> NoReturn:
    """The console script: every end of it is an exit status of the interface."""
    status = main()
    # Nothing is left to be done: a request that is under way after an interruption is not worth waiting
    # for, and to take apart all that was loaded takes longer than many a run's last batch.
    os._exit(status)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status of the command, once all that it says is out."""
    status = _ended(
        lambda: cli.main(
            args=list(arguments) if arguments is not None else None,
            prog_name="conformance",
            standalone_mode=False,
        )
    )
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def _ended(command: Callable[[], Any]) -> int:
    try:
        status = command()
    except UsageError as problem:
        return _complain(str(problem), ExitStatus.USAGE)
    except click.exceptions.NoArgsIsHelpError as problem:
        click.echo(problem.format_message(), err=True)
        return int(ExitStatus.USAGE)
    except click.UsageError as problem:
        path = problem.ctx.command_path if problem.ctx else "conformance"
        return _complain(f"{problem.format_message()} See {path} --help.", ExitStatus.USAGE)
    except click.ClickException as problem:
        return _complain(problem.format_message(), ExitStatus.ERROR)
    except (KeyboardInterrupt, click.Abort):
        return _complain("interrupted", ExitStatus.INTERRUPTED)
    return int(status or 0)


def _complain(text: str, status: ExitStatus) -> int:
    click.echo(f"conformance: {' '.join(text.split())}", err=True)
    return int(status)
