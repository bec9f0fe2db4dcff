"""``conformance pack``: the evidence of a run in one file."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.output import say
from conformance.errors import UsageError


@click.command()
@click.argument("report", type=click.Path(path_type=Path))
@click.option(
    "--claim",
    type=click.Path(path_type=Path),
    help="JSON or YAML file that says who claims what, and until when.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.zip",
    help="File to write. Default: the name of REPORT with .zip, beside it.",
)
@click.option(
    "--sign-key",
    type=click.Path(path_type=Path),
    help="SSH key that signs the pack (ssh-keygen -Y sign).",
)
def pack(report: Path, claim: Path | None, output: Path | None, sign_key: Path | None) -> int:
    """Pack a report with its evidence, for a reader who does not have to trust it.

    REPORT is the directory of a report with its transcript. The transcript is judged again first: a report
    that does not follow from it is not packed. Nothing is sent.

    \b
    Exit status: 0 packed, 2 the report, the claim or the key cannot be used.
    """
    if output is not None and output.suffix != ".zip":
        raise UsageError(f"--output: {output} does not end in .zip")
    from conformance.acceptance.pack import pack as packed
    from conformance.plugin import collect

    written = packed(report, collect(), claimed=claim, output=output, key=sign_key)
    say(f"Packed {written}")
    return 0
