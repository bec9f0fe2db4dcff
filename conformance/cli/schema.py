"""``conformance schema``: the JSON Schemas of what the suite reads and writes."""

from __future__ import annotations

from importlib import resources

import click

from conformance.cli.output import printing

FILES = {
    "claim": ("conformance.acceptance", "claim.json, for conformance pack"),
    "compare": ("conformance.comparison", "compare.json"),
    "config": ("conformance.running", "conformance.toml"),
    "doctor": ("conformance.doctor", "the output of conformance doctor --json"),
    "history": ("conformance.comparison", "history.json"),
    "merge": ("conformance.comparison", "merge.json"),
    "proof": ("conformance.proof", "proof.json"),
    "report": ("conformance.report", "report.json"),
    "waivers": ("conformance.waivers", "waivers.yaml"),
}
"""Name of a schema → the package that holds it, and what it describes."""


@click.command("schema")
@click.argument("name", type=click.Choice(sorted(FILES)), required=False)
def schema_command(name: str | None) -> int:
    """Print the JSON Schema of a file that the suite reads or writes; without a name, list them.

    \b
    Exit status: 0, or 2 for an unknown name.
    """
    with printing():
        if name is None:
            for known, (_, text) in sorted(FILES.items()):
                click.echo(f"{known:9} {text}")
        else:
            file = resources.files(FILES[name][0]).joinpath(f"{name}.schema.json")
            click.echo(file.read_text("utf-8"), nl=False)
    return 0
