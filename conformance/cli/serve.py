"""``conformance serve``: the embedded server as a process of its own."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from conformance.cli.completion import variant_names
from conformance.errors import UsageError


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--database",
    type=click.Path(dir_okay=False, path_type=Path),
    help="SQLite file, created if absent. Default: in memory.",
)
@click.option(
    "--clinicians",
    type=click.IntRange(0),
    default=263,
    show_default=True,
    help="Number of clinicians of your organisation.",
)
@click.option(
    "--latency-ms",
    type=click.FloatRange(0),
    default=0,
    help="Milliseconds by which each response is delayed.",
)
@click.option(
    "--rate-limit",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="Requests an hour for each key; 0 for no limit.",
)
@click.option(
    "--fault",
    "faults",
    metavar="NAME",
    multiple=True,
    shell_complete=variant_names,
    help="Serve a deliberately faulty server, or a lawful variant, of the catalogue. Several: one server "
    "with all of these faults.",
)
def serve(
    host: str,
    port: int,
    database: Path | None,
    clinicians: int,
    latency_ms: float,
    rate_limit: int,
    faults: tuple[str, ...],
) -> None:
    """Serve the embedded target: a correct implementation on SQLite.

    Prints the base URL and the keys as export lines when it is ready.
    """
    from conformance.reference import server

    if faults and database is not None:
        raise UsageError("--fault: a faulty server has its data in memory: leave out --database")
    try:
        server.serve(
            app=_faulty(faults, clinicians, rate_limit) if faults else None,
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


def _faulty(names: tuple[str, ...], clinicians: int, rate_limit: int) -> Any:
    """Return the application of a server of the catalogue, or of one that is like several of them."""
    from conformance.contract.document import load
    from conformance.faults.variant import joined
    from conformance.proof import catalogue
    from conformance.reference import seed
    from conformance.reference.ratelimit import RateLimiter
    from conformance.reference.store import Store

    found = {item.name: item for item in catalogue.load(load()).variants}
    for name in names:
        if name not in found:
            near = ", ".join(get_close_matches(name, found, n=3))
            raise UsageError(
                f"--fault: {name!r} is not in the catalogue" + (f": is it {near}?" if near else "")
            )
    try:
        variant = joined([found[name] for name in names])
    except ValueError as problem:
        raise UsageError(f"--fault: {problem}") from None
    data = seed.build(clinicians) if variant.data is seed.build else variant.data()
    return variant.app(variant.api(Store.of(data), RateLimiter(rate_limit)))
