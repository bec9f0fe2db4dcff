"""The names that cases take as arguments, declared as fixtures for pytest.

The engine fills them in when it calls a case. They are declared here and not in the plugin, so that they
do not become fixtures of other tests.
"""

from __future__ import annotations

import pytest

from conformance.judging.given import Given


def _declared(name: str) -> object:
    def argument() -> None:
        """The engine fills it in."""

    argument.__doc__ = getattr(Given, name).__doc__
    return pytest.fixture(name=name)(argument)


globals().update({f"_{name}": _declared(name) for name in Given.names()})
