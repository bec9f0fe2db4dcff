"""The ``conformance`` command: its subcommands, and how every end of it becomes an exit status."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import click

from conformance import __version__
from conformance.cli.compare import compare
from conformance.cli.completion import COMPLETION, complete
from conformance.cli.contract import contract
from conformance.cli.diagnose import diagnose
from conformance.cli.doctor import doctor
from conformance.cli.history import history
from conformance.cli.merge import merge
from conformance.cli.output import complain, open_streams, printing
from conformance.cli.pack import pack
from conformance.cli.prove import prove
from conformance.cli.report import report_command
from conformance.cli.requirements import explain, list_command
from conformance.cli.run import run
from conformance.cli.schema import schema_command
from conformance.cli.serve import serve
from conformance.cli.show import show
from conformance.cli.signals import Signals
from conformance.cli.verify import verify
from conformance.cli.waive import waive
from conformance.contract.verdict import ExitStatus
from conformance.errors import SuiteError, UsageError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="conformance")
def cli() -> None:
    """Judge a server by the contract of the Clinician Profiles API."""


_COMMANDS = (
    *(run, doctor, diagnose, show, report_command, list_command, explain, contract),
    *(compare, history, merge, waive, pack, verify, schema_command, serve, prove),
)
for _command in _COMMANDS:
    cli.add_command(_command)


def script() -> NoReturn:
    """Run the command as the console script does."""
    status = main()
    # A request that is still in flight after an interruption is not worth waiting for, and freeing all
    # that was loaded takes longer than the last batch of many a run.
    os._exit(status)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status, after everything it printed is flushed."""
    if instruction := os.environ.get(COMPLETION):
        return complete(cli, instruction)
    given = list(sys.argv[1:] if arguments is None else arguments)
    open_streams()
    with Signals() as signals:
        status = _ended(lambda: _invoke(given), signals)
    with printing():
        sys.stdout.flush()
    with suppress(OSError):
        sys.stderr.flush()
    return status


def _invoke(arguments: list[str]) -> Any:
    # Not cli.main(): it reports an EOFError of any origin as an interruption.
    with cli.make_context("conformance", arguments) as context:
        return cli.invoke(context)


def _ended(command: Callable[[], Any], signals: Signals) -> int:
    try:
        return int(command() or 0)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as end:
        with suppress(OSError):
            click.echo(end.format_message(), err=True)
        return int(ExitStatus.USAGE)
    except (
        Exception,
        KeyboardInterrupt,
    ) as problem:  # every end is one line and a status of the interface
        text, status = _complaint(problem, signals)
    complain(text)
    return int(status)


def _complaint(problem: BaseException, signals: Signals) -> tuple[str, int]:
    """Return what to print about an error, and the exit status."""
    match problem:
        case KeyboardInterrupt() | click.Abort():
            return signals.word, signals.exit_status
        case UsageError():
            return str(problem), ExitStatus.USAGE
        case click.UsageError():
            path = problem.ctx.command_path if problem.ctx else "conformance"
            return f"{problem.format_message()} See {path} --help.", ExitStatus.USAGE
        case click.ClickException():
            return problem.format_message(), ExitStatus.ERROR
        case SuiteError():
            return f"the suite itself failed: {problem}", ExitStatus.ERROR
    last = traceback.extract_tb(problem.__traceback__)[-1]
    text = f"{type(problem).__name__}: {problem}" if str(problem) else type(problem).__name__
    place = f"{Path(last.filename).name}, line {last.lineno}"
    return f"the suite itself failed: {text} ({place})", ExitStatus.ERROR
