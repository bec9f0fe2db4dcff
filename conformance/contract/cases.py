"""What a case is: a pytest function marked with the requirement that it judges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import pytest


class Profile(IntEnum):
    """How much a run asks; a case runs in its own profile and in the larger ones."""

    SMOKE = 0
    STANDARD = 1
    DEEP = 2


def requirement(
    identifier: str, *, universal: bool = False, profile: Profile = Profile.STANDARD
) -> pytest.MarkDecorator:
    """Mark a function as a case.

    :param identifier: the id of the requirement that it judges, such as ``PAG-04``.
    :param universal: the case asks nothing and judges the exchanges of all others, so it comes last.
    :param profile: the smallest profile that it runs in.
    """
    return pytest.mark.requirement(identifier, universal=universal, profile=profile)


@dataclass(frozen=True)
class Case:
    """A case that was collected: what to call, with which parameters beside the session's own."""

    name: str
    requirement: str
    function: Callable[..., None]
    arguments: Mapping[str, Any]
    universal: bool
    profile: Profile
