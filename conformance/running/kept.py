"""Writes the files of a run: one that cannot be written costs neither the others nor the verdict."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from conformance.text import files


class Kept:
    """The files of a directory: ``names`` of those that are written, ``problems`` with the others."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.names: list[str] = []
        self.problems: list[str] = []

    def attempt(self, name: str, write: Callable[[], object]) -> None:
        """Write one file."""
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            write()
        except OSError as problem:
            self.problems.append(f"{name} ({problem.strerror or type(problem).__name__})")
        except (
            Exception
        ) as problem:  # a form that cannot be made costs neither the others nor the verdict
            self.problems.append(f"{name} (it could not be made: {type(problem).__name__})")
        else:
            self.names.append(name)

    def form(self, name: str, make: Callable[[Any], bytes], result: Any) -> None:
        """Write one form of a result; what was there stays until it is complete."""
        self.attempt(name, lambda: files.write(self._directory / name, make(result)))
