"""The names that cases take as arguments.

The engine fills them in when it calls a case; pytest only has to know that they exist. They are declared
here and not in the plugin, so that they are no fixtures of anybody else's tests.
"""

from __future__ import annotations

import pytest

_NAMES = (
    "api",
    "other",
    "directory",
    "listed",
    "spare",
    "unknown",
    "foreign",
    "locations",
    "lexicon",
    "contract",
    "transcript",
    "observe",
    "session",
    "notes",
)


def _declared(name: str) -> object:
    @pytest.fixture(name=name)
    def argument() -> None:
        """Filled in by the engine."""

    return argument


globals().update({f"_{name}": _declared(name) for name in _NAMES})
