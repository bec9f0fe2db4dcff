"""``python -m benchmarks``: measure, print, and write ``bench.json``."""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from pathlib import Path

import click
from rich.console import Console

from benchmarks import figures, targets
from benchmarks.measure import measure
from benchmarks.sample import draw
from benchmarks.tools import NAMES, chosen
from conformance.contract.document import load
from conformance.proof import catalogue as catalogues
from conformance.proof.trial import collect
from conformance.text.stamps import now


@click.command()
@click.option(
    "--faults",
    default=24,
    show_default=True,
    type=click.IntRange(1),
    help="Number of faulty servers.",
)
@click.option(
    "--lawful",
    default=6,
    show_default=True,
    type=click.IntRange(0),
    help="Number of lawful variants.",
)
@click.option("--all", "everything", is_flag=True, help="Use the complete catalogue.")
@click.option("--tools", default=",".join(NAMES), show_default=True, help="Tools to compare.")
@click.option(
    "--workers",
    default=2,
    show_default=True,
    type=click.IntRange(1),
    help="Number of parallel processes.",
)
@click.option(
    "--rounds",
    default=3,
    show_default=True,
    type=click.IntRange(0),
    help="Measured runs on targets of other sizes and latencies; 0 skips them.",
)
@click.option(
    "--output",
    default=Path("reports/bench.json"),
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write.",
)
def main(
    faults: int,
    lawful: int,
    everything: bool,
    tools: str,
    workers: int,
    rounds: int,
    output: Path,
) -> None:
    """Compare the suite with other tools on the same faulty and lawful servers."""
    names = [name.strip() for name in tools.split(",")]
    if unknown := sorted(set(names) - set(NAMES)):
        raise click.BadParameter(
            f"unknown: {', '.join(unknown)}. Choose from {', '.join(NAMES)}.",
            param_hint="--tools",
        )
    catalogue = catalogues.load(load())
    if everything:
        faults, lawful = len(catalogue.faults), len(catalogue.lawful)
    sample = draw(catalogue, faults, lawful)
    compared = chosen(names, collect())
    variants = sample.variants
    error = Console(stderr=True)
    started, clock = now(), time.perf_counter()
    with error.status("") as status:
        left = [len(variants)]

        def announce(name: str) -> None:
            left[0] -= 1
            status.update(f"{name} finished, {left[0]} servers left")

        gc.freeze()  # before the first fork
        present = [tool for tool in compared if not tool.missing]
        results = measure(variants, present, min(workers, os.cpu_count() or 1), announce)
        rows = targets.measure(rounds, status.update) if rounds else []
    content = figures.document(sample, compared, results) | {"targets": rows}
    content |= {"started": started, "seconds": round(time.perf_counter() - clock, 1)}
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(
        json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n", "utf-8"
    )
    console = Console(highlight=False, width=max(110, Console().width))
    figures.show(content, console)
    if rows:
        console.print(targets.table(rows))
    click.echo(f"{len(variants)} servers measured in {content['seconds']} s. Results: {output}")


if __name__ == "__main__":
    sys.exit(main())
