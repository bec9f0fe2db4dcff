"""The names of the servers of the catalogue, read from their source: importing all servers takes a second."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_SERVERS = re.compile(r"^@(?:fault|lawful)\(.*?^class (\w+)", re.MULTILINE | re.DOTALL)
_UNJUDGEABLE = re.compile(r"^@unjudgeable\(.*?^def (\w+)", re.MULTILINE | re.DOTALL)


def kebab(name: str) -> str:
    """Return the name of a class in kebab case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


@cache
def faults() -> tuple[str, ...]:
    """Return the names of the faults."""
    return _in("breaches")


@cache
def variants() -> tuple[str, ...]:
    """Return the names of the faults and of the lawful variants."""
    return tuple(sorted({*faults(), *_in("lawful")}))


@cache
def servers() -> tuple[str, ...]:
    """Return the names of all servers: faults, lawful variants, and those that cannot be judged."""
    return tuple(sorted({*variants(), *_in("unjudgeable")}))


def _in(folder: str) -> tuple[str, ...]:
    found: list[str] = []
    for path in Path(__file__).with_name(folder).glob("*.py"):
        text = path.read_text("utf-8")
        found += [kebab(name) for name in _SERVERS.findall(text)]
        found += [name.replace("_", "-") for name in _UNJUDGEABLE.findall(text)]
    return tuple(sorted(found))
