"""Convert transcripts of older formats, so that every version replays those of earlier ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Content = dict[str, Any]


def _from_1(content: Content, ours: str) -> Content:
    """Convert format 1, which named the depth ``profile`` and the reason of a repeated request ``again``."""
    run = dict(content["run"])
    run["depth"] = run.pop("profile")
    entries = []
    for entry in content["entries"]:
        own = dict(entry[ours])
        own["repeat"] = own.pop("again")
        entries.append({**entry, ours: own})
    return {"run": run, "entries": entries}


_STEPS: Mapping[int, Callable[[Content, str], Content]] = {1: _from_1}
"""Format → the function that converts it to the next one."""


def converted(content: Content, *, ours: str, old: int, new: int) -> Content:
    """Return a transcript's run and entries in the current format.

    :param ours: name of the member that holds what HAR has no place for.
    :raises KeyError: if the content lacks a member that its format has.
    """
    for number in range(old, new):
        content = _STEPS[number](content, ours)
    return content
