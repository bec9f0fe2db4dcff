"""``conformance verify``: whether the verdict of a pack follows from its evidence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.output import printing

if TYPE_CHECKING:
    from conformance.acceptance.verify import Verification

_STYLES = {"ok": "green", "note": "", "warning": "yellow", "failed": "bold red"}


@click.command()
@click.argument("file", metavar="PACK", type=click.Path(path_type=Path))
@click.option(
    "--allowed-signers",
    type=click.Path(path_type=Path),
    help="Whose signature counts: a file in the format of ssh-keygen.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def verify(file: Path, allowed_signers: Path | None, as_json: bool) -> int:
    """Verify a pack: its checksums, and that its verdict follows from the recorded responses.

    The transcript is judged again. Nothing is sent and nothing is written, so that a machine without network
    can do it. An edited file is named.

    \b
    Exit status: 0 verified, 1 not verified, 2 not a pack that this suite can read.
    """
    from conformance.acceptance.verify import verify as verified
    from conformance.plugin import collect

    found = verified(file, collect, allowed_signers=allowed_signers)
    with printing():
        if as_json:
            click.echo(json.dumps(_document(found), indent=2))
        else:
            _show(found, file)
    return 0 if found.verified else 1


def _document(found: Verification) -> dict[str, Any]:
    return {
        "verified": found.verified,
        "verdict": found.result["verdict"] if found.result else None,
        "claim": found.claim,
        "checks": [
            {"file": check.file, "state": check.state, "text": check.text} for check in found.checks
        ],
    }


def _show(found: Verification, file: Path) -> None:
    from conformance.report import clock, make_console
    from conformance.report.lines import Lines

    lines = Lines(make_console())
    word, style = ("Verified", "bold green") if found.verified else ("Not verified", "bold red")
    lines.line(f"{word}: {file}", style)
    if found.result is not None:
        said = (
            found.result["verdict"] if found.verified else f"claims to be {found.result['verdict']}"
        )
        lines.block(f"{said}: {found.result['reason']}", "  ")
        target, tested = found.result["target"], clock.moment(found.result["started_at"])
        lines.block(f"{target['base_url']}, {found.result['depth']} depth, tested {tested}", "  ")
    if found.claim is not None:
        product, claimant = found.claim["implementation"], found.claim["claimant"]
        lines.block(
            f"{product['product']} {product['version']} by {product['vendor']}, claimed by "
            f"{claimant['organisation']} until {found.claim['valid_until']}",
            "  ",
        )
    lines.line()
    for check in found.checks:
        lead = lines.text(f"  {check.state:<8}", _STYLES[check.state])
        lines.block(f"{check.file}: {check.text}", lead)
