"""``conformance prove``: run the suite on every fault and lawful variant of the catalogue."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--workers", type=click.IntRange(1), help="Number of processes. Default: one for each core."
)
@click.option(
    "--report-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory for proof.json and proof.html. Default: reports/proof.",
)
def prove(names: tuple[str, ...], workers: int | None, report_dir: Path | None) -> int:
    """Prove the suite: it finds each fault of the catalogue and passes each lawful variant.

    NAME selects some of them: a name, a pattern such as 'foreign-*', or a requirement's id.

    \b
    Exit status: 0 every fault was found without a false alarm, 1 not so, 2 usage.
    """
    from conformance.proof.prove import main as prove_all

    return prove_all(names, workers, report_dir)
