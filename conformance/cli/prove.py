"""``conformance prove``: run the suite on every fault and lawful variant of the catalogue."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.completion import server_names


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=server_names)
@click.option("--workers", type=click.IntRange(1), help="Number of processes. Default: cores + 1.")
@click.option(
    "--report-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory for proof.json and proof.html. Default: reports/proof.",
)
@click.option(
    "--paste",
    is_flag=True,
    help="Paste the reproductions of each fault into bash, with curl and jq, and check what they print.",
)
@click.option(
    "--sample", type=click.IntRange(1), help="With --paste: only so many faults, always the same."
)
def prove(
    names: tuple[str, ...],
    workers: int | None,
    report_dir: Path | None,
    paste: bool,
    sample: int | None,
) -> int:
    """Prove the suite: it finds each fault of the catalogue and passes each lawful variant.

    NAME selects some of them: a name, a pattern such as 'foreign-*', or a requirement's id.

    \b
    Exit status: 0 every fault was found without a false alarm (with --paste: no reproduction prints
    anything else than it says), 1 not so, 2 usage.
    """
    if paste:
        from conformance.proof import pasting

        return pasting.main(names, workers, sample)
    from conformance.proof.prove import main as prove_all

    return prove_all(names, workers, report_dir)
