"""Marks for parameters of tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def broad(*values: Any) -> list[Any]:
    """Return parameters that only ``make broad`` runs, for a test that ``make test`` runs with others.

    A tuple is the values of several arguments.
    """
    return [
        pytest.param(*(value if isinstance(value, tuple) else (value,)), marks=pytest.mark.broad)
        for value in values
    ]


def in_part(values: Iterable[Any]) -> list[Any]:
    """Return parameters of which ``make test`` runs each third, and ``make broad`` the others."""
    return [
        pytest.param(value, marks=[pytest.mark.broad] if number % 3 else [])
        for number, value in enumerate(values)
    ]
