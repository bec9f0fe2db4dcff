"""UUIDs as the contract writes them: with hyphens, in any letter case."""

from __future__ import annotations

import re

UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
"""The pattern of a UUID, to be a part of other patterns."""

_UUID = re.compile(UUID)


def is_uuid(text: str) -> bool:
    """Return whether the whole text is a UUID."""
    return _UUID.fullmatch(text) is not None
