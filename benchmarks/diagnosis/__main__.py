"""``python -m benchmarks.diagnosis``: measure the diagnosis on faults, alone and together."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from benchmarks.diagnosis.judging import Judged, Mechanism, Naming, judged, mechanisms, summary
from benchmarks.diagnosis.recording import Recording, chosen, recorded
from benchmarks.diagnosis.together import figures as of_sets
from benchmarks.diagnosis.together import judged_together, sets
from conformance.contract.document import load
from conformance.faults.variant import Variant, joined
from conformance.proof import catalogue as catalogues

_CACHE = Path("build/bench-diagnosis")


@click.command()
@click.argument("names", nargs=-1)
@click.option(
    "--faults", default=120, show_default=True, type=click.IntRange(1), help="Sample size."
)
@click.option("--seed", default=1, show_default=True, help="Seed of the sample.")
@click.option("--all", "everything", is_flag=True, help="Use every fault that the table has.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1), help="Processes.")
@click.option(
    "--seconds", default=2.0, show_default=True, help="Processor time of one diagnosis at most."
)
@click.option(
    "--pairs",
    default=12,
    show_default=True,
    type=click.IntRange(0),
    help="Servers with two faults.",
)
@click.option(
    "--fives",
    default=8,
    show_default=True,
    type=click.IntRange(0),
    help="Servers with five faults.",
)
@click.option("--verbose", is_flag=True, help="Print what is stated of each fault.")
@click.option(
    "--output",
    default=Path("reports/bench-diagnosis.json"),
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write.",
)
def main(
    names: Sequence[str],
    faults: int,
    seed: int,
    everything: bool,
    workers: int,
    seconds: float,
    pairs: int,
    fives: int,
    verbose: bool,
    output: Path,
) -> None:
    """Print how often the true cause of a single fault is named, and whether two and five are kept apart.

    The faults are a sample of those in the table of mechanisms, or NAMES. A run on each server is recorded
    once, below build/. The exit status is 1 if a wrong cause is stated.
    """

    def record(variants: Sequence[Variant]) -> Iterator[Recording]:
        return recorded(
            variants, _CACHE, workers, lambda name: click.echo(f"recorded {name}", err=True)
        )

    table = mechanisms()
    known = [fault for fault in catalogues.load(load()).faults if fault.name in table]
    if names:
        sample = [fault for fault in known if fault.name in names]
    else:
        sample = chosen(known, len(known) if everything else faults, seed)
    results = []
    for recording in record(sample):
        item = judged(recording, table.get(recording.name, Mechanism()), seconds)
        results.append(item)
        if verbose or item.naming is Naming.WRONG or item.left_out_naming is Naming.WRONG:
            _show(item)
    figures = dict(summary(results))
    for size, count, name in ((2, pairs, "pairs"), (5, fives, "fives")):
        drawn = [] if names else sets(sample, size, count, seed)
        alone = {item.name: item for item in record([one for each in drawn for one in each])}
        found = [
            judged_together(each, alone, recording, table, seconds)
            for each, recording in zip(drawn, record([joined(each) for each in drawn]), strict=True)
        ]
        if found:
            figures |= of_sets(found, name)
        for several in found if verbose else ():
            click.echo(
                f"{several.name}: {several.cards} cards, of their own {', '.join(several.apart)}"
            )
        for several in found:
            for text in several.wrong:
                click.echo(f"   {several.name}: {text}")
    output.parent.mkdir(parents=True, exist_ok=True)
    content = {"figures": figures, "faults": [vars(item) for item in results]}
    output.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    for name, value in figures.items():
        click.echo(f"{name.replace('_', ' '):24}{value:g}")
    sys.exit(1 if figures["wrong"] else 0)


def _show(item: Judged) -> None:
    click.echo(
        f"{item.naming.value:6} {item.name} ({item.cards} cards, {item.seconds:.2f} s) {item.problem}"
    )
    for text in item.stated:
        click.echo(f"         {text}")
    if item.left_out_naming is Naming.WRONG:
        for text in item.left_out:
            click.echo(f"   without the effect: {text}")


if __name__ == "__main__":
    main()
