"""The limits of a page, read from the contract."""

from __future__ import annotations

from conformance.contract.document import load

_LIMIT = load().document["components"]["parameters"]["Limit"]["schema"]

DEFAULT_LIMIT: int = _LIMIT["default"]
"""The limit in force if a request has none."""

MAX_LIMIT: int = _LIMIT["maximum"]
"""The maximum of ``limit``; a page never holds more records."""
