"""Completion in bash, zsh and fish, by click's own scripts."""

from __future__ import annotations

import sys

import click
from click.shell_completion import CompletionItem, shell_complete

from conformance.running import completion

COMPLETION = "_CONFORMANCE_COMPLETE"
"""The variable by which a shell asks: ``bash_source`` prints the script, ``bash_complete`` the words."""


def complete(command: click.Command, instruction: str) -> int:
    """Answer a shell; return the exit status.

    An error is no text on the prompt of a user who has pressed a key: nothing is offered then.
    """
    try:
        status = shell_complete(command, {}, "conformance", COMPLETION, instruction)
        sys.stdout.flush()
    except Exception:
        return 1
    return status


def requirement_ids(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the ids of requirements."""
    return completion.requirement_ids(incomplete)


def requirement_names(
    _: click.Context, __: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer ids, prefixes, areas and levels."""
    return completion.requirement_names(incomplete)


def variant_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the names of faults and lawful variants."""
    from conformance.faults import names

    return completion.matching(names.variants(), incomplete)


def server_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the names of all servers of the catalogue, and the ids of requirements."""
    from conformance.faults import names

    found = completion.matching(names.servers(), incomplete)
    return [*found, *completion.requirement_ids(incomplete)] if incomplete else found
