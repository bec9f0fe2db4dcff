"""What one row of the table of settings says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

FLAG = frozenset({"flag"})
ENVIRONMENT = frozenset({"environment"})


class Kind(StrEnum):
    """How a setting is written on the command line."""

    VALUE = "value"
    LIST = "list"
    SWITCH = "switch"
    ON_OR_OFF = "on or off"


@dataclass(frozen=True)
class Setting:
    """One row of the table.

    ``parse`` takes the raw value and the name under which the user gave it, and raises ``UsageError``.
    ``default`` is shown in the help; None where absence means nothing. ``forecast`` says whether ``doctor``
    takes the setting too, ``pytest`` whether plain pytest has an option for it. ``layers`` are the sources
    that may give it.
    """

    name: str
    metavar: str | None
    help: str
    parse: Callable[[Any, str], Any]
    default: str | None = None
    kind: Kind = Kind.VALUE
    forecast: bool = False
    pytest: bool = False
    layers: frozenset[str] = frozenset({"flag", "environment", "file"})

    @property
    def flag(self) -> str:
        """The option on the command line, ``--max-requests``."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def variable(self) -> str:
        """The environment variable, ``CONFORMANCE_MAX_REQUESTS``."""
        return f"CONFORMANCE_{self.name.upper()}"
