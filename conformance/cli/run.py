"""Options of the command that say how a target is reached and asked; see ``settings.py`` for the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from conformance.http.rate import CONCURRENCY, MAX_WAIT

Command = TypeVar("Command", bound=Callable[..., Any])

_PACE = (
    click.option(
        "--rate", metavar="RATE", help="Pace of all requests: 5/s, 100/m or 900/h. Default: none."
    ),
    click.option(
        "--max-wait",
        metavar="SECONDS",
        help=f"How long a rate limit is waited out; 0 for never. Default {MAX_WAIT:g}.",
    ),
    click.option(
        "--concurrency",
        metavar="N",
        help=f"How many requests are under way at once, 1 to 32. Default {CONCURRENCY}.",
    ),
    click.option(
        "--no-writes",
        is_flag=True,
        default=None,
        help="Send no POST, PUT, PATCH or DELETE; what needs them is inconclusive.",
    ),
)
_NETWORK = (
    click.option(
        "--header",
        metavar="NAME:VALUE",
        multiple=True,
        help="A header for every request, as a gateway may want it. Repeatable. "
        "[CONFORMANCE_HEADER, a line for each: other users of this machine see arguments]",
    ),
    click.option(
        "--ca-bundle", metavar="FILE", help="Authorities to trust, in PEM, in place of the usual."
    ),
    click.option(
        "--client-cert",
        metavar="FILE[,KEY]",
        help="Certificate to show the server, in PEM, with its key in it or in a file of its own.",
    ),
    click.option(
        "--insecure",
        is_flag=True,
        default=None,
        help="Believe any certificate. The report says so.",
    ),
    click.option(
        "--http2",
        is_flag=True,
        default=None,
        help="Speak HTTP/2 where the target offers it, over TLS. Default: HTTP/1.1.",
    ),
)


def pace_options(command: Command) -> Command:
    """The options on how much is asked at once, and how fast."""
    return _with(command, _PACE)


def network_options(command: Command) -> Command:
    """The options on how the target is reached; proxies come from the environment."""
    return _with(command, _NETWORK)


def _with(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
