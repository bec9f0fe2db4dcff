"""``conformance waive``: add an entry to ``waivers.yaml``."""

from __future__ import annotations

import json
import re
from datetime import date
from difflib import get_close_matches
from pathlib import Path

import click

from conformance.cli.completion import requirement_ids
from conformance.cli.output import say
from conformance.errors import UsageError

_FINGERPRINT = re.compile(r"[A-Z]+-\d{2,3}(/[a-z0-9_+-]+)+", re.ASCII)


def _print_schema(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from conformance.waivers.file import schema

        click.echo(json.dumps(schema(), indent=2))
        context.exit()


@click.command()
@click.argument("requirement", metavar="ID", shell_complete=requirement_ids)
@click.option("--owner", required=True, help="Who answers for the waiver.")
@click.option("--reason", required=True, help="Why it is accepted.")
@click.option("--until", metavar="DATE", required=True, help="The last day on which it holds.")
@click.option("--ticket", help="Where the fix is tracked.")
@click.option(
    "--file",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    default="waivers.yaml",
    show_default=True,
    help="File to write; created if absent. Its comments and order stay.",
)
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON Schema of the file, for editors, and do nothing else.",
)
def waive(
    requirement: str, owner: str, reason: str, until: str, ticket: str | None, path: Path
) -> int:
    """Accept a breach until a date.

    ID is a requirement (PAG-04) or the fingerprint of one kind of finding, as report.html, junit.xml and
    report.json show it. A requirement is accepted as a whole, also if it cannot be checked.

    \b
    Exit status: 0 written, 2 usage, or a file that cannot be changed.
    """
    from conformance.contract.document import load
    from conformance.waivers.edit import add
    from conformance.waivers.file import Waiver, today

    id_, _, rest = requirement.partition("/")
    known = load().requirements
    if id_ not in known:
        near = ", ".join(get_close_matches(id_.upper(), known, n=3))
        raise UsageError(f"ID: {id_} is not a requirement{f': is it {near}?' if near else ''}")
    if known[id_].not_tested:
        raise UsageError(
            f"ID: {id_} is not tested, so nothing needs a waiver: {known[id_].not_tested}"
        )
    if rest and not _FINGERPRINT.fullmatch(requirement):
        raise UsageError(f"ID: {requirement} is not a fingerprint: copy it from the report")
    texts = {"--owner": owner, "--reason": reason, "--ticket": "-" if ticket is None else ticket}
    for name, text in texts.items():
        if not text.strip() or not text.isprintable():
            raise UsageError(f"{name}: expected one line of printable characters")
    try:
        end = date.fromisoformat(until)
    except ValueError:
        raise UsageError(f"--until: {until!r} is not a date: write it as 2027-01-31") from None
    if end < today():
        raise UsageError(f"--until: {end} is in the past")
    waiver = Waiver(
        requirement=id_,
        owner=owner.strip(),
        reason=reason.strip(),
        expires=end,
        fingerprint=requirement if rest else None,
        ticket=ticket.strip() if ticket else None,
    )
    line = add(path, waiver)
    say(f"{path}, line {line}: {waiver.subject} is waived until {end}: {known[id_].text}")
    return 0
