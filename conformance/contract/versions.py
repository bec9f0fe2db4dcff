"""Versions of the contract. Each minor version has a requirement set that runs can be judged by."""

from __future__ import annotations

import re
from typing import NamedTuple

_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?", re.ASCII)


class Version(NamedTuple):
    """A version of the contract. Its requirement set is named by the first two numbers: ``1.0``."""

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """Return the version of a text such as ``1.0`` or ``1.0.0``; None if it has another form."""
        found = _VERSION.fullmatch(text)
        return cls(*(int(number or 0) for number in found.groups())) if found else None

    @property
    def requirement_set(self) -> str:
        """The name of its requirement set."""
        return f"{self.major}.{self.minor}"

    @property
    def sets(self) -> list[str]:
        """The requirement sets of its major version up to its own, in order."""
        return [f"{self.major}.{minor}" for minor in range(self.minor + 1)]
