"""What a case is: a pytest function marked with the requirement that it judges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import pytest


class Depth(IntEnum):
    """How much a run asks; a case runs at its own depth and at the deeper ones."""

    SMOKE = 0
    STANDARD = 1
    DEEP = 2


def requirement(
    identifier: str, *, universal: bool = False, depth: Depth = Depth.STANDARD
) -> pytest.MarkDecorator:
    """Mark a function as a case.

    :param identifier: the id of the requirement that it judges, such as ``PAG-04``.
    :param universal: the case asks nothing and judges the exchanges of all others, so it comes last.
    :param depth: the smallest depth that it runs in.
    """
    return pytest.mark.requirement(identifier, universal=universal, depth=depth)


@dataclass(frozen=True)
class Case:
    """A case that was collected: what to call, with which parameters beside the session's own."""

    name: str
    requirement: str
    function: Callable[..., None]
    arguments: Mapping[str, Any]
    universal: bool
    depth: Depth
