"""Cases: pytest functions marked with the requirement that they judge."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


class Depth(IntEnum):
    """How much a run requests. A case runs at its own depth and at every greater one."""

    SMOKE = 0
    STANDARD = 1
    DEEP = 2


def requirement(
    identifier: str,
    *,
    universal: bool = False,
    depth: Depth = Depth.STANDARD,
    last: bool = False,
) -> pytest.MarkDecorator:
    """Mark a function as a case.

    :param identifier: the id of the requirement that it judges: ``PAG-04``.
    :param universal: whether it sends nothing and judges the exchanges of all other cases; it runs last.
    :param depth: the smallest depth at which it runs.
    :param last: whether it runs after the others, and may send what they leave.
    """
    import pytest  # the command line knows depths, and starts faster without it

    return pytest.mark.requirement(identifier, universal=universal, depth=depth, last=last)


@dataclass(frozen=True)
class Case:
    """A collected case; ``arguments`` are its parametrisation, all others are given by the session."""

    name: str
    requirement: str
    function: Callable[..., None]
    arguments: Mapping[str, Any]
    universal: bool
    depth: Depth
    last: bool = False

    @cached_property
    def given(self) -> tuple[str, ...]:
        """The names of the arguments that the session gives."""
        names = inspect.signature(self.function).parameters
        return tuple(name for name in names if name not in self.arguments)

    @property
    def sentence(self) -> str:
        """How it judges: the docstring of the function; its name in words if it has none."""
        text = " ".join((inspect.getdoc(self.function) or "").split())
        words = self.function.__name__.removeprefix("test_").replace("_", " ")
        return text or f"{words[0].upper()}{words[1:]}."
